"""`loop keys`: data keys of the organisations, their rotation without downtime, and their end (docs/guides/keys.md).

Of the embedded installation by default. Elsewhere LOOP_KEY_RING_FILE and LOOP_KEY_ENCRYPTION name the ring, and values are
counted and brought under the new key by a job in each service's image: `python -m audit.sealed reseal <org>`.
"""

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from chassis.kek_file import replace_key
from chassis.key_ring import Entry
from loop_cli.key_place import Held, Place
from loop_cli.key_split import split as split_keys
from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import ServerError
from loop_cli.stack.keys import SEALING, Keys
from loop_cli.stack.layout import Layout

keys = typer.Typer(no_args_is_help=True, help="Data keys of the organisations: make, rotate, retire, destroy.")
app = typer.Typer()
app.add_typer(keys, name="keys")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

Orgs = Annotated[list[str] | None, typer.Option("--org", help="Code of an organisation; repeat it. All of the ring, if none.")]
SETTLED_MINUTES = 15.0
"""How long a newer key must have sealed before an older one is retired: longer than any transaction or restart takes."""


def in_use(lines: list[dict[str, Any]], org: str) -> Counter[str]:
    """How many values of an organisation each key seals, over all services."""
    found: Counter[str] = Counter()
    for line in lines:
        if line["org"] == org:
            for counts in line["counts"].values():
                found.update(counts)
    return found


def sealing(entries: list[Entry], org: str) -> Entry | None:
    """The key that seals now."""
    now = datetime.now(UTC)
    able = [one for one in entries if one.org == org and one.kind == "data" and not one.retired_at and _when(one) <= now]
    return max(able, key=_when, default=None)


def _when(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.seals_from)


def ensure(data: Path, org: str) -> None:
    """A first data key for an organisation whose profile is applied to the installation of a data folder."""
    layout = Layout.at(data)
    if Keys({}, layout.secrets).ring_of(SEALING[0]).exists() or os.environ.get("LOOP_KEY_RING_FILE"):
        Place.of(data).ensure(org)


@keys.command()
def split(data: Data = DEFAULT_DATA) -> None:
    """Give each service of an older installation keys of its own, instead of one master key and one ring for all."""
    console.print(split_keys(data))


@keys.command()
def create(org: Annotated[str, typer.Option("--org", help="Code of the organisation.")], data: Data = DEFAULT_DATA) -> None:
    """Make the first data keys of an organisation. One that has keys keeps them."""
    place = Place.of(data)
    made = place.ensure(place.orgs([org])[0])
    console.print(
        f"{org}: {len(made)} data keys made, one a key ring."
        if made
        else f"{org} has a data key already; `loop keys rotate` makes another."
    )


@keys.command()
def rotate(
    org: Orgs = None,
    data: Data = DEFAULT_DATA,
    *,
    kek: Annotated[
        bool, typer.Option("--kek", help="Only change what wraps the keys of the rings, or finish such a change.")
    ] = False,
    spread: Annotated[
        float, typer.Option(help="Seconds until it seals: as long as copies of the ring take to reach every machine.", min=0)
    ] = 0.0,
    finish: Annotated[
        bool, typer.Option("--finish", help="Make no new key; go on bringing values under the one that seals.")
    ] = False,
) -> None:
    """Give organisations a new data key and bring all of their values under it, while everything goes on."""
    place = Place.of(data)
    if kek:
        for held in place.held:
            done = replace_key(held.kek, held.ring.path) if held.kek else held.ring.rewrap()
            console.print(f"{held.name}: {done} keys were wrapped anew. Values are as they were; the old one can go.")
        return
    orgs = place.orgs(org)
    if not finish:
        for each in orgs:
            made = [held.ring.add(each, after_seconds=spread).id for held in place.held]
            console.print(f"{each}: data keys made: {', '.join(made)}.")
    if spread:
        console.print(f"It seals in {spread:.0f} s. Then: `loop keys rotate --finish`.")
        return
    lines = place.ask("reseal", orgs)
    left = 0
    for line in lines:
        done = sum(each["resealed"] for each in line["resealed"].values())
        console.print(f"{line['org']} in {line['service']}: {done} values brought under the new key.")
        for column, each in line["resealed"].items():
            if each["unreadable"]:
                left += each["unreadable"]
                console.print(f"  {column}: {each['unreadable']} do not open with the keys that are here; they were left.")
    if left:
        raise ServerError(f"{left} values were left: their keys are not in the ring, or they are damaged (`loop keys status`).")


