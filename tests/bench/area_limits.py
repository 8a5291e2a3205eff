"""What the database's limit to service areas costs: queries with the policies over the same without, for all and for one area.

Made-up rows in eight areas, as many as a large council gathers in some years, put in with no more than a row must have. Each
query is asked as `<service>_app` in turns with and without the policies, so that a busy machine slows both; figures are ratios
of medians, and the table printed says milliseconds. Run it with `python -m tests.bench area_limits`; with
`python tests/bench/area_limits.py explain` the plans are printed.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.table import Table

from chassis.testing.fixtures import Database, Databases, PostgresAddress, migrate
from loop_cli.servers import PostgresServer

ORG, AREAS, TURNS = "worcestershire", 8, 7
SUBJECT = "staff:kim"
_ID = "('00000000-0000-0000-0000-' || lpad(to_hex({0}), 12, '0'))::uuid"
_COLUMNS = """
    select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''
       and (attname = any(array['org', 'service_area', 'complaint_id', 'record_id']) or attnotnull)
"""
_CHECKS = "select conname from pg_constraint where conrelid = $1::regclass and contype in ('c', 'x')"
_VALUES = {
    "text": "'t' || i", "uuid": _ID.format("i"), "date": "date '2026-01-01' + (i % 28)", "boolean": "true", "jsonb": "'{}'",
    "timestamp with time zone": "now()", "bytea": "'\\x00'", "xid8": "'1'",
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Made-up rows of a table: `column` names the record, `each` rows a record."""

    table: str
    count: int
    column: str = ""
    each: int = 1
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Service:
    """What of a service is filled and asked; the first query counts over everything."""

    name: str
    rows: tuple[Rows, ...]
    queries: tuple[tuple[str, str], ...]


_ONE = _ID.format("8")
_LISTED = "select * from complaint c join stage s on s.org = c.org and s.complaint_id = c.id"
SERVICES = (
    Service(
        "complaints",
        (Rows("complaint", 20_000), Rows("stage", 40_000, "complaint_id", 2)),
        (
            ("count over 40,000 stages", "select number, count(*), max(opened_on) from stage group by number"),
            ("stages of a complaint", f"select * from stage where complaint_id = {_ONE}"),
            ("page of a list", f"{_LISTED} where c.service_area = 'a0' order by c.id limit 100"),
        ),
    ),
    Service(
        "feedback",
        (Rows("star", 20_000), Rows("star_reading", 40_000, "star_id", 2)),
        (
            ("count over 40,000 readings", "select count(*) from star_reading"),
            ("readings of a star", f"select * from star_reading where star_id = {_ONE}"),
        ),
    ),
    Service(
        "audit",
        (
            Rows("person", 1, said=(("subject", f"'{SUBJECT}'"), ("code", "'kim'"))),
            Rows("audit_person", 100, "audit_id", 1, (("person", "'kim'"),)),
            Rows("audit", 10_000),
            Rows("entry", 60_000, "audit_id", 6),
        ),
        (
            ("count over 60,000 entries", "select count(*) from entry"),
            ("entries of an audit", f"select * from entry where audit_id = {_ONE}"),
            ("count over 10,000 audits", "select count(*) from audit"),
        ),
    ),
    Service(
        "reporting",
        (Rows("plan", 2_000), Rows("plan_action", 20_000, "plan_id", 10)),
        (
            ("count over 20,000 actions", "select count(*) from plan_action"),
            ("actions of a plan", f"select * from plan_action where plan_id = {_ONE}"),
        ),
    ),
)


async def put(connection: asyncpg.Connection, schema: str, rows: Rows) -> None:
    """Fill one table; the rules of it are put aside."""
    table = f"{schema}.{rows.table}"
    for check in await connection.fetch(_CHECKS, table):
        await connection.execute(f"alter table {table} drop constraint {check['conname']}")
    record = f"(i / {rows.each})"
    said = {"org": f"'{ORG}'", "service_area": f"'a' || ({record} % {AREAS})", rows.column: _ID.format(record)} | dict(
        rows.said
    )
    if rows.each > 1:
        said |= {"number": f"i % {rows.each} + 1"}
    columns = await connection.fetch(_COLUMNS, table)
    values = ", ".join(said.get(c["name"]) or _VALUES.get(c["type"]) or ("'{}'" if "[]" in c["type"] else "1") for c in columns)
    names = ", ".join(column["name"] for column in columns)
    await connection.execute(f"insert into {table} ({names}) select {values} from generate_series(0, {rows.count - 1}) i")


