"""Holding what a service says it has sealed against its schema."""

import asyncpg

from chassis.sealed import Sealed
from chassis.testing.databases import Database

_BINARY = """
    select c.relname || '.' || a.attname as place
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid
     where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
       and a.atttypid in ('bytea'::regtype, 'bytea[]'::regtype)
"""
_KEYED = """
    select c.relname as place
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_index i on i.indrelid = c.oid and i.indisprimary
     where n.nspname = $1
"""


async def assert_declared(database: Database, sealed: Sealed) -> None:
    """Every binary column is declared, sealed or plain; what is declared is there, and its table has a primary key."""
    connection = await asyncpg.connect(database.url("admin"))
    try:
        there = {row["place"] for row in await connection.fetch(_BINARY, sealed.schema)}
        keyed = {row["place"] for row in await connection.fetch(_KEYED, sealed.schema)}
    finally:
        await connection.close()
    declared = {f"{column.table}.{column.name}" for column in sealed.columns if column.kind == "bytes"}
    wrong = {
        "not declared in src/…/sealed.py": there - declared - set(sealed.plain),
        "declared, and not in the schema": (declared | set(sealed.plain)) - there,
        "declared as both": declared & set(sealed.plain),
        "without a primary key": {column.table for column in sealed.columns} - keyed,
    }
    if found := [f"{what}: {', '.join(sorted(places))}" for what, places in wrong.items() if places]:
        raise AssertionError("\n".join(found))
