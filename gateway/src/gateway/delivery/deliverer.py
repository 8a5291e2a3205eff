"""Hands messages over: takes what is due from the database, posts it, and writes down what came of it.

Nothing is held in memory but the messages under way. A process that is killed in the middle leaves them claimed for a minute;
then they are due again, so that a receiver may get one twice and never loses one.
"""

import asyncio
import traceback
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import tracing
from chassis.outbox import now
from gateway.adapters import webhook_queue as queue
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.delivery.telling import Telling
from gateway.domain import webhook_signatures as signatures
from gateway.domain.webhook_events import TEST, Wish
from gateway.domain.webhook_schedule import FAILING, wait_after
from gateway.domain.webhooks import Outcome

log = structlog.get_logger(__name__)

ATTEMPTS = Counter("loop_webhook_attempts_total", "Attempts to hand a message over, by what came of them.", ["kind"])
SECONDS = Histogram("loop_webhook_seconds", "How long an attempt took.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15))
WAITING = Gauge("loop_webhook_waiting", "Messages that wait for receivers that are neither paused nor disabled.")
OLDEST = Gauge("loop_webhook_oldest_seconds", "For how long the oldest of them waits.")
DISABLED = Counter("loop_webhook_disabled_total", "Subscriptions that were disabled by themselves.", ["reason"])

_COUNT_SECONDS = 15.0


class Posting(Protocol):
    """What hands a message over (`gateway.delivery.outside`)."""

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        """Post it, and answer what came of it."""

    async def close(self) -> None:
        """Close all connections."""


@dataclass(frozen=True)
class Pace:
    """How much at once, and how often a look at an empty queue."""

    places: int = 100
    each: int = 5
    """Messages of one subscription at once, in all workers together: who is slow waits for itself."""
    idle_seconds: float = 1.0


class Deliverer:
    """A worker's task; several workers share the work."""

    def __init__(
        self, engine: AsyncEngine, sealing: WebhookSealing, outside: Posting, telling: Telling, pace: Pace | None = None
    ) -> None:
        self._engine = engine
        self._sealing = sealing
        self._outside = outside
        self._telling = telling
        self._pace = pace or Pace()
        self._under_way: set[asyncio.Task[None]] = set()
        self._counted = float("-inf")
        for reason in ("gone", "failing"):
            DISABLED.labels(reason)  # shown from the start: a rise from nothing would not be seen

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`; what is under way is finished, within the grace of the process."""
        stop = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                pause = 0.0 if await self._step() else self._pace.idle_seconds
                await asyncio.wait({stop, *self._under_way}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            await self.finish()
        finally:
            for task in self._under_way:
                task.cancel()
            stop.cancel()
            await self.close()

    async def finish(self) -> None:
        """Wait for what is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Close all connections."""
        await self._outside.close()

    async def _step(self) -> bool:
        """Begin what is due; answers whether there may be more at once."""
        try:
            begun = await self.begin()
            await self._count()
        except Exception as error:  # noqa: BLE001 - the deliverer must outlive whatever goes wrong around it
            log.warning("webhook.put_off", reason=type(error).__name__, place=_place(error))
            return False
        return begun > 0 and len(self._under_way) < self._pace.places

    async def begin(self) -> int:
        """Claim what is due, as far as there are places, and begin to send it; answers how many messages."""
        places = self._pace.places - len(self._under_way)
        if places <= 0:
            return 0
        rows = await queue.claim(self._engine, places, self._pace.each, TEST)
        reach = await queue.reach_of(self._engine, {row.client_id for row in rows if row.client_id})
        for row in rows:
            task = asyncio.create_task(self._one(row, _wish(row, reach)))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return len(rows)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # It stays claimed, and is due again after the lease.
            log.warning("webhook.not_written_down", reason=type(error).__name__, place=_place(error))

    async def _one(self, row: Row[Any], wish: Wish | None) -> None:
        test = row.type == TEST
        if not test and (wish is None or not wish.wants(row.type, orjson.loads(row.payload)["data"])):
            # It asked for less since, or the machine that made it may read less.
            async with self._engine.begin() as connection:
                await queue.write_down(connection, row, Outcome("ok"), None, dropped="unwanted")
            return
        # In the trace of the request whose event it is, or its own if that was long ago. The receiver gets nothing of it.
        with tracing.begin("webhook", "client", tracing.of_late(row.message_id, row.traceparent)) as span:
            outcome = await self._post(row)
            span.set("loop.org", row.org)
            span.set("loop.event", row.type)
            span.set("loop.attempt", row.attempts)
            span.set("loop.outcome", outcome.kind)
            if outcome.status is not None:
                span.set("http.response.status_code", outcome.status)
        ATTEMPTS.labels(outcome.kind).inc()
        SECONDS.observe(outcome.ms / 1000)
        await self._write_down(row, outcome, test=test)

    async def _post(self, row: Row[Any]) -> Outcome:
        moment = now()
        where = (row.org, row.subscription_id)
        address, key = self._sealing.open_address(*where, row.address), self._sealing.open_secret(*where, row.secret)
        if address is None or key is None:
            return Outcome("secret")
        old = self._sealing.open_previous(*where, row.previous_secret)
        body = row.payload.encode()
        keys = [key, *(each.secret for each in old if each.until > moment)]
        headers = signatures.headers(keys, row.event_id, moment, body)
        return await self._outside.post(address, body, headers)

    async def _write_down(self, row: Row[Any], outcome: Outcome, *, test: bool) -> None:
        about = {"org": row.org, "subscription": row.subscription_id, "message": row.event_id, "attempt": row.attempts}
        gone = outcome.kind == "gone"
        wait = None if gone else wait_after(row.attempts - row.attempts_before, outcome.wait, test=test)
        disabled = None
        async with self._engine.begin() as connection:
            # The subscription before its message, as who sends messages again takes them: neither waits for the other.
            if outcome.taken:
                await queue.got_through(connection, row, test=test)
            elif not test or gone:
                await queue.fails(connection, row)
                disabled = await queue.disable(connection, row.subscription_id, "gone" if gone else "failing", FAILING)
            await queue.write_down(connection, row, outcome, wait)
            if disabled is not None:
                await self._telling.disabled(connection, disabled)
        said = {"kind": outcome.kind, "status": outcome.status, "ms": outcome.ms}
        if outcome.taken:
            log.info("webhook.sent", **about, **said)
        else:
            log.info("webhook.not_taken", **about, **said, retry_in=wait.total_seconds() if wait else None)
        if disabled is not None:
            DISABLED.labels(disabled.reason).inc()
            log.warning("webhook.disabled", org=row.org, subscription=row.subscription_id, reason=disabled.reason)

    async def _count(self) -> None:
        clock = asyncio.get_running_loop().time()
        if clock - self._counted < _COUNT_SECONDS:
            return
        self._counted = clock
        number, oldest = await queue.waiting(self._engine)
        WAITING.set(number)
        OLDEST.set(oldest)


def _wish(row: Row[Any], reach: dict[str, tuple[frozenset[str], frozenset[str]]]) -> Wish | None:
    """What a message's subscription asks for now; None where the machine that made it was shut out."""
    types, areas = frozenset(row.types), frozenset(row.areas)
    if row.client_id is None:
        return Wish(types, areas)
    if row.client_id not in reach:
        return None
    scopes, within = reach[row.client_id]
    return Wish(types, areas, scopes, within)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
