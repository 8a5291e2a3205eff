"""The rules of outcome stars: one start, those midway in order of time, one end, and what counts as a change.

A star of a person is a course of readings. Each reading has a score from the lowest to the highest of every scale that was
answered; a scale that was not is no score. What counts is the change of a person from the start to the last reading, scale by
scale: nobody with only a start has one, and no average is made of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import DomainError
from feedback.domain.star_profile import BY_END_STAR, StarKind

EARLIEST = date(2000, 1, 1)


class Point(StrEnum):
    """When in the course of the work a reading was taken."""

    START = "start"
    MID = "mid"
    END = "end"


class AnsweredBy(StrEnum):
    """Who gave the stars."""

    SELF = "self"
    WITH_HELP = "with-help"
    FOR_THEM = "for-them"
    WORKER = "worker"


class Aside(StrEnum):
    """Why answers that a family sent do not count as they came: a person decides what becomes of them."""

    NO_STARS = "no-stars"
    HAS_START = "has-start"
    NO_START = "no-start"
    CLOSED = "closed"
    SAME_DAY = "same-day"
    OUT_OF_ORDER = "out-of-order"


_ORDER = {Point.START: 0, Point.MID: 1, Point.END: 2}


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: `scores` by scale, of those that were answered; `team` is whose it was then."""

    id: UUID
    point: Point
    taken_on: date
    scores: Mapping[str, int] = field(default_factory=dict)
    team: str | None = None

    @property
    def place(self) -> tuple[date, int]:
        """What readings are ordered by."""
        return self.taken_on, _ORDER[self.point]


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and the highest score of a scale."""

    lowest: int
    highest: int

    def holds(self, score: int) -> bool:
        """Whether a score is one of the scale."""
        return self.lowest <= score <= self.highest


@dataclass(frozen=True, slots=True)
class Closure:
    """That a course is over: since when, and why (`end-star`, or a reason of the profile's)."""

    on: date
    reason: str


def in_order(readings: Iterable[Reading]) -> list[Reading]:
    """Readings by day; on one day the start comes first and the end last."""
    return sorted(readings, key=lambda each: each.place)


def fault(readings: Iterable[Reading], closed: Closure | None = None) -> Aside | None:  # noqa: PLR0911 - one return a rule
    """Why readings cannot stand together as a course, None where they can.

    An end star closes a course and may be added to one that was closed without; one midway may be added late, for a day on
    which the course was open.
    """
    ordered = in_order(readings)
    starts = [each for each in ordered if each.point is Point.START]
    ends = [each for each in ordered if each.point is Point.END]
    if not ordered:
        return None
    if not starts:
        return Aside.NO_START
    if len(starts) > 1:
        return Aside.HAS_START
    if len(ends) > 1:
        return Aside.CLOSED
    days = [each.taken_on for each in ordered if each.point is Point.MID]
    if len(set(days)) < len(days):
        return Aside.SAME_DAY
    if any(day <= starts[0].taken_on for day in days):
        return Aside.OUT_OF_ORDER
    if ends and any(each.taken_on >= ends[0].taken_on for each in ordered if each.point is not Point.END):
        return Aside.OUT_OF_ORDER
    if closed is not None and closed.reason != BY_END_STAR and not ends and any(day > closed.on for day in days):
        return Aside.CLOSED
    return None


REFUSALS: Mapping[Aside, tuple[str, str]] = {
    Aside.NO_STARS: ("no-stars", "Give at least one star: a reading without any says nothing."),
    Aside.HAS_START: (
        "star-has-start",
        "This star has its start already. Record this as midway or end, or correct the start.",
    ),
    Aside.NO_START: ("star-has-no-start", "This star has no start yet: record the start first."),
    Aside.CLOSED: ("star-is-closed", "This star is closed. Correct its end, open it again, or begin a new one with a start."),
    Aside.SAME_DAY: ("star-same-day", "There is one midway of that day already: correct that one, or give another day."),
    Aside.OUT_OF_ORDER: (
        "star-out-of-order",
        "The days are out of order: the start comes first, those midway after it, and the end last. Check the day.",
    ),
}


def refusal(wrong: Aside) -> DomainError:
    """The refusal of readings that cannot stand together."""
    slug, words = REFUSALS[wrong]
    return DomainError(slug, f"{words} Nothing was changed.")


def assert_course(readings: Iterable[Reading], closed: Closure | None = None) -> None:
    """Raises `DomainError` (conflict) where readings cannot stand together."""
    wrong = fault(readings, closed)
    if wrong is not None:
        raise refusal(wrong)


def closure_after(readings: Iterable[Reading], closed: Closure | None) -> Closure | None:
    """Whether a course is over: by its end star, else as it was closed without one."""
    end = next((each for each in readings if each.point is Point.END), None)
    if end is not None:
        return Closure(end.taken_on, BY_END_STAR)
    return None if closed is None or closed.reason == BY_END_STAR else closed


class Direction(StrEnum):
    """What became of a person on a scale."""

    IMPROVED = "improved"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Movement:
    """The change of a person on one scale, from the start to the last reading that answered it."""

    scale: str
    first: int
    last: int
    last_on: date
    at_top: bool
    team: str | None = None

    @property
    def change(self) -> int:
        """Last minus start."""
        return self.last - self.first

    @property
    def direction(self) -> Direction:
        """Improved, the same or worse; whoever began at the top cannot improve (`at_top`)."""
        if self.change == 0:
            return Direction.SAME
        return Direction.IMPROVED if self.change > 0 else Direction.WORSE


def movements(readings: Iterable[Reading], scales: Mapping[str, Range], until: date | None = None) -> dict[str, Movement]:
    """The change on each scale that the start and a later reading answered, of the readings up to a day."""
    ordered = [each for each in in_order(readings) if until is None or each.taken_on <= until]
    if not ordered or ordered[0].point is not Point.START:
        return {}
    found = {}
    for scale, width in scales.items():
        later = [each for each in ordered[1:] if scale in each.scores]
        if scale in ordered[0].scores and later:
            first, last = ordered[0].scores[scale], later[-1]
            found[scale] = Movement(scale, first, last.scores[scale], last.taken_on, first == width.highest, last.team)
    return found


class When(StrEnum):
    """How urgent a reading that is due is."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this-week"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Due:
    """The reading that is due next, and by which day. After the first one midway it may as well be the end."""

    point: Point
    by: date

    def when(self, today: date) -> When:
        """How urgent it is on a day; a week ends on Sunday."""
        if self.by < today:
            return When.OVERDUE
        if self.by == today:
            return When.TODAY
        return When.THIS_WEEK if self.by <= today + timedelta(days=6 - today.weekday()) else When.LATER


def next_due(kind: StarKind, readings: Sequence[Reading], opened_on: date, *, closed: bool) -> Due | None:
    """What is due next, None where the course is over. A start that was only asked for by a link is due from that day on."""
    if closed:
        return None
    if not readings:
        return Due(Point.START, opened_on)
    ordered = in_order(readings)
    last = ordered[-1].taken_on
    weeks = kind.next_after_weeks
    if not kind.has_mid:
        return Due(Point.END, last + timedelta(weeks=weeks))
    if len(ordered) == 1:
        return Due(Point.MID, last + timedelta(weeks=kind.mid_after_weeks or weeks))
    return Due(Point.MID, last + timedelta(weeks=weeks))


def possible_points(kind: StarKind, readings: Sequence[Reading], closed: Closure | None) -> tuple[Point, ...]:
    """The points at which a reading could be taken now, the likeliest first."""
    points = {each.point for each in readings}
    if Point.END in points:
        return ()
    if Point.START not in points:
        return (Point.START,)
    if closed is not None or not kind.has_mid:
        return (Point.END,)
    return (Point.MID, Point.END)


def unknown_scales(scores: Mapping[str, int], scales: Collection[str]) -> list[str]:
    """Scales of scores that the star does not have."""
    return [scale for scale in scores if scale not in scales]
