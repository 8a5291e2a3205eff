"""Runs of the worker: asked for by somebody, or by the hour where something was due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.ids import new_id
from chassis.unit_of_work import Transaction

PAGE = 20

_ASK = text(
    "insert into retention_run (org, id, asked_by) values (:org, :id, :by) on conflict (org) where ended_at is null do nothing"
)
_NEWEST = text(
    "select id, asked_by, asked_at, ended_at, reduced::text as reduced, held::text as held, failed from retention_run "
    "order by asked_at desc, id desc limit :limit"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run, and what it did by kind; `ended_at` is None while it waits or goes on."""

    id: UUID
    asked_by: str | None
    asked_at: datetime
    ended_at: datetime | None
    reduced: Mapping[str, int]
    held: Mapping[str, int]
    failed: int


async def ask(transaction: Transaction, by: str) -> None:
    """Ask for a run; while one waits, that is the one."""
    await transaction.connection.execute(_ASK, {"org": transaction.org, "id": new_id(), "by": by})


async def newest(transaction: Transaction, limit: int = PAGE) -> Sequence[Run]:
    """Runs, newest first."""
    rows = await transaction.connection.execute(_NEWEST, {"limit": limit})
    return [
        Run(
            row.id,
            row.asked_by,
            row.asked_at,
            row.ended_at,
            orjson.loads(row.reduced),
            orjson.loads(row.held),
            row.failed,
        )
        for row in rows
    ]
