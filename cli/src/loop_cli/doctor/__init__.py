"""`loop doctor`: looks at everything that an installation stands on, and says what to do."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from chassis.broker_rights import ADMIN
from loop_cli.bi_roles import admin_url
from loop_cli.doctor import broker, database, edge, machine
from loop_cli.doctor.findings import Finding, wrong
from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError
from loop_cli.stack.layout import Layout, read_json
from loop_cli.stack.state import State

app = typer.Typer()
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

_COLOURS = {"well": "green", "look": "yellow", "wrong": "red"}
_SECONDS = 10.0


@app.command()
def doctor(
    data: Data = DEFAULT_DATA,
    certificate: Annotated[
        list[str] | None, typer.Option("--certificate", help="File (PEM) or host:port whose certificate to look at; repeat it.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", envvar="LOOP_INSIDE_CA", help="Authority of certificates inside (PEM).")
    ] = None,
    public: Annotated[
        str,
        typer.Option("--public", envvar="LOOP_PUBLIC_URL", help="Public address, to see whether its certificate is believed."),
    ] = "",
    process: Annotated[
        list[str] | None,
        typer.Option("--process", help="URL of a process whose clock to look at, such as http://audit:8401; repeat it."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what is well, too.")] = False,
) -> None:
    """Look at roles, row-level security, migrations, clocks, events, streams, trails, keys, disk and certificates.

    Nothing is changed. Exits 1 where something is wrong. Elsewhere than in the embedded installation LOOP_ADMIN_DATABASE_URL
    names the database, LOOP_NATS_URL the broker (user `loop`), LOOP_STREAM_REPLICAS on how many of its nodes streams lie.
    """
    found = examine(Layout.at(data), certificate or [], ca, process or [])
    found += edge.examine(public) if public else []
    if as_json:
        typer.echo(json.dumps([each.as_dict() for each in found], indent=1))
    else:
        _show(found, everything=everything)
    if any(each.state == "wrong" for each in found):
        raise typer.Exit(1)


def examine(layout: Layout, certificates: list[str], ca: Path | None = None, elsewhere: Sequence[str] = ()) -> list[Finding]:
    """Look at everything that can be reached."""
    found = []
    embedded = layout.secrets.exists()
    state = State.read(layout) if embedded and layout.is_locked() else None
    if embedded:
        found += machine.examine(layout, state)
    found += machine.certificates(certificates)
    if elsewhere:
        found += machine.clocks({url: url.rstrip("/") for url in elsewhere}, ca)
    try:
        found += asyncio.run(_database(admin_url(layout.root)))
    except (ServerError, OSError, TimeoutError, asyncpg.PostgresError) as error:
        do = "Start it with `loop up`, or name it in LOOP_ADMIN_DATABASE_URL."
        found.append(wrong("database", str(error).partition("\n")[0] or type(error).__name__, do))
    if url := _broker(layout, state):
        found += asyncio.run(broker.examine(url, ca, int(os.environ.get("LOOP_STREAM_REPLICAS", "1"))))
    return found


async def _database(url: str) -> list[Finding]:
    connection = await asyncpg.connect(url, timeout=_SECONDS, command_timeout=_SECONDS)
    try:
        return await database.examine(connection)
    finally:
        await connection.close()


def _broker(layout: Layout, state: State | None) -> str | None:
    if named := os.environ.get("LOOP_NATS_URL"):
        return named
    password = (read_json(layout.secrets / "passwords.json") or {}).get("nats")
    port = next((each.port for each in state.processes if each.name == "nats"), None) if state is not None else None
    return f"nats://{ADMIN}:{password}@127.0.0.1:{port}" if password and port else None


def _show(found: list[Finding], *, everything: bool) -> None:
    order = {"wrong": 0, "look": 1, "well": 2}
    table = Table(box=None, pad_edge=False, show_header=False)
    for each in sorted(found, key=lambda one: order[one.state]):
        if everything or each.state != "well":
            colour = _COLOURS[each.state]
            table.add_row(f"[{colour}]{each.state}[/{colour}]", each.what, f"{each.words}. {each.do}".strip())
    console.print(table)
    numbers = {state: sum(each.state == state for each in found) for state in order}
    console.print(f"{numbers['well']} well, {numbers['look']} to look at, {numbers['wrong']} wrong.")
