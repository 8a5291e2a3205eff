"""The outbox: events written in the transaction of the change they tell of, and kept for good as the service's event log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.ids import new_id


class Recordable(Protocol):
    """What the outbox needs of an event; the events themselves stand in `contracts`."""

    subject: ClassVar[str]

    def model_dump_json(self) -> str:
        """The event's data as JSON."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that its transaction has not written yet."""

    event: Recordable
    occurred_at: datetime


# Numbered, so that the events stand in the order in which they were recorded whatever plan the server takes.
_INSERT = text(
    """
    insert into outbox (id, org, subject, data, occurred_at, traceparent)
    select n.id, :org, n.subject, n.data::jsonb, n.occurred_at, :traceparent
      from unnest(cast(:ids as uuid[]), cast(:subjects as text[]), cast(:data as text[]), cast(:occurred_at as timestamptz[]))
           with ordinality as n (id, subject, data, occurred_at, number)
     order by n.number
    """
)


async def write(
    connection: AsyncConnection, org: str, pending: Sequence[Pending], traceparent: str | None = None
) -> list[UUID]:
    """Write events into the outbox of the current transaction, in their order, by one statement; answers their ids."""
    ids = [new_id() for _ in pending]
    await connection.execute(
        _INSERT,
        {
            "org": org,
            "traceparent": traceparent,
            "ids": ids,
            "subjects": [each.event.subject for each in pending],
            "data": [each.event.model_dump_json() for each in pending],
            "occurred_at": [each.occurred_at for each in pending],
        },
    )
    return ids


def now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def envelope(source: str, row: Row[Any]) -> dict[str, Any]:
    """The CloudEvents 1.0 structured envelope of an outbox row: what the relay publishes and the event log serves is the same.

    The row's `data` is JSON text and goes in as it is. `sequence` is a string of digits, as the CloudEvents extension asks.
    """
    document: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(row.id),
        "source": f"loop/{source}",
        "type": row.subject,
        "time": row.occurred_at,
        "datacontenttype": "application/json",
        "org": row.org,
        "sequence": str(row.sequence),
        "data": orjson.Fragment(row.data),
    }
    if row.traceparent:
        document["traceparent"] = row.traceparent
    return document
