"""Take an outcome star: staff enter it, another system posts it, or a family answers by a link. All end in the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, not_found, unknown_code
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing, star_readings, stars
from feedback.adapters.star_readings import Entry, Taken
from feedback.adapters.stars import Star
from feedback.context import Context
from feedback.domain.invitation import place_faults
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Version
from feedback.domain.star_profile import StarKind
from feedback.domain.stars import EARLIEST, Aside, Point, Range, assert_course, closure_after, refusal, unknown_scales
from feedback.events.out import star_closed, star_recorded, star_reopened

MOST_WORKER = 100


@dataclass(frozen=True, slots=True)
class StarEntry:
    """What is to be recorded. `scores` are of those scales that were answered."""

    reference: str = field(repr=False)
    kind: str
    point: Point
    taken_on: date
    scores: Mapping[str, int]
    answered_by: str
    service_area: str
    team: str | None = None
    worker: str | None = field(default=None, repr=False)
    channel: str = "staff"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of it."""

    star_id: UUID
    reading_id: UUID
    new: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A person's course with all its readings and the rules that hold for it."""

    star: Star
    kind: StarKind
    scales: Mapping[str, Range]
    taken: Sequence[Taken]

    @property
    def counted(self) -> list[Taken]:
        """The readings that count."""
        return [each for each in self.taken if each.counted]

    def without(self, ident: UUID) -> list[Taken]:
        """The readings that count, but one."""
        return [each for each in self.counted if each.id != ident]


def ranges(profile: FeedbackProfile, kind: StarKind) -> dict[str, Range]:
    """The lowest and the highest score of each scale of a kind; they are the same in every version."""
    questionnaire = profile.questionnaire(kind.questionnaire)
    found = {}
    for scale in kind.scale_codes:
        question = questionnaire.versions[-1].question(scale) if questionnaire else None
        if question is not None and question.scale is not None:
            found[scale] = Range(question.scale.min, question.scale.max)
    return found


def kind_of(profile: FeedbackProfile, code: str) -> StarKind:
    """A kind of the profile. Raises `star-kind-gone` (conflict) for one that has left it."""
    kind = profile.stars.kind(code)
    if kind is None:
        detail = f"The organisation's profile has no star '{code}' any more. Nothing was changed. Ask the operator."
        raise DomainError("star-kind-gone", detail)
    return kind


async def course_of(transaction: Transaction, profile: FeedbackProfile, star: Star) -> Course:
    """A course with its readings."""
    kind = kind_of(profile, star.kind)
    taken = (await star_readings.of(transaction, [star.id]))[star.id]
    return Course(star, kind, ranges(profile, kind), taken)


async def held(transaction: Transaction, context: Context, identity: Identity, ident: UUID, *, lock: bool = False) -> Star:
    """A course of the caller's service areas; `lock` keeps everybody else from changing it. Raises `not-found`."""
    star = await stars.one(transaction, context.secrets, ident, identity.areas)
    if star is not None and lock:
        await stars.lock(transaction, star.kind, star.person)
        star = await stars.one(transaction, context.secrets, ident, identity.areas)
    if star is None:
        raise not_found("star")
    return star


async def take_star(
    transaction: Transaction, context: Context, identity: Identity, entry: StarEntry, now: datetime
) -> Recorded:
    """Record a reading under its natural key: person, star, point and day.

    The same again is `unchanged`. A start begins a course where none goes on. Raises `DomainError` `unknown-code` (malformed,
    with pointers), `star-reading-taken` and those of `feedback.domain.stars` (conflict).
    """
    profile = (await context.profiles.current(transaction)).profile
    today = british_day(now)
    wrong = entry_faults(profile, entry, today, identity)
    if wrong:
        detail = "The star was not recorded: something does not fit. See `errors`."
        raise DomainError("unknown-code", detail, Kind.MALFORMED, tuple(wrong))
    kind = kind_of(profile, entry.kind)
    person = sealing.person_key(context.secrets, transaction.org, entry.reference)
    await stars.lock(transaction, kind.code, person)
    known = await stars.of_person(transaction, context.secrets, kind.code, person)
    async with transaction.whole_organisation():  # a person is read once at a point on a day, whoever did it
        readings = await star_readings.of(transaction, [star.id for star in known])
    before = _same(readings, entry)
    if before is not None:
        return _known(before, entry)
    star = await _course_for(transaction, context, identity, entry, known, today)
    star = await _moved(transaction, context, identity, star, entry, now)
    version = _version(profile, kind, entry.taken_on)
    taken = Taken(
        new_id(), star.id, entry.point, entry.taken_on, dict(entry.scores), entry.answered_by, entry.channel,
        kind.questionnaire, version.version, star.service_area, star.team,
    )  # fmt: skip
    course = Course(star, kind, ranges(profile, kind), readings.get(star.id, []))
    await join(transaction, context, course, taken, now, identity)
    return Recorded(star.id, taken.id, new=True)


