"""Joins entries to their chains and sets checkpoints; in a service's worker, one at a time for each service."""

import asyncio
import hmac
import zlib
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.repeating import repeat
from chassis.secrets import Secrets
from chassis.trail.links import Entry, beginning, checkpoint_text, link

log = structlog.get_logger(__name__)

BATCH = 2_000
SECONDS = 1.0
CHECKPOINT_AFTER = timedelta(hours=1)
PURPOSE = "trail"
"""Of the key with which checkpoints are sealed."""

JOINED = Counter("loop_trail_joined_total", "Entries of the trail joined to their chain.", ["service"])

_LOCK = text("select pg_try_advisory_xact_lock(:key)")
_WAITING = text(
    """
    select org, id, at, subject, kind, method, route, parameters, request_id, events
      from trail where number is null order by org, id limit :batch
    """
)
_HEADS = text(
    """
    select wanted.org, head.number, head.hash
      from unnest(cast(:orgs as text[])) as wanted (org)
      cross join lateral (
           select known.number, known.hash
             from ((select number, hash from trail t where t.org = wanted.org and number is not null
                     order by number desc limit 1)
                   union all
                   -- where every entry was let go, the chain goes on from there
                   select number, hash from trail_beginning b where b.org = wanted.org) as known
            order by known.number desc limit 1) as head
    """
)
_JOIN = text(
    """
    update trail t set number = n.number, hash = n.hash
      from unnest(cast(:orgs as text[]), cast(:ids as bigint[]), cast(:numbers as bigint[]), cast(:hashes as bytea[]))
           as n (org, id, number, hash)
     where t.org = n.org and t.id = n.id
    """
)
# The first entry of an organisation is sealed at once: from then on its chain cannot be begun anew.
_DUE = text(
    """
    select head.org, head.number, head.hash
      from unnest(cast(:orgs as text[])) as wanted (org)
      cross join lateral (select org, number, hash from trail t where t.org = wanted.org and number is not null
                           order by number desc limit 1) as head
      left join lateral (select number, at from trail_checkpoint c where c.org = head.org order by number desc limit 1)
           as last on true
     where last.number is null or (head.number > last.number and last.at < now() - cast(:after as interval))
    """
)
_CHECKPOINT = text("insert into trail_checkpoint (org, number, hash, seal) values (:org, :number, :hash, :seal)")


def entry_of(row: Row[Any], number: int) -> Entry:
    """An entry of its row."""
    return Entry(
        number,
        row.org,
        row.at,
        row.subject,
        row.kind,
        row.method,
        row.route,
        row.parameters,
        row.request_id,
        row.events,
    )


class Chainer:
    """Joins what was written to its chain, in the order of writing, and seals the head of each chain once an hour."""

    def __init__(self, service: str, engine: AsyncEngine, secrets: Secrets) -> None:
        self._service = service
        self._engine = engine
        self._secrets = secrets

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.join_all, SECONDS, stopping, put_off="trail.put_off")

    async def join_all(self, checkpoint_after: timedelta = CHECKPOINT_AFTER) -> int:
        """Join everything that waits; answers how many entries there were."""
        joined = 0
        while True:
            count = await self._step(checkpoint_after)
            joined += count
            if count < BATCH:
                return joined

    async def _step(self, checkpoint_after: timedelta) -> int:
        async with self._engine.begin() as connection:
            key = zlib.crc32(f"trail {self._service}".encode())
            if not (await connection.execute(_LOCK, {"key": key})).scalar_one():
                return 0
            rows = (await connection.execute(_WAITING, {"batch": BATCH})).all()
            if rows:
                await self._join(connection, rows)
                await self._checkpoint(connection, sorted({row.org for row in rows}), checkpoint_after)
        JOINED.labels(self._service).inc(len(rows))
        return len(rows)

    async def _join(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        orgs = sorted({row.org for row in rows})
        heads = {row.org: (row.number, bytes(row.hash)) for row in await connection.execute(_HEADS, {"orgs": orgs})}
        numbers, hashes = [], []
        for org, entries in groupby(rows, key=lambda row: str(row.org)):
            number, previous = heads.get(org, (0, beginning(self._service, org)))
            for row in entries:
                number += 1
                previous = link(previous, entry_of(row, number).said())
                numbers.append(number)
                hashes.append(previous)
        names = {"orgs": [row.org for row in rows], "ids": [row.id for row in rows], "numbers": numbers, "hashes": hashes}
        await connection.execute(_JOIN, names)

    async def _checkpoint(self, connection: AsyncConnection, orgs: list[str], after: timedelta) -> None:
        for row in (await connection.execute(_DUE, {"orgs": orgs, "after": after})).all():
            seal = seal_of(self._secrets, self._service, row.org, row.number, bytes(row.hash))
            await connection.execute(_CHECKPOINT, {"org": row.org, "number": row.number, "hash": row.hash, "seal": seal})
            # Also where the log goes, out of reach of whoever has the database.
            log.info("trail.checkpoint", org=row.org, number=row.number, hash=bytes(row.hash).hex())


def is_genuine(secrets: Secrets, service: str, org: str, row: Any) -> bool:
    """Whether a checkpoint (number, hash, seal) was made with our key."""
    return hmac.compare_digest(row.seal, seal_of(secrets, service, org, row.number, bytes(row.hash)))


def seal_of(secrets: Secrets, service: str, org: str, number: int, hash_: bytes) -> str:
    """The keyed seal of a checkpoint (HMAC-SHA256, 32 hex digits)."""
    return secrets.pseudonym(org, PURPOSE, checkpoint_text(service, org, number, hash_))
