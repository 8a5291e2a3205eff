"""`loop replay`, `loop dead-letters`, `loop client`: looking after an installation that runs."""

import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from loop_cli import clients
from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError

app = typer.Typer()
dead_letters = typer.Typer(no_args_is_help=True, help="Events that could not be applied, and applying them again.")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(clients.client, name="client")
# Where nobody watches (a pipe, a log), a table is as wide as it needs to be: a reason that is cut off helps nobody.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

REBUILD_SECONDS = 3600.0


@app.command()
def replay(
    service: Annotated[str, typer.Argument(help="The service with read models: reporting.")] = "reporting",
    data: Data = DEFAULT_DATA,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until everything has been read again.")] = True,
) -> None:
    """Empty the read models and build them again from the services' event logs."""
    if service != "reporting":
        raise ServerError(f"'{service}' has no read models. Only reporting is built from events.")
    with Operator.of(data) as operator:
        command = operator.call("POST", "/reporting/v1/replay")
        console.print("Rebuilding from the event logs …")
        if wait:
            began = time.monotonic()
            _wait(operator, command["command_id"])
            console.print(f"Rebuilt after {time.monotonic() - began:.1f} s.")


def _wait(operator: Operator, command_id: str) -> None:
    deadline = time.monotonic() + REBUILD_SECONDS
    while time.monotonic() < deadline:
        commands = operator.call("GET", "/reporting/v1/commands")["commands"]
        done = any(each["id"] == command_id and each["done_at"] for each in commands)
        if done and operator.call("GET", "/reporting/v1/progress")["complete"]:
            return
        time.sleep(0.2)
    raise ServerError("It is still being read. `loop status` and the log of reporting-worker say how it goes.")


@dead_letters.command("list")
def list_dead_letters(org: Org, data: Data = DEFAULT_DATA) -> None:
    """Show the events of an organisation that were put aside, newest first, with the reason."""
    table = Table(box=None, pad_edge=False)
    for column in ("source", "number", "event", "put aside", "reason"):
        table.add_column(column)
    with Operator.of(data) as operator:
        for each in operator.pages("/reporting/v1/dead-letters", org):
            again = " (applied later)" if each["redriven_at"] else ""
            table.add_row(each["source"], str(each["sequence"]), each["type"] or "", each["failed_at"], each["reason"] + again)
    console.print(table if table.row_count else f"No event of {org} was put aside.")


@dead_letters.command()
def redrive(data: Data = DEFAULT_DATA) -> None:
    """Apply the events that were put aside again, of all organisations; what still fails stays, with its new reason."""
    with Operator.of(data) as operator:
        command = operator.call("POST", "/reporting/v1/dead-letters/redrive")
        _wait(operator, command["command_id"])
        commands = operator.call("GET", "/reporting/v1/commands")["commands"]
        console.print(next(each["result"] for each in commands if each["id"] == command["command_id"]))
