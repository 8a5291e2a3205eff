"""In which service areas each record lies, or lay: what the database limits a reader to (docs/decisions/0027, migration 0033).

A fact is seen with its record, whole, by whoever is limited to one of its areas: half a record gives wrong figures. Which of
its rows are shown to them, queries say by the area that each row has now.
"""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from reporting.adapters.fact_roots import root_of
from reporting.adapters.facts import Fact, Row

CALLER = "caller"
Reach = tuple[str, UUID, str]  # kind of record, record, service area

_REACH = text(
    """
    insert into record_area (org, kind, record_id, area)
    select :org, r.kind, r.record_id, r.area
      from jsonb_to_recordset(cast(:rows as jsonb)) as r (kind text, record_id uuid, area text)
    on conflict do nothing
    """
)


async def reach(connection: AsyncConnection, org: str, areas: Iterable[Reach]) -> None:
    """Note in which areas records are told to lie. The records are held already (`feed_marks.touch`)."""
    rows = [{"kind": kind, "record_id": record, "area": area} for kind, record, area in sorted(areas)]
    if rows:
        await connection.execute(_REACH, {"org": org, "rows": orjson.dumps(rows).decode()})


def record_of(fact: Fact, row: Row) -> tuple[str, UUID]:
    """The record of a row, by its kind; duties are of a caller in a programme, who is named by a pseudonym and not by an id."""
    root = root_of(fact)
    if root is not None:
        return root.kind, row[root.column]
    return CALLER, caller(row)


def caller(row: Row) -> UUID:
    """The caller of a duty in a programme, as migration 0033 makes an id of both."""
    named: Any = f"{row['caller_key']}\x1f{row['programme']}"
    return UUID(bytes=hashlib.md5(named.encode(), usedforsecurity=False).digest())
