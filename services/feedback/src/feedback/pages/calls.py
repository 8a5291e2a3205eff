"""Staff pages of calls: what is to be made, one call with its log, and adding one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import requires
from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import Form, redirect
from chassis.pages.days import typed_day
from feedback.adapters import calls
from feedback.domain.call import MOST_NOTE, OUTCOMES, Asked, Step, grounds, possible
from feedback.domain.call_progress import month_end
from feedback.pages import call_view as view
from feedback.pages.call_view import CALLS
from feedback.pages.entry import ENTRY
from feedback.pages.links_desk import (
    CALLER,
    OFFICER,
    Desk,
    Errors,
    choices_of,
    day,
    day_in,
    desk,
    language_name,
    posted,
    tidy,
)
from feedback.use_cases.add_calls import Planned, add_calls
from feedback.use_cases.keep_callers import Rota, come_to_call, month_of_calls, rota, this_month
from feedback.use_cases.take_call_step import close_after_of, held_call, take_call_step
from feedback.use_cases.take_down import begin_call

router = APIRouter(prefix=CALLS, include_in_schema=False)
Calling = Annotated[Identity, Depends(requires(OFFICER, CALLER))]

_REFERENCE = 100
_MOST_DIGITS = 9
_FIELDS = ("programme", "reference", "team", "language", "caller")
_WORDS = {
    "programme": "Choose a programme",
    "service_area": "This programme’s service area is not one of yours, or not in use on that day",
    "team": "Choose a team of the programme’s service area, in use today",
    "language": "Choose a language that the programme’s questionnaire has",
    "due_on": "Write a day from two months ago up to a year ahead",
    "about_on": "Write a day that is not ahead",
    "caller": "Choose somebody of the list",
}


@router.get("")
async def calls_page(request: Request, identity: Calling) -> HTMLResponse:
    """The calls to make, the next first; an officer can see those of everybody."""
    today = british_day(now())
    asked = request.query_params
    everybody = identity.may(OFFICER) and (asked.get("whose") == "all" or not identity.may(CALLER))
    async with desk(request, identity) as at:
        found = await _rota(at)
        programme = asked.get("programme") or None
        mine = None if everybody else identity.subject
        to_do = await calls.open_calls(
            at.transaction,
            identity.areas,
            today,
            caller=mine,
            programmes=found.programmes_of(identity.subject),
            programme=programme,
        )
        ended = await calls.ended_calls(at.transaction, identity.areas, caller=mine, programme=programme)
        month = this_month(now())
        standing = await month_of_calls(at.transaction, at.context, month, identity.subject)
        return at.show(
            "calls/list.html",
            title="Calls of everybody" if everybody else "My calls",
            everybody=everybody,
            both=identity.may(OFFICER) and identity.may(CALLER),
            programmes=[(each.code, each.name) for each in at.profile.calls.programmes],
            programme=programme or "",
            lines=[view.line(each, at.profile, found, today) for each in to_do],
            ended=[view.line(each, at.profile, found, today) for each in ended],
            standing=[] if everybody else [view.standing(each, at.profile, found, month, today) for each in standing.lines],
            month=view.month_name(month),
        )


async def _rota(at: Desk) -> Rota:
    """Who makes calls. Who comes here to make some is known from then on."""
    if at.identity.may(CALLER):
        return await come_to_call(at.transaction, at.context, at.identity, now())
    return await rota(at.transaction, at.context)


@router.get("/new")
async def new_page(request: Request, identity: Calling) -> HTMLResponse:
    """The form that adds one call."""
    async with desk(request, identity) as at:
        given: dict[str, Any] = {**dict.fromkeys(_FIELDS, ""), "about_on": {}, "due_on": {}}
        if not identity.may(OFFICER):
            given["caller"] = identity.subject
        return _new(at, await _rota(at), given)


@router.post("/new")
async def new_form(request: Request, identity: Calling) -> Response:
    """Add one call. The same once more changes nothing and leads to the same call."""
    form = await posted(request, identity)
    given: dict[str, Any] = {name: tidy(form.text(name)) for name in _FIELDS}
    given |= {name: typed_day(form, name) for name in ("about_on", "due_on")}
    errors: list[tuple[str, str]] = []
    days = {}
    for name in ("about_on", "due_on"):
        try:
            days[name] = day_in(form, name)
        except (ValueError, OverflowError):
            errors.append((name, "Write a real day in numbers, like 27 3 2026"))
    if not given["reference"]:
        errors.append(("reference", "Write the reference of your case-management system"))
    elif len(form.text("reference")) > _REFERENCE:
        errors.append(("reference", f"Make it {_REFERENCE} characters or fewer"))
    if not given["programme"]:
        errors.append(("programme", "Choose a programme"))
    async with desk(request, identity) as at:
        found = await _rota(at)
        if not errors:
            planned = Planned(
                given["programme"],
                given["reference"],
                days["due_on"] or month_end(british_day(now())),
                None,
                given["team"] or None,
                given["language"] or None,
                days["about_on"],
                given["caller"] or None,
            )
            [outcome] = await add_calls(
                at.transaction, at.context, identity, [planned], {each.subject for each in found.everybody}, now()
            )
            if outcome.problem is None:
                return redirect(f"{CALLS}/{outcome.call_id}")
            errors = _unfit(outcome.problem)
        return _new(at, found, given, errors)


def _unfit(problem: DomainError) -> list[tuple[str, str]]:
    if not problem.errors:
        return [("reference", problem.detail)]
    return [(field, _WORDS.get(field, each.detail)) for each in problem.errors for field in [each.pointer.strip("/")]]


def _new(at: Desk, found: Rota, given: dict[str, Any], errors: Errors = ()) -> HTMLResponse:
    known = choices_of(at.profile, at.identity)
    return at.show(
        "calls/new.html",
        422 if errors else 200,
        title="Add a call",
        given=given,
        errors=errors,
        programmes=[(each.code, each.name) for each in at.profile.calls.programmes],
        teams=known["teams"],
        languages=known["languages"],
        callers=[(each.subject, each.name) for each in found.everybody],
    )


@router.get("/{call_id}")
async def call_page(request: Request, identity: Calling, call_id: UUID) -> HTMLResponse:
    """One call: what can be done with it, and what was."""
    async with desk(request, identity) as at:
        return await _call(at, call_id)


@router.post("/{call_id}/start")
async def start(request: Request, identity: Calling, call_id: UUID) -> Response:
    """They answer: to the questions."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        entry_id = await begin_call(at.transaction, at.context, identity, call_id, now())
    return redirect(f"{ENTRY}/{entry_id}")


