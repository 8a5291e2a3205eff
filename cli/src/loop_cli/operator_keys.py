"""`loop operator`: keys of those who run the installation, each with a name and an end."""

import asyncio
import os
import sys
from getpass import getpass
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.identity import Identity
from chassis.private_files import write_private
from chassis.tenancy import INSTALLATION
from chassis.trail.acting import Acting
from chassis.trail.joining import join
from loop_cli.bi_roles import admin_url
from loop_cli.operator import Operator, key_path, pass_file
from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError

app = typer.Typer(no_args_is_help=True, help="Keys of those who run the installation.")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

Into = Annotated[Path | None, typer.Option("--into", help="New file for the key; without it the key is shown.", dir_okay=False)]
Expires = Annotated[str | None, typer.Option("--expires", help="Last day, within a year; without it ninety days from now.")]
_PATH = "/gateway/v1/operator-keys"
_RECOVERY = "operator:recover"
"""Who ended them, in the trail and beside each key."""
_END_ALL = text("update operator_key set ended_at = now(), ended_by = :by where ended_at is null")


@app.callback()
def _about() -> None:
    """Keys of those who run the installation."""


@app.command()
def create(
    name: Annotated[str, typer.Option("--name", help="Who holds it: small letters, digits, full stops, hyphens.")],
    expires: Expires = None,
    into: Into = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a key for somebody. From the first one on, the key that the installation began with does not count any more."""
    with _room_for(into), Operator.of(data) as operator:
        made = operator.call("POST", _PATH, json={"name": name, "expires_on": expires})
    _show(made, into)


@app.command()
def rotate(
    key_id: str,
    overlap: Annotated[int, typer.Option("--overlap", help="Days that the old one still works; 0: it ends at once.")] = 1,
    expires: Expires = None,
    into: Into = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Let a new key of the same name follow one."""
    with _room_for(into), Operator.of(data) as operator:
        made = operator.call("POST", f"{_PATH}/{key_id}/rotation", json={"overlap_days": overlap, "expires_on": expires})
    _show(made, into)


@app.command("list")
def list_keys(data: Data = DEFAULT_DATA) -> None:
    """Show whose keys there are, when each was last used, and when it ends."""
    table = Table(box=None, pad_edge=False)
    for column in ("key", "name", "state", "second factor", "ends", "last used", "made by"):
        table.add_column(column)
    with Operator.of(data) as operator:
        found = operator.call("GET", _PATH)["items"]
    for each in found:
        state = "counts" if each["good"] else "ended"
        end = (each["ended_at"] or each["expires_at"])[:16]
        used = (each["last_used_at"] or "never")[:16]
        second = "yes" if each["second_factor"] else "no"
        table.add_row(each["key_id"], each["name"], state, second, end, used, each["created_by"])
    console.print(table if found else "Nobody has a key with a name yet; the one that the installation began with counts.")


@app.command()
def end(key_id: str, data: Data = DEFAULT_DATA) -> None:
    """End a key at once."""
    with Operator.of(data) as operator:
        operator.call("DELETE", f"{_PATH}/{key_id}")
        # With the key that ended itself nothing more can be asked; that of another says how it stands.
    console.print(f"{key_id} has ended. When no key with a name counts, the one that the installation began with does again.")


@app.command()
def enrol(data: Data = DEFAULT_DATA) -> None:
    """Begin the second factor of your key with an authenticator app, and sign in with its first code."""
    with Operator.of(data) as operator:
        made = operator.call("POST", f"{_PATH}/own/second-factor")
        console.print("Add this to your authenticator app, and to nothing else; it is shown this once:")
        console.print(f"  {made['secret']}\n  {made['address']}", soft_wrap=True)
        _get_pass(operator, data)
    console.print("From now on your key needs a pass beside it: `loop operator sign-in`, once a working day.")


@app.command("sign-in")
def sign_in(data: Data = DEFAULT_DATA) -> None:
    """Get a pass of eight hours for a code of your authenticator. It lies beside the file with your key."""
    with Operator.of(data) as operator:
        _get_pass(operator, data)


@app.command("page")
def come_in_by_browser(data: Data = DEFAULT_DATA) -> None:
    """Get a code for the operator's page in a browser: how everything runs, and events that were put aside."""
    with Operator.of(data) as operator:
        made = operator.call("POST", f"{_PATH}/own/page")
    console.print(f"Open {made['address']} and type the code; it counts once, until {made['expires_at'][11:19]} (UTC):")
    console.print(f"  {made['code']}", soft_wrap=True)


@app.command("sign-out")
def sign_out(data: Data = DEFAULT_DATA) -> None:
    """Take the pass away from this machine."""
    pass_file(key_path(data)).unlink(missing_ok=True)


@app.command()
def recover(
    confirm: Annotated[str, typer.Option("--confirm", help="The words: end all keys")] = "", data: Data = DEFAULT_DATA
) -> None:
    """End all keys of operators by the database, for who is alone and lost the second factor; the first key counts again."""
    if confirm != "end all keys":
        raise ServerError("This ends every operator's key. Say --confirm 'end all keys'. Nothing was changed.")
    ended = asyncio.run(end_all(admin_url(data)))
    console.print(
        f"{ended} keys ended. Within half a minute the key that the installation began with counts again: "
        "`loop operator create`, then `loop operator enrol` with the new key."
    )


async def end_all(url: str) -> int:
    """End every key, as an administrator of the database; answers how many. Ending some leaves an entry in the trail."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("set local search_path = gateway"))
            ended = (await connection.execute(_END_ALL, {"by": _RECOVERY})).rowcount
            if ended:
                scope = {"method": "RUN", "route": SimpleNamespace(path="loop operator recover")}
                did = Acting(Identity(INSTALLATION, _RECOVERY, "operator"), uuid4().hex, scope, said={"ended": str(ended)})
                await join(connection, "gateway", INSTALLATION, did)
            return ended
    finally:
        await engine.dispose()


def _get_pass(operator: Operator, data: Path) -> None:
    # Read without an echo, and from a pipe too; a code stands in no argument, which others on the machine can read.
    code = (getpass("Code: ") if sys.stdin.isatty() else sys.stdin.readline()).replace(" ", "").strip()
    made = operator.call("POST", f"{_PATH}/own/pass", json={"code": code})
    path = pass_file(key_path(data))
    write_private(path, made["operator_pass"] + "\n")
    console.print(
        f"Signed in until {made['expires_at'][:16]} (UTC); the pass is in {path}. `loop operator sign-out` removes it."
    )


class _room_for:  # noqa: N801 - used like a function
    """Make the file before the key is asked for, so that a key is not made that cannot be kept; take it away on failure."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __enter__(self) -> None:
        if self._path is None:
            return
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise ServerError(f"{self._path} cannot be made ({error.strerror}). Name a new file. No key was made.") from None

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None and self._path is not None:
            self._path.unlink(missing_ok=True)


def _show(made: dict[str, Any], into: Path | None) -> None:
    console.print(f"{made['key_id']} of {made['name']}, until {made['expires_at'][:16]} (UTC)")
    if into is None:
        console.print(made["key"], soft_wrap=True)
        console.print("Keep it now, in a file that only you can read: only its hash is stored.")
    else:
        into.write_text(made["key"] + "\n")
        console.print(f"It is in {into}, and nowhere else.")
    console.print("Use it with LOOP_OPERATOR_KEY_FILE=<that file>.")
