"""Staff pages of programmes: each with its rounds and how far they are; a new round of one, or one of its own."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from audit.domain.own_round import OwnRound
from audit.domain.programme import Programme
from audit.pages import round_view as view
from audit.pages.desk import Desk, Errors, Officer, Overseer, desk, errors_of, posted
from audit.pages.view import Words
from audit.use_cases.begin_round import NextRound, begin_next_round, begin_own_round
from audit.use_cases.read_rounds import ProgrammeView, list_rounds, programmes, read_programme
from audit.use_cases.see_audit import OFFICER
from audit.use_cases.take_round import may_see
from chassis.errors import DomainError, FieldError, Kind
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, typed_day
from chassis.storable import whole

OWN_KINDS = ("targeted", "dip-sample", "multi-agency", "single")
MOST_EARLIER = 200
"""Rounds among which those to be repeated are looked for, the newest."""

_DAYS = ("period-from", "period-to", "circulate-on", "submit-by")
_WRONG = {
    "tool": "Choose the audit tool",
    "code": "The code is lower case letters, digits and hyphens, like neglect-2026",
    "title": "Enter what the audit is called",
    "service_areas": "Choose at least one service area",
    "size": "Enter a number of cases from 1 to 1,000",
    "not_audited_within_months": "Enter a number of months from 1 to 60, or nothing",
    "period_from": "Enter the first day of the practice, like 1 4 2026",
    "period_to": "Enter the last day of the practice, like 30 9 2026",
    "circulate_on": "Enter the day on which the auditors get their audits, like 2 11 2026",
    "submit_by": "Enter the day by which they submit, like 27 11 2026",
}

router = APIRouter(prefix="/audit", include_in_schema=False)


@router.get("/programmes")
async def programmes_page(request: Request, identity: Overseer) -> HTMLResponse:
    """Every programme with its rounds of the last year, and the rounds that belong to none."""
    async with desk(request, identity) as at:
        found, own = await programmes(at.transaction, at.context, identity)
        return at.show(
            "programmes.html",
            title="Programmes",
            officer=identity.may(OFFICER),
            counts=view.COUNTS,
            programmes=[_programme(each, at.words) for each in found],
            own=[view.overview_row(each) for each in own],
        )


@router.get("/programmes/{code}/rounds/new")
async def new_round_page(request: Request, identity: Officer, code: str) -> HTMLResponse:
    """The form of a programme's next round."""
    async with desk(request, identity) as at:
        found = await read_programme(at.transaction, at.context, identity, code)
        return _new_round(at, found, {"period": found.next.code, "size": str(found.programme.sample.size)})


@router.post("/programmes/{code}/rounds/new")
async def begin(request: Request, identity: Officer, code: str) -> Response:
    """Begin it; where it is begun already, go there."""
    form = await posted(request, identity)
    typed = {name: form.text(name)[:30] for name in ("period", "size")}
    try:
        async with desk(request, identity) as at:
            wanted = NextRound(code, typed["period"], _size(typed["size"]))
            begun, _ = await begin_next_round(at.transaction, at.context, identity, wanted)
    except DomainError as error:
        if error.slug not in {"malformed-period", "malformed-size", "outside-calendar", "round-exists"}:
            raise
        field = "size" if error.slug == "malformed-size" else "period"
        async with desk(request, identity) as at:
            found = await read_programme(at.transaction, at.context, identity, code)
            return _new_round(at, found, typed, [(field, error.detail)])
    return redirect(f"/audit/rounds/{begun.id}")


@router.get("/rounds/new")
async def own_round_page(request: Request, identity: Officer) -> HTMLResponse:
    """The form of a targeted audit or dip sample."""
    async with desk(request, identity) as at:
        return await _own_round(at, {"stratify-by": "team", "service-areas": [], "days": {}, "review": "no"})


@router.post("/rounds/new")
async def begin_own(request: Request, identity: Officer) -> Response:
    """Begin it, or show the form again with what is wrong beside each field."""
    form = await posted(request, identity)
    typed = _typed(form)
    try:
        async with desk(request, identity) as at:
            wanted = _wanted(form, typed, [*at.profile.areas])
            begun, _ = await begin_own_round(at.transaction, at.context, identity, wanted)
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        async with desk(request, identity) as at:
            shown = [("code", error.detail)] if error.slug == "round-exists" else errors_of(error)
            return await _own_round(at, typed, [(_field(field), words) for field, words in shown])
    return redirect(f"/audit/rounds/{begun.id}")


