"""Response rates of letters, and what of them may be shown: a small group must not point to a family.

Counts of 1 to 5 and percentages of fewer than 10 are withheld, as in the published reports (Government Statistical Service,
"Confidentiality of tables"). Each line is treated as if its total were known: it holds no withheld count, or two or more that
are together more than the limit, so that none can be worked out from the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

SMALL = 5
PERCENT_FROM = 10

By = Literal["questionnaire", "team", "channel", "month"]
BYS: tuple[By, ...] = ("questionnaire", "team", "channel", "month")
COUNTS = ("issued", "waiting", "begun", "answered", "ended", "declined")
"""Issued letters, and how they stand: each is in one of the next four. `declined` wants no reminders, however it stands."""

_SUMMED = 5
"""Counts of a line of which the first is the sum of the others."""

Place = tuple[int, int]


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
    grid: dict[Place, int] = {(r, c): value for r, row in enumerate(lines) for c, value in enumerate(row.counts())}
    hidden = _hidden(grid, len(rows))
    return [
        RateRow(
            row.group,
            tuple(None if (r, c) in hidden else value for c, value in enumerate(row.counts())),
            _rate(row, withheld=bool({(r, 0), (r, 3)} & hidden)),
        )
        for r, row in enumerate(lines)
    ]


def _hidden(grid: Mapping[Place, int], groups: int) -> set[Place]:
    hidden = {at for at, value in grid.items() if 0 < value <= SMALL}
    # Of a line of groups the total stands below it; of a line of one group its first count is the sum of the others.
    columns = [[(r, c) for r in range(groups)] for c in range(len(COUNTS))]
    rows = [[(r, c) for c in range(_SUMMED)] for r in range(groups + 1)]
    while (more := next(_given_away(grid, hidden, [*columns, *rows]), None)) is not None:
        hidden.add(more)
    return hidden


def _given_away(grid: Mapping[Place, int], hidden: set[Place], lines: Sequence[Sequence[Place]]) -> Iterator[Place]:
    """One more count to withhold in each line that gives a withheld one away: the smallest that is shown, zeros last."""
    for line in lines:
        gone = [grid[at] for at in line if at in hidden]
        if not gone or (len(gone) > 1 and sum(gone) > SMALL):
            continue
        shown = [at for at in line if at not in hidden]
        if shown:
            yield min(shown, key=lambda at: (grid[at] == 0, grid[at], at))


def _rate(row: Letters, *, withheld: bool) -> int | None:
    if withheld or row.issued < PERCENT_FROM:
        return None
    return (200 * row.answered + row.issued) // (2 * row.issued)
