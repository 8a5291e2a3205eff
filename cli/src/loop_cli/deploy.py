"""`loop deploy`: what an installation of containers is given, for Compose and for Kubernetes."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer
from rich.console import Console

from loop_cli.servers import ServerError
from loop_cli.stack.containers import TARGETS
from loop_cli.stack.given import give
from loop_cli.stack.layout import Layout

app = typer.Typer(no_args_is_help=True, help="Passwords, keys and settings of an installation of containers.")
console = Console(highlight=False, soft_wrap=True)

KEPT = "deployed"
"""In the stamp of the folder: what it was made for."""


@app.callback()
def _group() -> None:
    """A group, so that `secrets` is a word of the command."""


@app.command()
def secrets(
    folder: Annotated[Path, typer.Argument(help="Folder of the installation; made where it is not there.", file_okay=False)],
    target: Annotated[
        Literal["compose", "kubernetes"] | None, typer.Option("--for", help="What the containers run on.")
    ] = None,
    public_url: Annotated[str | None, typer.Option(help="Address at which people reach it (https://…).")] = None,
    scan: Annotated[str | None, typer.Option(help="Virus scanner (clamd://host:3310), or none.")] = None,
    namespace: Annotated[str, typer.Option(help="Kubernetes: the namespace.")] = "learning-loop",
) -> None:
    """Make what is missing of passwords, keys and certificates, and write what containers read. Say it again after an update.

    What is there stays: nobody gets another password, and no key is lost. `--for`, `--public-url` and `--scan` are remembered.
    """
    layout = Layout.at(folder)
    lock = layout.lock()
    if lock is None:
        raise ServerError(f"Another command has {layout.root} at the moment. Nothing was changed.")
    try:
        is_new = layout.open()
        kept = layout.stamp().get(KEPT, {})
        said = {name: value for name, value in (("for", target), ("public_url", public_url), ("scan", scan)) if value}
        wanted = kept | said
        if missing := [name for name in ("for", "public_url", "scan") if name not in wanted]:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
            raise ServerError(f"The first time it must be said: {options}. Nothing was changed.")
        if urlsplit(wanted["public_url"]).scheme != "https":
            raise ServerError("--public-url begins with https://: names and keys would be read on the way otherwise.")
        if kept and kept["for"] != wanted["for"]:
            raise ServerError(f"{layout.root} is an installation for {kept['for']}. Name another folder; nothing was changed.")
        written = give(
            layout, TARGETS[wanted["for"]], public_url=wanted["public_url"], scan=wanted["scan"], namespace=namespace,
            has_data=bool(kept) and not is_new,
        )  # fmt: skip
        layout.note(**{KEPT: wanted})
    finally:
        lock.close()
    for path in written:
        console.print(str(path))
    console.print(f"Keep a copy of {layout.secrets} elsewhere: without its keys nothing that is sealed can be read again.")
