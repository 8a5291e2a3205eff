"""Walks along a chain from where it begins, and says where it does not fit."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.repeating import repeat
from chassis.secrets import Secrets
from chassis.trail.begun import begun_of, is_genuine
from chassis.trail.chaining import entry_of, seal_of
from chassis.trail.links import Begun, beginning, link

log = structlog.get_logger(__name__)

DAY_SECONDS = 24 * 3600.0
PAGE = 5_000
BROKEN = Gauge("loop_trail_broken", "Chains of the trail that do not fit.", ["service"])
CHECKED = Gauge(
    "loop_trail_checked_timestamp_seconds", "When the chain was last walked along for which that is longest ago.", ["service"]
)

ENTRIES = text(
    """
    select org, number, hash, at, subject, kind, method, route, parameters, request_id, events
      from trail where org = :org and number > :after order by number limit :page
    """
)
_CHECKPOINTS = text("select number, hash, seal from trail_checkpoint where org = :org and number >= :begun order by number")
_ORGS = text("select org from trail union select org from trail_checkpoint union select org from trail_beginning order by 1")
KEEP = text(
    """
    insert into trail_check (org, checked_at, up_to, broken_at, reason) values (:org, now(), :up_to, :broken_at, :reason)
    on conflict (org) do update set checked_at = excluded.checked_at, up_to = excluded.up_to,
        broken_at = excluded.broken_at, reason = excluded.reason
    """
)


@dataclass(frozen=True, slots=True)
class Found:
    """How a chain stands: fits up to a number, and the first that does not fit with why, if there is one."""

    up_to: int
    broken_at: int | None = None
    reason: str | None = None


class Walk:
    """The walk along one chain, entry after entry; the same for a service, its worker and the operator's command."""

    def __init__(self, service: str, org: str, heads: Mapping[int, bytes], begun: Begun | None = None) -> None:
        """`heads` are hashes that are known from elsewhere, by number: checkpoints, and what an operator kept.

        `begun` is where the chain begins, whose seal was checked. Heads of before are left out: of these entries only the
        last has a hash that is still known.
        """
        begun = begun or Begun(0, beginning(service, org))
        self._hash = begun.hash
        self._sealed = heads.get(begun.number, begun.hash)
        self._heads = {number: hash_ for number, hash_ in heads.items() if number > begun.number}
        self.number = begun.number

    def begin(self) -> Found | None:
        """Hold the beginning against what is known of it. None where it fits."""
        if self._sealed == self._hash:
            return None
        return Found(self.number, self.number, f"entry {self.number}, after which it begins, is not the one that was sealed")

    def step(self, said: Mapping[str, Any], hash_: bytes) -> Found | None:
        """Take the next entry. None where it fits."""
        number = self.number + 1
        if said["number"] != number:
            return Found(self.number, number, f"entry {number} is missing; the next one is {said['number']}")
        self._hash = link(self._hash, said)
        if self._hash != hash_:
            return Found(self.number, number, f"entry {number} does not fit its hash: it, or one before it, was changed")
        known = self._heads.pop(number, None)
        if known is not None and known != hash_:
            return Found(self.number, number, f"entry {number} is not the one that was sealed: the chain was made anew")
        self.number = number
        return None

    def end(self) -> Found:
        """What was found, once there are no more entries."""
        missing = min(self._heads, default=None)
        if missing is not None:
            reason = f"entries {self.number + 1} to {missing} were sealed and are missing from the end"
            return Found(self.number, self.number + 1, reason)
        return Found(self.number)


async def check(connection: AsyncConnection, service: str, org: str, secrets: Secrets) -> Found:
    """Walk along an organisation's chain, with its checkpoints. Page after page: the memory is that of one."""
    while True:
        begun = await begun_of(connection, service, org)
        found = await _walk(connection, service, org, secrets, begun)
        # Entries may be let go while somebody walks along them: then it begins elsewhere, and they walk again.
        if found.broken_at is None or await begun_of(connection, service, org) == begun:
            return found


async def _walk(connection: AsyncConnection, service: str, org: str, secrets: Secrets, begun: Begun) -> Found:
    if not is_genuine(secrets, service, org, begun):
        return Found(0, begun.number, f"the beginning after {begun.number} was not made by this service")
    heads: dict[int, bytes] = {}
    for row in await connection.execute(_CHECKPOINTS, {"org": org, "begun": begun.number}):
        if not hmac.compare_digest(row.seal, seal_of(secrets, service, org, row.number, bytes(row.hash))):
            return Found(0, row.number, f"the checkpoint at {row.number} was not made by this service")
        heads[row.number] = bytes(row.hash)
    walk = Walk(service, org, heads, begun)
    if (wrong := walk.begin()) is not None:
        return wrong
    while True:
        rows = (await connection.execute(ENTRIES, {"org": org, "after": walk.number, "page": PAGE})).all()
        for row in rows:
            wrong = walk.step(entry_of(row, row.number).said(), bytes(row.hash))
            if wrong is not None:
                return wrong
        if len(rows) < PAGE:
            return walk.end()


def walked(
    service: str,
    org: str,
    heads: Mapping[int, bytes],
    entries: Iterable[tuple[Mapping[str, Any], bytes]],
    begun: Begun | None = None,
) -> Found:
    """Walk along entries as machines are shown them, from where the chain begins."""
    walk = Walk(service, org, heads, begun)
    if (wrong := walk.begin()) is not None:
        return wrong
    for said, hash_ in entries:
        wrong = walk.step(said, hash_)
        if wrong is not None:
            return wrong
    return walk.end()


class Checker:
    """Walks along every chain of a service once a day and keeps what it found, for the page and the alarm."""

    def __init__(self, service: str, engine: AsyncEngine, secrets: Secrets) -> None:
        self._service = service
        self._engine = engine
        self._secrets = secrets

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.check_all, DAY_SECONDS, stopping, put_off="trail.check_put_off")

    async def check_all(self) -> dict[str, Found]:
        """Check the chain of every organisation."""
        found = {}
        async for org in self._orgs():
            async with self._engine.connect() as connection:
                found[org] = await check(connection, self._service, org, self._secrets)
            await self._keep(org, found[org])
        BROKEN.labels(self._service).set(sum(each.broken_at is not None for each in found.values()))
        return found

    async def _orgs(self) -> AsyncIterator[str]:
        async with self._engine.connect() as connection:
            orgs = (await connection.execute(_ORGS)).scalars().all()
        for org in orgs:
            yield org

    async def _keep(self, org: str, found: Found) -> None:
        if found.broken_at is not None:
            log.error("trail.broken", org=org, number=found.broken_at, reason=found.reason)
        names = {"org": org, "up_to": found.up_to, "broken_at": found.broken_at, "reason": found.reason}
        async with self._engine.begin() as connection:
            await connection.execute(KEEP, names)
