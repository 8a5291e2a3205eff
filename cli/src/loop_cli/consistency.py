"""Whether a database is whole: after a restore, and whenever somebody asks (`loop verify`).

What `loop doctor` does not do, because it reads everything: numbers of events without a gap, what readers have read against
what was published, every trail walked along from its beginning, and keys that open what they sealed. It may run beside the
traffic: events and values are those of one moment, and a trail only grows.
"""

import asyncio
import importlib
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.key_encryption import KeyEncryptionError
from chassis.sealed import Sealed
from chassis.secrets import ENVELOPE, HEAD, Secrets
from chassis.trail.checking import check as walk_along
from loop_cli.key_place import Place
from loop_cli.stack.keys import SEALING, specifications
from loop_cli.stack.services import READERS, SERVICES

SAMPLE = 100
"""Values of each sealed column whose keys are tried, unless all are."""

_EVENTS = """
    select count(*) as events, coalesce(max(sequence), 0) as last, count(sequence) as numbered,
           coalesce(max(position), 0) as position, (select last_value from {service}.outbox_position_seq) as next
      from {service}.outbox
"""
_POSITION = "select coalesce(max(sequence), 0) from {reader}.consumer_position where source = $1"
# By number too: an event of another log, or of a later time that was taken back, has the number of somebody else.
_UNKNOWN = """
    select count(*) from {reader}.inbox i
     where i.source = $1 and not exists (select from {source}.outbox o where o.id = i.event_id and o.sequence = i.sequence)
"""
_PASSED_OVER = """
    select count(*) from {source}.outbox o
     where o.sequence <= $2
       and not exists (select from {reader}.inbox i where i.source = $1 and i.event_id = o.id)
       and not exists (select from {reader}.dead_letter d where d.source = $1 and d.sequence = o.sequence)
"""
KEEPS_ALL = ("reporting",)
"""Readers whose inbox is never cleared."""


@dataclass
class Check:
    """What a database says of itself, to compare a restored one with; and what of it is wrong."""

    figures: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Names:
    """Where a service's keys are (`chassis.secrets.KeyNames`)."""

    secret_key_file: Path | None
    key_ring_file: Path | None
    key_encryption: tuple[str, ...]


def check(url: str, place: Place, *, every_value: bool = False) -> Check:
    """Look at the whole database at `url`, as one who sees all rows. `every_value` tries the key of each sealed value."""
    return asyncio.run(_check(url, place, every_value=every_value))


async def _check(url: str, place: Place, *, every_value: bool) -> Check:
    found = Check()
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            present = [
                each for each in SERVICES if await connection.fetchval("select to_regclass($1)", f"{each}.alembic_version")
            ]
            for service in present:
                if await connection.fetchval("select to_regclass($1)", f"{service}.outbox"):
                    await _events(connection, service, found)
            for reader, sources in READERS.items():
                for source in sources if reader in present else ():
                    await _read(connection, reader, source, found)
            for service in (each for each in SEALING if each in present):
                await _keys(connection, service, place, found, every_value=every_value)
    finally:
        await connection.close()
    for service in present:
        await _trail(url, service, place, found)
    return found


async def _events(connection: asyncpg.Connection, service: str, found: Check) -> None:
    row = await connection.fetchrow(_EVENTS.format(service=service))
    found.figures[f"{service}: events"] = row["events"]
    if row["last"] != row["numbered"]:
        found.wrong.append(f"{service}: events are numbered up to {row['last']}, and there are {row['numbered']}")
    if row["next"] < row["position"]:
        found.wrong.append(f"{service}: the next event would get a place that is taken")


async def _read(connection: asyncpg.Connection, reader: str, source: str, found: Check) -> None:
    position = await connection.fetchval(_POSITION.format(reader=reader), source)
    found.figures[f"{reader}: has read of {source}"] = position
    names = {"reader": reader, "source": source}
    if unknown := await connection.fetchval(_UNKNOWN.format(**names), source):
        found.wrong.append(f"{reader}: has read {unknown} events of {source} that its log does not hold")
    last = await connection.fetchval(f"select coalesce(max(sequence), 0) from {source}.outbox")  # noqa: S608 - a constant
    if position > last:
        found.wrong.append(f"{reader}: has read {source} up to {position}, and its log ends at {last}")
    if reader in KEEPS_ALL and (missed := await connection.fetchval(_PASSED_OVER.format(**names), source, min(position, last))):
        found.wrong.append(f"{reader}: has passed over {missed} events of {source}")


def secrets_of(place: Place, service: str) -> Secrets:
    """The keys of a service, as its processes have them. Raises `KeyEncryptionError`."""
    keys = place.found
    named = tuple(specifications(keys.key_encryption_of(service)))
    master = keys.secret_key if keys.shares(service) else None
    return Secrets.of(_Names(master, place.held_by(service).ring.path, named))


async def _keys(connection: asyncpg.Connection, service: str, place: Place, found: Check, *, every_value: bool) -> None:
    held = {entry.id for entry in place.held_by(service).ring.entries() if entry.wrapped is not None}
    secrets = secrets_of(place, service)
    sealed: Sealed = importlib.import_module(f"{service}.sealed").SEALED
    for column in sealed.columns:
        if column.kind != "bytes":
            continue
        name, table, where = f'"{column.name}"', f"{service}.{column.table}", f"{column.table}.{column.name}"
        rows = await connection.fetch(
            f"select case get_byte({name}, 0) when 1 then 'derived' "  # noqa: S608 - names of the declaration
            f"else encode(substring({name} from 2 for 8), 'hex') end as key, count(*) as number "
            f"from {table} where length({name}) > 0 group by 1"
        )
        for row in rows:
            figure = f"{service}: values sealed with {row['key']}"
            found.figures[figure] = found.figures.get(figure, 0) + row["number"]
            if row["key"] not in held and row["key"] != "derived":
                found.wrong.append(
                    f"{service}: {row['number']} values in {where} need the data key {row['key']}, which the ring has not"
                )
        shut = tried = 0
        heads = connection.cursor(
            f"select org, substring({name} from 1 for {HEAD}) as head from {table} "  # noqa: S608 - as above
            f"where length({name}) >= {HEAD} and get_byte({name}, 0) = {ENVELOPE[0]} "
            f"and encode(substring({name} from 2 for 8), 'hex') = any($1)" + ("" if every_value else f" limit {SAMPLE}"),
            list(held),
        )
        async for row in heads:
            tried += 1
            shut += not secrets.opens(row["org"], bytes(row["head"]))
        found.figures[f"{service}: keys of values tried"] = found.figures.get(f"{service}: keys of values tried", 0) + tried
        if shut:
            found.wrong.append(f"{service}: of {tried} values in {where} whose key is here, {shut} do not open with it")


async def _trail(url: str, service: str, place: Place, found: Check) -> None:
    try:
        secrets = Secrets.from_file(place.found.trail_key) if service == "gateway" else secrets_of(place, service)
    except (KeyEncryptionError, OSError) as error:
        found.wrong.append(f"{service}: its trail cannot be checked: {error}")
        return
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1), connect_args={"server_settings": {"search_path": service}}
    )
    try:
        async with engine.connect() as connection:
            orgs = (
                await connection.execute(text("select distinct org from trail where number is not null order by 1"))
            ).scalars()
            for org in orgs.all():
                walk = await walk_along(connection, service, org, secrets)
                figure = f"{service}: entries of the trail"
                found.figures[figure] = found.figures.get(figure, 0) + walk.up_to
                if walk.broken_at is not None:
                    found.wrong.append(f"{service}: the trail of {org} does not hold: {walk.reason}")
    finally:
        await engine.dispose()
