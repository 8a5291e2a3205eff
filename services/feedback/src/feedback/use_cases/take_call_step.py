"""Take a step with a call: log an attempt, hand it over, close it, open it again. Once, and written down with who took it."""

from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import callers, calls
from feedback.adapters.calls import Note, Record
from feedback.context import Context
from feedback.domain.call import OUTCOMES, Asked, Call, Step, is_repetition, take
from feedback.domain.call_profile import Programme
from feedback.events.out import call_attempted, call_changed
from feedback.use_cases.keep_callers import caller_key

CLOSE_AFTER = 3
"""Attempts before it can be said that nobody was reached, of a programme that has left the profile."""


async def held_call(transaction: Transaction, identity: Identity, ident: UUID, *, lock: bool = False) -> Record:
    """A call of the caller's service areas. Raises `not-found`."""
    record = await calls.one(transaction, ident, identity.areas, lock=lock)
    if record is None:
        raise not_found("call")
    return record


async def take_call_step(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, asked: Asked, now: datetime
) -> Call:
    """The call after a step. A second click changes nothing and answers the same.

    Raises `not-found`, and as `feedback.domain.call.take`. That a call was made is taken by `send_entry`, with its answers.
    """
    if asked.step is Step.DONE:
        raise DomainError("step-not-possible", "A call is made by taking down its answers. Nothing was changed.")
    # Locked: of two people at once one waits, and then sees what the other did.
    record = await held_call(transaction, identity, ident, lock=True)
    if is_repetition(record.call, asked):
        return record.call
    if asked.step is Step.HAND_OVER and asked.code:
        known = {each.subject for each in await callers.everybody(transaction, context.secrets)}
        if asked.code not in known:
            wrong = FieldError("/code", "Choose somebody of the list")
            raise DomainError("incomplete", "The step was not taken. See `errors`.", Kind.MALFORMED, (wrong,))
    return await step(transaction, context, identity, record, asked, now)


async def step(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    record: Record,
    asked: Asked,
    now: datetime,
    response_id: UUID | None = None,
) -> Call:
    """Take a step with a call that is locked, store it, log it and tell of it."""
    profile = (await context.profiles.current(transaction)).profile
    programme = profile.calls.programme(record.wanted.programme)
    after = take(record.call, asked, british_day(now), close_after_of(programme))
    if after.caller == identity.subject:
        # Whoever makes a call is known by name from then on, an officer who steps in as well.
        await callers.seen(transaction, context.secrets, identity, british_day(now))
    await calls.save(transaction, record.id, after, response_id)
    consent = asked.consent if asked.step is Step.DONE else None
    note = Note(now, asked.step.value, asked.code, asked.day, consent, asked.note.strip())
    await calls.log(transaction, context.secrets, record.id, record.wanted.programme, after, note, identity)
    if asked.step in OUTCOMES:
        key = caller_key(context, transaction.org, identity.subject)
        transaction.record(call_attempted(record, after, key, british_day(now)), occurred_at=now)
    if after.state is not record.call.state:
        transaction.record(call_changed(record, after), occurred_at=now)
    return after


def close_after_of(programme: Programme | None) -> int:
    """After how many attempts it can be said that nobody was reached."""
    return programme.close_after if programme else CLOSE_AFTER
