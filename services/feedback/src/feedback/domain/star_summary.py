"""What the stars of many people add up to: how many moved, which way, and what of it may be shown.

Only people with a start and a later reading of a scale are in any figure of that scale. A quarter looks at a course as it stood
at the quarter's end, and a person counts in it whose last reading until then was taken in it: so what was published stays true
when they give another star later. A person whose work takes a year stands in several quarters, once in each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from feedback.domain.small_groups import PERCENT_FROM, SMALL, withheld
from feedback.domain.stars import Direction, Movement, Point, Range, Reading, movements

By = Literal["scale", "team", "quarter"]
BYS: tuple[By, ...] = ("scale", "team", "quarter")
QUARTERS = 8
COUNTS = ("people", "improved", "same", "worse")
TOTAL = "total"

Courses = Iterable[Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Moved:
    """People of a group with a start and a later reading, and what became of them. `change` is the sum of their changes."""

    group: str
    improved: int = 0
    same: int = 0
    worse: int = 0
    at_top: int = 0
    change: int = 0

    @property
    def people(self) -> int:
        """All of them."""
        return self.improved + self.same + self.worse

    def counts(self) -> tuple[int, ...]:
        """The counts in the order of `COUNTS`."""
        return self.people, self.improved, self.same, self.worse


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A line as it may be shown: None for a figure that is withheld. `mean` is the mean change, to one decimal."""

    group: str
    counts: tuple[int | None, ...]
    at_top: int | None
    improved_share: int | None
    mean: Decimal | None


def count(group: str, found: Iterable[Movement]) -> Moved:
    """Movements of one scale, one a person."""
    listed = list(found)
    ways = [each.direction for each in listed]
    return Moved(
        group,
        ways.count(Direction.IMPROVED),
        ways.count(Direction.SAME),
        ways.count(Direction.WORSE),
        sum(each.at_top for each in listed),
        sum(each.change for each in listed),
    )


def moved(courses: Courses, scales: Mapping[str, Range], first: date | None, last: date | None) -> list[dict[str, Movement]]:
    """The movements of each course as it stood on `last`, of those whose last reading was taken from `first` on."""
    found = []
    for readings in courses:
        of_person = movements(readings, scales, last)
        within = {code: each for code, each in of_person.items() if first is None or each.last_on >= first}
        if within:
            found.append(within)
    return found


def by_scale(courses: Courses, scales: Mapping[str, Range], first: date | None, last: date | None) -> list[Moved]:
    """A line for each scale. They are of the same people and are never added up."""
    found = moved(courses, scales, first, last)
    return [count(scale, (each[scale] for each in found if scale in each)) for scale in scales]


def by_team(courses: Courses, scales: Mapping[str, Range], scale: str, first: date | None, last: date | None) -> list[Moved]:
    """A line for each team that took the last reading, and last that of all; "" is no team."""
    found = [each[scale] for each in moved(courses, scales, first, last) if scale in each]
    teams = sorted({each.team or "" for each in found})
    lines = [count(team, (each for each in found if (each.team or "") == team)) for team in teams]
    return [*lines, count(TOTAL, found)]


def by_quarter(courses: Courses, scales: Mapping[str, Range], scale: str, today: date) -> list[Moved]:
    """A line for each of the last quarters, the latest first, each as it stood at its end."""
    kept = list(courses)
    lines = []
    for first, last in quarters(today):
        found = moved(kept, scales, first, last)
        lines.append(count(quarter_code(first), (each[scale] for each in found if scale in each)))
    return lines


def quarters(today: date, number: int = QUARTERS) -> list[tuple[date, date]]:
    """The quarter of a day and those before it: first and last day of each."""
    year, month = today.year, (today.month - 1) // 3 * 3 + 1
    found = []
    for _ in range(number):
        following = date(year + (month == 10), (month + 2) % 12 + 1, 1)  # noqa: PLR2004 - October begins the last quarter
        found.append((date(year, month, 1), date.fromordinal(following.toordinal() - 1)))
        year, month = (year, month - 3) if month > 1 else (year - 1, 10)
    return found


def quarter_code(first: date) -> str:
    """The code of a quarter of the financial year, as reports have it: 2026-27-q3 begins in October 2026."""
    begins = first.year if first.month > 3 else first.year - 1  # noqa: PLR2004 - March ends the financial year
    return f"{begins}-{(begins + 1) % 100:02}-q{(first.month - 4) // 3 % 4 + 1}"


def only_start(courses: Courses, last: date | None = None) -> int:
    """How many people have a start and no later reading until a day: they are in no figure of change."""
    number = 0
    for readings in courses:
        known = [each for each in readings if last is None or each.taken_on <= last]
        number += [each.point for each in known] == [Point.START]
    return number


def protected(rows: Sequence[Moved], *, total: bool) -> list[MovedRow]:
    """The lines without what could point to a person. `total`: the last is the sum of the others."""
    hidden = withheld([row.counts() for row in rows], total=total)
    return [
        _shown(row, tuple(None if (r, c) in hidden else value for c, value in enumerate(row.counts())))
        for r, row in enumerate(rows)
    ]


def few(number: int) -> int | None:
    """A count, None where it is small."""
    return None if 0 < number <= SMALL else number


def _shown(row: Moved, counts: tuple[int | None, ...]) -> MovedRow:
    people = row.people
    # Where any count of the line is withheld, a share or a mean could give it away.
    open_ = None not in counts and people >= PERCENT_FROM
    share = (200 * row.improved + people) // (2 * people) if open_ else None
    mean = (Decimal(row.change) / people).quantize(Decimal("0.1"), ROUND_HALF_UP) if open_ else None
    tops = open_ and few(row.at_top) is not None and few(people - row.at_top) is not None
    return MovedRow(row.group, counts, row.at_top if tops else None, share, mean)
