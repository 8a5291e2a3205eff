"""The worker's task: reduces what is due, hour by hour, a record a transaction; and what somebody decided to erase.

A record is locked, looked at again, and everything of it goes in one transaction with its proof and its event: killed in the
middle nothing is done, and two workers do it once. The rights to do so are those of `<service>_retention`, for that long.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog
from prometheus_client import Counter as Counted
from prometheus_client import Gauge
from sqlalchemy import text

from chassis.days import british_day
from chassis.errors import DomainError
from chassis.ids import new_id
from chassis.outbox import Recordable
from chassis.outbox import now as current_time
from chassis.repeating import repeat
from chassis.retention import asked, finding, holding, known, of_trail, proofs, redacting
from chassis.retention.finding import BATCH, Record
from chassis.retention.kinds import TRAIL, Declared, Delete, Kind, values
from chassis.retention.orders import refusal
from chassis.retention.periods import Period, months_before
from chassis.retention.proofs import Done, Ground
from chassis.rounds import organisations
from chassis.same_time import assert_same_time
from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION
from chassis.trail.ending import ChainBrokenError
from chassis.unit_of_work import Transaction, UnitOfWork

log = structlog.get_logger(__name__)

RECORDS = Counted("loop_retention_records_total", "Records whose time was over, by what was done.", ["service", "what"])
LOOKED = Gauge("loop_retention_looked_timestamp_seconds", "When all organisations were last looked through.", ["service"])

LOOK_SECONDS = 30.0
EVERY_SECONDS = 3600.0

_ORDERS = text("select id, kind, record_id from retention_order where done_at is null and refused is null order by decided_at")
_DONE = text("update retention_order set done_at = now() where id = :id and done_at is null and refused is null")
_REFUSED = text("update retention_order set refused = :why where id = :id and done_at is null and refused is null")
_ASKED = text("select id from retention_run where ended_at is null")
_RUN = (
    "insert into retention_run (org, id, ended_at, reduced, held, failed) "
    "values (:org, :id, now(), cast(:reduced as jsonb), cast(:held as jsonb), :failed)"
)
_ENDED = text(
    f"{_RUN} on conflict on constraint retention_run_key do update set ended_at = excluded.ended_at, "
    "reduced = excluded.reduced, held = excluded.held, failed = excluded.failed"
)
_MARK = text(
    "insert into retention_reduced (org, kind, record_id, reduced_on, number) values (:org, :kind, :id, :on, :number) "
    "on conflict on constraint retention_reduced_key do update set reduced_on = excluded.reduced_on, number = excluded.number"
)
_AT_ONCE = text("set constraints all immediate")


class Tell(Protocol):
    """Makes the service's event that a record was reduced."""

    def __call__(self, kind: str, record_id: UUID, reduced_on: date, ground: Ground) -> Recordable:
        """The event."""


Periods = Callable[[Transaction], Awaitable[dict[str, Period]]]
"""The periods of the transaction's organisation, by kind."""


@dataclass
class Tally:
    """What a run did, by kind."""

    reduced: "Counter[str]"
    held: "Counter[str]"
    failed: int = 0


