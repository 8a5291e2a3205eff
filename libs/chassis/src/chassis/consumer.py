"""The consumer: applies every event of a producer exactly once, whatever the broker loses or repeats.

A batch is one transaction: inbox rows, projection, position. The position is the number up to which nothing is missing. What
arrives at or below it is a repetition; a hole above it is filled from the producer's own log before anything later is applied.
So order and completeness rest on PostgreSQL and the numbers, and the broker is only the fast way.
"""

import asyncio
import time
import zlib
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog
from prometheus_client import Counter, Gauge
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import tracing
from chassis.database import is_away
from chassis.envelopes import contiguous
from chassis.event_log import LogClient
from chassis.ids import new_id
from chassis.tenancy import INSTALLATION, is_organisation
from chassis.unit_of_work import switch_tenant

log = structlog.get_logger(__name__)

APPLIED = Counter("loop_consumer_applied_total", "Events applied.", ["consumer", "source"])
REPEATED = Counter("loop_consumer_repeated_total", "Events that had been applied before.", ["consumer", "source"])
REPAIRED = Counter("loop_consumer_repaired_total", "Events fetched from the producer's log.", ["consumer", "source"])
DEAD = Counter("loop_consumer_dead_letters_total", "Events put aside.", ["consumer", "source"])
POSITION = Gauge("loop_consumer_position", "Number up to which nothing is missing.", ["consumer", "source"])


class TerminalError(Exception):
    """The event can never be applied as it is; it goes to the dead letters with this reason."""


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it arrived, its data parsed into the contract's model."""

    id: UUID
    org: str
    source: str
    sequence: int
    occurred_at: datetime
    event: Any
    envelope: dict[str, Any] = field(repr=False)


