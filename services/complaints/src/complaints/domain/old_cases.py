"""A complaint of past years, as a council's own list has it: taken through every step of its stages, as if it had come in here.

Pure. What the list leaves open is assumed where one thing makes sense, and said; what contradicts the procedure is a fault in a
column, and nothing of that complaint is recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError
from complaints.domain import clock, stages
from complaints.domain.case import Case, Finding, Phase, Rules

ClosedAs = Literal["answered", "withdrawn", "discontinued"]


@dataclass(frozen=True)
class OldStage:
    """What a list says of a stage. `extended_by` is the day to which it was extended, `extended_to` the same in working days.

    `days` is what the list itself says that it took.
    """

    requested_on: date | None = None
    accepted_on: date | None = None
    declined_on: date | None = None
    acknowledged_on: date | None = None
    agreed_on: date | None = None
    extended_on: date | None = None
    extended_by: date | None = None
    extended_to: int | None = None
    panel_on: date | None = None
    reported_on: date | None = None
    responded_on: date | None = None
    days: int | None = None

    @property
    def said(self) -> bool:
        """Whether anything happened in it."""
        return self != OldStage(days=self.days)


@dataclass(frozen=True)
class OldPoint:
    """A point: its codes, and its finding by the number of the stage."""

    category: str
    service_area: str | None
    findings: Mapping[int, Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class OldOmbudsman:
    """What the Ombudsman made of it."""

    reference: str
    accepted_on: date
    outcome: str | None = None
    outcome_on: date | None = None
    actions: int | None = None


@dataclass(frozen=True)
class OldCase:
    """A complaint of a list; `row` is where it begins there. `stages` are by number."""

    row: int
    reference: str
    procedure: str
    received_on: date
    service_area: str
    team: str | None
    need: str | None
    route: str | None
    raised_by: str | None
    points: tuple[OldPoint, ...]
    stages: Mapping[int, OldStage]
    closed_on: date | None = None
    closed_as: ClosedAs | None = None
    ombudsman: OldOmbudsman | None = None


@dataclass(frozen=True)
class OldCompliment:
    """A compliment of a list."""

    row: int
    reference: str
    received_on: date
    service_area: str
    team: str | None
    source: str
    external: bool


@dataclass(frozen=True)
class Said:
    """A fault, or a remark, about a column of a complaint's row."""

    column: str
    detail: str


@dataclass(frozen=True)
class Count:
    """What the clock of a stage makes of a list's days; `theirs` is what the list says, if it does."""

    stage: int
    state: str
    days: int | None
    theirs: int | None

    @property
    def differs(self) -> bool:
        """Whether the list counted otherwise."""
        return None not in {self.days, self.theirs} and self.days != self.theirs


@dataclass(frozen=True)
class Built:
    """What became of an old complaint: the case after its last step, or its faults."""

    case: Case | None
    faults: tuple[Said, ...] = ()
    remarks: tuple[Said, ...] = ()
    counts: tuple[Count, ...] = ()


def column_of(stage: int, what: str) -> str:
    """The heading of a column of a stage."""
    return f"stage {stage} {what}"


def build(old: OldCase, rules: Rules, calendar: WorkingDays, today: date) -> Built:
    """Take every step that a list tells of. The first fault of a complaint ends it: what follows would only repeat it."""
    taking = _Taking(old, rules, calendar, today)
    try:
        case = taking.whole()
    except DomainError as error:
        return Built(None, (Said(taking.column, _words(error)),), tuple(taking.remarks))
    except OutsideCalendarError as error:
        return Built(None, (Said(taking.column, f"No clock can be counted: {error}."),), tuple(taking.remarks))
    except _Fault as fault:
        return Built(None, (Said(taking.column, str(fault)),), tuple(taking.remarks))
    counts = tuple(_counted(case, old, stage.number, calendar, today) for stage in case.stages)
    return Built(case, (), tuple(taking.remarks), counts)


