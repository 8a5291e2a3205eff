"""Migrations: what a service's `migrations/env.py` calls.

Runs as `<schema>_owner`, one at a time for each schema (advisory lock), while the services work. A migration that waits for a
table makes everybody wait who comes after it, and two that wait for each other lose one: PostgreSQL looks after a second
(`deadlock_timeout`) and may choose a request. So a migration gives way before that, is undone, and tries again.

A version that was gone back to finds a schema with migrations that it does not know. It lives with those that only added
(docs/guides/upgrading.md); what took something away says so with `contracted`, and then it is refused.
"""

import asyncio
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from chassis import inside
from chassis.settings import database_url

if TYPE_CHECKING:
    from alembic.runtime.environment import EnvironmentContext


Step = Callable[[Connection], None]

_NEEDS = "needs "
LOCK_TIMEOUT = "800ms"
"""Below PostgreSQL's `deadlock_timeout` of a second."""
TIMES = 60
PAUSE = 0.5
_GIVES_WAY = frozenset({"55P03", "40P01"})
"""SQLSTATE of a lock that did not come in time, and of a deadlock."""


class TooOldError(Exception):
    """The schema has lost what this version needs."""


def contracted(op: Any, schema: str, needs: str) -> None:
    """Note that the schema now carries only programs that know the migration `needs`. For the upgrade of a contraction.

    Its downgrade calls it with what was needed before. `op` is alembic's.
    """
    # It is the owner's own table, and older programs look into it anyway. A comment takes no parameters.
    op.execute(f"comment on table {schema}.alembic_version is '{_NEEDS}{int(needs):04}'")


def is_ahead(connection: Connection, schema: str, current: str | None, known: str) -> bool:
    """Whether the schema is newer than the newest migration that is `known` here.

    Raises `TooOldError` where it has lost what a program of that age needs.
    """
    if current is None or current <= known:
        return False
    comment = connection.execute(text("select obj_description(to_regclass(:name))"), {"name": f"{schema}.alembic_version"})
    needs = (comment.scalar() or "").removeprefix(_NEEDS)
    if needs > known:
        msg = (
            f"The schema {schema} is at {current} and needs a program that knows {needs}; this one knows {known}. "
            "Nothing was changed. Use the version that brought it there, or newer."
        )
        raise TooOldError(msg)
    return True


def run(context: "EnvironmentContext | Any", schema: str, *, before: Step | None = None, after: Step | None = None) -> None:
    """Run the migrations of `schema` on LOOP_DATABASE_URL, which may lie in a file; with `--sql`, print them instead.

    `before` and `after` are for what hangs on the tables and is made anew of them: each runs in a transaction of its own,
    `after` also when a migration has failed, and `before` not where nothing is to be migrated.
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
            await connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.execute(text("set statement_timeout = '5min'"))
            await connection.commit()
            if await connection.run_sync(_is_to_do, context, schema):
                await _insist(connection, before)
            await connection.rollback()
            try:
                await _insist(connection, lambda it: _migrate(it, context, schema))
            finally:
                await connection.rollback()
                await _insist(connection, after)
    finally:
        await engine.dispose()


async def _insist(connection: AsyncConnection, step: Step) -> None:
    """Run a step and commit; where it had to give way, again. What of it was committed by itself is not done twice."""
    for time in range(1, TIMES + 1):
        try:
            await connection.run_sync(step)
            await connection.commit()
        except DBAPIError as error:
            await connection.rollback()
            if getattr(error.orig, "sqlstate", None) not in _GIVES_WAY or time == TIMES:
                raise
            await asyncio.sleep(PAUSE)
        else:
            return


def _connecting(url: str) -> dict[str, Any]:
    ca = os.environ.get("LOOP_INSIDE_CA")
    return {"server_settings": {"timezone": "UTC"}, **inside.database_options(url, Path(ca) if ca else None)}


def _is_to_do(connection: Connection, context: Any, schema: str) -> bool:
    """Whether the schema is elsewhere than it shall come to."""
    context.configure(connection=connection, version_table_schema=schema)
    try:
        return bool(context.get_context().get_current_revision() != context.get_revision_argument())
    except KeyError:  # a command that moves nothing
        return False


def _migrate(connection: Connection, context: Any, schema: str) -> None:
    context.configure(connection=connection, version_table_schema=schema, transaction_per_migration=True)
    current, known = context.get_context().get_current_revision(), context.script.get_current_head()
    if is_ahead(connection, schema, current, known):
        context.config.print_stdout(
            f"{schema} is at {current}, newer than {known}, which this version knows. Nothing was done."
        )
        return
    with context.begin_transaction():
        context.run_migrations()