class Projection(Protocol):
    """What a service does with events; called inside the batch's transaction with the tenant already set."""

    async def apply(self, connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
        """Apply events of one organisation in their order. Raise `TerminalError` for what can never work."""

    async def clear(self, connection: AsyncConnection) -> None:
        """Empty every table that `apply` fills, for all organisations."""


_TIME = TypeAdapter(datetime)

_POSITION = text(
    """
    insert into consumer_position (consumer, source) values (:consumer, :source)
    on conflict (consumer, source) do update set consumer = excluded.consumer returning sequence
    """
)
_MOVE = text(
    "update consumer_position set sequence = :sequence, moved_at = now() where consumer = :consumer and source = :source"
)
_INBOX = text(
    """
    insert into inbox (consumer, event_id, org, source, sequence)
    select :consumer, i.event_id, :org, :source, i.sequence
      from unnest(cast(:ids as uuid[]), cast(:sequences as bigint[])) as i (event_id, sequence)
    on conflict (consumer, event_id) do nothing returning event_id
    """
)
_BURY = text(
    """
    insert into dead_letter (id, org, consumer, source, sequence, event_id, envelope, reason)
    values (:id, :org, :consumer, :source, :sequence, :event_id, cast(:envelope as jsonb), :reason)
    on conflict (consumer, event_id) do update set reason = excluded.reason, failed_at = now(), redriven_at = null,
        attempts = dead_letter.attempts + 1
    """
)


class BatchApplier:
    """Applies envelopes of one source to a projection; knows PostgreSQL and the log, not the broker."""

    def __init__(
        self,
        consumer: str,
        source: str,
        engine: AsyncEngine,
        projection: Projection,
        models: dict[str, type[BaseModel]],
        logs: LogClient,
    ) -> None:
        self.consumer = consumer
        self.source = source
        self._engine = engine
        self._projection = projection
        self._models = models
        self._logs = logs
        self._names = {"consumer": consumer, "source": source}

    async def position(self) -> int:
        """The number up to which nothing is missing."""
        async with self._engine.begin() as connection:
            return int((await connection.execute(_POSITION, self._names)).scalar_one())

    async def apply(self, envelopes: Sequence[dict[str, Any]]) -> int:
        """Apply what the broker delivered, filling holes from the log first; answers how many events were new."""
        wanted = sorted(envelopes, key=lambda each: int(each["sequence"]))
        applied = 0
        while wanted:
            position = await self.position()
            fresh = [each for each in wanted if int(each["sequence"]) > position]
            REPEATED.labels(self.consumer, self.source).inc(len(wanted) - len(fresh))
            if not fresh:
                break
            run = contiguous(fresh, position)
            if not run:
                applied += await self.catch_up(until=int(fresh[0]["sequence"]) - 1)
                wanted = fresh
                continue
            applied += await self._apply_run(run)
            wanted = fresh[len(run) :]
        return applied

    async def catch_up(self, until: int | None = None) -> int:
        """Apply what the producer's log holds beyond our position (up to `until`); answers how many events were new."""
        applied = 0
        position = await self.position()
        page = await self._logs.read(self.source, position)
        if page.head < position:
            # New events would take numbers that were applied before, and be dropped as repetitions.
            log.error("consumer.log_ends_before_position", source=self.source, head=page.head, position=position)
        while page.events:
            last = int(page.events[-1]["sequence"])
            more = last < page.head and (until is None or last < until)
            # Read the next page while this one is being applied.
            following = asyncio.create_task(self._logs.read(self.source, last)) if more else None
            try:
                count = await self._apply_run(page.events)
            except BaseException:
                if following is not None:
                    following.cancel()
                raise
            applied += count
            REPAIRED.labels(self.consumer, self.source).inc(count)
            if following is None:
                break
            page = await following
        if until is not None and await self.position() < until:
            # The log is the truth: a number that it does not have yet has not been committed for us to see.
            msg = f"the log of {self.source} does not reach {until} yet"
            raise ConnectionError(msg)
        return applied

    async def _apply_run(self, envelopes: Sequence[dict[str, Any]]) -> int:
        """Apply a run of consecutive envelopes in one transaction; single out what cannot be applied."""
        parents = [] if tracing.current() is None else _traces(envelopes)
        with tracing.batch(f"batch of {self.source}", parents) as span:
            span.set("loop.consumer", self.consumer)
            span.set("loop.source", self.source)
            span.set("loop.events", len(envelopes))
            received, bad = self._parse(envelopes)
            try:
                return await self._transact(received, bad, envelopes)
            except Exception as error:
                if _is_away(error):
                    raise
                log.warning("consumer.batch_refused", source=self.source, size=len(envelopes), reason=_reason(error)[:300])
            return await self._one_by_one(received, bad, envelopes)

    def _parse(self, envelopes: Sequence[dict[str, Any]]) -> tuple[list[Received], dict[int, str]]:
        received = []
        bad: dict[int, str] = {}
        for each in envelopes:
            sequence = int(each["sequence"])
            model = self._models.get(each["type"])
            if model is None:
                bad[sequence] = f"unknown event type {each['type']}"
                continue
            if not is_organisation(each["org"]):
                bad[sequence] = "no valid organisation"
                continue
            try:
                event = model.model_validate(each["data"])
            except ValidationError as error:
                bad[sequence] = f"data does not fit {each['type']}: {error.errors(include_input=False, include_url=False)}"
                continue
            received.append(
                Received(UUID(each["id"]), each["org"], self.source, sequence, _TIME.validate_python(each["time"]), event, each)
            )
        return received, bad

    async def _transact(self, received: Sequence[Received], bad: dict[int, str], envelopes: Sequence[dict[str, Any]]) -> int:
        applied, began = 0, time.time_ns()
        async with self._engine.begin() as connection:
            position = (await connection.execute(_POSITION, self._names)).scalar_one()
            first, last = int(envelopes[0]["sequence"]), int(envelopes[-1]["sequence"])
            if last <= position:
                return 0
            if first > position + 1:
                msg = f"a hole before {first}: position is {position}"
                raise ConnectionError(msg)
            ordered = sorted(received, key=lambda each: each.org)  # stable: the order within an organisation holds
            for org, group in groupby(ordered, key=lambda each: each.org):
                applied += await self._apply_org(connection, org, list(group))
            for each in envelopes:
                reason = bad.get(int(each["sequence"]))
                if reason is not None:
                    await self._bury(connection, each, reason)
            await connection.execute(_MOVE, {**self._names, "sequence": last})
        self._trace(received, began)
        APPLIED.labels(self.consumer, self.source).inc(applied)
        POSITION.labels(self.consumer, self.source).set(last)
        return applied

    async def _apply_org(self, connection: AsyncConnection, org: str, group: list[Received]) -> int:
        await switch_tenant(connection, org)
        new = await connection.execute(
            _INBOX,
            {
                **self._names,
                "org": org,
                "ids": [each.id for each in group],
                "sequences": [each.sequence for each in group],
            },
        )
        ids = {row.event_id for row in new}
        fresh = [each for each in group if each.id in ids]
        if fresh:
            with tracing.span("projection") as span:
                span.set("loop.org", org)
                span.set("loop.events", len(fresh))
                await self._projection.apply(connection, org, fresh)
        return len(fresh)

    def _trace(self, received: Sequence[Received], began: int) -> None:
        """Say in the traces of the requests themselves that their events have been applied: one span for all of a subject."""
        if (tracer := tracing.current()) is None:
            return
        batch, times = tracing.traceparent.get(), (began, time.time_ns())
        links = [batch] if batch is not None and tracing.is_recorded(batch) else []
        applied = Tally((context, each.envelope["type"]) for each in received for context in _traces([each.envelope]))
        for (context, subject), number in applied.items():
            about = {
                "messaging.system": "nats", "messaging.destination.name": subject, "loop.events": number,
                "loop.consumer": self.consumer,
            }  # fmt: skip
            tracer.done(f"apply {subject}", "consumer", context, times, about, links)

    async def _one_by_one(self, received: Sequence[Received], bad: dict[int, str], envelopes: Sequence[dict[str, Any]]) -> int:
        """Each event in a transaction of its own, so that poison is put aside and everything around it goes on."""
        by_sequence = {each.sequence: each for each in received}
        applied = 0
        for each in envelopes:
            sequence = int(each["sequence"])
            one = [by_sequence[sequence]] if sequence in by_sequence else []
            reasons = {sequence: bad[sequence]} if sequence in bad else {}
            try:
                applied += await self._transact(one, reasons, [each])
            except Exception as error:
                if _may_pass(error):
                    raise
                applied += await self._transact([], {sequence: _reason(error)}, [each])
        return applied

    async def _bury(self, connection: AsyncConnection, envelope: dict[str, Any], reason: str) -> None:
        DEAD.labels(self.consumer, self.source).inc()
        # Of the request that the event is of, rather than of the batch.
        context = tracing.valid(envelope.get("traceparent"))
        of_trace = {} if context is None else {"trace_id": context[3:35]}
        log.error("consumer.dead_letter", source=self.source, sequence=envelope["sequence"], reason=reason[:300], **of_trace)
        org = envelope["org"] if is_organisation(envelope["org"]) else INSTALLATION
        await connection.execute(
            _BURY,
            {
                **self._names,
                "id": new_id(),
                "org": org,
                "sequence": int(envelope["sequence"]),
                "event_id": UUID(envelope["id"]),
                "envelope": orjson.dumps(envelope).decode(),
                "reason": reason,
            },
        )

    async def redrive(self, letters: Sequence[UUID] | None = None) -> tuple[int, int]:
        """Apply this source's dead letters again, or some of them, each by itself; answers (applied, still dead).

        What was applied meanwhile is left alone.
        """
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_DEAD, {**self._names, "letters": letters})).all()
        applied = 0
        for row in rows:
            envelope = orjson.loads(row.envelope)
            received, bad = self._parse([envelope])
            try:
                if bad:
                    raise TerminalError(next(iter(bad.values())))
                async with self._engine.begin() as connection:
                    await self._apply_org(connection, row.org, received)
                    await connection.execute(_RAISED, {"id": row.id})
                applied += 1
            except Exception as error:
                if _may_pass(error):
                    raise
                async with self._engine.begin() as connection:
                    await self._bury(connection, envelope, _reason(error))
        return applied, len(rows) - applied

    async def clear(self) -> None:
        """Forget everything of this consumer, of all its sources: positions, inbox, dead letters and the projection."""
        async with self._engine.begin() as connection:
            # The inbox of years is deleted at once; cut off by the usual limit, a rebuild would begin anew for ever.
            await connection.execute(_NO_LIMIT)
            # Positions first: a batch under way holds its position too, so the two cannot lock each other out.
            for statement in _FORGET:
                await connection.execute(statement, {"consumer": self.consumer})
            await self._projection.clear(connection)


