"""`loop maintenance`: close a service for planned work, or everything, and open it again."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError

app = typer.Typer(no_args_is_help=True, help="Close a service for planned work, and open it again.")
console = Console(highlight=False)

Service = Annotated[str, typer.Option("--service", help="audit, feedback, complaints or reporting; left out: all.")]
ALL = "all"
_BRITAIN = ZoneInfo("Europe/London")
_PATH = "/gateway/v1/maintenance"


def moment_of(text: str, now: datetime) -> datetime:
    """A moment that a person writes: `14:30` (the next one), `2026-12-03 14:30`, or with a zone; else British time.

    `now` has a zone. Raises `ServerError` for anything else.
    """
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=_BRITAIN)
    except ValueError:
        pass
    try:
        clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - the zone is given below
    except ValueError:
        raise ServerError(f"'{text}' is no time. Write 14:30, or 2026-12-03 14:30.") from None
    local = now.astimezone(_BRITAIN)
    found = datetime.combine(local.date(), clock, _BRITAIN)
    return found if found > local else datetime.combine(local.date() + timedelta(days=1), clock, _BRITAIN)


@app.command()
def on(
    service: Service = ALL,
    until: Annotated[str | None, typer.Option("--until", help="When it opens by itself: 14:30, or 2026-12-03 14:30.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Close it: people see a calm page, programs are told when to come back. Said again, it changes until when."""
    body: dict[str, Any] = {}
    if until is not None:
        body["until"] = moment_of(until, datetime.now(_BRITAIN)).isoformat()
    with Operator.of(data) as operator:
        _show(operator.call("PUT", f"{_PATH}/{service}", json=body))


@app.command()
def off(service: Service = ALL, data: Data = DEFAULT_DATA) -> None:
    """Open it again. What was closed as a whole opens as a whole."""
    with Operator.of(data) as operator:
        _show(operator.call("DELETE", f"{_PATH}/{service}"))


@app.command("list")
def list_closed(data: Data = DEFAULT_DATA) -> None:
    """Show what is closed."""
    with Operator.of(data) as operator:
        _show(operator.call("GET", _PATH))


def _show(answer: dict[str, Any]) -> None:
    for each in answer["items"]:
        until = each["until"] and datetime.fromisoformat(each["until"]).astimezone(_BRITAIN)
        ends = f"until {until:%H:%M on %d %B %Y}" if until else "until you open it: loop maintenance off"
        what = "Everything" if each["service"] == ALL else each["service"].capitalize()
        console.print(f"{what} is closed {ends}.")
    if not answer["items"]:
        console.print("Everything is open.")
