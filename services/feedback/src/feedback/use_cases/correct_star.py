"""Correct what was recorded of an outcome star, or withdraw it. What stood there before stays in the history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import star_readings
from feedback.adapters.star_readings import Entry, Taken
from feedback.context import Context
from feedback.domain.stars import Point, assert_course
from feedback.events.out import star_corrected, star_recorded, star_withdrawn
from feedback.use_cases.take_star import Course, course_of, held, reading_faults, settle_closure, version_of


@dataclass(frozen=True, slots=True)
class Correction:
    """How a reading should stand. `seen` is the revision that was looked at, None where whoever corrects saw none."""

    point: Point
    taken_on: date
    scores: Mapping[str, int]
    answered_by: str
    seen: int | None = None


async def correct_star(
    transaction: Transaction, context: Context, identity: Identity, reading: UUID, wanted: Correction, now: datetime
) -> Taken:
    """The reading as corrected; one that was put aside counts from now on. The same again changes nothing.

    Raises `not-found`, `changed-meanwhile` (stale), `unknown-code` (malformed, with pointers), and those of the rules.
    """
    course, before = await _found(transaction, context, identity, reading)
    after = replace(
        before, point=wanted.point, taken_on=wanted.taken_on, scores=dict(wanted.scores), answered_by=wanted.answered_by,
        state="counted", aside_for=None,
    )  # fmt: skip
    if after == before:
        return before
    _assert_unchanged(before, wanted.seen)
    profile = (await context.profiles.current(transaction)).profile
    today = british_day(now)
    wrong = reading_faults(profile, course.kind, wanted.point, wanted.taken_on, wanted.scores, today)
    if wrong:
        detail = "The star was not corrected: something does not fit. See `errors`."
        raise DomainError("unknown-code", detail, Kind.MALFORMED, tuple(wrong))
    after = replace(after, version=version_of(profile, course.kind, wanted.taken_on))
    counted = [*course.without(before.id), after]
    assert_course([each.reading() for each in counted], course.star.closed)
    await star_readings.save(transaction, after)
    entry = Entry(now, "corrected", "", before.id, before.told(), after.told())
    await star_readings.note(transaction, context.secrets, course.star.id, entry, identity)
    told = star_corrected(course.star, after, course.scales, today) if before.counted else None
    transaction.record(told or star_recorded(course.star, after, course.scales), occurred_at=now)
    await settle_closure(transaction, context, course.star, counted, now)
    return replace(after, revision=before.revision + 1)


async def withdraw_star(
    transaction: Transaction, context: Context, identity: Identity, reading: UUID, seen: int | None, now: datetime
) -> Taken:
    """Let a reading that was recorded by mistake count nowhere. A second time changes nothing."""
    course, before = await _found(transaction, context, identity, reading, withdrawn=True)
    if before.state == "withdrawn":
        return before
    _assert_unchanged(before, seen)
    counted = course.without(before.id)
    assert_course([each.reading() for each in counted], course.star.closed)
    after = replace(before, state="withdrawn", aside_for=None)
    await star_readings.save(transaction, after)
    entry = Entry(now, "withdrawn", "", before.id, before.told(), after.told())
    await star_readings.note(transaction, context.secrets, course.star.id, entry, identity)
    if before.counted:
        transaction.record(star_withdrawn(course.star, before.id, british_day(now)), occurred_at=now)
        await settle_closure(transaction, context, course.star, counted, now)
    return replace(after, revision=before.revision + 1)


async def _found(
    transaction: Transaction, context: Context, identity: Identity, reading: UUID, *, withdrawn: bool = False
) -> tuple[Course, Taken]:
    """A reading of the caller's service areas with its course, which nobody else changes meanwhile."""
    known = await star_readings.one(transaction, reading)
    if known is None:
        raise not_found("reading")
    star = await held(transaction, context, identity, known.star_id, lock=True)
    profile = (await context.profiles.current(transaction)).profile
    course = await course_of(transaction, profile, star)
    taken = next(each for each in course.taken if each.id == reading)
    if taken.state == "withdrawn" and not withdrawn:
        detail = "This reading was withdrawn. Nothing was changed. Record it anew if it was right after all."
        raise DomainError("star-reading-withdrawn", detail)
    return course, taken


def _assert_unchanged(before: Taken, seen: int | None) -> None:
    if seen is not None and seen != before.revision:
        detail = "Somebody else has changed this reading since you opened it. Nothing was changed. Look at it and decide again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
