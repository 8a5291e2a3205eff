"""Staff pages of one point's learning: an action, a reason for none, and what becomes of an action."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from chassis.errors import DomainError, FieldError, Kind
from chassis.ids import new_id
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, day_parts, typed_day
from complaints.domain.learning import Asked, Owner, Plan, possible
from complaints.pages import learning_view as view
from complaints.pages.labels import day_words
from complaints.pages.staff_desk import Desk, Errors, Officer, Staff, desk, errors_of, id_in
from complaints.pages.staff_forms import number_in, posted
from complaints.use_cases.change_learning import change_plan, see_action, take_learning_step
from complaints.use_cases.learn import At, decline, record_action, see_point

router = APIRouter(prefix="/complaints", include_in_schema=False)

_SHOWN_AGAIN = {Kind.MALFORMED, Kind.STALE, Kind.CONFLICT}
_OWN = ("done", "note")


@router.get("/{complaint_id}/points/{point_id}/action")
async def new_action_page(request: Request, identity: Officer, complaint_id: UUID, point_id: UUID) -> HTMLResponse:
    """Record what is to be done because of a point."""
    async with desk(request, identity) as at:
        return await _new(at, complaint_id, point_id, "action")


@router.post("/{complaint_id}/points/{point_id}/action")
async def new_action_form(request: Request, identity: Officer, complaint_id: UUID, point_id: UUID) -> Response:
    """Keep it, once."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            where = At(complaint_id, point_id, number_in(form, "seen"))
            await record_action(at.transaction, at.setup, identity, where, id_in(form), _plan(form))
    except DomainError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        async with desk(request, identity) as at:
            return await _new(at, complaint_id, point_id, "action", form, error)
    return redirect(f"/complaints/{complaint_id}#learning")


@router.get("/{complaint_id}/points/{point_id}/no-action")
async def no_action_page(request: Request, identity: Officer, complaint_id: UUID, point_id: UUID) -> HTMLResponse:
    """Record why a point needs no action."""
    async with desk(request, identity) as at:
        return await _new(at, complaint_id, point_id, "no-action")


@router.post("/{complaint_id}/points/{point_id}/no-action")
async def no_action_form(request: Request, identity: Officer, complaint_id: UUID, point_id: UUID) -> Response:
    """Keep the decision, once."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            where = At(complaint_id, point_id, number_in(form, "seen"))
            await decline(at.transaction, at.setup, identity, where, id_in(form), form.text("reason"))
    except DomainError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        async with desk(request, identity) as at:
            return await _new(at, complaint_id, point_id, "no-action", form, error)
    return redirect(f"/complaints/{complaint_id}#learning")


@router.get("/learning/{action_id}")
async def action_page(request: Request, identity: Staff, action_id: UUID) -> HTMLResponse:
    """One action with its history, and what may be done with it."""
    async with desk(request, identity) as at:
        return await _action(at, action_id)


@router.post("/learning/{action_id}")
async def step_form(request: Request, identity: Staff, action_id: UUID) -> Response:
    """Take a step."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await take_learning_step(at.transaction, at.setup, identity, action_id, _asked(form), number_in(form, "revision"))
    except DomainError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        async with desk(request, identity) as at:
            return await _action(at, action_id, form, error)
    return redirect(f"/complaints/learning/{action_id}")


@router.get("/learning/{action_id}/change")
async def change_page(request: Request, identity: Officer, action_id: UUID) -> HTMLResponse:
    """Change what is to be done, who sees to it, and where it belongs."""
    async with desk(request, identity) as at:
        return await _change(at, action_id)


