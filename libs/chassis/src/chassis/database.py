"""The connection to PostgreSQL, and the refusal to start with rights that would make tenancy a matter of trust."""

from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis import inside, tracing
from chassis.settings import DatabaseSettings


class UnsafeRoleError(SystemExit):
    """The role would see past row-level security; the process must not start."""


def create_engine(
    settings: DatabaseSettings, application: str, *, statement_seconds: int = 15, kept: bool = True
) -> AsyncEngine:
    """An engine on asyncpg with bounded pool and bounded statements.

    The pool does not test a connection before use, which would be one more round trip for each request: a unit of work that
    meets a dead one at its first statement takes another. With `kept=False` there is no pool: a connection is made for
    what needs it and ends with it.
    """
    pool: dict[str, Any] = {"pool_size": settings.database_pool, "max_overflow": 0, "pool_timeout": 5, "pool_recycle": 1800}
    engine = create_async_engine(
        settings.sqlalchemy_url,
        **(pool if kept else {"poolclass": NullPool}),
        hide_parameters=True,  # parameters are personal data; they stay out of exceptions and logs
        connect_args={
            "timeout": 5,
            **inside.database_options(settings.database_url.get_secret_value(), settings.inside_ca),
            "server_settings": {
                "application_name": application,
                "jit": "off",
                "timezone": "UTC",
                "lock_timeout": "5s",
                "statement_timeout": f"{statement_seconds}s",
                "idle_in_transaction_session_timeout": "30s",
            },
        },
    )
    if tracing.current() is not None:
        event.listen(engine.sync_engine, "before_cursor_execute", _count)
    return engine


_COUNT = "loop.statements"


def _count(connection: Connection, *_: Any) -> None:
    connection.info[_COUNT] = connection.info.get(_COUNT, 0) + 1


def statements_of(connection: AsyncConnection) -> int:
    """Statements on a connection since it was made, where they are counted; what goes to the driver directly is not."""
    return 0 if connection.closed or connection.invalidated else int(connection.info.get(_COUNT, 0))


_RIGHTS = text(
    """
    select r.rolname,
           r.rolsuper,
           r.rolbypassrls,
           (select count(*) from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = :schema and c.relkind in ('r', 'p')
               and pg_has_role(r.oid, c.relowner, 'MEMBER')) as owned,
           (select coalesce(string_agg(c.relname, ', ' order by c.relname), '') from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = :schema and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
               and not (c.relrowsecurity and c.relforcerowsecurity)) as unprotected
      from pg_roles r where r.rolname = current_user
    """
)


async def assert_safe_role(engine: AsyncEngine, schema: str) -> None:
    """Refuse to go on as superuser, with BYPASSRLS, as owner of the tables, or where a table lacks forced row security.

    Raises `UnsafeRoleError` with what is wrong and what to do.
    """
    async with engine.connect() as connection:
        role = (await connection.execute(_RIGHTS, {"schema": schema})).one()
    wrong = []
    if role.rolsuper:
        wrong.append("it is a superuser")
    if role.rolbypassrls:
        wrong.append("it has BYPASSRLS")
    if role.owned:
        wrong.append(f"it owns {role.owned} tables of the schema '{schema}'")
    if wrong:
        msg = (
            f"The database role '{role.rolname}' is not safe to run with: {' and '.join(wrong)}. "
            f"Row-level security would not hold. Connect as '{schema}_app' or '{schema}_worker' (LOOP_DATABASE_URL)."
        )
        raise UnsafeRoleError(msg)
    if role.unprotected:
        msg = f"Tables of '{schema}' without forced row-level security: {role.unprotected}. Run the migrations."
        raise UnsafeRoleError(msg)


_UNSTORABLE = frozenset({"22P05", "22021"})
"""PostgreSQL's untranslatable_character and character_not_in_repertoire: what came in, not what we did."""


def is_unstorable(error: BaseException) -> bool:
    """Whether an error says that a text holds a character that PostgreSQL cannot store."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _UNSTORABLE


def is_outside_areas(error: BaseException) -> bool:
    """Whether the database refused a row for the service area in which it would lie (`chassis.carried_areas`)."""
    refused = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "42501"
    return refused and 'row-level security policy "areas"' in str(error)


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database is away or restarting, so that the same thing may work later."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        # 08 connection, 53 resources, 57P operator intervention (shutdown), 40 rollback (serialization, deadlock)
        return error.connection_invalidated or state.startswith(("08", "53", "57P", "40", "55P03"))
    return isinstance(error, OSError | TimeoutError)