@router.post("/{call_id}/{step}")
async def step_form(request: Request, identity: Calling, call_id: UUID, step: str) -> Response:
    """Take a step; what somebody else did in between is shown with what was typed."""
    if step not in {each.value for each in Step if each is not Step.DONE}:
        raise not_found("page")
    form = await posted(request, identity)
    errors: list[tuple[str, str]] = []
    given = {"code": form.text("code"), "note": form.text("note"), "step": step, "day": typed_day(form, "day")}
    try:
        asked = _asked(form, Step(step), identity)
    except (ValueError, OverflowError):
        errors, status = [("day", "Write a real day in numbers, like 27 3 2026")], 422
    else:
        try:
            async with desk(request, identity) as at:
                await take_call_step(at.transaction, at.context, identity, call_id, asked, now())
        except DomainError as error:
            if error.kind not in {Kind.MALFORMED, Kind.STALE}:
                raise
            status = 412 if error.kind is Kind.STALE else 422
            errors = [(_field(each.pointer, step), each.detail) for each in error.errors] or [("main-content", error.detail)]
        else:
            return redirect(CALLS if asked.step in OUTCOMES else f"{CALLS}/{call_id}")
    async with desk(request, identity) as at:
        return await _call(at, call_id, given, errors, status)


def _field(pointer: str, step: str) -> str:
    name = pointer.strip("/")
    return f"{step}-{name}" if name in {"code", "note"} else name


def _asked(form: Form, step: Step, identity: Identity) -> Asked:
    seen = form.text("revision")[:_MOST_DIGITS]
    return Asked(
        step,
        identity.subject,
        int(seen) if seen.isascii() and seen.isdecimal() else -1,
        identity.may(OFFICER),
        form.text("code") or None,
        day_in(form, "day"),
        note=form.text("note"),
    )


async def _call(
    at: Desk, call_id: UUID, given: dict[str, Any] | None = None, errors: Errors = (), status: int = 200
) -> HTMLResponse:
    today = british_day(now())
    record = await held_call(at.transaction, at.identity, call_id)
    found = await _rota(at)
    logged = await calls.history(at.transaction, at.context.secrets, call_id)
    wanted = record.wanted
    programme = at.profile.calls.programme(wanted.programme)
    questionnaire = at.profile.questionnaire(wanted.questionnaire)
    area = at.profile.organisation.area(wanted.service_area)
    team = at.profile.organisation.team(wanted.team) if wanted.team else None
    line = view.line(record, at.profile, found, today)
    facts = [
        ("Programme", line["programme"]),
        ("When", line["when"]),
        ("Tried", line["tried"]),
        ("Who calls", line["caller"]),
        ("Questionnaire", questionnaire.name if questionnaire else wanted.questionnaire),
        ("Language", language_name(wanted.language or (questionnaire.languages[0] if questionnaire else "en"))),
        ("Service area", (area.name if area else wanted.service_area) + (f", {team.name}" if team else "")),
    ]
    if wanted.about_on:
        facts.append(("What it is about", day(wanted.about_on)))
    if notes := [each.note for each in logged if each.note]:
        # On a phone the log's last column is out of sight, and this is what the next attempt needs.
        facts.insert(3, ("Last note", notes[-1]))
    close_after = close_after_of(programme)
    return at.show(
        "calls/call.html",
        status,
        title=f"Call {wanted.reference}",
        line=line,
        known=facts,
        steps=possible(record.call, at.identity.subject, officer=at.identity.may(OFFICER)),
        revision=record.call.revision,
        href=line["href"],
        grounds=[(each.value, *view.GROUNDS[each]) for each in grounds(record.call, close_after)],
        close_after=close_after,
        attempts=record.call.attempts,
        callers=[(each.subject, each.name) for each in found.everybody if each.subject != record.call.caller],
        history=view.history(logged, found),
        given=given or {"code": "", "note": "", "step": "", "day": {}},
        most_note=MOST_NOTE,
        errors=errors,
    )
