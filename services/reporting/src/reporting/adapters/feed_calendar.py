"""The day of the feed: what follows from the calendar alone changes when it is turned (ADR 0022).

A transaction turns it, so what changes with it is told by the same marks as everything else. The writers of records and whoever
turns the day wait for each other: a row that leaves is noted by one of them, as the other has left it.
"""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.days import british_today
from chassis.unit_of_work import Transaction
from reporting.adapters import feed_marks
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import EntitySet
from reporting.domain.odata.tracking import Root

SETS = tuple(each for each in ENTITY_SETS.values() if each.by_calendar)

_STANDS = text("select day, may_miss_days from feed_day")
_MAY_MISS = text(
    """
    select coalesce((select cast(p.document->'reports'->'tracker'->>'may_miss_days' as integer)
                       from profile p order by p.number desc limit 1), 7)
    """
)
_TURN = text(
    """
    insert into feed_day (org, day, may_miss_days) values (:org, :day, :may_miss_days)
    on conflict (org) do update set day = excluded.day, may_miss_days = excluded.may_miss_days
    """
)


async def turn(transaction: Transaction, today: date | None = None) -> int:
    """Let the feed come up to today, and to the profile in force; answers how many records look different by that.

    Once however often it is asked for. A day is never turned back, as by a clock that was wrong.
    """
    connection, org = transaction.connection, transaction.org
    if await _wanted(connection, today) is None:
        return 0
    await feed_marks.hold_day(connection, org)
    wanted = await _wanted(connection, today)  # somebody else may have turned it while we waited
    if wanted is None:
        return 0
    first = (await connection.execute(_STANDS)).one_or_none() is None
    before = await _rows(connection)
    await connection.execute(_TURN, {"org": org, **wanted})
    after = await _rows(connection)
    # Until the first time the views went by the clock, and nobody can say what was told of which day.
    differ = after.items() if first else before.items() ^ after.items()
    roots: dict[str, set[Any]] = {}
    for (_, _, _, kind, root), _ in differ:
        roots.setdefault(kind, set()).add(root)
    await feed_marks.name(connection, org, roots)
    await feed_marks.leave(connection, org, {key[:3] for key in before} - {key[:3] for key in after})
    return sum(map(len, roots.values()))


async def _wanted(connection: AsyncConnection, today: date | None) -> dict[str, Any] | None:
    stands = (await connection.execute(_STANDS)).one_or_none()
    day = max(today or british_today(), stands.day) if stands else today or british_today()
    may_miss_days = (await connection.execute(_MAY_MISS)).scalar_one()
    if stands is not None and tuple(stands) == (day, may_miss_days):
        return None
    return {"day": day, "may_miss_days": may_miss_days}


async def _rows(connection: AsyncConnection) -> dict[Any, str]:
    """Every row of the sets that follow the calendar: where it stands and of which record, with a digest of the whole."""
    rows = await connection.execute(_ALL)
    return {(row.name, tuple(row.key), row.area, row.kind, row.root): row.digest for row in rows}


def _of(entities: EntitySet, root: Root) -> str:
    where = f" where f.source = '{root.source}'" if root.source else ""
    return (
        f"select {feed_marks.place(entities)}, '{root.kind}' as kind, {root.of('f')} as root, md5(cast(f as text)) as digest "  # noqa: S608 - constants
        f"from {entities.view} f{where}"
    )


_ALL = text(" union all ".join(_of(each, root) for each in SETS for root in each.roots))
