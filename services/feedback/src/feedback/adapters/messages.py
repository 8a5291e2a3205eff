"""Messages as the worker sees them: what is due, claimed and sent, what became of it, and addresses that are of no more use."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from chassis.ids import new_id
from chassis.subject.restricted import in_force
from chassis.unit_of_work import Transaction
from contracts.feedback import MessageChannel
from feedback.domain.sending import Delivery

BATCH = 100

_OPEN = "i.used_on is null and i.withdrawn_on is null and i.expires_on >= :today"
_DUE = text(
    f"""
    select m.id, s.channel from message m join sending s on s.org = m.org and s.invitation_id = m.invitation_id
     where m.org = :org and m.state in ('waiting', 'sending') and m.next_try_at <= :now and s.channel = any(:channels)
       and not {in_force("m", "letter", "m.invitation_id")}
     order by m.next_try_at, m.id limit :batch
    """  # noqa: S608 - constants
)
# Only what is still due: whoever else came first has moved it on. One that was 'sending' was left behind by a crash.
_CLAIM = text(
    """
    update message set state = 'sending', attempts = attempts + 1, doubtful = doubtful or state = 'sending',
                       next_try_at = cast(:now as timestamptz) + cast(:lease as interval)
     where org = :org and id = :id and state in ('waiting', 'sending') and next_try_at <= :now
    returning invitation_id, number, attempts, doubtful
    """
)
_SENDABLE = text(
    f"""
    select s.channel, a.address, a.token, i.questionnaire, i.language, i.expires_on
      from sending s
      join send_address a on a.org = s.org and a.invitation_id = s.invitation_id
      join invitation i on i.org = s.org and i.id = s.invitation_id
     where s.org = :org and s.invitation_id = :id and {_OPEN} and (s.said_no_on is null or :number = 0)
    """  # noqa: S608 - a constant
)
_STOPPED = text("update message set state = 'stopped' where org = :org and id = :id")
# The number of the attempt stands in each: who was too slow, and has been replaced, changes nothing any more.
_SENT = text(
    """
    update message set state = 'sent', sent_at = :now, carrier_id = :carrier_id, delivery = :delivery,
                       next_look_at = :next_look_at, last_error = null
     where org = :org and id = :id and state = 'sending' and attempts = :attempts
    """
)
_FAILED = text(
    """
    update message set state = 'failed', last_error = :reason
     where org = :org and id = :id and state = 'sending' and attempts = :attempts
    """
)
_PUT_OFF = text(
    """
    update message set state = 'waiting', last_error = :reason, doubtful = :doubtful,
                       next_try_at = cast(:now as timestamptz) + cast(:wait as interval)
     where org = :org and id = :id and state = 'sending' and attempts = :attempts
    """
)
_HOLD = text(
    """
    update message m set last_error = :reason from sending s
     where m.org = :org and m.state = 'waiting' and m.last_error is distinct from :reason
       and s.org = m.org and s.invitation_id = m.invitation_id and s.channel = :channel
    """
)
_GIVE_UP = text(
    """
    update message m set state = 'failed', last_error = 'given up: ' || coalesce(m.last_error, 'no attempt came to an end')
      from sending s
     where m.org = :org and m.state in ('waiting', 'sending') and m.created_at < :before and m.next_try_at <= :now
       and s.org = m.org and s.invitation_id = m.invitation_id
    returning m.id, m.invitation_id, m.number, s.channel
    """
)
_TO_REMIND = text(
    f"""
    select s.invitation_id, f.sent_at as first_at, m.number, m.sent_at as last_at
      from sending s
      join send_address a on a.org = s.org and a.invitation_id = s.invitation_id
      join invitation i on i.org = s.org and i.id = s.invitation_id
      join message f on f.org = s.org and f.invitation_id = s.invitation_id and f.number = 0
      join lateral (select number, state, sent_at from message l
                     where l.org = s.org and l.invitation_id = s.invitation_id order by number desc limit 1) m on true
     where s.org = :org and s.said_no_on is null and {_OPEN} and m.state = 'sent' and m.number < :last and f.sent_at < :before
    """  # noqa: S608 - a constant
)
_REMIND = text(
    """
    insert into message (org, id, invitation_id, number, next_try_at, created_at)
    values (:org, :id, :invitation_id, :number, :now, :now)
        on conflict on constraint message_once do nothing
    """
)
_TO_LOOK_AT = text(
    """
    select m.id, m.invitation_id, m.number, m.carrier_id, m.sent_at, m.looks, s.channel
      from message m join sending s on s.org = m.org and s.invitation_id = m.invitation_id
     where m.org = :org and m.delivery = 'pending' and m.next_look_at <= :now and s.channel = any(:channels)
     order by m.next_look_at limit :batch
    """
)
_LOOKED = text(
    """
    update message set delivery = :delivery, next_look_at = :next_look_at, looks = looks + 1, carrier_id = :carrier_id,
                       last_error = :reason
     where org = :org and id = :id and delivery = 'pending'
    """
)
_FORGET_ONE = text("delete from send_address where org = :org and invitation_id = :id")
_FORGET = text(
    f"""
    delete from send_address a using sending s, invitation i
     where a.org = :org and s.org = a.org and s.invitation_id = a.invitation_id and i.org = a.org and i.id = a.invitation_id
       and (not ({_OPEN}) or s.said_no_on is not null
            or exists (select from message m where m.org = a.org and m.invitation_id = a.invitation_id and m.state = 'failed')
            or (not exists (select from message m where m.org = a.org and m.invitation_id = a.invitation_id
                                                     and m.state in ('waiting', 'sending'))
                and exists (select from message m where m.org = a.org and m.invitation_id = a.invitation_id
                                                    and m.number >= :last and m.sent_at < :before)))
    """  # noqa: S608 - a constant
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is being handed over. `address` and `token` are sealed."""

    id: UUID
    invitation_id: UUID
    number: int
    attempts: int
    doubtful: bool
    channel: MessageChannel
    address: bytes = field(repr=False)
    token: bytes = field(repr=False)
    questionnaire: str
    language: str | None
    expires_on: date