async def join(
    transaction: Transaction, context: Context, course: Course, taken: Taken, now: datetime, who: Identity | None
) -> None:
    """Add a reading to its course, with its events and its line in the history. Raises where the rules are against it."""
    counted = [*course.counted, taken]
    assert_course([each.reading() for each in counted], course.star.closed)
    await star_readings.add(transaction, taken, now)
    entry = Entry(now, "recorded", "", taken.id, None, taken.told())
    await star_readings.note(transaction, context.secrets, course.star.id, entry, who)
    transaction.record(star_recorded(course.star, taken, course.scales), occurred_at=now)
    await settle_closure(transaction, context, course.star, counted, now)


async def settle_closure(
    transaction: Transaction, context: Context, star: Star, counted: Sequence[Taken], now: datetime
) -> Star:
    """Write whether a course is over, as its readings have it now, and tell of a change."""
    closed = closure_after([each.reading() for each in counted], star.closed)
    if closed == star.closed:
        return star
    if closed is None:
        await assert_alone(transaction, context, star)
    after = replace(star, closed=closed)
    await stars.save(transaction, context.secrets, after)
    event = star_closed(after, closed) if closed else star_reopened(after, british_day(now))
    transaction.record(event, occurred_at=now)
    return after


async def assert_alone(transaction: Transaction, context: Context, star: Star) -> None:
    """Raises where the person has another course of this kind that goes on."""
    known = await stars.of_person(transaction, context.secrets, star.kind, star.person)
    if any(each.closed is None and each.id != star.id for each in known):
        detail = "This person has begun another star of this kind since. Close that one first. Nothing was changed."
        raise DomainError("star-begun-again", detail)


def entry_faults(profile: FeedbackProfile, entry: StarEntry, today: date, identity: Identity) -> list[FieldError]:
    """What is wrong with an entry in itself."""
    kind = profile.stars.kind(entry.kind)
    if kind is None:
        return [unknown_code("/star", entry.kind, [each.code for each in profile.stars.kinds])]
    wrong = person_faults(profile, kind, entry, identity)
    return wrong + reading_faults(profile, kind, entry.point, entry.taken_on, entry.scores, today)


def person_faults(profile: FeedbackProfile, kind: StarKind, entry: StarEntry, identity: Identity) -> list[FieldError]:
    """What is wrong with whose it is: the reference, who works with the person."""
    wrong = []
    if not entry.reference.strip():
        wrong.append(FieldError("/reference", "expected the person's reference in your case system"))
    if entry.worker is not None and len(entry.worker) > MOST_WORKER:
        wrong.append(FieldError("/worker", f"expected at most {MOST_WORKER} characters"))
    wrong += place_faults(profile, entry.service_area, entry.team, entry.taken_on, identity.areas)
    if not any(each.pointer == "/service_area" for each in wrong) and entry.service_area not in kind.service_areas:
        wrong.append(unknown_code("/service_area", entry.service_area, kind.service_areas))
    return wrong


async def begin_star(transaction: Transaction, context: Context, identity: Identity, entry: StarEntry, now: datetime) -> Star:
    """The person's course that goes on, or a new one without a reading: the family gives the start by a link.

    Of the entry only whose it is counts. Raises as `take_star`.
    """
    profile = (await context.profiles.current(transaction)).profile
    kind = kind_of(profile, entry.kind)
    wrong = person_faults(profile, kind, entry, identity)
    if wrong:
        raise DomainError("unknown-code", "Nothing was begun. See `errors`.", Kind.MALFORMED, tuple(wrong))
    person = sealing.person_key(context.secrets, transaction.org, entry.reference)
    await stars.lock(transaction, kind.code, person)
    known = await stars.of_person(transaction, context.secrets, kind.code, person)
    return await _course_for(transaction, context, identity, entry, known, british_day(now))


