"""Typing the figure of a month: choose month and place, see what is recorded, enter or correct it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.days import british_today
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import Form, page, read_form, redirect
from chassis.pages.forms import require_token
from chassis.secrets import Secrets
from chassis.web import uow_of
from reporting.domain.kpi_figures import Place, month_end, months_of, shifted
from reporting.domain.kpi_posting import Posted
from reporting.domain.kpi_words import month_words
from reporting.domain.kpis import Kpi
from reporting.pages import form_fields
from reporting.pages.form_fields import Writer
from reporting.use_cases.read_kpis import Change, KpiPage, KpiReader, key_of, place_of
from reporting.use_cases.record_kpis import RecordKpis
from reporting.web.callers import Code

BACK = 36
"""Months that can be chosen; older ones are uploaded."""
_DIGITS = 12
_REFUSED = {"invalid-observations", "observations-conflict"}
_FIELDS = {"service_area": "place", "team": "place", "corrects": "numerator", "kpi": "numerator"}
"""Where an error of a field is shown that the form does not have."""

Month = Annotated[str, Query(pattern=r"^(\d{4}-\d{2})?$")]
Part = Annotated[str, Query(alias="place", pattern=r"^[a-z0-9.-]*$", max_length=170)]
Errors = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class EntryPages:
    """What the pages are made with."""

    reader: KpiReader
    recording: RecordKpis
    secrets: Secrets


def router(pages: EntryPages) -> APIRouter:
    """`/reporting/kpis/{kpi}/enter`."""
    routes = APIRouter(prefix="/reporting/kpis", include_in_schema=False)

    @routes.get("/{kpi}/enter")
    async def entry_form(request: Request, kpi: Code, identity: Writer, month: Month = "", part: Part = "") -> HTMLResponse:
        """The form: first which month and place, then its figure."""
        return await show(request, identity, kpi, month, part, {}, ())

    @routes.post("/{kpi}/enter")
    async def enter(request: Request, kpi: Code, identity: Writer) -> Response:
        """Record the figure, or show the form again with what is wrong; what was typed stays."""
        form = await read_form(request)
        require_token(form, *form_fields.session(pages.secrets, identity))
        month, part = form.text("month"), form.text("place")
        day, errors = _day(month), _unreadable(form)
        if day is None or not part:
            return redirect(f"/reporting/kpis/{kpi}/enter")
        status = 422
        if not errors:
            posted = _posted(kpi, day, part, form)
            try:
                async with uow_of(request).begin(org_of(identity)) as transaction:
                    await pages.recording.record(transaction, identity, [posted], "page")
                return redirect(f"/reporting/kpis/{kpi}")
            except DomainError as error:
                if error.slug not in _REFUSED:
                    raise
                status = 409 if error.slug == "observations-conflict" else 422
                errors = [_shown(each.pointer, each.detail) for each in error.errors]
        given = {name: form.text(name) for name in ("numerator", "denominator", "reason")}
        return await show(request, identity, kpi, month, part, given, errors, status=status)

    async def show(
        request: Request,
        identity: Identity,
        code: str,
        month: str,
        part: str,
        given: dict[str, str],
        errors: Errors,
        *,
        status: int = 200,
    ) -> HTMLResponse:
        day = _day(month)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await pages.reader.one(transaction, identity, code, "")
            places = _places(found)
            known: tuple[Change, ...] = ()
            if day is not None and part in dict(places):
                known = await pages.reader.history(transaction, identity, code, day, place_of(part))
        chosen = day is not None and part in dict(places)
        return page(
            request,
            "kpi-entry.html",
            status,
            title=f"Enter a figure: {found.kpi.name}",
            organisation=found.profile.organisation.name,
            token=form_fields.token(pages.secrets, identity),
            kpi=found.kpi,
            months=[(f"{each:%Y-%m}", month_words(each)) for each in _months(found.kpi, british_today())],
            places=places,
            month=month or _first_missing(found),
            place=part or (places[0][0] if len(places) == 1 else ""),
            chosen=chosen,
            month_words=month_words(day) if day else "",
            place_words=dict(places).get(part, ""),
            known=known,
            given=_given(given, known),
            errors=list(errors),
        )

    return routes


def _places(found: KpiPage) -> list[tuple[str, str]]:
    """The places that post it; of a KPI that is posted by team the teams alone."""
    return [(key_of(place), name) for place, name in found.names.items() if bool(place.team) == found.kpi.teams]


def _months(kpi: Kpi, today: date) -> list[date]:
    """The months that can be chosen, the latest first."""
    this = today.replace(day=1)
    return list(reversed(list(months_of(kpi, shifted(this, -BACK), month_end(this)))))


def _first_missing(found: KpiPage) -> str:
    due = found.glance.due
    return f"{due:%Y-%m}" if due and found.glance.overdue else ""


def _day(month: str) -> date | None:
    try:
        return date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        return None


def _given(given: dict[str, str], known: Sequence[Change]) -> dict[str, Any]:
    """What stands in the fields: what was typed, else what is recorded. `corrects` is the version that they were shown."""
    if given or not known:
        return {"numerator": "", "denominator": "", "reason": "", **given, "corrects": known[0].version if known else 0}
    now = known[0]
    of = "" if now.of is None else str(now.of)
    return {"numerator": str(now.n), "denominator": of, "reason": "", "corrects": now.version}


def _number(form: Form, name: str) -> int | None:
    """A whole number; commas and spaces between thousands are what people type."""
    text = form.text(name).replace(",", "").replace(" ", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def _unreadable(form: Form) -> list[tuple[str, str]]:
    return [
        (name, "Enter a whole number, like 12")
        for name in ("numerator", "denominator")
        if (form.text(name) or name == "numerator") and _number(form, name) is None
    ]


def _posted(kpi: str, month: date, part: str, form: Form) -> Posted:
    corrects = _number(form, "corrects") or None
    place: Place = place_of(part)
    reason = form.text("reason")[:500]
    return Posted(kpi, month, place, _number(form, "numerator") or 0, _number(form, "denominator"), corrects, reason)


def _shown(pointer: str, detail: str) -> tuple[str, str]:
    name = pointer.rpartition("/")[2]
    return _FIELDS.get(name, name), detail
