"""A trail without a worker: each entry is joined to its chain in the transaction of the work itself.

For what is done seldom (the gateway's operators and administrators), so that it may wait for its turn: within an organisation
one at a time. Nothing can then be taken out between writing and joining. `walk_all` and `end_all` do what a worker
does once a day.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import orjson
import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.days import british_day
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.trail import begun, ending
from chassis.trail.acting import Acting
from chassis.trail.chaining import CHECKPOINT_AFTER, seal_of
from chassis.trail.checking import BROKEN, CHECKED, KEEP, Found, check
from chassis.trail.links import Entry, beginning, link
from chassis.unit_of_work import Transaction, UnitOfWork

log = structlog.get_logger(__name__)

_LOCK = text("select pg_advisory_xact_lock(:key)")
_TRY = text("select pg_try_advisory_xact_lock(:key)")
_HEAD = text(
    """
    with head as (
        select known.number, known.hash
          from ((select number, hash from trail where org = :org order by number desc limit 1)
                union all
                select number, hash from trail_beginning where org = :org) as known
         order by known.number desc limit 1)
    select clock_timestamp() as at, coalesce((select number from head), 0) as number, (select hash from head) as hash,
           (select max(at) from trail_checkpoint where org = :org) as sealed_at
    """
)
_ENTRY = text(
    """
    insert into trail (org, number, at, subject, kind, method, route, parameters, request_id, events, hash)
    values (:org, :number, :at, :subject, :kind, :method, :route, cast(:parameters as jsonb), :request_id,
            cast(:events as uuid[]), :hash)
    """
)
_CHECKPOINT = text("insert into trail_checkpoint (org, number, hash, seal) values (:org, :number, :hash, :seal)")
_BEGIN = text(
    """
    insert into trail_beginning (org, number, hash, at, seal) values (:org, :number, :hash, :at, :seal)
    on conflict on constraint trail_beginning_key
    do update set number = excluded.number, hash = excluded.hash, at = excluded.at, seal = excluded.seal
    """
)
_KEPT = text("select checked_at, broken_at from trail_check where org = :org")
_STALE = text("select not exists (select from trail_check where org = :org and checked_at > now() - cast(:age as interval))")


@dataclass(frozen=True)
class Joined:
    """An entry that was written: its number, hash and moment, and when its chain was last sealed."""

    number: int
    hash: bytes
    at: datetime
    sealed_at: datetime | None


async def join(connection: AsyncConnection, service: str, org: str, acting: Acting, events: Sequence[UUID] = ()) -> Joined:
    """Write one entry and tie it to its chain, at the end of a transaction. Whoever does this needs no key."""
    await connection.execute(_LOCK, {"key": _key(service, org)})
    head = (await connection.execute(_HEAD, {"org": org})).one()
    entry = Entry(
        head.number + 1, org, head.at, acting.identity.subject, acting.identity.kind, acting.method, acting.route or "",
        acting.parameters, acting.request_id, events,
    )  # fmt: skip
    hash_ = link(bytes(head.hash) if head.number else beginning(service, org), entry.said())
    names = {
        "org": org, "number": entry.number, "at": entry.at, "subject": entry.subject, "kind": entry.kind,
        "method": entry.method, "route": entry.route, "parameters": orjson.dumps(entry.parameters).decode(),
        "request_id": entry.request_id, "events": list(events), "hash": hash_,
    }  # fmt: skip
    await connection.execute(_ENTRY, names)
    return Joined(entry.number, hash_, head.at, head.sealed_at)


def _key(service: str, org: str) -> int:
    return zlib.crc32(f"trail {service} {org}".encode())


class JoinedTrail:
    """Writes and walks along the trail of one process without a worker (`create_joined_trail_tables`)."""

    def __init__(self, service: str, secrets: Secrets) -> None:
        """`secrets` make the seals of checkpoints: with another key those that were made before are no longer genuine."""
        self._service = service
        self._secrets = secrets

    async def write(self, connection: AsyncConnection, org: str, acting: Acting, events: Sequence[UUID]) -> bool:
        """Write down that a request did this, at the end of its transaction; one entry a request."""
        if acting.written or acting.route is None:
            return False
        made = await join(connection, self._service, org, acting, events)
        if made.sealed_at is None or made.sealed_at < made.at - CHECKPOINT_AFTER:
            seal = seal_of(self._secrets, self._service, org, made.number, made.hash)
            await connection.execute(_CHECKPOINT, {"org": org, "number": made.number, "hash": made.hash, "seal": seal})
            log.info("trail.checkpoint", service=self._service, org=org, number=made.number, hash=made.hash.hex())
        return True

    async def walk_all(self, uow: UnitOfWork, orgs: Iterable[str], age: timedelta) -> dict[str, Found]:
        """Walk along each chain that nobody has walked along for `age`, and keep what was found.

        What this process shows to Prometheus is what was kept of all of them, whichever process has walked.
        """
        found: dict[str, Found] = {}
        kept: list[Row[Any]] = []
        for org in orgs:
            async with uow.begin(org) as transaction:
                each = await self._walk(transaction.connection, org, age)
                kept += (await transaction.connection.execute(_KEPT, {"org": org})).all()
            if each is not None:
                found[org] = each
        BROKEN.labels(self._service).set(sum(row.broken_at is not None for row in kept))
        if kept:
            CHECKED.labels(self._service).set(min(row.checked_at for row in kept).timestamp())
        return found

    async def _walk(self, connection: AsyncConnection, org: str, age: timedelta) -> Found | None:
        """None where another process walks just now, or somebody did of late."""
        if not (await connection.execute(_TRY, {"key": _key(self._service, f"check {org}")})).scalar_one():
            return None
        if not (await connection.execute(_STALE, {"org": org, "age": age})).scalar_one():
            return None
        found = await check(connection, self._service, org, self._secrets)
        if found.broken_at is not None:
            log.error("trail.broken", org=org, number=found.broken_at, reason=found.reason)
        names = {"org": org, "up_to": found.up_to, "broken_at": found.broken_at, "reason": found.reason}
        await connection.execute(KEEP, names)
        return found

    async def end_all(self, uow: UnitOfWork, orgs: Iterable[str], months: int, now: datetime) -> dict[str, int]:
        """Seal a later beginning where entries are over; answers up to which number. Whoever may delete clears them away.

        A chain that does not hold stays whole.
        """
        ended = {}
        for org in orgs:
            try:
                while (number := await self._end(uow, org, months, now)) is not None:
                    ended[org] = number
            except ending.ChainBrokenError as error:
                log.error("trail.not_let_go", service=self._service, org=org, reason=str(error))  # noqa: TRY400 - no bug of ours
        return ended

    async def _end(self, uow: UnitOfWork, org: str, months: int, now: datetime) -> int | None:
        async with uow.begin(org) as transaction:
            connection = transaction.connection
            if not (await connection.execute(_TRY, {"key": _key(self._service, f"end {org}")})).scalar_one():
                return None
            over = ending.over_before(british_day(now), months)
            due = await ending.due(connection, self._service, org, self._secrets, over)
            if due is None:
                return None
            at = now.astimezone(UTC)
            seal = begun.seal_of(self._secrets, self._service, org, due.number, due.hash, at)
            names = {"org": org, "number": due.number, "hash": due.hash, "at": at, "seal": seal}
            await connection.execute(_BEGIN, names)
            await self._say(transaction, due, months)
        log.info("trail.let_go", service=self._service, org=org, number=due.number, hash=due.hash.hex())
        return due.number

    async def _say(self, transaction: Transaction, due: ending.Due, months: int) -> None:
        detail = {"up_to": due.number, "entries": due.number - due.begun.number, "months": months}
        scope = {"method": "POST", "route": SimpleNamespace(path=f"/{self._service}")}
        said = {"of": "trail", "act": "let-go"}
        who = Identity(transaction.org, self._service, "service")
        acting = Acting(who, uuid4().hex, scope, said=said, detail=orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode())
        await join(transaction.connection, self._service, transaction.org, acting)