class Running:
    """Reduces records of one service."""

    def __init__(
        self,
        declared: Declared,
        uow: UnitOfWork,
        secrets: Secrets,
        periods: Periods,
        tell: Tell | None,
        now: Callable[[], datetime] = current_time,
    ) -> None:
        self._declared = declared
        self._uow = uow
        self._secrets = secrets
        self._periods = periods
        self._tell = tell
        self._now = now
        self._last: datetime | None = None
        for what in ("reduced", "held", "failed"):
            RECORDS.labels(declared.service, what)  # shown from the start: a rise from nothing would not be seen
        self._role = text(f"set local role {declared.service}_retention")

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`: what was asked for within half a minute, what is due once an hour."""
        await repeat(self.look, LOOK_SECONDS, stopping, put_off="retention.put_off")

    async def look(self) -> None:
        """Do what was asked for, and where an hour is over, what is due. Raises TimeInDoubtError where clocks differ."""
        async with self._uow.begin(INSTALLATION) as transaction:
            await assert_same_time(transaction.connection)
        now = self._now()
        # Either way: a clock that was set back must not keep us from it for as long.
        hour = self._last is None or abs((now - self._last).total_seconds()) >= EVERY_SECONDS
        for org in await organisations(self._uow):
            try:
                self._count(await self.serve(org, hour=hour))
            except Exception:
                # One organisation does not keep the others waiting.
                log.exception("retention.organisation_put_off", org=org)
                RECORDS.labels(self._declared.service, "failed").inc()
        if hour:
            self._last = now
            LOOKED.labels(self._declared.service).set(now.timestamp())

    def _count(self, tally: Tally) -> None:
        for what, number in (("reduced", tally.reduced.total()), ("held", tally.held.total()), ("failed", tally.failed)):
            RECORDS.labels(self._declared.service, what).inc(number)

    async def serve(self, org: str, *, hour: bool = True) -> Tally:
        """What an organisation asked for, and with `hour`, or where somebody asks for a run, what is due."""
        tally = Tally(Counter(), Counter())
        async with self._uow.begin(org) as transaction:
            orders = (await transaction.connection.execute(_ORDERS)).all()
            wanted = (await transaction.connection.execute(_ASKED)).scalar_one_or_none()
        for order in orders:
            await self._guarded(org, tally, self._obey(org, order))
        if hour or wanted is not None:
            await self._all_due(org, tally)
        if wanted is not None or tally.reduced or tally.failed:
            await self._keep(org, wanted or new_id(), tally)
        return tally

    async def _all_due(self, org: str, tally: Tally) -> None:
        async with self._uow.begin(org) as transaction:
            try:
                periods = await self._periods(transaction)
            except DomainError:
                # Without a profile nothing is said of how long anything is kept, so everything is.
                return
        for kind in self._declared.kinds:
            period = periods.get(kind.code)
            # A period that an earlier version accepted does not go below what has to be kept either.
            if period is not None:
                await self._due(org, kind, max(period.in_months, kind.at_least), tally)
        if (period := periods.get(TRAIL.code)) is not None:
            await self._end_of_trail(org, max(period.in_months, TRAIL.at_least), tally)

    async def _end_of_trail(self, org: str, months: int, tally: Tally) -> None:
        service, secrets = self._declared.service, self._secrets
        try:
            while True:
                # Walked along before anybody waits for the lock.
                async with self._uow.begin(org) as transaction:
                    await transaction.connection.execute(self._role)
                    what, due = await of_trail.look(transaction, secrets, service, months, self._now())
                if what == "held":
                    tally.held[TRAIL.code] += 1
                if due is None:
                    return
                async with self._uow.begin(org) as transaction:
                    await holding.lock(transaction)
                    await transaction.connection.execute(self._role)
                    gone = await of_trail.let_go(transaction, secrets, service, months, due, self._now())
                if not gone:
                    return
                tally.reduced[TRAIL.code] += gone
        except ChainBrokenError as error:
            log.error("trail.not_let_go", org=org, reason=str(error))  # noqa: TRY400 - what is wrong is said; where is of no use
            tally.failed += 1
        except Exception:
            log.exception("retention.trail_put_off", org=org)
            tally.failed += 1

    async def _due(self, org: str, kind: Kind, months: int, tally: Tally) -> None:
        after: UUID | None = None
        while True:
            today = british_day(self._now())
            async with self._uow.begin(org) as transaction:
                await transaction.connection.execute(self._role)
                found = await finding.due(transaction, kind, months, today, after=after)
            for record in found:
                await self._guarded(org, tally, self._over(org, kind, months, record.id, today))
            if len(found) < BATCH:
                return
            after = found[-1].id

    async def _guarded(self, org: str, tally: Tally, work: Awaitable[tuple[str, str]]) -> None:
        try:
            kind, what = await work
        except Exception:
            # The next hour tries again; the record is as it was, for its transaction was rolled back.
            log.exception("retention.record_put_off", org=org)
            tally.failed += 1
            return
        if what == "reduced":
            tally.reduced[kind] += 1
        elif what == "held":
            tally.held[kind] += 1

    async def _over(self, org: str, kind: Kind, months: int, ident: UUID, today: date) -> tuple[str, str]:
        async with self._uow.begin(org) as transaction:
            record = await self._begin(transaction, kind, ident)
            before = months_before(today, months)
            if record is None or record.reduced or record.since is None or record.since > before:
                return kind.code, "not-due"
            if await self._held(transaction, kind, record):
                return kind.code, "held"
            await self._reduce(transaction, kind, record, "time-over", months)
        return kind.code, "reduced"

    async def _obey(self, org: str, order: Any) -> tuple[str, str]:
        kind = self._declared.kind(order.kind)
        if kind is None:
            return order.kind, "unknown"
        async with self._uow.begin(org) as transaction:
            record = await self._begin(transaction, kind, order.record_id)
            holds = await holding.in_force(transaction)
            why = refusal(kind, record, holds, self._secrets, org, british_day(self._now()))
            if why:
                await transaction.connection.execute(_REFUSED, {"id": order.id, "why": why})
                return kind.code, "refused"
            done = await transaction.connection.execute(_DONE, {"id": order.id})
            if record is None or not done.rowcount:
                return kind.code, "done-before"
            await self._reduce(transaction, kind, record, "asked", None)
        return kind.code, "reduced"

    async def _begin(self, transaction: Transaction, kind: Kind, ident: UUID) -> Record | None:
        # The lock of holds first: whoever places one waits for this record, and this record for whoever does.
        await holding.lock(transaction)
        await transaction.connection.execute(self._role)
        return await finding.one(transaction, kind, ident, lock=True)

    async def _held(self, transaction: Transaction, kind: Kind, record: Record) -> bool:
        holds = await holding.in_force(transaction)
        return bool(finding.held_by(holds, self._secrets, transaction.org, kind, record))

    async def _reduce(self, transaction: Transaction, kind: Kind, record: Record, ground: Ground, months: int | None) -> None:
        now = self._now().astimezone(UTC)
        on = british_day(now)
        # Keys and events first: what says whose they are may be among what goes.
        await known.keep(transaction, self._secrets, kind, record.id, on)
        events = await redacting.redact(transaction, kind, record.id) if kind.events else 0
        rows = Counter(await asked.clear(transaction, kind, record.id))
        for step in kind.steps:
            if isinstance(step, Delete):
                statement, names = f"delete from {step.table} t where {step.where}", dict[str, Any]()  # noqa: S608 - declared
            else:
                assignments, names = values(step, lambda purpose, words: self._secrets.seal(transaction.org, purpose, words))
                statement = f"update {step.table} t set {assignments} where {step.where}"  # noqa: S608 - declared
            done = await transaction.connection.execute(text(statement), {**names, "id": record.id})
            # Several steps may empty columns of the same rows; what is deleted is there once.
            before = rows[step.table]
            rows[step.table] = before + done.rowcount if isinstance(step, Delete) else max(before, done.rowcount)
        await transaction.connection.execute(_AT_ONCE)
        touched = {table: count for table, count in rows.items() if count}
        done_to = Done(kind.code, record.id, ground, record.since, months, touched, events)
        proof = await proofs.add(transaction, self._secrets, self._declared.service, done_to, now)
        mark = {"org": transaction.org, "kind": kind.code, "id": record.id, "on": on, "number": proof.number}
        await transaction.connection.execute(_MARK, mark)
        if self._tell is not None:
            transaction.record(self._tell(kind.code, record.id, on, ground), occurred_at=now)
            await transaction.flush()
        # Also where the log goes, out of reach of whoever has the database. Nothing in it is of a person.
        log.info("retention.reduced", org=transaction.org, kind=kind.code, number=proof.number, hash=proof.hash.hex())

    async def _keep(self, org: str, run: UUID, tally: Tally) -> None:
        async with self._uow.begin(org) as transaction:
            await transaction.connection.execute(self._role)
            names = {"reduced": orjson.dumps(tally.reduced).decode(), "held": orjson.dumps(tally.held).decode()}
            await transaction.connection.execute(_ENDED, {"org": org, "id": run, "failed": tally.failed, **names})
