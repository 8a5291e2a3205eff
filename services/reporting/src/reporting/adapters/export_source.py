"""The rows of an export: one read-only snapshot, counted, then copied out line by line as the client takes them.

A connection of its own kind: it sees one state of the database from the first statement to the last (REPEATABLE READ), and it
may take as long as a slow client does, so it is made for the export and counted (`use_cases.export_rows`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import create_engine
from chassis.settings import DatabaseSettings
from chassis.unit_of_work import Transaction, switch_tenant
from reporting.adapters import progress_repository
from reporting.domain.exports import Export, Format
from reporting.domain.odata.model import Edm, Property

EXPORT_SECONDS = 900
"""How long an export may take from its first byte to its last, however slowly it is fetched. The gateway waits as long."""

Sink = Callable[[bytes], Awaitable[None]]

# What a spreadsheet program takes for the beginning of a formula, as `chassis.spreadsheet.cells.neutral` has it: looked at letter
# by letter, because a pattern for every text would take as long as all the rest. 39 is an apostrophe, which may stand before.
_BEGINNINGS = "61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312, 39"
_FORMULA = "'^''*[=+\\-@\\t\\r\\n＝＋－＠]'"


@dataclass(frozen=True)
class Snapshot:
    """A state of the database in which an export is read: how many rows it has there, and when that was."""

    connection: AsyncConnection
    export: Export
    rows: int
    as_at: datetime

    async def copy(self, sink: Sink) -> None:
        """Hand the rows to `sink` as whole lines, ordered by nothing; it is waited for before more is read."""
        raw: Any = (await self.connection.get_raw_connection()).driver_connection
        where, values = _where(self.export)
        columns = ", ".join(_column(each, self.export.format) for each in self.export.entities.properties)
        query = f"select {columns} from {self.export.entities.view} f where {where}"  # noqa: S608 - constant names, see _where
        await raw.copy_from_query(query, *values, output=sink, format="csv", timeout=EXPORT_SECONDS)


def export_engine(settings: DatabaseSettings) -> AsyncEngine:
    """Connections for exports: one state of the database each, read-only, made for it and closed after it."""
    engine = create_engine(settings, "reporting-exports", statement_seconds=EXPORT_SECONDS, kept=False)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@asynccontextmanager
async def snapshot(engine: AsyncEngine, export: Export) -> AsyncIterator[Snapshot]:
    """Open a snapshot for an export. Raises DomainError `being-rebuilt` (503).

    The lock comes before the first statement that sees anything: a rebuild empties tables, which no snapshot survives
    (TRUNCATE heeds none), so it must have ended before ours begins, or wait for our end.
    """
    async with engine.connect() as connection:
        await progress_repository.hold(connection)
        await switch_tenant(connection, export.org)
        await connection.execute(text("set local datestyle = 'ISO, YMD'"))
        await progress_repository.assert_complete(Transaction(connection, export.org))
        where, values = _where(export)
        statement = f"select count(*), now() from {export.entities.view} f where {where}"  # noqa: S608 - as above
        rows, as_at = (await connection.exec_driver_sql(statement, tuple(values))).one()
        yield Snapshot(connection, export, rows, as_at)


def _where(export: Export) -> tuple[str, list[Any]]:
    """The condition and what its marks stand for."""
    if not export.areas or not any(each.name == "service_area" for each in export.entities.properties):
        return "true", []
    return "f.service_area = any($1::text[])", [sorted(export.areas)]


def _column(column: Property, format_: Format) -> str:
    name = f"f.{column.name}"
    match column.type:
        case Edm.BOOLEAN:
            return f"case when {name} then 'true' when not {name} then 'false' end"
        case Edm.STRING if format_ is Format.CSV:
            return f"case when ascii({name}) in ({_BEGINNINGS}) and {name} ~ {_FORMULA} then '''' || {name} else {name} end"
        case Edm.MOMENT if format_ is Format.CSV:
            # ISO 8601 in full, out of '2022-04-01 09:00:00+00': to_char would take three times as long.
            return f"replace({name}::text, ' ', 'T') || ':00'"
    return name
