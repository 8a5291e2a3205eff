"""Tying measures and KPIs to actions of plans, and reading the figures beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.kpi_repository import KpiRepository
from reporting.adapters.plan_rows import KeptTie
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import dimensions, periods, plan_tie
from reporting.domain import plan as rules
from reporting.domain.kpi_figures import Observation, Within, figure
from reporting.domain.kpis import Kpi
from reporting.domain.meanings import meanings
from reporting.domain.measures import Collection
from reporting.domain.periods import Period
from reporting.domain.plan_tie import Figure, Shown, Tie
from reporting.domain.profile import Profile
from reporting.domain.tallies import Count, Tally
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.write_plan import action_of, held, writing


async def tie_measure(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, action: UUID, ident: UUID, tie: Tie
) -> None:
    """Put a measure or a KPI beside an action. Raises `invalid-measure`, `too-many-measures`."""
    whole = await held(transaction, setup, identity, plan)
    kept, there = action_of(whole, action), whole.ties_of(action)
    if ident in {each.id for each in whole.ties}:
        return
    profile = (await setup.profiles.current(transaction)).profile
    tie = plan_tie.within_plan(tie, whole.plan.head.service_area)
    plan_tie.check(tie, profile, whole.plan.head.service_area)
    if len(there) >= rules.MOST_MEASURES:
        raise DomainError("too-many-measures", f"Beside an action stand {rules.MOST_MEASURES} measures at most.")
    await writing(transaction, setup, identity).add_tie(ident, kept, tie)


async def untie_measure(
    transaction: Transaction, setup: PlanSetup, identity: Identity, plan: UUID, ident: UUID, seen: int, note: str
) -> UUID:
    """Take a measure away from its action, with a reason; answers the action. Raises `invalid-step` and `stale`."""
    whole = await held(transaction, setup, identity, plan)
    kept = next((each for each in whole.ties if each.id == ident), None)
    if kept is None:
        raise not_found("measure")
    rules.check_reason(note)
    if kept.dropped or kept.revision != seen:
        raise rules.stale()
    await writing(transaction, setup, identity).drop_tie(kept, note)
    return kept.action_id


@dataclass(frozen=True)
class _Asked:
    tie: KeptTie
    before: Period
    now: Period | None


async def figures(transaction: Transaction, setup: PlanSetup, ties: Iterable[KeptTie]) -> dict[UUID, Shown]:
    """What stands beside actions: each tie with its figure of the first quarter and of the last one that is over.

    While the read model is rebuilt there is no figure; the plan is shown all the same.
    """
    profile, today = (await setup.profiles.current(transaction)).profile, setup.today()
    asked = [_periods(each, today) for each in ties]
    counts = await _counts(transaction, profile, asked, today)
    posted = await KpiRepository(transaction).current([each.tie.tie.code for each in asked if each.tie.tie.kind == "kpi"])
    return {each.tie.id: _shown(each, profile, counts, posted) for each in asked}


def _periods(kept: KeptTie, today: date) -> _Asked:
    before = periods.parse(kept.tie.start)
    try:
        over = periods.containing(today, periods.Kind.QUARTER).shift(-1)
    except periods.UnknownPeriodError:  # pragma: no cover - not before 2100
        return _Asked(kept, before, None)
    return _Asked(kept, before, over if over.first > before.first else None)


@dataclass(frozen=True)
class _Counts:
    complete: bool
    begun: dict[Collection, date]
    found: dict[Tally, Count]
    today: date


async def _counts(transaction: Transaction, profile: Profile, asked: list[_Asked], today: date) -> _Counts:
    try:
        await progress_repository.assert_complete(transaction)
    except DomainError:
        return _Counts(complete=False, begun={}, found={}, today=today)
    wanted = [
        tally
        for each in asked
        for period in (each.before, each.now)
        if period is not None and (tally := _tally(each.tie.tie, period, today)) is not None
    ]
    repository = TallyRepository(transaction)
    answers = await repository.answer(wanted, meanings(profile)) if wanted else {}
    found = {tally: by_member.get(None, Count(0, 0)) for tally, by_member in answers.items()}
    return _Counts(complete=True, begun=await repository.begun(), found=found, today=today)


def _tally(tie: Tie, period: Period, today: date) -> Tally | None:
    measure = tie.measure
    if measure is None or not set(tie.filters) <= set(measure.dimensions):
        return None
    last = measure.last_day(period.last, today)
    return Tally(measure.code, period.first, last, tuple(sorted((name, (code,)) for name, code in tie.filters.items())))


def _shown(each: _Asked, profile: Profile, counts: _Counts, posted: Sequence[Observation]) -> Shown:
    tie = each.tie.tie
    measure, kpi = tie.measure, profile.kpis.kpi(tie.code) if tie.kind == "kpi" else None
    name = measure.name if measure is not None else kpi.name if kpi is not None else tie.code
    words = [dimensions.label(profile, key, code, counts.today, {}) for key, code in sorted(tie.filters.items())]
    if kpi is not None:
        was, is_ = (_of_kpi(kpi, tie, profile, posted, at, counts.today) for at in (each.before, each.now))
        return plan_tie.shown(tie, name, ", ".join(words), was, is_)
    if measure is None or not counts.complete:
        return plan_tie.shown(tie, name, ", ".join(words), None, None)
    before, now = (_figure(tie, period, counts) if period else None for period in (each.before, each.now))
    return plan_tie.shown(tie, name, ", ".join(words), before, now)


def _of_kpi(
    kpi: Kpi, tie: Tie, profile: Profile, posted: Sequence[Observation], period: Period | None, today: date
) -> Figure | None:
    """A KPI in a quarter, of the area that it is tied for: the months together, as its own page has them."""
    if period is None:
        return None
    area = tie.filters.get("service_area")
    within = Within(frozenset({area}) if area else None)
    found = figure(kpi, profile, posted, period.first, period.last, today, within)
    return Figure(period, found.n, found.of)


def _figure(tie: Tie, period: Period, counts: _Counts) -> Figure:
    measure, tally = tie.measure, _tally(tie, period, counts.today)
    count = counts.found.get(tally) if tally is not None else None
    if measure is None or count is None or tally is None or tally.last < tally.first:
        return Figure(period, None)
    begun = counts.begun.get(measure.collection)
    if begun is None or begun > period.last:
        return Figure(period, None)
    return Figure(period, count.n, count.of) if measure.is_ratio else Figure(period, count.n)