@router.post("/learning/{action_id}/change")
async def change_form(request: Request, identity: Officer, action_id: UUID) -> Response:
    """Keep the change."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            kept = (await see_action(at.transaction, at.setup, identity, action_id)).kept
            plan = _plan(form, kept.action.plan)
            await change_plan(at.transaction, at.setup, identity, action_id, plan, number_in(form, "revision"))
    except DomainError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        async with desk(request, identity) as at:
            return await _change(at, action_id, form, error)
    return redirect(f"/complaints/learning/{action_id}")


def _plan(form: Form, before: Plan | None = None) -> Plan:
    due_on = before.due_on if before else day_in(form, "due")
    if due_on is None:
        error = FieldError("/due_on", "Enter a day, month and year")
        raise DomainError("malformed-form", "The action was not stored. See the fields.", Kind.MALFORMED, (error,))
    owner = Owner(*(form.text(f"owner_{name}")[:200] for name in ("name", "sign_in", "email")))
    return Plan(form.text("what"), owner, form.text("service_area"), form.text("team") or None, due_on, form.all("themes"))


def _asked(form: Form) -> Asked:
    step, difference = form.text("step"), form.text("difference") or None
    if step not in view.STEPS:
        error = FieldError("/step", "Choose what happened")
        raise DomainError("malformed-form", "Nothing was recorded. See the fields.", Kind.MALFORMED, (error,))
    if difference not in view.DIFFERENCES:
        difference = None
    return Asked(step, form.text("note"), day_in(form, "due"), difference)


def _status(error: DomainError | None) -> int:
    return 200 if error is None else {Kind.STALE: 412, Kind.CONFLICT: 409}.get(error.kind, 422)


def _places(at: Desk) -> dict[str, Any]:
    """What a plan's form chooses from, as at today; a team names its service area, since both are chosen at once."""
    organisation, today = at.profile.organisation, at.setup.today()
    areas = [(area.code, area.short_name) for area in organisation.service_areas]
    names = dict(areas)
    teams = [(team.code, f"{team.name} ({names.get(team.service_area)})") for team in organisation.teams if team.holds(today)]
    return {"areas": areas, "teams": teams, "themes": [(*each, "") for each in view.theme_names(at.profile).items()]}


async def _new(
    at: Desk, complaint_id: UUID, point_id: UUID, kind: str, form: Form | None = None, error: DomainError | None = None
) -> HTMLResponse:
    learning = await see_point(at.transaction, at.setup, at.identity, At(complaint_id, point_id))
    first = "what" if kind == "action" else "reason"
    category = next((each for each in at.profile.complaints.categories if each.code == learning.point.category), None)
    known = view.theme_names(at.profile)
    suggested = {
        "service_area": learning.point.service_area,
        "themes": [code for code in (category.themes if category else ()) if code in known],
    }
    errors: Errors = errors_of(error, first) if error else []
    return at.show(
        "learning-new.html",
        _status(error),
        title="Record an action" if kind == "action" else "Record why there is no action",
        kind=kind,
        learning=learning,
        about=view.part(learning, at.labels, at.setup.today()),
        typed=({**view.typed_plan(form), "reason": form.text("reason")} if form else suggested),
        due=typed_day(form, "due") if form else {},
        # After a refusal because somebody was faster, the next attempt is a decision taken with theirs in sight.
        seen=learning.recorded,
        id=form.text("id") if form else str(new_id()),
        stale=error is not None and error.kind is Kind.STALE,
        errors=errors,
        **_places(at),
    )


async def _action(at: Desk, action_id: UUID, form: Form | None = None, error: DomainError | None = None) -> HTMLResponse:
    seen = await see_action(at.transaction, at.setup, at.identity, action_id)
    kept = seen.kept
    steps = [each for each in possible(kept.action) if seen.oversees or (seen.own and each in _OWN)]
    typed = {name: form.text(name) for name in ("step", "note", "difference")} if form else {}
    return at.show(
        "learning-action.html",
        _status(error),
        title=f"Action {kept.code.upper()} from complaint {kept.reference}",
        kept=kept,
        known=view.facts(kept, at.profile, at.labels),
        standing=view.tag_of(kept, at.setup.today()),
        history=[
            (view.HISTORY[each.step], view.moment(each.at), each.by, each.note, day_words(each.due_on))
            for each in reversed(seen.history)
        ],
        steps=[(step, *view.STEPS[step]) for step in steps],
        differences=[(code, words, "") for code, words in view.DIFFERENCES.items()] if "review" in steps else [],
        moves="move" in steps or "reopen" in steps,
        may_change=seen.oversees and kept.action.status == "open",
        reads=at.identity.may("role:complaints-officer", "role:senior-reader"),
        typed=typed,
        due=typed_day(form, "due") if form else {},
        stale=error is not None and error.kind is Kind.STALE,
        errors=errors_of(error, "step" if steps else "history") if error else [],
    )


async def _change(at: Desk, action_id: UUID, form: Form | None = None, error: DomainError | None = None) -> HTMLResponse:
    kept = (await see_action(at.transaction, at.setup, at.identity, action_id)).kept
    return at.show(
        "learning-change.html",
        _status(error),
        title=f"Change action {kept.code.upper()} from complaint {kept.reference}",
        kept=kept,
        typed=view.typed_plan(form) if form else view.plan_fields(kept.action.plan),
        due=day_parts(kept.action.plan.due_on),
        stale=error is not None and error.kind is Kind.STALE,
        errors=errors_of(error, "what") if error else [],
        **_places(at),
    )