_DEAD = text(
    """
    select id, org, envelope::text as envelope from dead_letter
     where consumer = :consumer and source = :source and redriven_at is null
       and (cast(:letters as uuid[]) is null or id = any(cast(:letters as uuid[])))
     order by sequence
    """
)
_RAISED = text("update dead_letter set redriven_at = now() where id = :id")
_NO_LIMIT = text("set local statement_timeout = 0")
_FORGET = (
    text("update consumer_position set sequence = 0, moved_at = now() where consumer = :consumer"),
    text("delete from inbox where consumer = :consumer"),
    text("delete from dead_letter where consumer = :consumer"),
)

# Beside what `is_away` knows: a statement that was cancelled (57014), a transaction in the wrong state or on a server that only
# reads (25), a failing disk (58), a failing server (XX). The event is not to blame.
_PASSING = ("57014", "25", "58", "XX")


def _traces(envelopes: Sequence[dict[str, Any]]) -> list[str]:
    """The traces of what was written lately, each time it is named."""
    contexts = (tracing.of_late(UUID(each["id"]), each.get("traceparent")) for each in envelopes)
    return [each for each in contexts if each is not None]


def _is_away(error: Exception) -> bool:
    return is_away(error) or isinstance(error, PoolTimeoutError)


def _may_pass(error: Exception) -> bool:
    """Whether the same event may be applied later just as it is."""
    state = (getattr(error.orig, "sqlstate", None) or "") if isinstance(error, DBAPIError) else ""
    return _is_away(error) or state.startswith(_PASSING)


def _reason(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return str(error.orig)[:2000]
    if isinstance(error, TerminalError):
        return str(error)[:2000]
    # A mistake of the projection: the log says where; what the error repeats of the event stays out of the table.
    log.error("consumer.projection_failed", exc_info=error)
    return f"{type(error).__name__} in the projection"


def lock_key(consumer: str, source: str) -> int:
    """The advisory lock under which one process consumes a source."""
    return zlib.crc32(f"consumer {consumer} {source}".encode())
