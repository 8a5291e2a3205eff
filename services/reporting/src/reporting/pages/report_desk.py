"""The desk of a report: what is written beside its figures, which versions there are, and preparing the next."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import moment_words
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.pages import Form, page, redirect
from chassis.web import uow_of
from reporting.domain.report_changes import in_words
from reporting.domain.report_key import ReportKey
from reporting.pages.form_fields import Writer
from reporting.pages.report_forms import Key, desk_of, error_context, id_in, posted, shown_again, token_for, where
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.prepare_report import prepare_report
from reporting.use_cases.see_desk import DeskView, Line, see_desk

STATES = {
    "prepared": ("To be checked", "yellow"),
    "checked": ("Checked", "blue"),
    "issued": ("Issued", "green"),
    "sent-back": ("Sent back", "grey"),
    "withdrawn": ("Withdrawn", "red"),
}


def router(setup: DeskSetup) -> APIRouter:
    """`/reporting/reports/{report}/desk`."""
    routes = APIRouter(prefix="/reporting/reports/{report}/desk", include_in_schema=False)

    @routes.get("")
    async def show_desk(request: Request, key: Key, identity: Writer) -> Response:
        """What is written and chosen, and which versions there are."""
        return await shown(request, identity, key)

    @routes.post("/prepare")
    async def prepare(request: Request, key: Key, identity: Writer) -> Response:
        """Keep a version to be checked."""
        form = await posted(request, setup, identity)
        try:
            ident = await prepare_report(uow_of(request), setup, identity, key, id_in(form), form.text("reason"))
        except DomainError as error:
            return await shown(request, identity, key, form, error)
        return redirect(f"/reporting/issued/{ident}")

    async def shown(
        request: Request,
        identity: Identity,
        key: ReportKey,
        form: Form | None = None,
        error: DomainError | None = None,
    ) -> Response:
        status = shown_again(error) if error else 200
        async with uow_of(request).begin(org_of(identity)) as transaction:
            desk = await see_desk(transaction, setup, identity, key)
        first = "reason" if error is not None and error.slug == "reason-missing" else "versions"
        return page(
            request,
            "report-desk.html",
            status,
            title=f"Write and issue: {desk.view.title}",
            organisation=desk.profile.organisation.name,
            token=token_for(setup, identity),
            **_context(desk, key, identity),
            reason=form.text("reason") if form else "",
            ident=form.text("id") if form else str(new_id()),
            **error_context(error, first),
        )

    return routes


def _context(desk: DeskView, key: ReportKey, identity: Identity) -> dict[str, Any]:
    areas = [(each.code, each.name) for each in desk.profile.organisation.service_areas]
    names = dict(areas)
    mine = [(code, name) for code, name in areas if not identity.areas or code in identity.areas]
    at_work = desk.open
    return {
        "desk": desk,
        "key": key,
        "where": where(key),
        "area": names.get(key.service_area, ""),
        "areas": [("", "All service areas"), *mine] if not identity.areas else mine,
        "lines": [_line(each, key) for each in desk.lines],
        "lost": [(each.section, each.words) for each in desk.without_place],
        "versions": [(each, *STATES[each.state.value]) for each in desk.versions],
        "mine": at_work is not None and at_work.prepared.by == identity.subject,
        "moment": moment_words,
        "again": desk.last is not None,
    }


def _line(line: Line, key: ReportKey) -> dict[str, Any]:
    saved = line.saved
    return {
        "title": line.section.title,
        "of_table": line.section.table is not None,
        "href": desk_of(key, f"/words/{line.section.code}"),
        "words": saved.words if saved else "",
        "by": f"{saved.name}, {moment_words(saved.at)}" if saved else "",
        "warning": in_words(line.changed),
    }
