"""What a complaint is as far as its stages go, and how it stood on any past day. The steps that change it are in `stages`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Literal

from chassis.calendar import WorkingDays
from chassis.errors import DomainError
from complaints.domain import clock
from complaints.domain.clock import Clock, Ending, Facts, Terms
from complaints.domain.points import Book, NewPoint, PointChange, PointFacts, book

Finding = Literal["upheld", "partially-upheld", "not-upheld", "no-finding", "discontinued", "withdrawn"]
Decision = Literal["accepted", "declined"]
Formality = Literal["formal", "informal"]


Early = Literal["stage-2", "ombudsman"]
"""What a procedure lets a complaint be referred to early."""


class Phase(StrEnum):
    """Where a complaint stands, together with the number of its stage."""

    RUNNING = "running"
    ANSWERED = "answered"
    REQUESTED = "requested"
    DECLINED = "declined"
    ENDED = "ended"
    REFERRED = "referred"


OPEN = frozenset({Phase.RUNNING, Phase.REQUESTED})
"""Phases in which somebody at the council has to do something."""


@dataclass(frozen=True)
class StageRules:
    """What the profile says of one stage; `request_within` is in working days after the answer of the stage before."""

    number: int
    terms: Terms
    request_within: int | None
    can_decline: bool


@dataclass(frozen=True)
class Rules:
    """What the profile says of a procedure, its stages in order, and what a complaint can be referred to early."""

    procedure: str
    formality: Formality
    stages: tuple[StageRules, ...]
    early: frozenset[Early] = frozenset()

    def stage(self, number: int) -> StageRules:
        """The rules of a stage. Raises `no-such-stage`."""
        if not 1 <= number <= len(self.stages):
            how_many = "one stage" if len(self.stages) == 1 else f"{len(self.stages)} stages"
            raise DomainError("no-such-stage", f"The procedure '{self.procedure}' has {how_many}; there is no stage {number}.")
        return self.stages[number - 1]


@dataclass(frozen=True)
class Stage:
    """A stage that began, with the terms that it began with and its findings by point.

    `opened_on` is the day from which it was known to run: a later stage counts from the day it was asked for, and runs only
    when that was accepted. `ending` says how it ended on the day `facts.responded_on`: with the answer, because the complaint
    was withdrawn or discontinued, or because it was passed over, as stage 1 may be. A withdrawal by word of mouth is confirmed
    in writing on `confirmed_on`; the authority may still look into it (`internal_review`). `points_changed` is how many changes
    of the points had been recorded when it ended: its findings are on the points as they were after these.
    """

    number: int
    terms: Terms
    facts: Facts
    opened_on: date
    findings: Mapping[str, Finding] = field(default_factory=dict)
    ending: Ending | None = None
    confirmed_on: date | None = None
    internal_review: bool = False
    points_changed: int = 0

    def read(self, calendar: WorkingDays, on: date) -> Clock:
        """What its clock says on a day. Raises as `clock.read`."""
        return clock.read(calendar, self.terms, self.facts, on, self.ending)


@dataclass(frozen=True)
class Request:
    """A request for a stage. `late` means after its limit, taken at discretion."""

    stage: int
    requested_on: date
    late: bool = False
    decided_on: date | None = None
    decision: Decision | None = None


@dataclass(frozen=True)
class Standing:
    """The finding that stands for a point at a stage, and the points on which it was made: itself, or where it came from."""

    finding: Finding
    made_on: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A complaint as far as its stages and points go.

    `points` are the references of the points that it came in with, `first` what these were about, and `changes` what happened
    to points since. `referred_on` is the day on which it was referred to the Ombudsman early, without a review panel.
    """

    rules: Rules
    received_on: date
    points: tuple[str, ...]
    stages: tuple[Stage, ...]
    requests: tuple[Request, ...] = ()
    first: Mapping[str, PointFacts] = field(default_factory=dict)
    changes: tuple[PointChange, ...] = ()
    referred_on: date | None = None

    @cached_property
    def book(self) -> Book:
        """Its points as they stand, also those that were superseded."""
        return book([NewPoint(each, self.first.get(each, PointFacts())) for each in self.points], self.changes)

    @property
    def live(self) -> tuple[str, ...]:
        """The points that are answered and counted."""
        return self.book.live

    def standing(self, number: int, reference: str) -> Standing | None:
        """The finding that stands for a point at a stage: its own, or that of the points that it was split from or merged of.

        Points that were merged had been found alike, where they had been found on at all.
        """
        stage = self.begun(number)
        if stage is None:
            return None
        if reference in stage.findings:
            return Standing(stage.findings[reference], (reference,))
        origins = (self.standing(number, each) for each in self.book.points[reference].origins)
        stood = [each for each in origins if each is not None]
        if not stood:
            return None
        return Standing(stood[0].finding, tuple(dict.fromkeys(made for each in stood for made in each.made_on)))

    @property
    def current(self) -> Stage:
        """The last stage that began."""
        return self.stages[-1]

    @property
    def phase(self) -> Phase:
        """Where the complaint stands."""
        if self.referred_on is not None:
            return Phase.REFERRED
        if self.requests and self.requests[-1].stage > self.current.number:
            return Phase.REQUESTED if self.requests[-1].decision is None else Phase.DECLINED
        if self.current.facts.responded_on is None:
            return Phase.RUNNING
        return Phase.ANSWERED if self.current.ending == "answered" else Phase.ENDED

    @property
    def open(self) -> bool:
        """Whether somebody at the council has to do something."""
        return self.phase in OPEN

    def with_stage(self, stage: Stage) -> "Case":
        """The complaint with a stage in the place of the one that had its number."""
        return replace(self, stages=tuple(stage if each.number == stage.number else each for each in self.stages))

    def request_of(self, number: int) -> Request | None:
        """The request for a stage, if there was one."""
        return next((request for request in self.requests if request.stage == number), None)

    def begun(self, number: int) -> Stage | None:
        """A stage, if it began."""
        return self.stages[number - 1] if 1 <= number <= len(self.stages) else None


def as_at(case: Case, on: date) -> Case:
    """The complaint as it stood at the end of a day, which must not be before it was received."""
    stages = tuple(_stage_as_at(stage, on) for stage in case.stages if stage.opened_on <= on)
    requests = tuple(
        made if made.decided_on is None or made.decided_on <= on else replace(made, decided_on=None, decision=None)
        for made in case.requests
        if made.requested_on <= on
    )
    changes = tuple(
        each if each.taken_back_on is None or each.taken_back_on <= on else replace(each, taken_back_on=None)
        for each in case.changes
        if each.on <= on
    )
    referred_on = case.referred_on if case.referred_on is not None and case.referred_on <= on else None
    return replace(case, stages=stages, requests=requests, changes=changes, referred_on=referred_on)


def _stage_as_at(stage: Stage, on: date) -> Stage:
    known = clock.known_on(stage.facts, on)
    if known.responded_on is None:
        return Stage(stage.number, stage.terms, known, stage.opened_on)
    confirmed = stage.confirmed_on is not None and stage.confirmed_on <= on
    return replace(stage, facts=known, confirmed_on=stage.confirmed_on if confirmed else None)
