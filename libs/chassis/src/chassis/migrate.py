"""Migrations: what a service's `migrations/env.py` calls.

Runs as `<schema>_owner`, one at a time for each schema (advisory lock), with time-outs so that a migration gives way to the
traffic instead of stopping it.
"""

import asyncio
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis import inside
from chassis.settings import database_url

if TYPE_CHECKING:
    from alembic.runtime.environment import EnvironmentContext


Step = Callable[[Connection], None]


def run(context: "EnvironmentContext | Any", schema: str, *, before: Step | None = None, after: Step | None = None) -> None:
    """Run the migrations of `schema` on LOOP_DATABASE_URL, which may lie in a file; with `--sql`, print them instead.

    `before` and `after` are for what hangs on the tables and is made anew of them: each runs in a transaction of its own,
    `after` also when a migration has failed.
    """
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", version_table_schema=schema, literal_binds=True, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    url = database_url().replace("postgresql://", "postgresql+asyncpg://", 1)
    asyncio.run(_run(context, url, schema, before or _nothing, after or _nothing))


def _nothing(_: Connection) -> None:
    """Nothing hangs on the tables."""


async def _run(context: Any, url: str, schema: str, before: Step, after: Step) -> None:
    engine = create_async_engine(url, poolclass=NullPool, connect_args=_connecting(url))
    try:
        async with engine.connect() as connection:
            # A session lock, so that two operators wait for one another rather than both migrate.
            await connection.execute(text("set lock_timeout = '30s'"))
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": zlib.crc32(f"migrate {schema}".encode())})
            await connection.execute(text("set lock_timeout = '5s'"))
            await connection.execute(text("set statement_timeout = '5min'"))
            await connection.commit()
            await connection.run_sync(before)
            await connection.commit()
            try:
                await connection.run_sync(_migrate, context, schema)
                await connection.commit()
            finally:
                await connection.rollback()
                await connection.run_sync(after)
                await connection.commit()
    finally:
        await engine.dispose()


def _connecting(url: str) -> dict[str, Any]:
    ca = os.environ.get("LOOP_INSIDE_CA")
    return {"server_settings": {"timezone": "UTC"}, **inside.database_options(url, Path(ca) if ca else None)}


def _migrate(connection: Connection, context: Any, schema: str) -> None:
    context.configure(connection=connection, version_table_schema=schema, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
