"""`loop trail`: walk along the trails of an installation, on this machine, with nothing but the entries.

The service hands out its entries; that they fit together is computed here, so a service that was changed cannot vouch for
itself. Heads that were kept elsewhere before show also what was cut off or made anew by somebody who has all keys.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from chassis.trail.checking import Found, walked
from chassis.trail.links import Begun
from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError
from loop_cli.stack.services import WITH_WORKER

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

Keep = Annotated[Path | None, typer.Option("--keep", help="Write the heads of the chains into a file.", dir_okay=False)]
Against = Annotated[Path | None, typer.Option("--against", help="Heads that were kept before.", exists=True, dir_okay=False)]
PAGE = 5_000

Heads = dict[str, dict[int, bytes]]


@app.callback()
def _about() -> None:
    """Who read or changed what: check that nothing of it was changed."""


@app.command()
def verify(org: Org, against: Against = None, keep: Keep = None, data: Data = DEFAULT_DATA) -> None:
    """Walk along every chain of an organisation; ends with 1 where one does not hold."""
    kept = _read(against, org) if against else {}
    broken, heads = False, dict[str, Any]()
    with Operator.of(data) as operator:
        for service in (*WITH_WORKER, "gateway"):
            walk = _walk(operator, service, org, kept.get(service, {}))
            found = walk.found
            broken |= found.broken_at is not None
            if found.broken_at is not None:
                console.print(f"{service:<12} [red]does not hold[/red]: {found.reason}")
            else:
                console.print(f"{service:<12} holds, from {_where(walk.begun)} to number {found.up_to}")
                for number in walk.not_compared:
                    console.print(f"{'':<12} nothing is left to compare the head with that was kept at {number}: it was let go")
                heads[service] = {"number": found.up_to, "hash": walk.head.hex()} if found.up_to else None
    if broken:
        console.print("Keep the databases and the logs as they are, and tell whoever answers for security.")
        raise typer.Exit(1)
    if keep:
        document = {"org": org, "heads": {name: head for name, head in heads.items() if head}}
        keep.write_text(json.dumps(document, indent=2) + "\n")
        console.print(f"The heads are in {keep}. Keep it where nobody who runs this installation can change it.")


@dataclass(frozen=True)
class Walked:
    """What was found, the hash of the last entry, where the chain begins, and kept heads that nothing is left of."""

    found: Found
    head: bytes = b""
    begun: Begun | None = None
    not_compared: tuple[int, ...] = ()


def _where(begun: Begun | None) -> str:
    if begun is None or begun.at is None:
        return "the first entry"
    return f"where it begins, after number {begun.number} (sealed on {begun.at:%d %B %Y}; earlier entries were let go),"


def _walk(operator: Operator, service: str, org: str, kept: Mapping[int, bytes]) -> Walked:
    while True:
        beginning = _beginning(operator, service, org)
        walk = _walk_from(operator, service, org, kept, beginning)
        # Entries may be let go meanwhile: then it begins elsewhere.
        if walk.found.broken_at is None or _beginning(operator, service, org) == beginning:
            return walk


def _beginning(operator: Operator, service: str, org: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = operator.call(
        "GET", f"/{service}/v1/trail/checkpoints", org=org, params={"limit": 1}
    ).get("beginning")
    return found


def _begun(beginning: Mapping[str, Any] | None) -> Begun | None:
    if beginning is None:
        return None
    return Begun(beginning["number"], bytes.fromhex(beginning["hash"]), datetime.fromisoformat(beginning["at"]))


def _walk_from(
    operator: Operator, service: str, org: str, kept: Mapping[int, bytes], beginning: Mapping[str, Any] | None
) -> Walked:
    begun = _begun(beginning)
    first = begun.number if begun else 0
    if beginning is not None and not beginning["genuine"]:
        return Walked(Found(0, first, f"the beginning after {first} was not made by this service"))
    heads, alone = dict(kept), {number for number in kept if number < first}
    for each in operator.pages(f"/{service}/v1/trail/checkpoints", org):
        if not each["genuine"]:
            return Walked(Found(0, each["number"], f"the checkpoint at {each['number']} was not made by this service"))
        found = bytes.fromhex(each["hash"])
        if heads.setdefault(each["number"], found) != found:
            return Walked(Found(0, each["number"], f"the checkpoint at {each['number']} is not the head that was kept"))
        alone.discard(each["number"])
    last = begun.hash if begun else b""

    def entries() -> Iterator[tuple[dict[str, Any], bytes]]:
        nonlocal last
        for each in operator.pages(f"/{service}/v1/trail", org, limit=PAGE, after=first):
            last = bytes.fromhex(each.pop("hash"))
            yield each, last

    return Walked(walked(service, org, heads, entries(), begun), last, begun, tuple(sorted(alone)))


def _read(path: Path, org: str) -> Heads:
    try:
        document = json.loads(path.read_text())
        if document["org"] != org:
            raise ServerError(f"{path} holds the heads of {document['org']}, and you ask for {org}.")
        return {name: {head["number"]: bytes.fromhex(head["hash"])} for name, head in document["heads"].items()}
    except (ValueError, KeyError, TypeError) as error:
        raise ServerError(f"{path} holds no heads that `loop trail verify --keep` wrote ({type(error).__name__}).") from error
