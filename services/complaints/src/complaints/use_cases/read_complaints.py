"""One complaint with its clocks, and lists of them, as they stand or stood on any day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from chassis.calendar import WorkingDays
from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters import case_snapshot
from complaints.adapters.complaint_list import ComplaintList, DueCounts, Item
from complaints.adapters.complaint_record import Change, Record
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.other_records import OmbudsmanCase
from complaints.domain import clock, corrections, stages
from complaints.domain.case import Case, Phase, Request, Stage, as_at
from complaints.domain.clock import Clock
from complaints.domain.corrections import ClockChange
from complaints.domain.forecast import Forecast, History
from complaints.domain.listing import Filters, Order
from complaints.domain.profile import Profile
from complaints.use_cases.respond_stage import Said
from complaints.use_cases.setup import Setup, rules_of, within_calendar
from complaints.use_cases.take_step import may_see
from complaints.use_cases.view_points import PointView, view_points

HISTORY = timedelta(days=730)
"""How far back answers are counted for a forecast."""


@dataclass(frozen=True)
class StageView:
    """A stage that was asked for or began: without a clock it has not begun."""

    number: int
    name: str
    request: Request | None
    stage: Stage | None
    clock: Clock | None


@dataclass(frozen=True)
class ChangeView:
    """A change; `reason` is None for a reader who may not see free text. `clocks` are those that a correction moved.

    `by` is the name of whoever recorded it.
    """

    version: int
    step: str
    stage: int
    dated_on: date
    recorded_at: datetime
    recorded_by: str
    reason: str | None
    code: str | None
    clocks: tuple[ClockChange, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class ComplaintView:
    """A complaint as it stood on the day `on`: as what is recorded today says, or (`known`) as was recorded by then."""

    on: date
    known: bool
    record: Record
    case: Case
    stages: tuple[StageView, ...]
    changes: tuple[ChangeView, ...]
    request_until: date | None
    profile: Profile
    findings_said: Mapping[tuple[int, str], Said]
    points: tuple[PointView, ...]

    @property
    def live(self) -> tuple[PointView, ...]:
        """The points that are answered and counted."""
        return tuple(point for point in self.points if point.live)

    @property
    def superseded(self) -> tuple[PointView, ...]:
        """The points that were split, merged, found to be duplicates, or recorded in error."""
        return tuple(point for point in self.points if not point.live)

    def said(self, stage: int, reference: str) -> Said:
        """What was said of the finding on a point at a stage."""
        return self.findings_said.get((stage, reference), Said())

    def saying(self, stage: int, point: PointView) -> Said:
        """What was said of the finding that stands for a point; of several that were merged, the first that says anything."""
        standing = point.standings.get(stage)
        said = [self.said(stage, made) for made in standing.made_on] if standing else []
        return next((each for each in said if each.reason or each.remedies), Said())


@dataclass(frozen=True)
class ItemView:
    """A line of a list with the clock of its stage, and what became of others like it that were open so long."""

    item: Item
    clock: Clock
    forecast: Forecast | None = None


@dataclass(frozen=True)
class Page:
    """A page of a list; `more` says that there are further ones."""

    items: tuple[ItemView, ...]
    more: bool
    profile: Profile


async def read_complaint(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    complaint_id: UUID,
    on: date | None,
    *,
    reasons: bool,
    known: bool = False,
) -> ComplaintView:
    """A complaint as at a day (None: today); with `known`, by what had been recorded at the end of it.

    Raises `not-found`, `before-received` for a day before it, and `before-recorded` where nothing of it was known then.
    """
    repository = ComplaintRepository(transaction)
    record = await repository.by_id(complaint_id)
    if record is None or not may_see(identity, record.service_area):
        raise not_found("complaint")
    day = on or setup.today()
    profile = (await setup.profiles.current(transaction)).profile
    changes = await repository.changes(complaint_id)
    case = record.case(rules_of(profile, record))
    if known:
        case, changes = _as_known(case, changes, day)
    if day < case.received_on:
        errors = (FieldError("/on", f"expected {case.received_on} or later"),)
        raise DomainError("before-received", "The complaint had not been received then.", Kind.MALFORMED, errors)
    case = as_at(case, day)
    names = profile.stage_names(record.procedure)
    record = replace(record, received_on=case.received_on, ombudsman=_ombudsman_as_at(record, day))
    with within_calendar():
        views = _stage_views(record, case, names, day)
        until = stages.request_until(case, record.calendar(case.current.number))
        moved = _moved(changes, case, record)
    shown = [
        _change_view(
            change,
            setup.open_reason(transaction.org, change.reason) if reasons else None,
            moved,
            setup.open_name(transaction.org, change.by_name, change.recorded_by),
        )
        for change in changes
        if known or change.dated_on <= day
    ]
    said = {
        place: Said(setup.open_reason(transaction.org, told.reason) if reasons else None, told.remedies)
        for place, told in record.told.items()
    }
    points = await view_points(transaction, setup, identity, record, case, words=reasons)
    return ComplaintView(day, known, record, case, views, tuple(shown), until, profile, said, points)


def _as_known(case: Case, changes: list[Change], on: date) -> tuple[Case, list[Change]]:
    """The complaint by what had been recorded at the end of a day, British time, and the changes up to then.

    Changes recorded before the service kept what they left behind fall back on the days of what they recorded.
    """
    then = [change for change in changes if british_day(change.recorded_at) <= on]
    if not then:
        detail = "Nothing had been recorded of the complaint then."
        raise DomainError("before-recorded", detail, Kind.MALFORMED, (FieldError("/on", "expected a later day"),))
    facts = then[-1].facts
    return (case if facts is None else case_snapshot.load(dict(facts), case.rules)), then


def _ombudsman_as_at(record: Record, on: date) -> tuple[OmbudsmanCase, ...]:
    cases = (case for case in record.ombudsman if case.accepted_on <= on)
    return tuple(
        case if case.outcome_on is None or case.outcome_on <= on else replace(case, outcome_on=None, outcome=None, actions=None)
        for case in cases
    )


def _moved(changes: list[Change], case: Case, record: Record) -> dict[int, tuple[ClockChange, ...]]:
    """What each correction made of the clocks, by the version that it led to."""
    moved = {}
    for before, after in pairwise(changes):
        if after.step == "correct" and before.facts is not None and after.facts is not None:
            was, became = (case_snapshot.load(dict(each.facts or {}), case.rules) for each in (before, after))
            on, calendar = british_day(after.recorded_at), record.calendar(1)
            moved[after.version] = corrections.clock_changes(was, became, calendar, on)
    return moved


def _change_view(change: Change, reason: str | None, moved: Mapping[int, tuple[ClockChange, ...]], by: str) -> ChangeView:
    return ChangeView(
        change.version,
        change.step,
        change.stage,
        change.dated_on,
        change.recorded_at,
        change.recorded_by,
        reason,
        change.code,
        moved.get(change.version, ()),
        by,
    )


def _stage_views(record: Record, case: Case, names: dict[int, str], on: date) -> tuple[StageView, ...]:
    numbers = sorted({stage.number for stage in case.stages} | {request.stage for request in case.requests})
    views = []
    for number in numbers:
        stage = case.begun(number)
        read = stage.read(record.calendar(number), on) if stage else None
        views.append(StageView(number, names.get(number, f"Stage {number}"), case.request_of(number), stage, read))
    return tuple(views)


async def list_complaints(
    transaction: Transaction,
    setup: Setup,
    filters: Filters,
    *,
    limit: int,
    order: Order = "received",
    after: tuple[date, UUID] | None = None,
    forecasts: bool = False,
) -> Page:
    """A page of complaints as at `filters.on`; with `forecasts` it says how others like each fared."""
    profile = (await setup.profiles.current(transaction)).profile
    items = await ComplaintList(transaction).page(filters, limit + 1, order, after)
    history = History(await ComplaintList(transaction).answered(filters.on - HISTORY)) if forecasts else History(())
    with within_calendar():
        views = tuple(_item_view(item, filters.on, history) for item in items[:limit])
    return Page(views, len(items) > limit, profile)


def item_views(items: Iterable[Item], on: date) -> tuple[ItemView, ...]:
    """Lines of a list with what their clocks say on a day, without forecasts."""
    with within_calendar():
        return tuple(_item_view(item, on, History(())) for item in items)


async def count_due(transaction: Transaction, setup: Setup, areas: frozenset[str]) -> DueCounts:
    """What is to be done today, in counts; `areas` are those to which the caller is limited (empty: all)."""
    return await ComplaintList(transaction).due_counts(setup.today(), areas)


async def count_overdue(transaction: Transaction, filters: Filters) -> int:
    """How many complaints are overdue on the day of the filters."""
    return await ComplaintList(transaction).count_overdue(filters)


def _item_view(item: Item, on: date, history: History) -> ItemView:
    said = clock.read(WorkingDays.load(item.calendar), item.terms, item.facts, on, item.ending)
    # One that is overdue is late already; one that stands still, or waits for a panel, is like no other.
    asked = said.state == "running" and said.leg == "answer" and item.terms.panel is None and item.phase is Phase.RUNNING
    return ItemView(item, said, history.forecast(item.procedure, item.stage, said.day) if asked else None)
