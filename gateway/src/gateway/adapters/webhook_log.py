"""The log of a subscription: its messages and the attempts at each, and sending some of them anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.webhook_tables import attempt, message
from gateway.domain.webhook_events import TEST
from gateway.domain.webhooks import MessageState


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the log. `number` are its attempts; the rest is of the last one."""

    id: UUID
    event_id: str
    type: str
    kept_at: datetime
    state: MessageState
    attempts: int
    next_try_at: datetime
    status: int | None
    kind: str | None
    ms: int | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a message; without a kind it is under way, or its process ended in the middle."""

    number: int
    at: datetime
    status: int | None
    kind: str | None
    ms: int | None


_COLUMNS = [column for column in message.c if column.name not in {"org", "subscription_id", "payload", "attempts_before"}]


def _message(row: Any) -> Message:
    return Message(
        row.message_id,
        row.event_id,
        row.type,
        row.kept_at,
        row.state,
        row.attempts,
        row.next_try_at,
        row.status,
        row.kind,
        row.ms,
        row.done_at,
    )


async def add(
    connection: AsyncConnection, org: str, subscription_id: str, message_id: UUID, event: tuple[str, str, str]
) -> None:
    """Put a message of our own into the queue; `event` are its id, type and payload."""
    event_id, kind, payload = event
    values = {"message_id": message_id, "org": org, "subscription_id": subscription_id}
    await connection.execute(insert(message).values(**values, event_id=event_id, type=kind, payload=payload))


async def page(
    connection: AsyncConnection, subscription_id: str, state: str | None, before: UUID | None, limit: int
) -> list[Message]:
    """Messages of a subscription, the newest first."""
    query = select(*_COLUMNS).where(message.c.subscription_id == subscription_id)
    if state is not None:
        query = query.where(message.c.state == state)
    if before is not None:
        query = query.where(message.c.message_id < before)
    rows = await connection.execute(query.order_by(message.c.message_id.desc()).limit(limit))
    return [_message(row) for row in rows]


async def one(connection: AsyncConnection, subscription_id: str, event_id: str) -> tuple[Message, str, list[Attempt]] | None:
    """A message with its payload and its attempts, the first one first."""
    query = select(*_COLUMNS, message.c.payload).where(
        message.c.subscription_id == subscription_id, message.c.event_id == event_id
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    tried = select(attempt).where(attempt.c.message_id == row.message_id).order_by(attempt.c.number)
    attempts = [Attempt(each.number, each.at, each.status, each.kind, each.ms) for each in await connection.execute(tried)]
    return _message(row), row.payload, attempts


async def counts(connection: AsyncConnection, subscriptions: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many messages of each subscription wait or failed."""
    query = (
        select(message.c.subscription_id, message.c.state, func.count().label("number"))
        .where(message.c.subscription_id.in_(subscriptions), or_(message.c.state == "waiting", message.c.state == "failed"))
        .group_by(message.c.subscription_id, message.c.state)
    )
    found: dict[str, dict[str, int]] = {each: {} for each in subscriptions}
    for row in await connection.execute(query):
        found[row.subscription_id][row.state] = row.number
    return found


def is_event(event_id: str) -> ColumnElement[bool]:
    """One message."""
    return message.c.event_id == event_id


def is_between(first: UUID, last: UUID) -> ColumnElement[bool]:
    """What was kept in a span of time, by identifiers, which are in its order."""
    return and_(message.c.message_id >= first, message.c.message_id < last)


def is_unsent() -> ColumnElement[bool]:
    """What was given up, and what waits for its next attempt."""
    return message.c.state.in_(("failed", "waiting"))


async def send_anew(
    connection: AsyncConnection, subscription_id: str, which: ColumnElement[bool], after: UUID | None, limit: int
) -> list[UUID]:
    """Let messages be due now, with the whole schedule before them, the oldest first; gives which, `limit` at most.

    One that is under way just then may arrive twice.
    """
    chosen = (
        select(message.c.message_id)
        .where(message.c.subscription_id == subscription_id, which, message.c.type != TEST)
        .order_by(message.c.message_id)
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(message.c.message_id > after)
    ids = list((await connection.execute(chosen)).scalars())
    anew = {"state": "waiting", "done_at": None, "attempts_before": message.c.attempts, "next_try_at": func.now()}
    if ids:
        await connection.execute(update(message).where(message.c.message_id.in_(ids)).values(**anew))
    return ids