def reading_faults(
    profile: FeedbackProfile, kind: StarKind, point: Point, taken_on: date, scores: Mapping[str, int], today: date
) -> list[FieldError]:
    """What is wrong with a reading in itself: its point, its day, its scores."""
    wrong = []
    if point.value not in kind.points:
        wrong.append(unknown_code("/point", point.value, kind.points))
    if not EARLIEST <= taken_on <= today:
        wrong.append(FieldError("/taken_on", f"expected a day from {EARLIEST} to {today}"))
    elif _in_force(profile, kind, taken_on) is None:
        wrong.append(FieldError("/taken_on", f"'{kind.questionnaire}' has no version that was in force on that day"))
    scales = ranges(profile, kind)
    if not scores:
        wrong.append(FieldError("/scores", "expected at least one star: a reading without any says nothing"))
    wrong += [unknown_code(f"/scores/{each}", each, kind.scale_codes) for each in unknown_scales(scores, scales)]
    for scale, width in scales.items():
        if scale in scores and not width.holds(scores[scale]):
            wrong.append(FieldError(f"/scores/{scale}", f"expected a score from {width.lowest} to {width.highest}"))
    return wrong


def _in_force(profile: FeedbackProfile, kind: StarKind, day: date) -> Version | None:
    questionnaire = profile.questionnaire(kind.questionnaire)
    return questionnaire.in_force(day) if questionnaire else None


def _version(profile: FeedbackProfile, kind: StarKind, day: date) -> Version:
    version = _in_force(profile, kind, day)
    if version is None:  # pragma: no cover - `reading_faults` has looked
        raise LookupError(kind.questionnaire)
    return version


def version_of(profile: FeedbackProfile, kind: StarKind, day: date) -> int:
    """The number of the questionnaire's version in force on a day that `reading_faults` has nothing against."""
    return _version(profile, kind, day).version


def _same(readings: Mapping[UUID, Sequence[Taken]], entry: StarEntry) -> Taken | None:
    """What is recorded already under the natural key."""
    key = (entry.point, entry.taken_on)
    counted = [each for taken in readings.values() for each in taken if each.counted]
    return next((each for each in counted if (each.point, each.taken_on) == key), None)


def _known(before: Taken, entry: StarEntry) -> Recorded:
    if (dict(before.scores), before.answered_by) == (dict(entry.scores), entry.answered_by):
        return Recorded(before.star_id, before.id, new=False)
    detail = (
        f"There is a reading of this person at this point ({entry.point}) and on this day with other stars. Nothing was "
        "changed. Correct that one if it is wrong."
    )
    extra = {"reading_id": str(before.id), "star_id": str(before.star_id)}
    raise DomainError("star-reading-taken", detail, extra=extra)


async def _course_for(
    transaction: Transaction, context: Context, identity: Identity, entry: StarEntry, known: Sequence[Star], today: date
) -> Star:
    """The course that a reading belongs to: the one that goes on, a new one for a start, else the last."""
    going_on = [star for star in known if star.closed is None]
    star = going_on[0] if going_on else known[-1] if known and entry.point is not Point.START else None
    if star is not None:
        if identity.areas and star.service_area not in identity.areas:
            detail = "This person's star is kept in a service area that is not yours. Nothing was changed. Ask that team."
            raise DomainError("star-of-others", detail)
        return star
    if entry.point is not Point.START:
        raise refusal(Aside.NO_START)
    return await stars.begin(
        transaction,
        context.secrets,
        entry.kind,
        entry.reference.strip(),
        service_area=entry.service_area,
        team=entry.team,
        worker=(entry.worker or "").strip() or None,
        today=min(entry.taken_on, today),
    )


async def _moved(
    transaction: Transaction, context: Context, identity: Identity, star: Star, entry: StarEntry, now: datetime
) -> Star:
    """The course with whoever works with the person now, as the entry says; what it does not say stays."""
    worker = (entry.worker or "").strip() or star.worker
    return await move(transaction, context, identity, star, (entry.service_area, entry.team, worker), now)


async def move(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    star: Star,
    place: tuple[str, str | None, str | None],
    now: datetime,
) -> Star:
    """Let a course belong to a service area, team and worker; readings stay those of the team that took them."""
    area, team, worker = place
    after = replace(star, service_area=area, team=team, worker=worker)
    if after == star:
        return star
    await stars.save(transaction, context.secrets, after)
    before, told = ({"service_area": each.service_area, "team": each.team} for each in (star, after))
    await star_readings.note(transaction, context.secrets, star.id, Entry(now, "moved", "", None, before, told), identity)
    return after
