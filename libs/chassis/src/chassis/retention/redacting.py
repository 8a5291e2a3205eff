"""What is personal in the event log goes with its record; number, id, day and everything that is counted stay.

So a log that is read again from the beginning gives the same figures. What the broker has of an event ends by itself (seven
days); a consumer that was told before is told again by the event that the record was reduced.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.retention.kinds import Kind, Told
from chassis.unit_of_work import Transaction

_SAVE = text("update outbox set data = cast(:data as jsonb) where id = :id")


def redacted(personal: Mapping[str, str | None], data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The data of an event without what is personal; None where nothing of it is.

    `personal` says by member what stands in its place: null, or a text in which `{other}` is another member.
    """
    changed = dict(data)
    for name, instead in personal.items():
        # What an earlier producer did not tell, and what is empty already, stays as it is.
        if data.get(name) is not None:
            changed[name] = instead.format_map(data) if instead is not None else None
    return changed if changed != data else None


async def redact(transaction: Transaction, kind: Kind, ident: UUID) -> int:
    """Redact the events of a record; answers how many there were to redact."""
    done = 0
    for events in kind.events:
        for model in events.models:
            done += await _redact(transaction, kind, events.key, events.ids, model, ident)
    return done


async def _redact(transaction: Transaction, kind: Kind, key: str, ids: str, model: type[Told], ident: UUID) -> int:
    connection = transaction.connection
    # The subject stands in the statement and not beside it: the index holds for it alone.
    found = text(
        f"select o.id, o.data::text as data from outbox o where o.org = :org and o.subject = '{model.subject}' "  # noqa: S608 - a constant
        f"and o.data->>'{key}' = any(cast(:ids as text[])) order by o.position for update of o"
    )
    named = (await connection.execute(_ids(kind, ids), {"id": ident})).scalar_one_or_none() or []
    rows = (await connection.execute(found, {"org": transaction.org, "ids": [str(each) for each in named]})).all()
    changes: Iterable[tuple[UUID, dict[str, Any] | None]] = [
        (row.id, redacted(model.personal, orjson.loads(row.data))) for row in rows
    ]
    count = 0
    for event, data in changes:
        if data is not None:
            await connection.execute(_SAVE, {"id": event, "data": orjson.dumps(data).decode()})
            count += 1
    return count


def _ids(kind: Kind, ids: str) -> Any:
    return text(f"select {ids} from {kind.table} r where r.id = :id")  # noqa: S608 - constants that services declare