@keys.command()
def status(org: Orgs = None, data: Data = DEFAULT_DATA) -> None:
    """Show which key seals how many values of which column."""
    place = Place.of(data)
    orgs = place.orgs(org)
    lines = place.ask("status", orgs)
    table = Table(box=None, pad_edge=False)
    for column in ("organisation", "of", "key", "state", "made", "wrapped with", "values"):
        table.add_column(column, justify="right" if column == "values" else "left")
    for each in orgs:
        for held in place.held:
            _rows(table, held, each, in_use(held.of(lines), each))
    console.print(table)
    detail = Table("organisation", "service", "column", "key", "values", box=None, pad_edge=False)
    for line in lines:
        for column, found in line["counts"].items():
            for key, number in found.items():
                detail.add_row(line["org"], line["service"], column, key, str(number))
    console.print("", detail, sep="\n")


_OTHERS = {
    "derived": "of the root or master key, before data keys",
    "plain": "hashes without a key: `loop keys rotate --finish`",
}


def _rows(table: Table, held: Held, org: str, counts: Counter[str]) -> None:
    entries = held.ring.entries()
    now = sealing(entries, org)
    for entry in (one for one in entries if one.org == org and one.kind == "data"):
        number = str(counts.pop(entry.id, 0))
        table.add_row(org, held.name, entry.id, _state(entry, now), entry.made_at[:10], entry.kek, number)
    for other, number_ in sorted(counts.items()):
        words = _OTHERS.get(other, "NOT IN THE RING: does not open")
        table.add_row(org, held.name, other, words, "", "", str(number_))


def _state(entry: Entry, now: Entry | None) -> str:
    if entry.destroyed_at:
        return f"destroyed {entry.destroyed_at[:10]}"
    if entry.retired_at:
        return "retired, opens only"
    if now is not None and entry.id == now.id:
        return "seals"
    return "opens" if now is not None and _when(entry) < _when(now) else f"seals from {entry.seals_from}"


@keys.command()
def retire(org: Orgs = None, data: Data = DEFAULT_DATA) -> None:
    """Note which older keys seal nothing any more. They stay in the ring, so that older backups can be read.

    One that services shared before `loop keys split` goes: older backups are read with what was set aside then.
    """
    place = Place.of(data)
    orgs = place.orgs(org)
    lines = place.ask("status", orgs)
    for held in place.held:
        done = {key for each in orgs for key in _seal_nothing(held, each, in_use(held.of(lines), each))}
        elsewhere = {entry.id for other in place.held if other is not held for entry in other.ring.entries()}
        held.ring.retire(done - elsewhere)
        held.ring.destroy(done & elsewhere)
        if done & elsewhere:
            console.print(
                f"{held.name}: {len(done & elsewhere)} of them were shared; only what was set aside opens by them now."
            )


def _seal_nothing(held: Held, org: str, counts: Counter[str]) -> list[str]:
    """The older keys of an organisation that can be retired; says of all what stands in the way."""
    entries, done = held.ring.entries(), []
    now = sealing(entries, org)
    for entry in (one for one in entries if one.org == org and one.kind == "data" and not one.retired_at):
        if now is None or _when(entry) >= _when(now):
            continue
        settled = (datetime.now(UTC) - _when(now)).total_seconds() >= SETTLED_MINUTES * 60
        if counts[entry.id]:
            console.print(f"{org}: {entry.id} still seals {counts[entry.id]} values. `loop keys rotate --finish` first.")
        elif not settled:
            console.print(f"{org}: {entry.id} seals nothing; it can be retired {SETTLED_MINUTES:.0f} minutes after the change.")
        else:
            done.append(entry.id)
            console.print(f"{org}: {entry.id} is retired.")
    return done


@keys.command()
def destroy(
    org: Annotated[str, typer.Option("--org", help="Code of the organisation.")],
    confirm: Annotated[str, typer.Option("--confirm", help="Its code once more: this cannot be undone.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Destroy all data keys of an organisation: nobody will ever read what it had sealed, in backups neither."""
    place = Place.of(data)
    if confirm != place.orgs([org])[0]:
        raise ServerError(f"--confirm is '{confirm}' and the organisation is '{org}'. Nothing was destroyed.")
    ids = {entry.id for held in place.held for entry in held.ring.entries() if entry.org == org and entry.wrapped is not None}
    if not ids:
        raise ServerError(f"{org} has no data keys that could be destroyed.")
    counts = in_use(place.ask("status", [org]), org)
    if counts["derived"]:
        raise ServerError(
            f"{counts['derived']} values of {org} are sealed by a root or master key, which others need. "
            f"Nothing was destroyed. `loop keys rotate --org {org}` brings them under a data key; then this can be done."
        )
    for held in place.held:
        held.ring.destroy(ids)
    console.print(
        f"{org}: {len(ids)} keys destroyed on {datetime.now(UTC).date()}; {sum(counts.values())} values are unreadable."
    )
    console.print(
        "This holds for every copy of the database. Copies of the key ring must be destroyed too (docs/guides/keys.md). "
        "Left are codes, days, figures and keyed pseudonyms; organisations that should leave no rows have them deleted besides."
    )
