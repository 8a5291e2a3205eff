"""What is reported of disputes for a quarter: by service area, by category, by who raised them, by who answered and how fast.

A dispute counts in the quarter in which it was raised, a stage in that in which it was answered or left without an answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from statistics import median

from audit.domain.dispute import OPEN, Phase


@dataclass(frozen=True)
class RaisedRow:
    """Disputes that were raised, so many of a kind."""

    service_area: str
    category: str
    raised_by: str
    phase: Phase
    number: int


@dataclass(frozen=True)
class AnswerRow:
    """Stages that were answered or left, so many of a kind. `late`: after the day on which the answer was due."""

    code: str
    answered_by: str | None
    limit_days: int
    working_days: int
    answered: bool
    late: bool
    number: int


@dataclass(frozen=True)
class Tally:
    """Disputes of one code: how many were raised, and how they stand now."""

    code: str
    raised: int
    open: int
    resolved: int
    withdrawn: int


@dataclass(frozen=True)
class AnswerTally:
    """Stages of one code: how many were answered in time and late, how many were left, and how long an answer took.

    `median_days` and `longest_days` are working days until the answer, None where there was none; `limits` those that applied.
    """

    code: str
    in_time: int
    late: int
    left: int
    median_days: float | None
    longest_days: int | None
    limits: tuple[int, ...]

    @property
    def answered(self) -> int:
        """How many were answered."""
        return self.in_time + self.late


@dataclass(frozen=True)
class Counts:
    """The counts of a quarter. A code without any is left out; `total` holds all."""

    by_service_area: tuple[Tally, ...]
    by_category: tuple[Tally, ...]
    by_raised_by: tuple[Tally, ...]
    total: Tally
    by_stage: tuple[AnswerTally, ...]
    by_answered_by: tuple[AnswerTally, ...]
    all_stages: AnswerTally


def count(raised: Sequence[RaisedRow], answers: Sequence[AnswerRow]) -> Counts:
    """The counts of what was raised and of what was answered or left. What was left counts by stage only."""
    answered = [row for row in answers if row.answered]
    return Counts(
        by_service_area=_tallies(raised, lambda row: row.service_area),
        by_category=_tallies(raised, lambda row: row.category),
        by_raised_by=_tallies(raised, lambda row: row.raised_by),
        total=_tally("total", raised),
        by_stage=_answer_tallies(answers, lambda row: row.code),
        by_answered_by=_answer_tallies(answered, lambda row: row.answered_by or ""),
        all_stages=_answer_tally("total", answers),
    )


def _tallies(rows: Iterable[RaisedRow], key: Callable[[RaisedRow], str]) -> tuple[Tally, ...]:
    rows = list(rows)
    return tuple(_tally(code, [row for row in rows if key(row) == code]) for code in sorted({key(row) for row in rows}))


def _tally(code: str, rows: Iterable[RaisedRow]) -> Tally:
    rows = list(rows)

    def of(*phases: Phase) -> int:
        return sum(row.number for row in rows if row.phase in phases)

    return Tally(code, of(*Phase), of(*OPEN), of(Phase.RESOLVED), of(Phase.WITHDRAWN))


def _answer_tallies(rows: Iterable[AnswerRow], key: Callable[[AnswerRow], str]) -> tuple[AnswerTally, ...]:
    rows = list(rows)
    return tuple(_answer_tally(code, [row for row in rows if key(row) == code]) for code in sorted({key(row) for row in rows}))


def _answer_tally(code: str, rows: Iterable[AnswerRow]) -> AnswerTally:
    rows = list(rows)
    answered = [row for row in rows if row.answered]
    days = list(chain.from_iterable(repeat(row.working_days, row.number) for row in answered))
    return AnswerTally(
        code,
        in_time=sum(row.number for row in answered if not row.late),
        late=sum(row.number for row in answered if row.late),
        left=sum(row.number for row in rows if not row.answered),
        median_days=float(median(days)) if days else None,
        longest_days=max(days, default=None),
        limits=tuple(sorted({row.limit_days for row in rows})),
    )
