"""`loop webhook`: which systems of an organisation are told of events, and what became of each message."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError

app = typer.Typer(no_args_is_help=True, help="Events that are sent to other systems.")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

_PATH = "/gateway/v1/webhooks"
_STATES = ("waiting", "sent", "failed", "dropped")


@app.command("list")
def list_webhooks(org: Org, data: Data = DEFAULT_DATA) -> None:
    """Show every subscription, how it stands, and how much waits or was given up."""
    table = Table(box=None, pad_edge=False)
    for column in ("subscription_id", "name", "sent to", "state", "waiting", "given up", "told"):
        table.add_column(column)
    with Operator.of(data) as operator:
        found = operator.call("GET", _PATH, org=org)["items"]
    for each in found:
        # The query of an address is often a key.
        address = each["url"].partition("?")[0]
        numbers = str(each["waiting"]), str(each["failed"])
        table.add_row(each["subscription_id"], each["name"], address, _state(each), *numbers, each["contact"] or "the operator")
    console.print(table if found else "No other system is told of anything.")


def _state(each: dict[str, Any]) -> str:
    if each["status"] == "disabled":
        return f"disabled: {each['reason']}, {each['disabled_at'][:16]}"
    if each["status"] == "live" and each["failing_since"]:
        return f"failing since {each['failing_since'][:16]}"
    return str(each["status"])


@app.command()
def add(
    org: Org,
    name: Annotated[str, typer.Option("--name", help="What the system is called.")],
    url: Annotated[str, typer.Option("--url", help="Where events go, https.")],
    kind: Annotated[list[str], typer.Option("--type", help="Kind of event, or all of a service (complaints.*); repeat it.")],
    area: Annotated[list[str] | None, typer.Option("--area", help="Only events of this service area; repeat it.")] = None,
    contact: Annotated[str, typer.Option("--contact", help="Mail address that is told when it is disabled.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Subscribe a system. Its signing secret is shown this once; it is live when it has answered a test message."""
    body = {"name": name, "url": url, "types": kind, "areas": area or [], "contact": contact}
    with Operator.of(data) as operator:
        _show(operator.call("POST", _PATH, org=org, json=body))


def _show(made: dict[str, Any]) -> None:
    console.print(f"subscription_id {made['subscription_id']}", soft_wrap=True)
    console.print(f"secret          {made['secret']}", soft_wrap=True)
    console.print("Keep the secret now: nobody can show it again.")


@app.command()
def types(org: Org, data: Data = DEFAULT_DATA) -> None:
    """Show the kinds of event that can be subscribed to."""
    with Operator.of(data) as operator:
        found = operator.call("GET", f"{_PATH}/event-types", org=org)
    for each in found["items"]:
        console.print(f"{each['type']:<45} {each['description']}", soft_wrap=True)
    console.print(f"All of a service: {' '.join(found['all_of_a_service'])}")


@app.command()
def rotate(
    subscription_id: str,
    org: Org,
    overlap: Annotated[int, typer.Option("--overlap", help="Days that the old secret signs too; 0: it ends at once.")] = 7,
    data: Data = DEFAULT_DATA,
) -> None:
    """Give it a new signing secret, shown this once. For a while messages carry a signature of each."""
    with Operator.of(data) as operator:
        _show(operator.call("POST", f"{_PATH}/{subscription_id}/rotation", org=org, json={"overlap_days": overlap}))


@app.command()
def disable(subscription_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Send it nothing until `resume`. What happens meanwhile is kept for it for thirty days."""
    with Operator.of(data) as operator:
        operator.call("POST", f"{_PATH}/{subscription_id}/pause", org=org)
    console.print(f"{subscription_id} is sent nothing. `loop webhook resume` lets it go on.")


@app.command()
def resume(subscription_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Let one go on that was disabled, by somebody or by itself. What waits is sent at once."""
    with Operator.of(data) as operator:
        operator.call("POST", f"{_PATH}/{subscription_id}/resume", org=org)
    console.print(f"{subscription_id} is live.")


@app.command()
def delete(subscription_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """End it for good, with its secret, its log and all that waits."""
    with Operator.of(data) as operator:
        operator.call("DELETE", f"{_PATH}/{subscription_id}", org=org)
    console.print(f"{subscription_id} is deleted.")


@app.command("test")
def try_one(subscription_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Send it a test message; one that was not live yet is so when it is answered."""
    with Operator.of(data) as operator:
        sent = operator.call("POST", f"{_PATH}/{subscription_id}/test", org=org)
    console.print(f"Message {sent['message_id']}. `loop webhook log` shows what came of it.")


@app.command()
def replay(
    subscription_id: str,
    org: Org,
    message: Annotated[str | None, typer.Option("--message", help="One message, by its id.")] = None,
    first: Annotated[str | None, typer.Option("--first", help="From this day on, such as 2026-03-02.")] = None,
    last: Annotated[str | None, typer.Option("--last", help="Up to and with this day.")] = None,
    *,
    unsent: Annotated[bool, typer.Option("--unsent", help="Only what did not get through, or still waits.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Send messages again, with the same ids: one, those of a span of days, or those that did not get through."""
    if not (message or first or unsent):
        raise ServerError("Say which messages: --message, --first (and --last), or --unsent. Nothing was sent again.")
    body = {"message_id": message, "first": first, "last": last, "only": "unsent" if unsent else None}
    with Operator.of(data) as operator:
        answer = operator.call("POST", f"{_PATH}/{subscription_id}/replay", org=org, json=body)
    console.print(f"{answer['messages']:,} messages are sent again.")
    if answer["more"]:
        console.print("There may be more: ask again.")


@app.command()
def log(
    subscription_id: str,
    org: Org,
    state: Annotated[str | None, typer.Option("--state", help="Only those: waiting, sent, failed or dropped.")] = None,
    most: Annotated[int, typer.Option("--most", help="How many messages at most.", min=1)] = 100,
    data: Data = DEFAULT_DATA,
) -> None:
    """Show its messages, the newest first: what each was, how it stands, and what came of the last attempt."""
    if state is not None and state not in _STATES:
        raise ServerError(f"'{state}' is no state. There are {', '.join(_STATES)}.")
    table = Table(box=None, pad_edge=False)
    for column in ("message_id", "type", "came in", "state", "attempts", "status", "outcome", "next attempt"):
        table.add_column(column)
    asked: dict[str, Any] = {"limit": min(most, 500), **({"state": state} if state else {})}
    with Operator.of(data) as operator:
        for number, each in enumerate(operator.pages(f"{_PATH}/{subscription_id}/messages", org, **asked)):
            if number >= most:
                break
            said = each["message_id"], each["type"], each["kept_at"][:19], each["state"], str(each["attempts"])
            came = str(each["status"] or ""), each["outcome"] or "", (each["next_attempt_at"] or "")[:19]
            table.add_row(*said, *came)
    console.print(table if table.row_count else "No such message within the last thirty days.")
