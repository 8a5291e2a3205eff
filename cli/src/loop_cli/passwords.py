"""`loop passwords`: new passwords of PostgreSQL and NATS in the embedded installation, and how old they are.

Elsewhere they are changed at the servers: docs/runbooks/change-passwords.md.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError
from loop_cli.stack.layout import Layout
from loop_cli.stack.passwords import OLDEST_DAYS, begin, changed_at, is_begun

passwords = typer.Typer(no_args_is_help=True, help="Passwords of PostgreSQL and NATS: change them all, show how old they are.")
app = typer.Typer()
app.add_typer(passwords, name="passwords")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

LONGEST_SECONDS = 600.0
"""Ten processes are stopped, which may take 15 seconds each, and started."""


@passwords.command()
def rotate(data: Data = DEFAULT_DATA) -> None:
    """Give every role of PostgreSQL and every user of NATS a new password, while everything goes on.

    Workers are started again together, then one service after another, the gateway last: each is away for a few seconds.
    """
    layout = Layout.at(data)
    if not begin(layout):
        console.print("A change was begun before; it goes on.")
    if not layout.is_locked():
        console.print("It does not run. The next `loop up` changes all passwords before anything else starts.")
        return
    console.print("Each process is started again in turn. What comes in meanwhile for one that is away can be sent again …")
    began = time.monotonic()
    while is_begun(layout):
        if not layout.is_locked():
            raise ServerError("It was stopped before all was done. The next `loop up` finishes the change.")
        if time.monotonic() - began > LONGEST_SECONDS:
            raise ServerError(
                "Not all is done yet. `loop up` says where it runs what stands in the way, and goes on trying; "
                "so does the next start. An installation that was started before this version has to be started again."
            )
        time.sleep(0.1)
    console.print(f"{len(changed_at(layout))} passwords were changed in {time.monotonic() - began:.0f} s.")
    console.print("Copy the secrets folder anew. Roles of BI tools keep theirs: `loop bi-role`.")


@passwords.command()
def status(
    data: Data = DEFAULT_DATA,
    days: Annotated[int, typer.Option("--days", help="How old a password may be.", min=1)] = OLDEST_DAYS,
) -> None:
    """Show when each password was made; exits 1 where one is older than the rule allows, or a change is not finished."""
    layout = Layout.at(data)
    found = changed_at(layout)
    if not found:
        raise ServerError(f"There are no passwords in {layout.secrets}.")
    limit = datetime.now(UTC) - timedelta(days=days)
    table = Table(box=None, pad_edge=False)
    for column in ("of", "at", "made", ""):
        table.add_column(column)
    for name, moment in found.items():
        server = "NATS" if name == "nats" or name.startswith("nats-") else "PostgreSQL"
        table.add_row(name, server, f"{moment:%Y-%m-%d %H:%M}", f"older than {days} days" if moment < limit else "")
    console.print(table)
    if is_begun(layout):
        console.print("A change was begun and is not finished: `loop passwords rotate` waits for it, `loop up` finishes it.")
    old = sum(moment < limit for moment in found.values())
    if old:
        console.print(f"{old} are older than {days} days: `loop passwords rotate`.")
    raise typer.Exit(1 if old or is_begun(layout) else 0)
