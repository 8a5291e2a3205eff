"""`loop retention`: what is kept how long, what is due, a run at once, and a walk along the proofs of what was reduced.

The service hands out its proofs; that they fit together is computed here, so a service that was changed cannot vouch for
itself.
"""

from typing import Annotated, Any

import typer
from rich.console import Console

from chassis.retention.periods import period_words
from chassis.retention.proofs import beginning, fits
from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError
from loop_cli.stack.services import RETAINING

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

Service = Annotated[str, typer.Option("--service", help="One service alone.")]
PAGE = 1_000


@app.callback()
def _about() -> None:
    """How long records are kept, and what goes when their time is over."""


def _services(service: str) -> tuple[str, ...]:
    if service and service not in RETAINING:
        raise ServerError(f"{service} is no service with records of its own; there are {', '.join(RETAINING)}.")
    return (service,) if service else RETAINING


@app.command()
def status(org: Org, service: Service = "", data: Data = DEFAULT_DATA) -> None:
    """What is kept how long, what is held, and the last run."""
    with Operator.of(data) as operator:
        for each in _services(service):
            found = operator.call("GET", f"/{each}/v1/retention", org=org)
            for kind in found["kinds"]:
                console.print(f"{each:<12} {_line(kind)}")
            if trail := found.get("trail"):
                console.print(f"{each:<12} {_trail_line(trail)}")
            for name, why in found["not_covered"].items():
                console.print(f"{each:<12} not covered: {name} ({why})")
            if found["runs"]:
                last = found["runs"][0]
                ended = last["ended_at"] or "goes on, or waits for the worker"
                console.print(f"{each:<12} last run: {ended}; reduced {last['reduced']}, failed {last['failed']}")


@app.command(name="dry-run")
def dry_run(org: Org, service: Service = "", data: Data = DEFAULT_DATA) -> None:
    """What a run would do now, by kind and by the year since which records are over. Nothing is changed."""
    with Operator.of(data) as operator:
        for each in _services(service):
            found = operator.call("GET", f"/{each}/v1/retention", org=org)
            for kind in found["kinds"]:
                due = sum(kind["due"].values())
                years = ", ".join(f"{year}: {count}" for year, count in sorted(kind["due"].items())) or "nothing"
                console.print(f"{each:<12} {kind['name']}: {due - kind['held']} go, {kind['held']} are held ({years})")
            if trail := found.get("trail"):
                what = "the oldest entries, up to a checkpoint" if trail["due"] else "nothing"
                console.print(f"{each:<12} The trail: {what if not trail['held'] else 'held'}")


@app.command()
def run(org: Org, service: Service = "", data: Data = DEFAULT_DATA) -> None:
    """Let what is due go now; the workers would do it within the hour."""
    with Operator.of(data) as operator:
        for each in _services(service):
            operator.call("POST", f"/{each}/v1/retention/runs", org=org)
            console.print(f"{each:<12} asked for; its worker begins within half a minute. See `loop retention status`.")


@app.command()
def verify(org: Org, service: Service = "", data: Data = DEFAULT_DATA) -> None:
    """Walk along the proofs of what was reduced; ends with 1 where a chain does not hold."""
    broken = False
    with Operator.of(data) as operator:
        for each in _services(service):
            number, wrong = _walk(operator, each, org)
            broken |= bool(wrong)
            if wrong:
                console.print(f"{each:<12} [red]does not hold[/red]: {wrong}")
            else:
                console.print(f"{each:<12} holds, from the first proof to number {number}")
    if broken:
        console.print("Keep the databases and the logs as they are, and tell whoever answers for security.")
        raise typer.Exit(1)


def _walk(operator: Operator, service: str, org: str) -> tuple[int, str]:
    number, previous = 0, beginning(service, org)
    for each in operator.pages(f"/{service}/v1/retention/proofs", org, limit=PAGE):
        hash_ = bytes.fromhex(each["hash"])
        wrong = fits(previous, number, each["said"], hash_)
        if not wrong and not each["genuine"]:
            wrong = f"proof {each['number']} was not made by this service"
        if wrong:
            return number, wrong
        number, previous = each["number"], hash_
    return number, ""


def _trail_line(trail: dict[str, Any]) -> str:
    kept = f"kept for {period_words(trail['months'])}" if trail["months"] else "kept for good: no period is set"
    begins = f"begins after number {trail['begins_after']}" if trail["begins_after"] else "begins with its first entry"
    return f"The trail: {kept}; {begins}{'; held' if trail['held'] else ''}"


def _line(kind: dict[str, Any]) -> str:
    kept = f"kept for {period_words(kind['months'])}" if kind["months"] else "kept for good: no period is set"
    due = sum(kind["due"].values())
    return f"{kind['name']}: {kept}; {kind['in_time']} in time, {due} due, {kind['held']} held, {kind['reduced']} reduced"
