"""`loop broker`: NATS with a user for each service, and its streams."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chassis import jetstream
from chassis.settings import secret_from_environment
from loop_cli.servers import ServerError
from loop_cli.stack.broker import set_up_streams, users

app = typer.Typer(no_args_is_help=True, help="NATS with a user for each service, and its streams.")
console = Console(highlight=False)

CA = Annotated[Path | None, typer.Option("--ca", envvar="LOOP_INSIDE_CA", help="Authority of its certificate (PEM).")]

HEAD = """\
# Users of NATS for Learning Loop: each service publishes its own events alone, and no one of them can delete a stream.
# Made by `loop broker config`; do not edit. Include it in the configuration of a NATS with JetStream; passwords are variables
# of a file that is included before it, or of the server's environment: LOOP_NATS_PASSWORD (who sets streams up),
# AUDIT_NATS_PASSWORD, and so on.
"""


def broker_file() -> str:
    """The text of deploy/nats-users.conf."""
    listed = [{**each, "password": f"$${each['user'].upper()}_NATS_PASSWORD$$"} for each in users({})]
    text = json.dumps({"users": listed}, indent=2)
    # A name of the environment stands bare, or NATS takes it for the password itself.
    return f"{HEAD}authorization: {text}\n".replace('"$$', "$").replace('$$"', "")


@app.command()
def config() -> None:
    """Print the users and their rights (deploy/nats-users.conf)."""
    typer.echo(broker_file(), nl=False)


@app.command()
def streams(
    ca: CA = None,
    replicas: Annotated[
        int,
        typer.Option(envvar="LOOP_STREAM_REPLICAS", min=1, max=5, help="Nodes that keep each stream: 3 where there are three."),
    ] = 1,
) -> None:
    """Make the streams, or bring those that are there in line. LOOP_NATS_URL names the server and the user `loop`."""
    url = secret_from_environment("LOOP_NATS_URL")
    if not url:
        raise ServerError(
            "Name the server in LOOP_NATS_URL: nats://loop:<password>@host:4222, or tls://… with TLS; "
            "or a file with that in LOOP_NATS_URL_FILE."
        )
    try:
        made = asyncio.run(set_up_streams(url, ca, replicas))
    except (OSError, jetstream.BrokerError) as error:
        raise ServerError(f"NATS did not do it: {error!r}. Is the user `loop`, and its password right?") from None
    console.print(f"{', '.join(made)} are as they should be.")
