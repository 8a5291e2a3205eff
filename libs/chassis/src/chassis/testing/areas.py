"""What the database limits to service areas, asked of its catalogue; and rows as somebody who is limited sees them."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.identity import Identity
from chassis.testing.databases import Database
from chassis.testing.fixtures import ServiceClient
from chassis.unit_of_work import Transaction, UnitOfWork, calling, limited_to

_TABLES = """
    select c.relname,
           (select string_agg(p.polpermissive::text || p.polcmd::text || coalesce(
                              (select string_agg(r.rolname, ',') from pg_roles r where r.oid = any(p.polroles)), ''), ';')
              from pg_policy p where p.polrelid = c.oid and p.polname = 'areas') as limit
      from pg_class c where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
"""


async def undeclared(database: Database, limited: Collection[str], not_limited: Collection[str]) -> list[str]:
    """What is wrong with the declared lists, held against the catalogue: every table is in one, and has the policy or none."""
    connection = await asyncpg.connect(database.url("admin"))
    try:
        rows = await connection.fetch(_TABLES, database.schema)
    finally:
        await connection.close()
    found = {row["relname"]: row["limit"] for row in rows}
    # Restrictive, for reading and writing, of those who serve requests.
    limit = f"false*{database.schema}_app"
    return [
        *(f"{table} is declared neither way, or is gone" for table in {*limited, *not_limited} ^ set(found)),
        *(f"{table} is declared both ways" for table in set(limited) & set(not_limited)),
        *(f"{table} is not limited as it is declared to be" for table in limited if found.get(table) != limit),
        *(f"{table} is limited, and declared not to be" for table in not_limited if found.get(table) is not None),
    ]


OF_SECOND = "00000000-0000-0000-0000-000000000002"
"""What every id of the rows of the second area is, as `fill` puts them in."""
_FIRST_REFUSAL, _NOT_FOUND, _LAST_REFUSAL = 400, 404, 499
_COLUMNS = """
    select attname, format_type(atttypid, null) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''
       and (attname = any(array['org', 'service_area', 'area']) or atttypid = 'uuid'::regtype or attnotnull)
"""
_CARRYING = """
    select c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and a.attname = 'seen_in' order by 1
"""
_CHECKS = "select conname from pg_constraint where conrelid = $1::regclass and contype in ('c', 'x')"
_VALUES = {
    "text": "'{mark}'", "uuid": "'00000000-0000-0000-0000-00000000000{mark}'", "date": "date '2026-01-0{mark}'",
    "boolean": "true", "jsonb": "'{{}}'", "timestamp with time zone": "now()", "bytea": "'\\x0{mark}'", "xid8": "'{mark}'",
}  # fmt: skip


async def fill(database: Database, tables: Collection[str], org: str, areas: tuple[str, str], **texts: str) -> None:
    """Put a row of each of two areas into tables, with no more than a row must have: what it is said to belong to, by its ids.

    The rules of the tables are put aside. Every id of the first rows is the same one, and every id of the second, so a part
    stands with its record. `texts` are what columns of these names say, AREA in them the area.
    """
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute("select set_config('app.org', $1, false)", org)
        for table in (f"{database.schema}.{each}" for each in sorted(tables)):
            columns = await connection.fetch(_COLUMNS, table)
            for check in await connection.fetch(_CHECKS, table):
                await connection.execute(f"alter table {table} drop constraint {check['conname']}")
            names = ", ".join(column["attname"] for column in columns)
            for mark, area in enumerate(areas, 1):
                said = {**texts, "org": org, "service_area": area, "area": area}
                told = {name: f"'{value.replace('AREA', area)}'" for name, value in said.items()}
                values = ", ".join(told.get(column["attname"]) or _value(column["type"], mark) for column in columns)
                await connection.execute(f"insert into {table} ({names}) values ({values})")  # noqa: S608 - as written here
        await _carry(connection, database.schema, tables)
    finally:
        await connection.close()


async def _carry(connection: asyncpg.Connection, schema: str, tables: Collection[str]) -> None:
    """Let parts that were put in before their records know what those say (`chassis.carried_areas`), part after part."""
    carrying = [row["relname"] for row in await connection.fetch(_CARRYING, schema) if row["relname"] in tables]
    for _ in range(3):
        for table in carrying:
            await connection.execute(f"update {schema}.{table} set seen_in = null")  # noqa: S608 - names of tables


def _value(kind: str, mark: int) -> str:
    return "'{}'" if kind.endswith("[]") else _VALUES.get(kind, "{mark}").format(mark=mark)


async def administer(database: Database, *statements: str) -> list[asyncpg.Record]:
    """Run statements as the superuser, whom no policy limits; gives their rows."""
    connection = await asyncpg.connect(database.url("admin"))
    try:
        return [row for statement in statements for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def seen(database: Database, tables: Collection[str], org: str, *areas: str, subject: str = "") -> dict[str, int]:
    """How many rows of each table somebody sees who is limited to these areas (none: to nothing)."""
    async with unit_of_work(database) as uow:
        with acting_within(*areas, subject=subject):
            async with uow.begin(org) as transaction:
                return {each: (await rows(transaction, f"select count(*) from {each}"))[0][0] for each in sorted(tables)}  # noqa: S608 - names of tables


@contextmanager
def acting_within(*areas: str, subject: str = "") -> Iterator[None]:
    """Be limited to these service areas (none: to nothing), as the frame around a service limits a request."""
    limit, caller = limited_to.set(frozenset(areas)), calling.set(subject)
    try:
        yield
    finally:
        limited_to.reset(limit)
        calling.reset(caller)


@asynccontextmanager
async def unit_of_work(database: Database) -> AsyncIterator[UnitOfWork]:
    """The unit of work of those who serve requests."""
    engine = create_async_engine(database.url().replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    try:
        yield UnitOfWork(engine)
    finally:
        await engine.dispose()


async def rows(transaction: Transaction, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, as tuples."""
    return [tuple(row) for row in await transaction.connection.exec_driver_sql(query, values)]


async def not_kept_apart(
    client: ServiceClient, somebody: Identity, area: str, routes: Iterable[tuple[str, str]], names: Mapping[str, str]
) -> list[str]:
    """Which routes do not keep a record of another area from somebody who is limited to `area`; `names` stand in the paths.

    A page or resource has to be not found, and found without the limit: else the path names no record of ours. What changes
    something has to be refused, in whatever words: most are for what was not sent along.
    """
    limited, whole = client.acting_as(replace(somebody, areas=frozenset({area}))), client.acting_as(somebody)
    found = []
    async with limited, whole:
        for method, path in routes:
            url = path.format(**names)
            status = (await limited.request(method, url)).status_code
            if not _FIRST_REFUSAL <= status <= _LAST_REFUSAL or (method == "GET" and status != _NOT_FOUND):
                found.append(f"{method} {path} answers {status}")
            if method == "GET" and (await whole.get(url)).status_code == _NOT_FOUND:
                found.append(f"{method} {path} is not found without a limit either: no record stands for it")
    return found
