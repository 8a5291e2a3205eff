"""Erase outcome stars: of a person who asks for it, and of everybody when the time that the profile says is over."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import structlog

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.outbox import now as current_time
from chassis.repeating import repeat
from chassis.rounds import each_organisation, in_transaction
from chassis.unit_of_work import Transaction, UnitOfWork
from feedback.adapters import sealing, star_erasure, star_readings, stars
from feedback.adapters.held import STAR
from feedback.adapters.held import held as holds
from feedback.context import Context
from feedback.events.out import star_erased
from feedback.use_cases.take_star import held
from feedback.use_cases.withdraw_invitation import withdraw_invitation

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600


async def erase_person(transaction: Transaction, context: Context, identity: Identity, reference: str, now: datetime) -> int:
    """Erase all stars of a person, of every kind, and end the links that wait for them; how many. A second time finds none.

    Raises `star-of-others` (forbidden) where some are kept in a service area that is not the caller's: half an erasure is none;
    `held` where a hold stands against it.
    """
    person = sealing.person_key(context.secrets, transaction.org, reference)
    profile = (await context.profiles.current(transaction)).profile
    # In one order, so that two who erase the same person wait for one another.
    for kind in sorted({each.code for each in profile.stars.kinds}):
        await stars.lock(transaction, kind, person)
    found = await stars.all_of_person(transaction, context.secrets, person)
    standing = await holds(transaction, context.secrets, STAR)
    if found and (
        standing.everything
        or person in standing.people(context.secrets, transaction.org)
        or any(each.id in standing.ids for each in found)
    ):
        detail = "A hold stands against it: nothing was erased. Data protection has to lift the hold first (page of retention)."
        raise DomainError("held", detail)
    if identity.areas and any(each.service_area not in identity.areas for each in found):
        detail = "This person has stars in a service area that is not yours. Nothing was erased: ask an officer of all areas."
        raise DomainError("star-of-others", detail, Kind.FORBIDDEN)
    for each in found:
        for link in await star_readings.waiting(transaction, each.id, british_day(now)):
            await withdraw_invitation(transaction, link.invitation_id, now, identity.areas)
    await _erase(transaction, [each.id for each in found], now, "asked")
    if found:
        # Who did it, and never whose it was.
        log.info("stars.erased", org=transaction.org, stars=len(found), by=identity.subject)
    return len(found)


async def erase_of_star(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, typed: str, now: datetime
) -> int:
    """Erase all stars of the person of a star, for an officer who typed the person's reference. Raises as `erase_person`."""
    star = await held(transaction, context, identity, ident)
    if sealing.person_key(context.secrets, transaction.org, typed) != star.person:
        wrong = FieldError("/reference", "Type the reference of this person, as it stands above")
        raise DomainError("incomplete", "Nothing was erased. See `errors`.", Kind.MALFORMED, (wrong,))
    return await erase_person(transaction, context, identity, star.reference, now)


async def _erase(transaction: Transaction, ids: list[UUID], now: datetime, ground: Literal["asked", "time-over"]) -> None:
    await star_erasure.erase(transaction, ids)
    for ident in ids:
        transaction.record(star_erased(ident, ground, british_day(now)), occurred_at=now)


class Expiry:
    """The worker's task: erases what was closed longer ago than the profile keeps it. Without a period nothing is."""

    def __init__(self, uow: UnitOfWork, context: Context, now: Callable[[], datetime] = current_time) -> None:
        self._uow = uow
        self._context = context
        self._now = now

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails for one organisation is logged and tried again; the others are not kept waiting."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="stars.put_off")

    async def once(self) -> int:
        """Erase what is due, some hundreds an organisation; answers how many."""
        return await each_organisation(self._uow, in_transaction(self._uow, self._serve), "stars.organisation_put_off")

    async def _serve(self, transaction: Transaction) -> int:
        years = (await self._context.profiles.current(transaction)).profile.stars.keep_years
        if years is None:
            return 0
        now = self._now()
        standing = await holds(transaction, self._context.secrets, STAR)
        people = standing.people(self._context.secrets, transaction.org)
        ids: list[UUID] = []
        if not standing.everything:
            ids = await star_erasure.over(transaction, years_before(british_day(now), years), standing.ids, people)
        await _erase(transaction, ids, now, "time-over")
        if ids:
            log.info("stars.time_over", org=transaction.org, stars=len(ids))
        return len(ids)


def years_before(today: date, years: int) -> date:
    """The same day so many years before; of a 29 February the 28th."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)
