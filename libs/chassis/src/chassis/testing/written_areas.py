"""What somebody who is limited to service areas could write elsewhere, were code to forget to ask: tried on every table."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from chassis.testing.databases import Database

_COLUMNS = """
    select attname as name, attname in ('service_area', 'area') or (atttypid = 'uuid'::regtype and attname <> 'id') as places,
           has_column_privilege($2, attrelid, attnum, 'insert') as put,
           has_column_privilege($2, attrelid, attnum, 'update') and attname <> 'org' as set
      from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
       and attgenerated = '' and attidentity = '' and attname <> 'seen_in'
"""
_REFUSED = 'row-level security policy "areas"'


@dataclass(frozen=True)
class _Try:
    """One table, with one row of each of two areas in it, as somebody of the first meets it."""

    connection: asyncpg.Connection
    role: str
    table: str
    areas: tuple[str, str]

    async def rows(self) -> list[list[str]]:
        """The rows of each area, as JSON, by what they say of themselves."""
        rows = await self.connection.fetch(f"select to_jsonb(t)::text as row from {self.table} t order by 1")  # noqa: S608 - a name of ours
        told = [(row["row"], json.loads(row["row"])) for row in rows]
        return [[text for text, row in told if area in _areas(row)] for area in self.areas]

    async def attempt(self, area: str, statement: str, *values: str) -> tuple[str, list[list[str]]]:
        """What the database says against a statement of somebody of an area, and the rows of each area then. Nothing stays."""
        transaction = self.connection.transaction()
        await transaction.start()
        try:
            await self.connection.execute("select set_config('app.areas', $1, true)", area)
            await self.connection.execute(f"set local role {self.role}")
            await self.connection.execute(statement, *values)
            await self.connection.execute("reset role")
            return "", await self.rows()
        except asyncpg.PostgresError as error:
            return str(error), []
        finally:
            await transaction.rollback()


async def written_elsewhere(
    database: Database, tables: Collection[str], org: str, areas: tuple[str, str]
) -> tuple[list[str], set[str]]:
    """What somebody of the first area can do to the second's rows in tables that `areas.fill` has filled; where it was tried.

    Of every table that those who serve requests may write: a row of the other area put in, a row moved there by each column
    that says an area or names a record, every row changed, every row removed. The other rules of the tables are put aside.
    Each refusal is held against the same by somebody of the other area, so that it is the limit which refused.
    """
    faults: list[str] = []
    tried: set[str] = set()
    connection = await asyncpg.connect(database.url("admin"))
    role = f"{database.schema}_app"
    try:
        await connection.execute("set session_replication_role = replica")
        for table in sorted(tables):
            async with connection.transaction():
                await connection.execute("select set_config('app.org', $1, true)", org)
                columns = await connection.fetch(_COLUMNS, f"{database.schema}.{table}", role)
                one = _Try(connection, role, f"{database.schema}.{table}", areas)
                rights = "select has_any_column_privilege($1, $2, 'insert, update') or has_table_privilege($1, $2, 'delete')"
                if await connection.fetchval(rights, role, one.table):
                    tried.add(table)
                    faults += [f"{table}: {fault}" for fault in await _tried(one, columns)]
    finally:
        await connection.close()
    return faults, tried


async def _tried(one: _Try, columns: Sequence[asyncpg.Record]) -> list[str]:
    _, (other,) = await one.rows()
    faults = await _put_in(one, columns, other)
    for column in columns:
        if column["set"]:
            faults += await _changed(one, column["name"], other)
        if column["set"] and column["places"]:
            faults += await _moved(one, column["name"], other)
    if await one.connection.fetchval("select has_table_privilege($1, $2, 'delete')", one.role, one.table):
        said, left = await one.attempt(one.areas[0], f"delete from {one.table}")  # noqa: S608 - a name of ours
        if said or left[1] != [other]:
            faults.append(f"the row of another area can be removed {said}")
    return faults


async def _put_in(one: _Try, columns: Sequence[asyncpg.Record], row: str) -> list[str]:
    names = ", ".join(column["name"] for column in columns if column["put"])
    if not names:
        return []
    values = f"select {names} from jsonb_populate_record(null::{one.table}, $1::text::jsonb)"  # noqa: S608 - names of ours
    statement = f"insert into {one.table} ({names}) {values}"
    transaction = one.connection.transaction()
    await transaction.start()
    try:
        # So that no key stands against it.
        await one.connection.execute(f"delete from {one.table}")  # noqa: S608 - a name of ours
        refused, _ = await one.attempt(one.areas[0], statement, row)
        said, _ = await one.attempt(one.areas[1], statement, row)
    finally:
        await transaction.rollback()
    faults = [f"a row of another area can be put in ({refused or 'and was'})"] if _REFUSED not in refused else []
    if said and (_REFUSED in said or 'row-level security policy "' not in said):
        # Another policy that stands against it has been asked after this one.
        faults.append(f"it cannot be put in by somebody of its area either: {said}")
    return faults


async def _changed(one: _Try, column: str, other: str) -> list[str]:
    said, left = await one.attempt(one.areas[0], f"update {one.table} set {column} = {column}")  # noqa: S608 - names of ours
    return [] if not said and left[1] == [other] else [f"{column} of another area's row can be changed {said}"]


async def _moved(one: _Try, column: str, row: str) -> list[str]:
    value = f"(jsonb_populate_record(null::{one.table}, $1::text::jsonb)).{column}"
    said, left = await one.attempt(one.areas[0], f"update {one.table} set {column} = {value}", row)  # noqa: S608 - names of ours
    # What stays in the area as well may lie in another one too.
    kept = not said and len(left[0]) == 1
    return [] if _REFUSED in said or kept else [f"a row can be moved out of its area by {column} ({said or 'and was'})"]


def _areas(row: dict[str, Any]) -> list[str]:
    found: list[str] = row["seen_in"] if "seen_in" in row else [row.get("service_area") or row["area"]]
    return found
