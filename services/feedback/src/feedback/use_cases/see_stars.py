"""Look at outcome stars: people who have one, one person's course, and who is due for the next one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.days import british_day
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import star_readings, stars
from feedback.adapters.star_readings import Entry, Taken, Waiting
from feedback.adapters.stars import Narrowed, Star
from feedback.context import Context
from feedback.domain.profile import FeedbackProfile
from feedback.domain.star_profile import StarKind
from feedback.domain.stars import Due, Movement, Point, When, movements, next_due, possible_points
from feedback.use_cases.take_star import Course, course_of, held, ranges

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A person in a list: the course, what moved, and what is due. `aside`: an answer waits for somebody to decide."""

    star: Star
    kind: StarKind | None
    taken: Sequence[Taken]
    moved: Mapping[str, Movement]
    due: Due | None
    aside: bool


@dataclass(frozen=True, slots=True)
class People:
    """A page of people, and from where the next one goes on."""

    lines: Sequence[Line]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Seen:
    """One person's course with all that is known of it."""

    line: Line
    course: Course
    history: Sequence[Entry]
    waiting: Sequence[Waiting]
    possible: Sequence[Point]
    others: Sequence[Star]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed by; "" for all. `worker` and `person` are keyed hashes: a reference stands in no address."""

    kind: str = ""
    team: str = ""
    worker: str = ""
    person: str = ""
    closed: bool | None = None

    def narrowed(self) -> Narrowed:
        """As the database has it."""
        return Narrowed(self.kind or None, self.team or None, self.worker or None, self.person or None, self.closed)


def line_of(profile: FeedbackProfile, star: Star, taken: Sequence[Taken]) -> Line:
    """A course as a line of a list."""
    kind = profile.stars.kind(star.kind)
    counted = [each.reading() for each in taken if each.counted]
    moved = movements(counted, ranges(profile, kind)) if kind else {}
    due = next_due(kind, counted, star.opened_on, closed=star.closed is not None) if kind else None
    return Line(star, kind, taken, moved, due, any(each.state == "aside" for each in taken))


async def people(
    transaction: Transaction, context: Context, areas: Collection[str], asked: Asked, before: UUID | None, limit: int = PAGE
) -> People:
    """People who have a star, the last begun first."""
    profile = (await context.profiles.current(transaction)).profile
    found = await stars.page(transaction, context.secrets, asked.narrowed(), areas, before, limit + 1)
    taken = await star_readings.of(transaction, [star.id for star in found[:limit]])
    lines = [line_of(profile, star, taken[star.id]) for star in found[:limit]]
    return People(lines, found[limit - 1].id if len(found) > limit else None)


async def person(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> Seen:
    """One person's course. Raises `not-found`."""
    star = await held(transaction, context, identity, ident)
    profile = (await context.profiles.current(transaction)).profile
    course = await course_of(transaction, profile, star)
    known = await stars.of_person(transaction, context.secrets, star.kind, star.person)
    others = [each for each in known if each.id != ident and (not identity.areas or each.service_area in identity.areas)]
    return Seen(
        line_of(profile, star, course.taken),
        course,
        await star_readings.history(transaction, context.secrets, ident),
        await star_readings.waiting(transaction, ident, british_day(now)),
        possible_points(course.kind, [each.reading() for each in course.counted], star.closed),
        others,
    )


async def due(
    transaction: Transaction, context: Context, areas: Collection[str], asked: Asked, today: date
) -> dict[When, list[Line]]:
    """Everybody whose course goes on, by when the next one is due, the longest overdue first."""
    profile = (await context.profiles.current(transaction)).profile
    found = await stars.still_open(transaction, context.secrets, asked.narrowed(), areas)
    taken = await star_readings.of(transaction, [star.id for star in found])
    lines = [line for star in found if (line := line_of(profile, star, taken[star.id])).due is not None]
    lines.sort(key=lambda line: (line.due.by if line.due else today, line.star.id))
    groups: dict[When, list[Line]] = {when: [] for when in When}
    for line in lines:
        if line.due is not None:
            groups[line.due.when(today)].append(line)
    return groups