@dataclass(frozen=True, slots=True)
class Told:
    """A message in few words, for events."""

    id: UUID
    invitation_id: UUID
    number: int
    channel: MessageChannel


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of which nobody knows yet what became of it."""

    told: Told
    carrier_id: str | None
    sent_at: datetime
    looks: int


@dataclass(frozen=True, slots=True)
class ToRemind:
    """A link that was sent and not answered: when it went out, and which message went out last."""

    invitation_id: UUID
    first_at: datetime
    number: int
    last_at: datetime


async def due(transaction: Transaction, channels: list[str], now: datetime) -> list[tuple[UUID, MessageChannel]]:
    """Messages that can go out now, those that wait longest first."""
    names = {"org": transaction.org, "channels": channels, "now": now, "batch": BATCH}
    return [(row.id, row.channel) for row in await transaction.connection.execute(_DUE, names)]


async def claim(transaction: Transaction, ident: UUID, now: datetime, lease: timedelta, today: date) -> Claimed | None:
    """Take a message to hand it over. None where somebody else has it, or it may not go out any more: then it is stopped."""
    names = {"org": transaction.org, "id": ident}
    row = (await transaction.connection.execute(_CLAIM, {**names, "now": now, "lease": lease})).one_or_none()
    if row is None:
        return None
    asked = {"org": transaction.org, "id": row.invitation_id, "number": row.number, "today": today}
    found = (await transaction.connection.execute(_SENDABLE, asked)).one_or_none()
    if found is None:
        await transaction.connection.execute(_STOPPED, names)
        return None
    channel, address, token, questionnaire, language, expires_on = found
    return Claimed(
        ident, row.invitation_id, row.number, row.attempts, row.doubtful, channel, bytes(address), bytes(token),
        questionnaire, language, expires_on,
    )  # fmt: skip


async def mark_sent(
    transaction: Transaction, claimed: Claimed, now: datetime, carrier_id: str | None, next_look_at: datetime | None
) -> bool:
    """Note that a carrier has taken a message; False where another worker has taken it over meanwhile."""
    delivery: Delivery = "unknown" if next_look_at is None else "pending"
    values = {"now": now, "carrier_id": carrier_id, "delivery": delivery, "next_look_at": next_look_at}
    return (await transaction.connection.execute(_SENT, {**_attempt(transaction, claimed), **values})).rowcount == 1


async def mark_failed(transaction: Transaction, claimed: Claimed, reason: str) -> bool:
    """Note that a message will never go out, and forget its address; False where another worker has taken it over."""
    done = await transaction.connection.execute(_FAILED, {**_attempt(transaction, claimed), "reason": reason})
    if done.rowcount:
        await forget_one(transaction, claimed.invitation_id)
    return done.rowcount == 1


async def put_off(
    transaction: Transaction, claimed: Claimed, reason: str, now: datetime, wait: timedelta, *, doubtful: bool
) -> None:
    """Let a message wait and be tried again."""
    values = {"reason": reason, "now": now, "wait": wait, "doubtful": doubtful}
    await transaction.connection.execute(_PUT_OFF, {**_attempt(transaction, claimed), **values})


def _attempt(transaction: Transaction, claimed: Claimed) -> dict[str, object]:
    return {"org": transaction.org, "id": claimed.id, "attempts": claimed.attempts}


async def hold(transaction: Transaction, channel: MessageChannel, reason: str) -> None:
    """Say why the messages of a channel wait."""
    await transaction.connection.execute(_HOLD, {"org": transaction.org, "channel": channel, "reason": reason})


async def give_up(transaction: Transaction, before: datetime, now: datetime) -> list[Told]:
    """Give up what was asked for before a moment and never went out."""
    rows = await transaction.connection.execute(_GIVE_UP, {"org": transaction.org, "before": before, "now": now})
    return [Told(*row) for row in rows]


async def to_remind(transaction: Transaction, last: int, before: datetime, today: date) -> list[ToRemind]:
    """Links that went out before a moment, are not answered, and have had fewer reminders than there are to be."""
    names = {"org": transaction.org, "last": last, "before": before, "today": today}
    return [ToRemind(*row) for row in await transaction.connection.execute(_TO_REMIND, names)]


async def remind(transaction: Transaction, invitation: UUID, number: int, now: datetime) -> None:
    """Let a reminder go out, once."""
    names = {"org": transaction.org, "id": new_id(), "invitation_id": invitation, "number": number, "now": now}
    await transaction.connection.execute(_REMIND, names)


async def to_look_at(transaction: Transaction, channels: list[str], now: datetime) -> list[Pending]:
    """Messages whose carrier is to be asked what became of them."""
    names = {"org": transaction.org, "channels": channels, "now": now, "batch": BATCH}
    rows = await transaction.connection.execute(_TO_LOOK_AT, names)
    return [
        Pending(Told(row.id, row.invitation_id, row.number, row.channel), row.carrier_id, row.sent_at, row.looks)
        for row in rows
    ]


async def looked(
    transaction: Transaction,
    pending: Pending,
    delivery: Delivery,
    next_look_at: datetime | None,
    carrier_id: str | None,
    reason: str | None,
) -> bool:
    """Note what a carrier says; False where somebody else has noted it."""
    names = {
        "org": transaction.org, "id": pending.told.id, "delivery": delivery, "next_look_at": next_look_at,
        "carrier_id": carrier_id, "reason": reason,
    }  # fmt: skip
    return (await transaction.connection.execute(_LOOKED, names)).rowcount == 1


async def forget_one(transaction: Transaction, invitation: UUID) -> None:
    """Delete an address."""
    await transaction.connection.execute(_FORGET_ONE, {"org": transaction.org, "id": invitation})


async def forget(transaction: Transaction, last: int, before: datetime, today: date) -> int:
    """Delete the addresses that are of no more use; answers how many there were."""
    names = {"org": transaction.org, "last": last, "before": before, "today": today}
    return (await transaction.connection.execute(_FORGET, names)).rowcount
