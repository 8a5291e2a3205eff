"""Response rates of letters, and what of them may be shown: a small group must not point to a family (`small_groups`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.domain.small_groups import PERCENT_FROM, withheld

By = Literal["questionnaire", "team", "channel", "month"]
BYS: tuple[By, ...] = ("questionnaire", "team", "channel", "month")
COUNTS = ("issued", "waiting", "begun", "answered", "ended", "declined")
"""Issued letters, and how they stand: each is in one of the next four. `declined` wants no reminders, however it stands."""

_SUMMED = 5
"""Counts of a line of which the first is the sum of the others."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Counts of a group of letters; those that were withdrawn are in none."""

    group: str
    waiting: int
    begun: int
    answered: int
    ended: int
    declined: int = 0

    @property
    def issued(self) -> int:
        """All of them."""
        return self.waiting + self.begun + self.answered + self.ended

    def counts(self) -> tuple[int, ...]:
        """The counts in the order of `COUNTS`."""
        return (self.issued, self.waiting, self.begun, self.answered, self.ended, self.declined)


@dataclass(frozen=True, slots=True)
class RateRow:
    """A line as it may be shown: None for a figure that is withheld. `rate` is in whole per cent, half up."""

    group: str
    counts: tuple[int | None, ...]
    rate: int | None


def total(rows: Sequence[Letters]) -> Letters:
    """All groups together."""
    sums = (sum(getattr(row, name) for row in rows) for name in ("waiting", "begun", "answered", "ended", "declined"))
    return Letters("total", *sums)


def protected(rows: Sequence[Letters]) -> list[RateRow]:
    """The lines and last the line of all, without what could point to a family."""
    lines = [*rows, total(rows)]
    hidden = withheld([row.counts() for row in lines], total=True, summed=_SUMMED)
    return [
        RateRow(
            row.group,
            tuple(None if (r, c) in hidden else value for c, value in enumerate(row.counts())),
            _rate(row, withheld=bool({(r, 0), (r, 3)} & hidden)),
        )
        for r, row in enumerate(lines)
    ]


def _rate(row: Letters, *, withheld: bool) -> int | None:
    if withheld or row.issued < PERCENT_FROM:
        return None
    return (200 * row.answered + row.issued) // (2 * row.issued)
