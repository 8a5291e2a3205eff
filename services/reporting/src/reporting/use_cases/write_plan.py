"""Writing improvement plans: plans, workstreams, actions and milestones.

Every change needs the revision that its page showed; of two people at once the second is told, and nothing is written over.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters.plan_reading import PlanReading
from reporting.adapters.plan_rows import KeptAction, KeptMilestone, KeptWorkstream, WholePlan
from reporting.adapters.plan_writing import Done, PlanWriting
from reporting.adapters.tracker_repository import TrackerRepository
from reporting.domain import plan as rules
from reporting.domain.plan import Action, AskedOfAction, AskedOfMilestone, Head, NewAction, Whose, Workstream
from reporting.domain.tracker import TrackedAction
from reporting.domain.tracker_filters import TrackerFilters
from reporting.use_cases.plan_setup import PlanSetup


async def see_plan(transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID) -> WholePlan:
    """A plan with its parts. Raises DomainError 404 where there is none, or not for this reader's service areas."""
    found = await PlanReading(transaction, setup.secrets, identity.areas).whole(ident)
    if found is None:
        raise not_found("plan")
    return found


def writing(transaction: Transaction, setup: PlanSetup, identity: Identity) -> PlanWriting:
    """Writing as this person, now."""
    return PlanWriting(transaction, setup.secrets, identity, setup.now())


async def open_plan(transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID, head: Head) -> None:
    """Open a plan; a second click opens it once. Raises `invalid-plan`."""
    profile = (await setup.profiles.current(transaction)).profile
    known = {each.code for each in profile.organisation.service_areas}
    if identity.areas and head.service_area is None:
        detail = "Choose one of your service areas: a plan of the whole organisation is for those who see all of it"
        wrong = (FieldError("/service_area", detail),)
        raise DomainError("invalid-plan", "Nothing was stored. See `errors`.", Kind.MALFORMED, wrong)
    rules.check_head(head, known & identity.areas if identity.areas else known)
    write = writing(transaction, setup, identity)
    await write.hold()
    await write.add_plan(ident, head, setup.today())


async def change_plan(
    transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID, seen: int, title: str, purpose: str
) -> None:
    """Change what a plan is called and what it is for; its service area stays. Raises `invalid-plan` and `stale`."""
    kept = await held(transaction, setup, identity, ident)
    head = Head(title, purpose, kept.plan.head.service_area)
    rules.check_head(head, {head.service_area} if head.service_area else ())
    _due(kept.plan.revision, seen)
    before = {"title": kept.plan.head.title, "purpose": kept.plan.head.purpose}
    done = Done("changed", "", before, {"title": title.strip(), "purpose": purpose.strip()})
    await writing(transaction, setup, identity).save_plan(kept.plan, head, kept.plan.state, kept.plan.closed_on, done)


async def close_plan(
    transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID, seen: int, note: str, *, again: bool
) -> None:
    """Close a plan with a reason, or (`again`) open it again. Raises `step-not-possible`, `invalid-step` and `stale`.

    What is open in it stays as it is, and is counted as open of a closed plan.
    """
    kept = await held(transaction, setup, identity, ident, closed_too=True)
    rules.check_reason(note)
    _due(kept.plan.revision, seen)
    if again != (kept.plan.state == "closed"):
        detail = "It is open already." if again else "It is closed already."
        raise DomainError("step-not-possible", f"{detail} Nothing was changed.")
    write = writing(transaction, setup, identity)
    if again:
        await write.save_plan(kept.plan, kept.plan.head, "open", None, Done("reopened", note))
    else:
        await write.save_plan(kept.plan, kept.plan.head, "closed", setup.today(), Done("closed", note))


async def add_workstream(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, new: Workstream
) -> None:
    """Add a workstream at the end. Raises `invalid-workstream` and `too-many-workstreams`."""
    kept = await held(transaction, setup, identity, plan)
    rules.check_workstream(new)
    if len(kept.workstreams) >= rules.MOST_WORKSTREAMS and ident not in {each.id for each in kept.workstreams}:
        detail = f"A plan has {rules.MOST_WORKSTREAMS} workstreams at most. Put some together, or open a second plan."
        raise DomainError("too-many-workstreams", detail)
    await writing(transaction, setup, identity).add_workstream(ident, plan, new)


async def change_workstream(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, seen: int, new: Workstream
) -> None:
    """Change a workstream. Raises `invalid-workstream` and `stale`."""
    kept = workstream_of(await held(transaction, setup, identity, plan), ident)
    rules.check_workstream(new)
    _due(kept.revision, seen)
    before = {"title": kept.workstream.title, "lead": kept.workstream.lead}
    done = Done("changed", "", before, {"title": new.title.strip(), "lead": new.lead.strip()})
    given = kept.workstream.given if new.person == kept.workstream.person else seen + 1
    new = replace(new, given=given)
    await writing(transaction, setup, identity).save_workstream(kept, new, done)


async def add_action(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, milestone: UUID, new: NewAction
) -> None:
    """Add an action with its first milestone. Raises `invalid-action` with every place, `too-many-actions`, `taken-already`."""
    kept = await held(transaction, setup, identity, plan)
    if ident in {each.id for each in kept.actions}:
        return
    first = new.checked(setup.today())
    workstream = workstream_of(kept, new.workstream)
    if len(kept.actions) >= rules.MOST_ACTIONS:
        detail = f"A plan has {rules.MOST_ACTIONS} actions at most. Close this one, or open a second plan."
        raise DomainError("too-many-actions", detail)
    if new.tracked is not None:
        await tracked_action(transaction, identity, new.tracked, setup.today())
        if new.tracked in {each.tracked for each in kept.actions}:
            raise DomainError("taken-already", "This plan has taken that action up already. Nothing was stored.")
    write = writing(transaction, setup, identity)
    action = Action(new.what.strip(), new.owner.strip(), person=new.person)
    if not await write.add_action(ident, workstream, action, setup.today(), new.tracked):
        return
    made = KeptAction(ident, plan, workstream.id, 1, 0, setup.today(), new.tracked, action)
    await write.add_milestone(milestone, made, first)


