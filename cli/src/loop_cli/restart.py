"""`loop restart`: start every process of an installation that runs anew, one after another, without a lost request."""

import sys
import time
from pathlib import Path

import typer
from rich.console import Console

from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError
from loop_cli.stack import rolling
from loop_cli.stack.layout import Layout

app = typer.Typer()
console = Console(highlight=False, soft_wrap=True)

LONGEST_SECONDS = 1800.0


@app.command()
def restart(data: Data = DEFAULT_DATA) -> None:
    """Migrate, and start all ten processes anew as the `loop` that you call has them, while everything goes on.

    Call the one of a new version to change to it, and that of the version before to go back.
    """
    layout = Layout.at(data)
    order = rolling.ask(layout, Path(sys.executable))
    console.print("Each process is replaced in turn; no request is lost …")
    began = time.monotonic()
    while (found := rolling.answer(layout, order)) is None:
        if not layout.is_locked():
            raise ServerError("It was stopped before all was done. Which version runs is decided by the next `loop up`.")
        if time.monotonic() - began > LONGEST_SECONDS:
            raise ServerError("Not all is done yet; `loop up` says where it runs how it goes.")
        time.sleep(0.1)  # a file tells nobody
    if found["failure"]:
        done = ", ".join(found["restarted"]) or "none"
        raise ServerError(f"{found['failure']}\nRestarted before that: {done}. Everything else goes on as it was.")
    console.print(f"{len(found['restarted'])} processes were replaced in {found['seconds']:.0f} s.")
