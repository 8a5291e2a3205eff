"""Messages as those who serve pages see them: arranged, stopped, and looked at. Addresses are put in here and never read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from contracts.feedback import MessageChannel
from feedback.domain.sending import Delivery, State

_SENDINGS = text(
    """
    insert into sending (org, invitation_id, channel, no_hash)
    select :org, n.id, n.channel, n.no_hash
      from unnest(cast(:ids as uuid[]), cast(:channels as text[]), cast(:no_hashes as text[])) as n (id, channel, no_hash)
    """
)
_ADDRESSES = text(
    """
    insert into send_address (org, invitation_id, address, token, made_by, hint)
    select :org, n.id, n.address, n.token, :made_by, n.hint
      from unnest(cast(:ids as uuid[]), cast(:addresses as bytea[]), cast(:tokens as bytea[]), cast(:hints as bytea[]))
           as n (id, address, token, hint)
    """
)
_MESSAGES = text(
    """
    insert into message (org, id, invitation_id, number, next_try_at, created_at)
    select :org, n.message, n.id, 0, :now, :now
      from unnest(cast(:messages as uuid[]), cast(:ids as uuid[])) as n (message, id)
    """
)
_FORGET = text("delete from send_address where org = :org and invitation_id = any(cast(:ids as uuid[]))")
# One that is being handed over is finished by whoever does it; what would follow finds no address.
_STOP = text(
    """
    update message set state = 'stopped'
     where org = :org and invitation_id = any(cast(:ids as uuid[])) and state = 'waiting'
    """
)
_HOLDER = text("select org, invitation_id from sending where no_hash = :hash")
_SAY_NO = text(
    """
    update sending set said_no_on = :today where org = :org and invitation_id = :id and said_no_on is null
    returning invitation_id
    """
)
_LANGUAGE = text("select language, questionnaire from invitation where org = :org and id = :id")
_STANDING = text(
    """
    select s.channel, s.said_no_on, a.made_by, a.hint
      from sending s left join send_address a on a.org = s.org and a.invitation_id = s.invitation_id
     where s.org = :org and s.invitation_id = :id
    """
)
_IS_SENT = text("select channel from sending where org = :org and invitation_id = :id")
_OF = text(
    """
    select number, state, delivery, sent_at, last_error from message
     where org = :org and invitation_id = :id order by number
    """
)


@dataclass(frozen=True, slots=True)
class NewSending:
    """A link that is to be sent, with what is kept of it: everything that leads to a person is sealed."""

    invitation_id: UUID
    message_id: UUID
    channel: MessageChannel
    no_hash: str
    address: bytes
    token: bytes
    hint: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it stands."""

    number: int
    state: State
    delivery: Delivery
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the messages of a link stand. `hint` is sealed, and None once the address is deleted."""

    channel: MessageChannel
    said_no_on: date | None
    made_by: str | None
    hint: bytes | None
    messages: tuple[Sent, ...]


async def arrange(transaction: Transaction, made_by: str, new: Sequence[NewSending], now: datetime) -> None:
    """Let links be sent, by messages that wait."""
    ids = [each.invitation_id for each in new]
    shared = {"org": transaction.org, "ids": ids}
    channels = {"channels": [each.channel for each in new], "no_hashes": [each.no_hash for each in new]}
    await transaction.connection.execute(_SENDINGS, {**shared, **channels})
    sealed = {
        "made_by": made_by,
        "addresses": [each.address for each in new],
        "tokens": [each.token for each in new],
        "hints": [each.hint for each in new],
    }
    await transaction.connection.execute(_ADDRESSES, {**shared, **sealed})
    messages = {"messages": [each.message_id for each in new], "now": now}
    await transaction.connection.execute(_MESSAGES, {**shared, **messages})


async def stop(transaction: Transaction, ids: Sequence[UUID]) -> None:
    """Send nothing more about these invitations, and delete the addresses."""
    names = {"org": transaction.org, "ids": list(ids)}
    await transaction.connection.execute(_FORGET, names)
    await transaction.connection.execute(_STOP, names)


async def holder(transaction: Transaction, no_hash: str) -> tuple[str, UUID] | None:
    """Organisation and invitation of an address that ends reminders; the transaction was begun with `capability=no_hash`."""
    row = (await transaction.connection.execute(_HOLDER, {"hash": no_hash})).one_or_none()
    return (row.org, row.invitation_id) if row else None


async def say_no(transaction: Transaction, ident: UUID, today: date) -> bool:
    """Note that somebody wants no reminders; False where that was said before."""
    names = {"org": transaction.org, "id": ident, "today": today}
    return (await transaction.connection.execute(_SAY_NO, names)).one_or_none() is not None


async def language_of(transaction: Transaction, ident: UUID) -> tuple[str | None, str]:
    """The language that was asked for when a link was issued, and its questionnaire."""
    row = (await transaction.connection.execute(_LANGUAGE, {"org": transaction.org, "id": ident})).one()
    return row.language, row.questionnaire


async def as_letter(transaction: Transaction, ident: UUID) -> bool:
    """Whether we send an invitation's link, so that one in its place has to be a letter."""
    names = {"org": transaction.org, "id": ident}
    return (await transaction.connection.execute(_IS_SENT, names)).scalar_one_or_none() is not None


async def standing(transaction: Transaction, ident: UUID) -> Standing | None:
    """How the messages of a link stand; None where we send none."""
    names = {"org": transaction.org, "id": ident}
    row = (await transaction.connection.execute(_STANDING, names)).one_or_none()
    if row is None:
        return None
    messages = tuple(Sent(*each) for each in await transaction.connection.execute(_OF, names))
    hint = bytes(row.hint) if row.hint is not None else None
    return Standing(row.channel, row.said_no_on, row.made_by, hint, messages)
