"""`loop verify`: whether everything that is in the database belongs together."""

import json
from typing import Annotated

import typer
from rich.console import Console

from loop_cli.bi_roles import admin_url
from loop_cli.consistency import check
from loop_cli.key_place import Place
from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError

app = typer.Typer()
console = Console(highlight=False, soft_wrap=True)


@app.command()
def verify(
    data: Data = DEFAULT_DATA,
    *,
    every_value: Annotated[bool, typer.Option("--all", help="Try the key of every sealed value, not of a sample.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check events, what was read of them, trails and keys of sealed values, of one moment; exits 1 where something is wrong.

    Nothing is changed. Reads everything, which takes its time; `loop doctor` looks at how it goes now.
    """
    found = check(admin_url(data), Place.of(data), every_value=every_value)
    if as_json:
        typer.echo(json.dumps({"figures": found.figures, "wrong": found.wrong}, indent=1))
    else:
        for name, number in found.figures.items():
            console.print(f"{name:<40} {number}")
    if found.wrong:
        raise ServerError("It is not whole:\n  " + "\n  ".join(found.wrong))
    if not as_json:
        console.print("Whole.")
