"""A dispute about practice in a child's case: what it is, at which stage it stands, and how it differs from what it was.

The steps that change it are in `dispute_steps`, what its clock says is in `dispute_clock`. Values only; words that are sealed
where they are stored stand open here, and out of every representation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal


class Phase(StrEnum):
    """Where a dispute stands."""

    WAITING = "waiting"  # an answer is due at the current stage
    ANSWERED = "answered"  # who raised it decides whether the answer is enough
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({Phase.WAITING, Phase.ANSWERED})
"""Phases in which somebody has to do something."""

BegunBy = Literal["raise", "escalate", "reopen"]
Result = Literal["resolved", "withdrawn"]


@dataclass(frozen=True)
class Answer:
    """What a manager answered at a stage; `by` is the code of their level (team-manager, director)."""

    on: date
    by: str
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class Ending:
    """How a dispute ended. `words`: what changed for the child, or why it was withdrawn.

    `informal` says that it was settled in talks, without a formal answer at the stage.
    """

    result: Result
    on: date
    outcome: str | None = None
    informal: bool = False
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class Stage:
    """A stage that was reached. Limit and due day are those it was reached with, counted by the named calendar.

    `person` is the code of who must answer, `role` says in words who that is; with `to_team` any manager of the child's team
    may. `reason` is why the dispute came here: of an escalation or a reopening.
    """

    number: int
    code: str
    begun_by: BegunBy
    reached_on: date
    limit: int
    due_on: date
    calendar: str
    person: str | None = None
    role: str = field(default="", repr=False)
    to_team: bool = False
    reason: str = field(default="", repr=False)
    answer: Answer | None = None
    ending: Ending | None = None


@dataclass(frozen=True)
class Dispute:
    """A dispute. `raised_by` is the role of who raised it, `concern` what it is about, `informal` what was tried before.

    `limit_in_all` is the working days for the process as a whole, counted from the raising, or from the last reopening.
    """

    raised_on: date
    raised_by: str
    category: str
    service_area: str
    team: str | None
    stages: tuple[Stage, ...]
    limit_in_all: int | None = None
    case_number: str = field(default="", repr=False)
    concern: str = field(default="", repr=False)
    informal_on: date | None = None
    informal: str = field(default="", repr=False)

    @property
    def current(self) -> Stage:
        """The last stage that was reached."""
        return self.stages[-1]

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        if self.current.ending is not None:
            return Phase(self.current.ending.result)
        return Phase.WAITING if self.current.answer is None else Phase.ANSWERED

    @property
    def open(self) -> bool:
        """Whether somebody has to do something."""
        return self.phase in OPEN

    @property
    def counts_from(self) -> date:
        """Day 0 of the process as a whole."""
        return next(stage.reached_on for stage in reversed(self.stages) if stage.begun_by != "escalate")

    def left_on(self, number: int) -> date | None:
        """The day on which it went on or ended at a stage that was not answered; None for any other stage."""
        stage = self.stages[number - 1]
        if stage.answer is not None:
            return None
        if stage.ending is not None:
            return stage.ending.on
        return self.stages[number].reached_on if number < len(self.stages) else None


@dataclass(frozen=True)
class Difference:
    """A fact that changed. `secret` ones are words: what they were is sealed, what they are stands in the record.

    `stage` is the number of the stage that the fact belongs to, 0 for the dispute as a whole.
    """

    stage: int
    fact: str
    was: str | None = field(repr=False)
    became: str | None = field(repr=False)
    secret: bool = False


SECRET = frozenset({"case_number", "concern", "informal", "role", "reason", "answer", "ending_words"})
"""Facts that are sealed where they are stored."""


def facts_of(dispute: Dispute) -> dict[tuple[int, str], str]:
    """Every fact of a dispute as text, by stage and name; what is not there is left out."""
    found: dict[tuple[int, str], object] = {
        (0, name): getattr(dispute, name)
        for name in (
            *("raised_on", "raised_by", "category", "service_area", "team"),
            *("case_number", "concern", "informal_on", "informal"),
        )
    }
    for stage in dispute.stages:
        found |= {(stage.number, name): value for name, value in _facts_of_stage(stage).items()}
    return {key: _text(value) for key, value in found.items() if value not in (None, "", False)}


def differences(before: Dispute | None, after: Dispute) -> Iterator[Difference]:
    """What changed, fact by fact, in a fixed order; from None everything is new."""
    was: Mapping[tuple[int, str], str] = facts_of(before) if before is not None else {}
    became = facts_of(after)
    for stage, fact in dict.fromkeys((*became, *was)):
        old, new = was.get((stage, fact)), became.get((stage, fact))
        if old != new:
            yield Difference(stage, fact, old, new, fact in SECRET)


def _facts_of_stage(stage: Stage) -> dict[str, object]:
    facts: dict[str, object] = {
        name: getattr(stage, name)
        for name in ("code", "begun_by", "reached_on", "limit", "due_on", "calendar", "person", "role", "to_team", "reason")
    }
    if stage.answer is not None:
        facts |= {"answered_on": stage.answer.on, "answered_by": stage.answer.by, "answer": stage.answer.words}
    if stage.ending is not None:
        ending = stage.ending
        facts |= {
            "result": ending.result,
            "ended_on": ending.on,
            "outcome": ending.outcome,
            "settled_informally": ending.informal,
        }
        facts["ending_words"] = ending.words
    return facts


def _text(value: object) -> str:
    if value is True:
        return "yes"
    return value.isoformat() if isinstance(value, date) else str(value)
