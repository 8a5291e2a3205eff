"""`loop sessions`: who of an organisation is signed in, and ending it when somebody leaves."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError

app = typer.Typer(no_args_is_help=True, help="Who is signed in, and ending it.")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

_PATH = "/gateway/v1/sessions"


@app.command("list")
def list_sessions(
    org: Org,
    subject: Annotated[str, typer.Option("--subject", help="Only this person's, such as staff-E100.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Show who is signed in, those last used first."""
    table = Table(box=None, pad_edge=False)
    for column in ("session", "person", "roles", "browser", "signed in", "last used"):
        table.add_column(column)
    asked: dict[str, Any] = {"limit": 1000, **({"subject": subject} if subject else {})}
    with Operator.of(data) as operator:
        found = operator.call("GET", _PATH, org=org, params=asked)["items"]
    for each in found:
        begun, used = (each["created_at"] or "")[:16], (each["last_used_at"] or "")[:16]
        table.add_row(each["session_id"], each["subject"], " ".join(each["roles"]), each["browser"], begun, used)
    console.print(table if found else "Nobody is signed in.")


@app.command()
def end(
    org: Org,
    subject: Annotated[str, typer.Option("--subject", help="Whose sessions, such as staff-E100.")] = "",
    session: Annotated[str, typer.Option("--session", help="One session, as the list says it.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """End every session of somebody, or one. Close their account at the provider first, or they sign in again."""
    if bool(subject) == bool(session):
        raise ServerError("Say whose sessions (--subject), or which one (--session). Nothing was ended.")
    with Operator.of(data) as operator:
        if session:
            answer = operator.call("DELETE", f"{_PATH}/{session}", org=org)
        else:
            answer = operator.call("DELETE", _PATH, org=org, params={"subject": subject})
    console.print(f"{answer['ended']} ended, in all gateways within a second.")


@app.command("let-go")
def let_go(
    org: Org,
    subject: Annotated[str, typer.Option("--subject", help="The number, such as staff-E100.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Let a number go from the account that signed in with it first, where the same person has a new account."""
    with Operator.of(data) as operator:
        answer = operator.call("DELETE", f"{_PATH}/accounts", org=org, params={"subject": subject})
    if not answer["accounts"]:
        console.print(f"{subject} belonged to no account.")
        return
    console.print(
        f"{subject} belongs to no account any more: the next that comes with it has it. {answer['ended']} sessions ended."
    )