def _size(typed: str) -> int:
    size = whole(typed)
    if not 1 <= size <= 1000:  # noqa: PLR2004 - the table's limit
        raise DomainError("malformed-size", "Enter a number of cases from 1 to 1,000", Kind.MALFORMED)
    return size


def _programme(found: ProgrammeView, words: Words) -> dict[str, Any]:
    programme = found.programme
    return {
        "code": programme.code,
        "name": programme.name,
        "facts": _facts(programme, words),
        "rounds": [view.overview_row(each) for each in found.rounds],
        "next": view.span_words(found.next.first, found.next.last),
        "begin": f"/audit/programmes/{programme.code}/rounds/new",
    }


def _facts(programme: Programme, words: Words) -> str:
    sample = f"{programme.sample.size} cases {view.STRATA[programme.sample.stratify_by]}"
    return f"{view.RHYTHMS[programme.rhythm]}, {sample}, with the tool “{words.tool(programme.tool)}”."


def _new_round(at: Desk, found: ProgrammeView, typed: dict[str, str], errors: Errors = ()) -> HTMLResponse:
    programme = found.programme
    return at.show(
        "new-round.html",
        422 if errors else 200,
        title=f"Begin a round: {programme.name}",
        errors=list(errors),
        address=f"/audit/programmes/{programme.code}/rounds/new",
        facts=_facts(programme, at.words),
        hint="A month, like 2026-11" if programme.rhythm == "monthly" else "A quarter of a financial year, like 2026-27-q3",
        typed=typed,
    )


def _typed(form: Form) -> dict[str, Any]:
    plain = ("code", "title", "tool", "size", "stratify-by", "not-audited", "auditors", "review", "repeats")
    return {
        **{name: form.text(name)[:250] for name in plain},
        "service-areas": list(form.all("service-areas")),
        "days": {name: typed_day(form, name) for name in _DAYS},
    }


def _wanted(form: Form, typed: dict[str, Any], areas: list[str]) -> OwnRound:
    """What the form asks for. Raises `DomainError` (invalid-round) with every field that cannot be read."""
    wide = typed["auditors"] != "own"
    asked: dict[str, Any] = {
        "code": typed["code"],
        "title": typed["title"],
        "tool": typed["tool"],
        "service_areas": typed["service-areas"],
        "size": _whole(typed["size"]),
        "stratify_by": typed["stratify-by"],
        "not_audited_within_months": _whole(typed["not-audited"]) if typed["not-audited"] else None,
        "peer_same_service_area": not wide,
        "auditors_from": [typed["auditors"]] if typed["auditors"] in areas else [],
        "review_after_weeks": 8 if typed["review"] == "yes" else None,
        "repeats": typed["repeats"] or None,
        **{name.replace("-", "_"): day_in(form, name) for name in _DAYS},
    }
    try:
        return OwnRound.model_validate(asked)
    except ValidationError as error:
        wrong = dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False))
        errors = tuple(FieldError(f"/{name}", _WRONG.get(name, "Choose from the list")) for name in wrong)
        raise DomainError("invalid-round", "The round was not begun.", Kind.MALFORMED, errors) from None


def _whole(typed: str) -> int | str:
    number = whole(typed)
    return typed if number < 0 else number


async def _own_round(at: Desk, typed: dict[str, Any], errors: Errors = ()) -> HTMLResponse:
    words, profile = at.words, at.profile
    earlier = [
        each for each in await list_rounds(at.transaction, at.identity, None, None, MOST_EARLIER) if each.programme is None
    ]
    areas = [(code, words.area(code)) for code in profile.audit_areas if may_see(at.identity, (code,))]
    return at.show(
        "own-round.html",
        422 if errors else 200,
        title="Begin a targeted audit or dip sample",
        errors=list(errors),
        typed=typed,
        tools=[(tool.code, tool.name) for tool in profile.audit.tools if tool.kind in OWN_KINDS],
        areas=[(code, name, "") for code, name in areas],
        strata=[("team", "Team", ""), ("service-area", "Service area", ""), ("none", "None: all cases together", "")],
        auditors=[
            ("own", "The case’s own service area"),
            ("any", "Any service area"),
            *((code, words.area(code)) for code in profile.areas),
        ],
        earlier=[(str(each.id), f"{each.title} ({each.code})") for each in earlier],
    )


def _field(name: str) -> str:
    """The field of the form that an error is about."""
    field = name.rstrip("-0123456789")
    return {"not-audited-within-months": "not-audited", "auditors-from": "auditors"}.get(field, field)
