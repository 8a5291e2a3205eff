"""Close a person's star without an end star, open it again, or say who works with the person now."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import star_readings, stars
from feedback.adapters.star_readings import Entry
from feedback.adapters.stars import Star
from feedback.context import Context
from feedback.domain.invitation import place_faults
from feedback.domain.star_profile import BY_END_STAR
from feedback.domain.stars import Closure
from feedback.events.out import star_closed, star_reopened
from feedback.use_cases.take_star import MOST_WORKER, assert_alone, held, kind_of, move


async def close_star(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, reason: str, now: datetime
) -> Star:
    """The course, over from today for a reason of the profile's. The same again changes nothing.

    Raises `not-found`, `unknown-code` (malformed), `star-is-closed` (conflict).
    """
    star = await held(transaction, context, identity, ident, lock=True)
    profile = (await context.profiles.current(transaction)).profile
    known = [each.code for each in profile.stars.closed_without]
    if reason not in known:
        wrong = FieldError("/reason", f"expected one of: {', '.join(known)}")
        detail = "The star was not closed: say why there is no end star. See `errors`."
        raise DomainError("unknown-code", detail, Kind.MALFORMED, (wrong,))
    if star.closed is not None:
        if star.closed.reason == reason:
            return star
        words = "by its end star" if star.closed.reason == BY_END_STAR else "for another reason"
        raise DomainError("star-is-closed", f"This star was closed already, {words}. Nothing was changed.")
    closed = Closure(british_day(now), reason)
    after = replace(star, closed=closed)
    await stars.save(transaction, context.secrets, after)
    entry = Entry(now, "closed", "", None, None, {"reason": reason})
    await star_readings.note(transaction, context.secrets, ident, entry, identity)
    transaction.record(star_closed(after, closed), occurred_at=now)
    return after


async def reopen_star(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> Star:
    """The course goes on; one that its end star closed goes on when that is corrected or withdrawn."""
    star = await held(transaction, context, identity, ident, lock=True)
    if star.closed is None:
        return star
    if star.closed.reason == BY_END_STAR:
        detail = "Its end star closed it. Correct or withdraw that one to let it go on. Nothing was changed."
        raise DomainError("star-has-end", detail)
    await assert_alone(transaction, context, star)
    after = replace(star, closed=None)
    await stars.save(transaction, context.secrets, after)
    entry = Entry(now, "reopened", "", None, {"reason": star.closed.reason}, None)
    await star_readings.note(transaction, context.secrets, ident, entry, identity)
    transaction.record(star_reopened(after, british_day(now)), occurred_at=now)
    return after


async def move_star(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    ident: UUID,
    place: tuple[str, str | None, str | None],
    now: datetime,
) -> Star:
    """The course with its service area, team and worker from now on. Raises `unknown-code` with pointers."""
    star = await held(transaction, context, identity, ident, lock=True)
    profile = (await context.profiles.current(transaction)).profile
    area, team, worker = place
    wrong = list(place_faults(profile, area, team, british_day(now), identity.areas))
    kind = kind_of(profile, star.kind)
    if not wrong and area not in kind.service_areas:
        wrong.append(FieldError("/service_area", f"expected one of: {', '.join(kind.service_areas)}"))
    if worker is not None and len(worker) > MOST_WORKER:
        wrong.append(FieldError("/worker", f"expected at most {MOST_WORKER} characters"))
    if wrong:
        raise DomainError("unknown-code", "Nothing was changed. See `errors`.", Kind.MALFORMED, tuple(wrong))
    return await move(transaction, context, identity, star, (area, team, worker or None), now)
