"""`loop bi-role`: roles of PostgreSQL for tools that read the figures by SQL (ADR 0016, docs/guides/bi.md).

The operator's key opens the services and not their database, so this needs an administrator of PostgreSQL: the embedded
installation's own, or one named in LOOP_ADMIN_DATABASE_URL (a file with the URL: LOOP_ADMIN_DATABASE_URL_FILE).
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from chassis import direct
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError
from loop_cli.stack.database import DATABASE
from loop_cli.stack.layout import Layout, read_json
from loop_cli.stack.state import State

bi_role = typer.Typer(no_args_is_help=True, help="Roles of PostgreSQL for tools that read the figures by SQL.")
app = typer.Typer()
app.add_typer(bi_role, name="bi-role")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

SCHEMA = "reporting"
Work = Callable[[asyncpg.Connection], Awaitable[Any]]


@bi_role.command()
def create(
    org: Org,
    name: Annotated[str, typer.Option("--name", help="What the tool is called, such as Metabase.")],
    area: Annotated[list[str] | None, typer.Option("--area", help="Service area to which it is limited; repeat it.")] = None,
    connections: Annotated[int, typer.Option(min=1, max=50, help="Connections that it may have at once.")] = direct.CONNECTIONS,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a role that reads the figures of one organisation. Its password is shown this once."""
    try:
        direct.assert_organisation(org)
    except ValueError as error:
        raise ServerError(str(error)) from None
    role, password = direct.new_role(), direct.new_password()
    url = admin_url(data)
    areas = sorted(set(area or []))
    _run(url, lambda connection: make(connection, role, direct.verifier(password), (org, name.strip(), areas), connections))
    parts = urlsplit(url)
    shown = {"host": parts.hostname, "port": parts.port or 5432, "database": parts.path.lstrip("/"), "user": role}
    for label, value in {**shown, "password": password, "schema": f"{SCHEMA}_bi"}.items():
        console.print(f"{label:<10} {value}", soft_wrap=True)
    console.print("Keep the password now: only a verifier of it is stored.")


@bi_role.command("list")
def list_roles(org: Org, data: Data = DEFAULT_DATA) -> None:
    """Show every role of an organisation that reads the figures by SQL, those that were revoked too."""
    table = Table(box=None, pad_edge=False)
    for column in ("role", "name", "service areas", "made", "state"):
        table.add_column(column)
    for row in _run(admin_url(data), lambda connection: known(connection, org)):
        state = f"revoked {row['revoked_at']:%Y-%m-%d}" if row["revoked_at"] else "active"
        areas = ", ".join(row["areas"]) or "all"
        table.add_row(row["role"], row["name"], areas, f"{row['created_at']:%Y-%m-%d}", state)
    console.print(table if table.row_count else f"{org} has none.")


@bi_role.command()
def revoke(role: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Shut a role out at once: its sessions end, it sees nothing, it is dropped."""
    _run(admin_url(data), lambda connection: end(connection, org, role))
    console.print(f"{role} is revoked.")


def admin_url(data: Path) -> str:
    """The URL of an administrator of the database. Raises ServerError that says what to do."""
    if path := os.environ.get("LOOP_ADMIN_DATABASE_URL_FILE"):
        return Path(path).read_text().strip()
    if named := os.environ.get("LOOP_ADMIN_DATABASE_URL"):
        return named
    layout = Layout.at(data)
    state = State.read(layout)
    passwords = read_json(layout.secrets / "passwords.json") or {}
    running = state.processes if state and layout.is_locked() else ()
    server = next((each for each in running if each.name == "postgres"), None)
    if server is None or "postgres" not in passwords:
        raise ServerError(
            f"Nothing runs with the data in {layout.root}. Start it with `loop up`, or name an administrator of its "
            "database in LOOP_ADMIN_DATABASE_URL."
        )
    return f"postgresql://postgres:{passwords['postgres']}@127.0.0.1:{server.port}/{DATABASE}"


def _run(url: str, work: Work) -> Any:
    async def running() -> Any:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(running())
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # An error of a connection may repeat its address, and with it the password: only its kind and the server's words.
        words = str(error) if isinstance(error, asyncpg.PostgresError) else type(error).__name__
        raise ServerError(f"The database did not do it, and nothing was changed: {words}") from None


async def make(
    connection: asyncpg.Connection,
    role: str,
    verifier: str,
    of: tuple[str, str, list[str]],
    connections: int = direct.CONNECTIONS,
) -> None:
    """Make a role for an organisation, under a name, limited to service areas (none: all).

    Raises ServerError where the organisation or an area is not known, or where the role could do more than read.
    """
    org, name, areas = of
    for statement in direct.login_statements(SCHEMA, role, verifier, connections=connections):
        await connection.execute(statement)
    await _as_owner(connection, org)
    await _assert_areas(connection, org, areas)
    await connection.execute(direct.REGISTER.format(schema=SCHEMA), org, role, name, areas, "operator")
    await connection.execute("reset role")
    found = await connection.fetch(direct.WHAT_IS_OPEN, *direct.open_parameters(SCHEMA, role))
    if found:
        listed = "\n".join(f"  {row['what']}" for row in found)
        raise ServerError(
            f"The role was not made, because in this database it could do more than read:\n{listed}\n"
            "Run deploy/roles.sql as a superuser, which closes that."
        )


async def _assert_areas(connection: asyncpg.Connection, org: str, areas: list[str]) -> None:
    known = {
        row["code"]
        for row in await connection.fetch(
            f"select a ->> 'code' as code from {SCHEMA}.profile p, "  # noqa: S608 - a constant
            "jsonb_array_elements(p.document -> 'organisation' -> 'service_areas') a "
            f"where p.number = (select max(number) from {SCHEMA}.profile)"
        )
    }
    if not known:
        raise ServerError(f"'{org}' has no profile here. Apply it first: `loop profile apply`.")
    if unknown := sorted(set(areas) - known):
        raise ServerError(f"{org} has no service area {', '.join(unknown)}. It has: {', '.join(sorted(known))}.")


async def known(connection: asyncpg.Connection, org: str) -> list[asyncpg.Record]:
    """Every role of an organisation, the newest first."""
    await _as_owner(connection, org)
    found: list[asyncpg.Record] = await connection.fetch(
        f"select role, name, areas, created_at, revoked_at from {SCHEMA}.direct_reader order by created_at desc"  # noqa: S608 - constants
    )
    return found


async def end(connection: asyncpg.Connection, org: str, role: str) -> None:
    """Shut a role out, end its sessions and drop it. Raises ServerError where the organisation has none of that name."""
    await _as_owner(connection, org)
    done = await connection.execute(direct.REVOKE.format(schema=SCHEMA), org, role)
    await connection.execute("reset role")
    if done != "UPDATE 1":
        raise ServerError(f"{org} has no role '{role[:40]}' that could be revoked; `loop bi-role list` shows what there is.")
    for statement in direct.end_statements(SCHEMA, role):
        await connection.execute(statement)


async def _as_owner(connection: asyncpg.Connection, org: str) -> None:
    """Act as the tables' owner for one organisation: an administrator who is no superuser may write there in no other way."""
    await connection.execute(f"set local role {SCHEMA}_owner")
    await connection.execute("select set_config('app.org', $1, true)", org)
