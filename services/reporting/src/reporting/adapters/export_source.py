"""The rows of an export: one read-only snapshot, counted, then copied out line by line as the client takes them.

A connection of its own kind: it sees one state of the database from the first statement to the last (REPEATABLE READ), and it
may take as long as a slow client does, so it is made for the export and counted (`use_cases.export_rows`).
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import create_engine
from chassis.errors import DomainError, Kind
from chassis.settings import DatabaseSettings
from chassis.trail.acting import touch
from chassis.unit_of_work import Transaction, switch_tenant
from reporting.adapters import feed_horizon, feed_marks, progress_repository
from reporting.domain.exports import Export, Format, parse_mark
from reporting.domain.odata import delta
from reporting.domain.odata.model import SQL_TYPES, Edm, Property

EXPORT_SECONDS = 900
"""How long an export may take from its first byte to its last, however slowly it is fetched. The gateway waits as long."""

Sink = Callable[[bytes], Awaitable[None]]

# What a spreadsheet program takes for the beginning of a formula, as `chassis.spreadsheet.cells.neutral` has it. The first
# letter is looked at alone, because a pattern for every text would take as long as all the rest. 39 is an apostrophe.
_BEGINNINGS = "61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312, 39"
_FORMULA = "'^''*[=+\\-@\\t\\r\\n＝＋－＠]'"


@dataclass(frozen=True)
class Snapshot:
    """A state of the database in which an export is read: how many rows it has there, when that was, and the mark of it."""

    connection: AsyncConnection
    query: str
    values: tuple[Any, ...]
    rows: int
    as_at: datetime
    mark: str

    async def copy(self, sink: Sink) -> None:
        """Hand the rows to `sink` as whole lines, ordered by nothing; it is waited for before more is read."""
        raw: Any = (await self.connection.get_raw_connection()).driver_connection
        await raw.copy_from_query(self.query, *self.values, output=sink, format="csv", timeout=EXPORT_SECONDS)


def export_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Connections for exports: one state of the database each, read-only, made for it and closed after it."""
    engine = create_engine(settings, "reporting-exports", statement_seconds=EXPORT_SECONDS, kept=False)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@asynccontextmanager
async def snapshot(engine: AsyncEngine, export: Export) -> AsyncIterator[Snapshot]:
    """Open a snapshot for an export.

    Raises DomainError `being-rebuilt` (503); for changes also `mark-too-old` (410) and `changes-not-followed` (422).
    The lock comes before the first statement that sees anything: a rebuild empties tables, which no snapshot survives
    (TRUNCATE heeds none), so it must have ended before ours begins, or wait for our end.
    """
    touch(export.org)
    async with engine.connect() as connection:
        await progress_repository.hold(connection)
        await switch_tenant(connection, export.org)
        await connection.execute(text("set local datestyle = 'ISO, YMD'"))
        await progress_repository.assert_complete(Transaction(connection, export.org))
        mark = await feed_marks.current(connection)
        epoch = mark.epoch + delta.reach(export.entities, export.org, export.areas)
        query, values = _whole(export)
        if export.since is not None:
            query, values = _changes(export, epoch, mark.xid)
            if await feed_horizon.is_beyond(connection, export.org, export.entities, parse_mark(export.since)[1], mark):
                raise _too_old()
        counting = f"select count(*), now() from ({query}) counted"  # noqa: S608 - see _whole and _changes
        counted: Any = (await connection.exec_driver_sql(counting, values)).one()
        yield Snapshot(connection, query, values, counted[0], counted[1], f"{epoch}-{mark.xid}")


def _whole(export: Export) -> tuple[str, tuple[Any, ...]]:
    """The statement for all rows, of constant names of declared sets, and what its marks stand for."""
    columns = ", ".join(_column(each, f"f.{each.name}", export.format) for each in export.entities.properties)
    where = f"f.{export.entities.limited_by} = any($1::text[])" if _is_limited(export) else "true"
    values = (sorted(export.areas),) if _is_limited(export) else ()
    return f"select {columns} from {export.entities.view} f where {where}", values  # noqa: S608 - as it says


def _changes(export: Export, now: str, until: int) -> tuple[str, tuple[Any, ...]]:
    """The statement for the rows of records that changed, and the keys of those that are gone."""
    entities = export.entities
    epoch, since = parse_mark(export.since or "")
    if not entities.roots:
        detail = f"Changes of {entities.name} cannot be followed: leave `since` out and fetch the whole set."
        raise DomainError("changes-not-followed", detail, Kind.MALFORMED)
    if epoch != now or since > until:
        raise _too_old()
    visible = f"f.{entities.limited_by} = any(cast(:areas as text[]))" if _is_limited(export) else "true"
    areas = export.areas if _is_limited(export) else frozenset()
    shown = ", ".join(_column(each, f"f.{each.name}", export.format) for each in entities.properties)
    gone = ", ".join(_of_key(export, each) for each in entities.properties)
    query = (
        f"select {shown}, 'false' as removed from {entities.view} f "  # noqa: S608 - constant names of declared sets
        f"where {feed_marks.changed(entities)} and {visible} "
        f"union all select {gone}, 'true' from ({feed_marks.removed(entities, areas, visible)}) g"
    )
    # Whole numbers are written out; texts are bound.
    marks = {"since": str(since), "until": str(until), "org": "$1::text", "areas": "$2"}
    query = re.sub(r"(?<!:):(since|until|org|areas)\b", lambda found: marks[found[1]], query)
    return query, (export.org, sorted(areas)) if _is_limited(export) else (export.org,)


def _too_old() -> DomainError:
    detail = (
        "Nobody can say what is new since that mark: it is older than 90 days, or the figures were built anew or restored, or "
        "the credential sees other service areas, or the set has other columns. Fetch the whole set and its mark."
    )
    return DomainError("mark-too-old", detail, Kind.GONE)


def _is_limited(export: Export) -> bool:
    return bool(export.areas) and export.entities.limited_by is not None


def _of_key(export: Export, column: Property) -> str:
    type_ = SQL_TYPES[column.type]
    if column.name not in export.entities.key:
        # As texts where the other half makes texts of them.
        written = column.type is Edm.BOOLEAN or (export.format is Format.CSV and column.type is Edm.MOMENT)
        return "null::text" if written else f"null::{type_}"
    return _column(column, f"g.key[{export.entities.key.index(column.name) + 1}]::{type_}", export.format)


def _column(column: Property, value: str, format_: Format) -> str:
    """A value as it is written: so that its text is what the file's format wants."""
    match column.type:
        case Edm.BOOLEAN:
            return f"case when {value} then 'true' when not {value} then 'false' end"
        case Edm.STRING if format_ is Format.CSV:
            return f"case when ascii({value}) in ({_BEGINNINGS}) and {value} ~ {_FORMULA} then '''' || {value} else {value} end"
        case Edm.MOMENT if format_ is Format.CSV:
            # ISO 8601 in full, out of '2022-04-01 09:00:00+00': to_char would take three times as long.
            return f"replace({value}::text, ' ', 'T') || ':00'"
    return value
