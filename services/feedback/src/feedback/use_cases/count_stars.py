"""What the outcome stars of a kind add up to, without what could point to a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from feedback.adapters import star_readings
from feedback.context import Context
from feedback.domain.star_profile import StarKind
from feedback.domain.star_summary import By, Moved, MovedRow, by_quarter, by_scale, by_team, few, only_start, protected
from feedback.use_cases.take_star import ranges


@dataclass(frozen=True, slots=True)
class Summary:
    """The lines of a table; `only_start` is how many have a start alone, None where they are few."""

    rows: Sequence[MovedRow]
    only_start: int | None


async def count_stars(
    transaction: Transaction, context: Context, kind: StarKind, by: By, scale: str, areas: Collection[str], now: datetime
) -> Summary:
    """Movement by scale, or of one scale by team or quarter, of the service areas (empty: all)."""
    lines, courses = await tally_stars(transaction, context, kind, by, scale, areas, now)
    return Summary(protected(lines, total=by == "team"), few(courses))


async def tally_stars(
    transaction: Transaction, context: Context, kind: StarKind, by: By, scale: str, areas: Collection[str], now: datetime
) -> tuple[list[Moved], int]:
    """The same as it is, nothing withheld: for nobody's eyes."""
    profile = (await context.profiles.current(transaction)).profile
    scales = ranges(profile, kind)
    courses = await star_readings.courses(transaction, kind.code, areas)
    today = british_day(now)
    if by == "team":
        lines = by_team(courses, scales, scale, None, today)
    elif by == "quarter":
        lines = by_quarter(courses, scales, scale, today)
    else:
        lines = by_scale(courses, scales, None, today)
    return lines, only_start(courses, today)
