"""Forgetting everything and reading the logs again gives every table, report and feed to the byte."""

from typing import Any

from reporting_everything import everything
from reporting_published import telford as telford_events
from reporting_published import worcestershire
from reporting_records import Sources, outcome
from reporting_rows import clear
from reporting_stories import DAY, mixed, story
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.testing.fixtures import Database, ServiceClient
from reporting.adapters.facts import TABLES
from reporting.domain.dimension_tables import ALL as DIMENSIONS
from reporting.domain.odata.entity_sets import ENTITY_SETS

# What says when it was done, and not what was told: it differs each time that something is read.
BOOKKEEPING = {
    "inbox": {"applied_at"},  # moment of reading
    "consumer_position": {"moved_at"},  # moment of reading
    "dead_letter": {"id", "failed_at"},  # made anew for what is put aside again
}
# Numbers of the transactions that wrote, by which changes are pulled: a rebuild, and whoever pulls, begins anew (ADR 0014).
OF_WRITING = {"feed_epoch", "feed_left", "feed_touched"}
# Who read: the test itself reads before and after.
OF_READING = {"trail", "trail_beginning", "trail_checkpoint", "trail_check"}
PERIODS = {
    "quarter": ("2022-23-q1", "2022-23-q2", "2021-22-q4", "2026-27-q1"),
    "year": ("2022-23",),
    "half-year": ("2022-23-h1",),
    "any": ("2022-06..2022-07",),
}
_TABLES = """
    select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'reporting'::regnamespace and c.relkind in ('r', 'p', 'v') and c.relname <> 'alembic_version'
     group by c.relname order by c.relname
"""


async def dump(database: Database) -> dict[str, list[str]]:
    """The rows of every table and view of the schema, of all organisations, as text."""
    url = database.url("admin").replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("set search_path = reporting"))
            tables = (await connection.execute(text(_TABLES))).all()
            return {row.name: await _rows(connection, row.name, row.columns.split(", ")) for row in tables}
    finally:
        await engine.dispose()


async def _rows(connection: AsyncConnection, table: str, columns: list[str]) -> list[str]:
    kept = ", ".join(name for name in columns if name not in BOOKKEEPING.get(table, ()))
    statement = f"select (row({kept}))::text as line from {table} order by line"  # names out of the catalogue
    return list((await connection.execute(text(statement))).scalars())


async def shown(*clients: ServiceClient) -> dict[str, bytes]:
    """Every report for its periods, every table as CSV, and every set of the feed, as readers of each organisation get it."""
    found: dict[str, bytes] = {}
    for number, client in enumerate(clients):
        listed = (await client.get("/reporting/v1/reports")).json()["reports"]
        assert listed
        for each in listed:
            for period in PERIODS[each["made_for"]]:
                path = f"/reporting/v1/reports/{each['report']}?period={period}"
                found[f"{number} {path}"] = await content(client, path)
        for name in ENTITY_SETS:
            path = f"/reporting/odata/v4/{name}"
            found[f"{number} {path}"] = await content(client, path)
    return found


async def content(client: ServiceClient, path: str) -> bytes:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.content


class TestRebuild:
    async def test_gives_every_table_report_and_feed_to_the_byte(
        self,
        sources: Sources,
        database: Database,
        profile: dict[str, Any],
        client: ServiceClient,
        telford: ServiceClient,
    ) -> None:
        await sources.record(*worcestershire(), *mixed(), *story(), *everything("every"))
        await sources.record(*telford_events(), *everything("there"), *story(), org="telford-wrekin")
        await sources.record(outcome("put-aside", DAY, cases=-1))
        before, read = await dump(database), await shown(client, telford)
        empty = [name for name in (*TABLES, *(each.table for each in DIMENSIONS), "dead_letter") if not before[name]]
        assert empty == []
        await clear(sources)
        assert not (await dump(database))["fact_answer"]
        await sources.project()
        after = await dump(database)
        assert {name for name, rows in before.items() if rows != after[name]} <= OF_WRITING | OF_READING
        assert {path for path, body in (await shown(client, telford)).items() if body != read[path]} == set()