async def fill(database: Database, service: Service) -> None:
    """Fill the tables of a service."""
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute("select set_config('app.org', $1, false)", ORG)
        for rows in service.rows:
            await put(connection, service.name, rows)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def ask(
    connection: asyncpg.Connection, service: Service, query: str, area: str, *, limited: bool, explain: bool = False
) -> float:
    """Milliseconds of one query as who serves requests, for an area or `*`, with or without the policies."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        if not limited:
            for rows in service.rows:
                await connection.execute(f"drop policy if exists areas on {service.name}.{rows.table}")
        await connection.execute(f"set local search_path = {service.name}; set local role {service.name}_app")
        settings = (
            "select set_config('app.org', $1, true), set_config('app.areas', $2, true), set_config('app.subject', $3, true)"
        )
        await connection.execute(settings, ORG, area, SUBJECT)
        if explain:
            for row in await connection.fetch(f"explain (analyze, costs off, timing off, buffers off) {query}"):
                Console(width=200, highlight=False).print(f"    {row[0]}", markup=False)
        await connection.fetch(query)
        began = time.perf_counter()
        await connection.fetch(query)
        return (time.perf_counter() - began) * 1000
    finally:
        await transaction.rollback()


async def measured(database: Database, service: Service, table: Table) -> dict[str, float]:
    """Medians of each query in milliseconds, into the table; gives the ratios."""
    connection = await asyncpg.connect(database.url("admin"))
    figures = {}
    try:
        for label, query in service.queries:
            ways = [(area, limited) for area in ("*", "a0") for limited in (False, True)]
            turns = [
                [await ask(connection, service, query, area, limited=limited) for area, limited in ways] for _ in range(TURNS)
            ]
            times = [statistics.median(turn[way] for turn in turns) for way in range(len(ways))]
            table.add_row(service.name, label, *(f"{each:.2f}" for each in times))
            figures[f"{label}, for all"] = times[1] / times[0]
            figures[f"{label}, for one area"] = times[3] / times[2]
    finally:
        await connection.close()
    return figures


def with_each(work: Callable[[Database, Service], None]) -> None:
    """Fill a database for each service and do something with it; all is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="loop-bench-") as folder:
        server = PostgresServer(Path(folder) / "postgres")
        server.start()
        try:
            databases = Databases(PostgresAddress.parse(server.url()))
            for service in SERVICES:
                with databases.clone(service.name, migrate(service.name)) as database:
                    asyncio.run(fill(database, service))
                    work(database, service)
        finally:
            server.kill()


def run() -> dict[str, float]:
    """Measure once and print milliseconds."""
    table = Table(
        title="Milliseconds, without and with the policies, for whoever is limited to nothing and to one area of eight"
    )
    for heading in ("service", "query", "all: without", "with", "one area: without", "with"):
        table.add_column(heading, no_wrap=True)
    figures: dict[str, float] = {}
    with_each(lambda database, service: figures.update(asyncio.run(measured(database, service, table))))
    Console(width=140, highlight=False).print(table)
    return figures


def explain() -> None:
    """Print the plans of all queries for somebody of one area."""

    async def plans(database: Database, service: Service) -> None:
        connection = await asyncpg.connect(database.url("admin"))
        for label, query in service.queries:
            print(f"\n{service.name}: {label}")  # noqa: T201 - its purpose
            took = await ask(connection, service, query, "a0", limited=True, explain=True)
            print(f"    {took:.2f} ms")  # noqa: T201 - its purpose
        await connection.close()

    with_each(lambda database, service: asyncio.run(plans(database, service)))


if __name__ == "__main__":
    if sys.argv[1:] == ["explain"]:
        explain()
    else:
        for name, ratio in run().items():
            print(f"{name:50} {ratio:8.2f}")  # noqa: T201 - its purpose
