"""Parts of an improvement plan: workstreams, actions, milestones, and the measures beside actions."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.ids import new_id
from chassis.pages import Form
from chassis.pages.days import day_in, day_parts, typed_day
from reporting.domain.plan import AskedOfAction, AskedOfMilestone, NewAction, Whose, Workstream, possible
from reporting.pages import plan_view as view
from reporting.pages.form_fields import Writer, number_in
from reporting.pages.plan_desk import Desk, desk, id_in, saved, staff_of
from reporting.pages.plan_owner import chosen, reached, to_choose
from reporting.pages.routes import Staff
from reporting.use_cases import write_plan as use
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_plan import read_history, read_plan

STEPS = {
    "rag": ("Say how it stands", "On track, may miss or missed, and why."),
    "complete": ("It is completed", "Say what shows it. All milestones are reached, or not needed any more."),
    "note": ("Add a note", "How far it is."),
    "drop": ("It is not needed any more", "Say why."),
    "reopen": ("Open it again", "Say why."),
}
SAID = [("on-track", "On track", ""), ("may-miss", "May miss", ""), ("missed", "Missed", "")]
MILESTONE_STEPS = {
    "met": ("It was reached", "Give the day."),
    "move": ("Move the day", "Give the new day, and say why. The day that was set first stays beside it."),
    "drop": ("It is not needed any more", "Say why."),
    "reopen": ("Open it again", "Give the new day, and say why."),
}


def router(setup: PlanSetup) -> APIRouter:  # noqa: C901, PLR0915 - one handler a page
    """Pages below `/reporting/plans/{plan}`."""
    routes = APIRouter(prefix="/reporting/plans/{plan}", include_in_schema=False)

    @routes.get("/workstreams/new")
    async def new_workstream(request: Request, plan: UUID, identity: Writer) -> Response:
        """An empty form."""
        async with desk(request, setup, identity, await staff_of(setup, identity)) as at:
            return await _workstream(at, plan, None, None)

    @routes.post("/workstreams/new")
    async def add_workstream(request: Request, plan: UUID, identity: Writer) -> Response:
        """Add it at the end of the plan."""

        async def save(at: Desk, form: Form) -> str:
            lead = chosen(at, form, "lead")
            new = Workstream(form.text("title"), lead.name, lead.person)
            await use.add_workstream(at.transaction, setup, identity, plan, id_in(form), new)
            return view.address(plan)

        return await saved(
            request, setup, identity, save, lambda at, form, error: _workstream(at, plan, None, form, error), staffed=True
        )

    @routes.get("/workstreams/{ident}")
    async def workstream_form(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """The form of a workstream."""
        async with desk(request, setup, identity, await staff_of(setup, identity)) as at:
            return await _workstream(at, plan, ident, None)

    @routes.post("/workstreams/{ident}")
    async def change_workstream(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Keep the change."""

        async def save(at: Desk, form: Form) -> str:
            kept = use.workstream_of(await use.see_plan(at.transaction, setup, identity, plan), ident).workstream
            lead = chosen(at, form, "lead", Whose(kept.lead, kept.person))
            new = Workstream(form.text("title"), lead.name, lead.person)
            await use.change_workstream(at.transaction, setup, identity, plan, ident, number_in(form), new)
            return view.address(plan)

        return await saved(
            request, setup, identity, save, lambda at, form, error: _workstream(at, plan, ident, form, error), staffed=True
        )

    @routes.get("/actions/new")
    async def new_action(request: Request, plan: UUID, identity: Writer) -> Response:
        """An empty form, of a workstream; `tracked` is the action of the learning tracker that it takes up."""
        async with desk(request, setup, identity, await staff_of(setup, identity)) as at:
            return await _new_action(at, plan, None)

    @routes.post("/actions/new")
    async def add_action(request: Request, plan: UUID, identity: Writer) -> Response:
        """Add it, with its first milestone."""

        async def save(at: Desk, form: Form) -> str:
            ident, whose = id_in(form), chosen(at, form, "owner")
            new = NewAction(
                id_in(form, "workstream"), form.text("what"), whose.name, form.text("milestone"),
                day_in(form, "due"), form.text("tracked") or None, whose.person,
            )  # fmt: skip
            await use.add_action(at.transaction, setup, identity, plan, ident, id_in(form, "first"), new)
            return view.address(plan, "actions", ident)

        return await saved(
            request, setup, identity, save, lambda at, form, error: _new_action(at, plan, form, error), staffed=True
        )

    @routes.get("/actions/{ident}")
    async def show_action(request: Request, plan: UUID, ident: UUID, identity: Staff) -> Response:
        """An action with its milestones, measures and history, and what may be done with it."""
        async with desk(request, setup, identity, await staff_of(setup, identity)) as at:
            return await _action(at, plan, ident)

    @routes.post("/actions/{ident}")
    async def step_action(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Take a step with it."""

        async def save(at: Desk, form: Form) -> str:
            step, rag = form.text("step"), form.text("rag")
            if step not in STEPS:
                raise _choose("/step", "Choose what happened")
            said = rag if rag in {"on-track", "may-miss", "missed"} else None
            asked = AskedOfAction(step, form.text("note"), said)  # type: ignore[arg-type]  # both are of the lists
            await use.step_action(at.transaction, setup, identity, plan, ident, number_in(form), asked)
            return view.address(plan, "actions", ident)

        return await saved(
            request, setup, identity, save, lambda at, form, error: _action(at, plan, ident, form, error), staffed=True
        )

    @routes.get("/actions/{ident}/change")
    async def change_form(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """The form of what is to be done and who sees to it."""
        async with desk(request, setup, identity, await staff_of(setup, identity)) as at:
            return await _change_action(at, plan, ident, None)

    @routes.post("/actions/{ident}/change")
    async def change_action(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Keep the change."""

        async def save(at: Desk, form: Form) -> str:
            kept = use.action_of(await use.see_plan(at.transaction, setup, identity, plan), ident).action
            said = (form.text("what"), chosen(at, form, "owner", Whose(kept.owner, kept.person)))
            await use.change_action(at.transaction, setup, identity, plan, ident, number_in(form), *said)
            return view.address(plan, "actions", ident)

        return await saved(
            request, setup, identity, save, lambda at, form, error: _change_action(at, plan, ident, form, error), staffed=True
        )

    @routes.get("/actions/{ident}/milestone")
    async def new_milestone(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """An empty form."""
        async with desk(request, setup, identity) as at:
            return await _new_milestone(at, plan, ident, None)

    @routes.post("/actions/{ident}/milestone")
    async def add_milestone(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Add a milestone."""

        async def save(at: Desk, form: Form) -> str:
            said = (form.text("what"), day_in(form, "due"))
            await use.add_milestone(at.transaction, setup, identity, plan, ident, id_in(form), *said)
            return view.address(plan, "actions", ident)

        return await saved(request, setup, identity, save, lambda at, form, error: _new_milestone(at, plan, ident, form, error))

    @routes.get("/milestones/{ident}")
    async def show_milestone(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """A milestone, and what may be done with it."""
        async with desk(request, setup, identity) as at:
            return await _milestone(at, plan, ident, None)

    @routes.post("/milestones/{ident}")
    async def step_milestone(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Take a step with it."""

        async def save(at: Desk, form: Form) -> str:
            step = form.text("step")
            if step not in MILESTONE_STEPS:
                raise _choose("/step", "Choose what happened")
            asked = AskedOfMilestone(step, form.text("note"), day_in(form, "on"))  # type: ignore[arg-type]  # of the list
            action = await use.step_milestone(at.transaction, setup, identity, plan, ident, number_in(form), asked)
            return view.address(plan, "actions", action)

        return await saved(request, setup, identity, save, lambda at, form, error: _milestone(at, plan, ident, form, error))

    return routes


def _choose(pointer: str, words: str) -> DomainError:
    return DomainError("invalid-step", "Nothing was stored. See `errors`.", Kind.MALFORMED, (FieldError(pointer, words),))


async def _workstream(
    at: Desk, plan: UUID, ident: UUID | None, form: Form | None, error: DomainError | None = None
) -> Response:
    whole = await use.see_plan(at.transaction, at.setup, at.identity, plan)
    kept = use.workstream_of(whole, ident) if ident else None
    before = Whose(kept.workstream.lead, kept.workstream.person) if kept else None
    stored = {"title": kept.workstream.title, "lead": before.name, "lead_person": before.person} if kept and before else {}
    sent = form.text("id") if form else ""
    return at.show(
        "plans/workstream.html", error, "title", title="Change the workstream" if kept else "Add a workstream", plan=whole.plan,
        back=view.address(plan), action=view.address(plan, "workstreams", ident or "new"), typed=form or stored,
        ident=str(ident or sent or new_id()), revision=kept.revision if kept else None,
        people=to_choose(at, form or stored, "lead", before),
    )  # fmt: skip


async def _new_action(at: Desk, plan: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    whole = await use.see_plan(at.transaction, at.setup, at.identity, plan)
    asked = form or at.request.query_params
    workstream = next((each for each in whole.workstreams if str(each.id) == asked.get("workstream", "")), None)
    if workstream is None:
        raise not_found("workstream")
    key = asked.get("tracked", "")[:200]
    tracked = await use.tracked_action(at.transaction, at.identity, key, at.setup.today()) if key else None
    suggested = tracked.due_on if tracked and tracked.due_on and tracked.due_on >= at.setup.today() else None
    return at.show(
        "plans/action-new.html", error, "what", title="Add an action", plan=whole.plan, back=view.address(plan),
        action=view.address(plan, "actions", "new"), workstream=workstream, tracked=tracked, typed=form or {},
        due=typed_day(form, "due") if form else day_parts(suggested), ident=asked.get("id") or str(new_id()),
        first_id=asked.get("first") or str(new_id()), people=to_choose(at, form or {}, "owner"),
    )  # fmt: skip


async def _action(at: Desk, plan: UUID, ident: UUID, form: Form | None = None, error: DomainError | None = None) -> Response:
    read = await read_plan(at.transaction, at.setup, at.identity, plan)
    kept = use.action_of(read.whole, ident)
    _, steps, following = await read_history(at.transaction, at.setup, at.identity, plan, ident, None)
    line = view.action_line(kept, read)
    open_plan = at.writes and read.whole.plan.state == "open"
    options = [(step, *STEPS[step]) for step in possible(kept.action)] if open_plan else []
    typed = form or {"rag": kept.action.rag}
    return at.show(
        "plans/action.html", error, "step" if options else "main-content", title=f"Action {line['name']}",
        plan=read.whole.plan, back=view.address(plan), each=line, steps=options, said=SAID, typed=typed,
        may_change=open_plan and kept.action.state == "open",
        history=view.history(steps, read.whole), following=following, set_on=kept.set_on,
        reached=(await reached(at, read.whole))[kept.id],
    )  # fmt: skip


async def _change_action(at: Desk, plan: UUID, ident: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    whole = await use.see_plan(at.transaction, at.setup, at.identity, plan)
    kept = use.action_of(whole, ident)
    before = Whose(kept.action.owner, kept.action.person)
    typed = form or {"what": kept.action.what, "owner": before.name, "owner_person": before.person}
    back = view.address(plan, "actions", ident)
    return at.show(
        "plans/action-change.html", error, "what", title=f"Change action {whole.name_of(kept)}", plan=whole.plan, back=back,
        action=f"{back}/change", typed=typed, revision=kept.revision,
        people=to_choose(at, typed, "owner", before),
    )  # fmt: skip


async def _new_milestone(at: Desk, plan: UUID, ident: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    whole = await use.see_plan(at.transaction, at.setup, at.identity, plan)
    kept = use.action_of(whole, ident)
    back = view.address(plan, "actions", ident)
    return at.show(
        "plans/milestone-new.html", error, "what", title="Add a milestone", plan=whole.plan, back=back,
        name=whole.name_of(kept), what=kept.action.what, action=f"{back}/milestone", typed=form or {},
        due=typed_day(form, "due") if form else {}, ident=(form.text("id") if form else "") or str(new_id()),
    )  # fmt: skip


async def _milestone(at: Desk, plan: UUID, ident: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    read = await read_plan(at.transaction, at.setup, at.identity, plan)
    kept = use.milestone_of(read.whole, ident)
    action = use.action_of(read.whole, kept.action_id)
    steps = ("met", "move", "drop") if kept.milestone.open else ("reopen",)
    runs = read.whole.plan.state == "open" and action.action.state == "open"
    first = "step" if runs else "main-content"
    return at.show(
        "plans/milestone.html", error, first, title=f"Milestone of action {read.whole.name_of(action)}",
        plan=read.whole.plan, back=view.address(plan, "actions", action.id), each=view.milestone_line(kept, read),
        steps=[(step, *MILESTONE_STEPS[step]) for step in steps] if runs else [], typed=form or {},
        on=typed_day(form, "on") if form else {}, revision=kept.revision, action=view.address(plan, "milestones", ident),
    )  # fmt: skip
