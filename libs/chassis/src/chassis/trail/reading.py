"""Looks entries up: by who, by which record, by day, newest first; and in order, for machines that keep a copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from chassis.days import british_midnight
from chassis.trail.chaining import entry_of
from chassis.trail.links import Entry
from chassis.unit_of_work import Transaction

PAGE = 50
MOST = 5_000

_COLUMNS = "org, number, hash, at, subject, kind, method, route, parameters, request_id, events"
_IN_ORDER = text(f"select {_COLUMNS} from trail where number > :after order by number limit :limit")  # noqa: S608 - constants
_CHECKPOINTS = text("select number, hash, at, seal from trail_checkpoint where number > :after order by number limit :limit")
_LAST_CHECK = text("select checked_at, up_to, broken_at, reason from trail_check")
_WAITING = text("select count(*) from (select 1 from trail where number is null limit 10000) as few")
_LOOKING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for; nothing set means everything."""

    subject: str = ""
    record: str = ""
    first: date | None = None
    last: date | None = None
    changes: bool = False
    before: int | None = None


async def in_order(transaction: Transaction, after: int, limit: int) -> Sequence[tuple[Entry, bytes]]:
    """Entries after a number, each with its hash, oldest first."""
    rows = await transaction.connection.execute(_IN_ORDER, {"after": after, "limit": limit})
    return [(entry_of(row, row.number), bytes(row.hash)) for row in rows]


async def checkpoints(transaction: Transaction, after: int, limit: int) -> Sequence[Any]:
    """Checkpoints after a number: number, hash, at, seal."""
    return (await transaction.connection.execute(_CHECKPOINTS, {"after": after, "limit": limit})).all()


async def last_check(transaction: Transaction) -> Any:
    """What the worker's last walk found, None before the first."""
    return (await transaction.connection.execute(_LAST_CHECK)).one_or_none()


async def waiting(transaction: Transaction) -> int:
    """How many entries are not joined to the chain yet (10,000 at most)."""
    found: int = (await transaction.connection.execute(_WAITING)).scalar_one()
    return found


async def search(transaction: Transaction, asked: Asked) -> Sequence[Entry]:
    """One page of entries that fit, newest first, and one more if there are more."""
    conditions, names = ["number is not null"], dict[str, Any](limit=PAGE + 1)
    if asked.before is not None:
        conditions.append("number < :before")
        names["before"] = asked.before
    if asked.subject:
        conditions.append("subject = :subject")
        names["subject"] = asked.subject
    if asked.record:
        conditions.append("exists (select from jsonb_each_text(parameters) p where p.value = :record)")
        names["record"] = asked.record
    if asked.first is not None:
        conditions.append("at >= :first")
        names["first"] = british_midnight(asked.first)
    if asked.last is not None:
        conditions.append("at < :last")
        names["last"] = british_midnight(asked.last + timedelta(days=1))
    if asked.changes:
        conditions.append("method <> all(cast(:looking as text[]))")
        names["looking"] = sorted(_LOOKING)
    where = " and ".join(conditions)
    statement = f"select {_COLUMNS} from trail where {where} order by number desc limit :limit"  # noqa: S608 - constants
    return [entry_of(row, row.number) for row in await transaction.connection.execute(text(statement), names)]
