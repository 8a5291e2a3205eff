"""Look at families who ask to be contacted: a queue without a word, and one request with its words, which is logged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import contacts
from feedback.adapters.contacts import Entry, Record
from feedback.context import Context
from feedback.domain.contact import Asked, Details, Request, is_repetition, take
from feedback.domain.profile import FeedbackProfile

NOBODY_ELSE = "family-contact"
"""The role of whose requests the profile names nobody any more."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Requests of the caller, the first due first, and those that are closed and not deleted yet."""

    profile: FeedbackProfile
    to_do: Sequence[Record]
    closed: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request with all that whoever contacts them may see."""

    profile: FeedbackProfile
    record: Record
    details: Details = field(repr=False)
    history: Sequence[Entry]


def role_of(profile: FeedbackProfile, service_area: str, team: str | None) -> str:
    """The role whose a request is."""
    rules = profile.families.contact
    caller = rules.caller(service_area, team) if rules else None
    return caller.role if caller else NOBODY_ELSE


def may_look(profile: FeedbackProfile, identity: Identity) -> bool:
    """Whether the profile names a role of somebody as one that contacts families."""
    rules = profile.families.contact
    roles = {caller.role for caller in rules.by} if rules else set()
    return identity.may(*(f"role:{role}" for role in {*roles, NOBODY_ELSE}))


async def assert_may_look(transaction: Transaction, context: Context, identity: Identity) -> FeedbackProfile:
    """The profile. Raises `forbidden` for somebody whose roles it does not name."""
    profile = (await context.profiles.current(transaction)).profile
    if not may_look(profile, identity):
        detail = "Your organisation's profile names others to contact families. Ask your organisation's administrator."
        raise DomainError("forbidden", detail, Kind.FORBIDDEN)
    return profile


def _is_theirs(profile: FeedbackProfile, identity: Identity, record: Record) -> bool:
    return identity.may(f"role:{role_of(profile, record.service_area, record.team)}")


async def queue(transaction: Transaction, context: Context, identity: Identity) -> Queue:
    """The caller's requests. Raises `forbidden` where the profile gives them none."""
    profile = await assert_may_look(transaction, context, identity)
    to_do = await contacts.to_do(transaction, identity.areas)
    closed = await contacts.closed(transaction, identity.areas)
    mine = [[each for each in found if _is_theirs(profile, identity, each)] for found in (to_do, closed)]
    return Queue(profile, *mine)


async def held(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, *, lock: bool = False
) -> tuple[FeedbackProfile, Record]:
    """A request of the caller, without its words. Raises `forbidden`, and `not-found` also for one of others."""
    profile = await assert_may_look(transaction, context, identity)
    record = await contacts.one(transaction, ident, identity.areas, lock=lock)
    if record is None or not _is_theirs(profile, identity, record):
        raise not_found("request")
    return profile, record


async def read_contact(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> Seen:
    """A request with its words. That the caller read it is logged in the same transaction. Raises as `held`."""
    profile, record = await held(transaction, context, identity, ident)
    await contacts.add_look(transaction, context.secrets, ident, identity, now)
    details = await contacts.details(transaction, context.secrets, ident)
    return Seen(profile, record, details, await contacts.history(transaction, context.secrets, ident))


async def take_contact_step(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, asked: Asked, now: datetime
) -> Request:
    """The request after a step. A second click changes nothing and answers the same. Raises as `held` and `take`."""
    # Locked: of two people at once one waits, and then sees what the other did.
    _, record = await held(transaction, context, identity, ident, lock=True)
    if is_repetition(record.request, asked):
        return record.request
    after = take(record.request, asked, british_day(now))
    await contacts.save(transaction, ident, after)
    entry = Entry(now, asked.step.value, words=asked.words.strip())
    await contacts.add(transaction, context.secrets, ident, entry, identity, after.revision)
    return after