async def change_action(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, seen: int, what: str, whose: Whose
) -> None:
    """Change what is to be done, or who sees to it. Raises `invalid-action`, `step-not-possible` and `stale`."""
    owner, person = whose.name, whose.person
    kept = action_of(await held(transaction, setup, identity, plan), ident)
    rules.check_action(what, owner)
    _due(kept.revision, seen)
    if kept.action.state != "open":
        raise DomainError("step-not-possible", "This action is not open. Open it again first. Nothing was changed.")
    before = {"what": kept.action.what, "owner": kept.action.owner}
    done = Done("changed", "", before, {"what": what.strip(), "owner": owner.strip()})
    given = kept.action.given if person == kept.action.person else seen + 1
    changed = replace(kept.action, what=what.strip(), owner=owner.strip(), person=person, given=given)
    await writing(transaction, setup, identity).save_action(kept, changed, done)


async def step_action(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, seen: int, asked: AskedOfAction
) -> None:
    """Take a step with an action. Raises as `reporting.domain.plan.take`, and `stale`."""
    whole = await held(transaction, setup, identity, plan)
    kept, milestones = action_of(whole, ident), [each.milestone for each in whole.milestones_of(ident)]
    _due(kept.revision, seen)
    after = rules.take(kept.action, milestones, asked, setup.today())
    write = writing(transaction, setup, identity)
    if asked.step == "note":
        await write.note(kept, asked.note)
        return
    today = setup.today()
    before, now = (rules.rag_on(each, milestones, today) for each in (kept.action, after))
    await write.save_action(kept, after, Done(asked.step, asked.note, {"rag": before}, {"rag": now}))


async def add_milestone(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, action: UUID, ident: UUID, what: str,
    due_on: date | None,
) -> None:  # fmt: skip
    """Add a milestone to an open action. Raises `invalid-milestone`, `step-not-possible`, `too-many-milestones`."""
    whole = await held(transaction, setup, identity, plan)
    kept, there = action_of(whole, action), whole.milestones_of(action)
    if ident in {each.id for each in there}:
        return
    milestone = rules.new_milestone(what, due_on, setup.today())
    if kept.action.state != "open":
        raise DomainError("step-not-possible", "This action is not open. Open it again first. Nothing was changed.")
    if len(there) >= rules.MOST_MILESTONES:
        raise DomainError("too-many-milestones", f"An action has {rules.MOST_MILESTONES} milestones at most.")
    await writing(transaction, setup, identity).add_milestone(ident, kept, milestone)


async def step_milestone(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, seen: int, asked: AskedOfMilestone
) -> UUID:
    """Take a step with a milestone of an open action; answers the action. Raises as `take_milestone`, and `stale`."""
    whole = await held(transaction, setup, identity, plan)
    kept = milestone_of(whole, ident)
    action = kept.action_id
    _due(kept.revision, seen)
    if action_of(whole, action).action.state != "open":
        raise DomainError("step-not-possible", "Its action is not open. Open that again first. Nothing was changed.")
    after = rules.take_milestone(kept.milestone, asked, setup.today())
    was, now = kept.milestone, after
    told = {"due_on": (was.due_on, now.due_on), "met_on": (was.met_on, now.met_on)}
    changed = {name: both for name, both in told.items() if both[0] != both[1]}
    done = Done(
        asked.step, asked.note, {n: both[0] for n, both in changed.items()}, {n: both[1] for n, both in changed.items()}
    )
    await writing(transaction, setup, identity).save_milestone(kept, after, done)
    return action


async def tracked_action(transaction: Transaction, identity: Identity, key: str, today: date) -> TrackedAction:
    """An action of the learning tracker that this person may see. Raises 404."""
    filters = TrackerFilters(today, areas=identity.areas, show="all", keys=(key,))
    found = await TrackerRepository(transaction).page(filters, 1)
    if not found:
        raise not_found("action of the learning tracker")
    return found[0]


async def held(
    transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID, *, closed_too: bool = False
) -> WholePlan:
    """A plan that is open and stays as it is read. Raises 404 and `plan-closed`."""
    await writing(transaction, setup, identity).hold()
    found = await see_plan(transaction, setup, identity, ident)
    if found.plan.state != "open" and not closed_too:
        raise rules.closed()
    return found


def workstream_of(plan: WholePlan, ident: UUID) -> KeptWorkstream:
    """A workstream of a plan. Raises 404."""
    for each in plan.workstreams:
        if each.id == ident:
            return each
    raise not_found("workstream")


def action_of(plan: WholePlan, ident: UUID) -> KeptAction:
    """An action of a plan. Raises 404."""
    for each in plan.actions:
        if each.id == ident:
            return each
    raise not_found("action")


def milestone_of(plan: WholePlan, ident: UUID) -> KeptMilestone:
    """A milestone of a plan. Raises 404."""
    for each in plan.milestones:
        if each.id == ident:
            return each
    raise not_found("milestone")


def _due(revision: int, seen: int) -> None:
    if revision != seen:
        raise rules.stale()
