"""Reading improvement plans: the list, what is due, a plan with the figures beside its actions, its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from chassis import keyset
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters.plan_reading import PlanReading
from reporting.adapters.plan_rows import Happened, KeptAction, KeptMilestone, WholePlan
from reporting.adapters.tracker_repository import TrackerRepository
from reporting.domain import plan as rules
from reporting.domain.plan import Rag
from reporting.domain.plan_tie import Shown
from reporting.domain.profile import Profile
from reporting.domain.tracker import TrackedAction
from reporting.domain.tracker_filters import TrackerFilters
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.tie_measure import figures
from reporting.use_cases.write_plan import see_plan

PAGE_STEPS = 100


@dataclass(frozen=True)
class ReadPlan:
    """A plan as it stands on a day, with what stands beside its actions."""

    whole: WholePlan
    profile: Profile
    today: date
    shown: Mapping[UUID, Shown]
    tracked: Mapping[str, TrackedAction]

    def rag(self, action: KeptAction) -> Rag:
        """How an action stands."""
        return rag_of(self.whole, action, self.today)

    def by_calendar(self, action: KeptAction) -> bool:
        """Whether the calendar alone says that it missed its day."""
        milestones = [each.milestone for each in self.whole.milestones_of(action.id)]
        return rules.by_calendar(action.action, milestones, self.today)

    @property
    def counts(self) -> dict[Rag, int]:
        """How many actions stand how; in the order of the words."""
        return counts_of(self.whole, self.today)


def rag_of(whole: WholePlan, action: KeptAction, today: date) -> Rag:
    """How an action of a plan stands on a day."""
    return rules.rag_on(action.action, [each.milestone for each in whole.milestones_of(action.id)], today)


def counts_of(whole: WholePlan, today: date) -> dict[Rag, int]:
    """How many actions stand how."""
    found: dict[Rag, int] = {"on-track": 0, "may-miss": 0, "missed": 0, "completed": 0, "dropped": 0}
    for each in whole.actions:
        found[rag_of(whole, each, today)] += 1
    return found


async def list_plans(transaction: Transaction, setup: PlanSetup, identity: Identity) -> list[WholePlan]:
    """The plans that somebody may see, open ones first."""
    reading = PlanReading(transaction, setup.secrets, identity.areas)
    return await reading.wholes(await reading.plans())


async def read_plan(transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID) -> ReadPlan:
    """A plan with everything in it. Raises 404."""
    whole = await see_plan(transaction, setup, identity, ident)
    profile, today = (await setup.profiles.current(transaction)).profile, setup.today()
    shown = await figures(transaction, setup, [each for each in whole.ties if not each.dropped])
    keys = tuple(each.tracked for each in whole.actions if each.tracked)
    tracked: dict[str, TrackedAction] = {}
    if keys:
        filters = TrackerFilters(today, areas=identity.areas, show="all", keys=keys)
        tracked = {each.key: each for each in await TrackerRepository(transaction).page(filters, len(keys))}
    return ReadPlan(whole, profile, today, shown, tracked)


@dataclass(frozen=True)
class Due:
    """A milestone that is late, or due soon."""

    whole: WholePlan
    action: KeptAction
    milestone: KeptMilestone
    late: bool


async def what_is_due(transaction: Transaction, setup: PlanSetup, identity: Identity, within: int) -> list[Due]:
    """The milestones of open plans that are late or due within days from today, the first due first."""
    today = setup.today()
    until = today + timedelta(days=within)
    found = [
        Due(whole, action, milestone, milestone.milestone.late(today))
        for whole in await list_plans(transaction, setup, identity)
        if whole.plan.state == "open"
        for action in whole.actions
        if action.action.state == "open"
        for milestone in whole.milestones_of(action.id)
        if milestone.milestone.open and milestone.milestone.due_on <= until
    ]
    return sorted(found, key=lambda each: (each.milestone.milestone.due_on, str(each.milestone.id)))


async def read_history(
    transaction: Transaction, setup: PlanSetup, identity: Identity, ident: UUID, of: UUID | None, after: str | None
) -> tuple[WholePlan, list[Happened], str | None]:
    """A page of what was done with a plan or a part of it, the newest first, and the cursor of the next. Raises 404."""
    whole = await see_plan(transaction, setup, identity, ident)
    reading = PlanReading(transaction, setup.secrets, identity.areas)
    found = await reading.history(ident, PAGE_STEPS + 1, of, after)
    last = found[PAGE_STEPS - 1] if len(found) > PAGE_STEPS else None
    return whole, found[:PAGE_STEPS], keyset.encode(last.at, last.id) if last else None