class _Fault(Exception):
    """What a list says that cannot be."""


class _Taking:
    """The steps of one complaint. `column` is where the step that is being taken stands in the list."""

    def __init__(self, old: OldCase, rules: Rules, calendar: WorkingDays, today: date) -> None:
        self._old = old
        self._rules = rules
        self._calendar = calendar
        self._today = today
        self.column = "received"
        self.remarks: list[Said] = []

    def whole(self) -> Case:
        """The complaint after its last step."""
        points = tuple(str(number) for number in range(1, len(self._old.points) + 1))
        case = stages.receive(self._rules, self._old.received_on, points, today=self._today)
        for number in range(1, max([1, *(number for number, told in self._old.stages.items() if told.said)]) + 1):
            told = self._old.stages.get(number, OldStage())
            if number > 1:
                case = self._asked(case, number, told)
                if case.phase is not Phase.RUNNING:
                    self._nothing_in(number, told)
                    continue
            case = self._stage(case, number, told)
        return self._closed(case)

    def _asked(self, case: Case, number: int, told: OldStage) -> Case:
        self.column = column_of(number, "requested")
        self._rules.stage(number)
        if told.requested_on is None:
            raise _Fault(f"Something stands in stage {number}: write the day on which it was asked for.")
        case = stages.request(
            case, number, told.requested_on, discretion=True, calendar=self._calendar, today=self._today
        )  # fmt: skip
        if told.declined_on is not None:
            self.column = column_of(number, "declined")
            if told.accepted_on is not None:
                raise _Fault("It was accepted or declined, not both: empty one of the two.")
            return stages.decide(case, number, told.declined_on, "declined", reason=True, today=self._today)
        accepted_on = told.accepted_on
        if accepted_on is None:
            if not replace(told, requested_on=None).said:
                return case
            accepted_on = told.requested_on
            self._remark(column_of(number, "accepted"), f"Taken as accepted on the day it was asked for, {_day(accepted_on)}.")
        self.column = column_of(number, "accepted")
        return stages.decide(case, number, accepted_on, "accepted", reason=False, today=self._today)

    def _nothing_in(self, number: int, told: OldStage) -> None:
        """A stage that did not begin holds nothing."""
        for what, day in (("response", told.responded_on), ("extended on", told.extended_on), ("panel", told.panel_on)):
            if day is not None:
                self.column = column_of(number, what)
                raise _Fault(f"Stage {number} was declined, so nothing can have happened in it. Empty this cell.")

    def _stage(self, case: Case, number: int, told: OldStage) -> Case:
        terms = case.current.terms
        today, calendar = self._today, self._calendar
        if told.acknowledged_on is not None:
            if terms.acknowledge_within is None:
                words = "The procedure has no acknowledgement at this stage, so the day is not taken over."
                self._remark(column_of(number, "acknowledged"), words)
            else:
                day = told.acknowledged_on
                case = self._take(
                    "acknowledged", number, lambda: stages.acknowledge(case, number, day, calendar=calendar, today=today)
                )  # fmt: skip
        case = self._agreed(case, number, told)
        case = self._extended(case, number, told)
        for what, day_, move in (
            ("panel", told.panel_on, stages.hold_panel),
            ("panel report", told.reported_on, stages.report),
        ):
            if day_ is not None:
                self.column = column_of(number, what)
                case = move(case, number, day_, today=today)
        if told.responded_on is None:
            return case
        self.column = column_of(number, "response")
        if terms.panel is not None and told.reported_on is None:
            self.column = column_of(number, "panel report" if told.panel_on else "panel")
            raise _Fault(f"Stage {number} was answered, so its panel was held and has reported: write both days.")
        return stages.respond(case, number, told.responded_on, self._findings(number), today=today)

    def _agreed(self, case: Case, number: int, told: OldStage) -> Case:
        if told.agreed_on is None:
            return case
        self.column = column_of(number, "statement agreed")
        return stages.agree(case, number, told.agreed_on, calendar=self._calendar, today=self._today)

    def _extended(self, case: Case, number: int, told: OldStage) -> Case:
        if told.extended_on is None and told.extended_by is None and told.extended_to is None:
            return case
        stage = case.current
        self.column = column_of(number, "extended to" if told.extended_by else "extended to days")
        to = told.extended_to
        when = clock.timing(self._calendar, stage.terms, stage.facts)
        if told.extended_by is not None:
            counted = self._calendar.count(when.day_zero, told.extended_by)
            if to is not None and to != counted:
                raise _Fault(f"{_day(told.extended_by)} is {counted} working days after day 0, and the other column says {to}.")
            to = counted
        if told.extended_on is None:
            last = min(when.due_on, self._today, told.responded_on or self._today)
            self._remark(column_of(number, "extended on"), f"Taken as extended on {_day(last)}, the last day that makes sense.")
            told = replace(told, extended_on=last)
        else:
            self.column = column_of(number, "extended on") if to is None else self.column
        day = told.extended_on or when.due_on
        return stages.extend(case, number, day, to=to, calendar=self._calendar, today=self._today)

    def _findings(self, number: int) -> Mapping[str, Finding]:
        found = {
            str(place): point.findings[number] for place, point in enumerate(self._old.points, 1) if number in point.findings
        }
        missing = [place for place in range(1, len(self._old.points) + 1) if str(place) not in found]
        if missing and (found or self._rules.formality == "formal"):
            self.column = column_of(number, "finding")
            which = ", ".join(map(str, missing))
            raise _Fault(f"Stage {number} was answered: each point has a finding. Without one: point {which}.")
        return found

    def _closed(self, case: Case) -> Case:
        old = self._old
        self.column = "closed on"
        number = case.current.number
        if old.closed_as in {"withdrawn", "discontinued"}:
            if old.closed_on is None:
                raise _Fault("Write the day on which it was withdrawn or discontinued.")
            if case.phase is not Phase.RUNNING:
                self.column = "closed as"
                raise _Fault(f"Its last stage was {_PHASES[case.phase]}, so that it cannot have been {old.closed_as}.")
            ending: Literal["withdrawn", "discontinued"] = "withdrawn" if old.closed_as == "withdrawn" else "discontinued"
            return stages.end(case, number, old.closed_on, ending, today=self._today)
        if (old.closed_on or old.closed_as) and case.open:
            self.column = column_of(number, "response")
            raise _Fault("It is closed, and its last stage has no response: write the day, or how it was closed otherwise.")
        return case

    def _take(self, what: str, number: int, move: Callable[[], Case]) -> Case:
        self.column = column_of(number, what)
        return move()

    def _remark(self, column: str, detail: str) -> None:
        self.remarks.append(Said(column, detail))


_PHASES = {
    Phase.ANSWERED: "answered",
    Phase.REQUESTED: "asked for and not begun",
    Phase.DECLINED: "declined",
    Phase.ENDED: "ended",
}


def _counted(case: Case, old: OldCase, number: int, calendar: WorkingDays, today: date) -> Count:
    stage = case.stages[number - 1]
    state = "ended" if stage.ending in {"withdrawn", "discontinued"} else stage.read(calendar, today).state
    if stage.ending == "answered":
        # All limits of a stage: of one heard by a panel, also those before its last.
        kept = clock.limits_kept(calendar, stage.terms, stage.facts, today)
        state = "answered-in-time" if kept else "answered-late"
    days = clock.days_taken(calendar, stage.terms, stage.facts)
    theirs = old.stages.get(number, OldStage()).days
    return Count(number, state, days, theirs)


def _words(error: DomainError) -> str:
    if error.errors:
        return " ".join(f"{each.detail[:1].upper()}{each.detail[1:].partition('; found')[0]}." for each in error.errors)
    return error.detail.replace(" Nothing was changed.", "").replace(" Nothing was stored.", "")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
