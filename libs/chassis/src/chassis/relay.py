"""The relay: numbers committed events and publishes them, in order, for ever.

Numbers first, commits the numbers, then publishes, then marks. So an event keeps its number and id however often a crash makes
it be published again, and the broker (duplicate window) or the consumer (position, inbox) drops the repetition. One relay at a
time for each service: all its statements run on the connection that holds the advisory lock, so losing the lock and losing the
ability to number are the same thing. What is written while the broker is away gets its number all the same: consumers then read
it in the log.
"""

import asyncio
import time
import zlib
from collections import Counter as Tally
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError, NotFoundError
from prometheus_client import Counter, Gauge
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import jetstream, tracing
from chassis.outbox import envelope

log = structlog.get_logger(__name__)

BATCH = 500
IDLE_SECONDS = 0.05  # a poll of an empty partial index costs about 0.1 ms
PUBLISH_TIMEOUT = 10.0
STANDBY_SECONDS = 1.0

PUBLISHED = Counter("loop_relay_published_total", "Events published.", ["service"])
FAILED = Counter("loop_relay_failed_total", "Attempts to publish a batch that failed.", ["service"])
UNPUBLISHED = Gauge("loop_outbox_unpublished", "Events written and not yet published.", ["service"])

_LOCK = text("select pg_try_advisory_lock(:key)")
_NUMBER = text(
    """
    with head as (select coalesce(max(sequence), 0) as sequence from outbox),
         next as (
             select position, row_number() over (order by position) as rank
               from (select position from outbox where sequence is null order by position limit :batch) as waiting
         )
    update outbox o set sequence = head.sequence + next.rank
      from head, next where o.position = next.position
    """
)
_UNPUBLISHED = text(
    """
    select id, org, sequence, subject, data::text as data, occurred_at, traceparent
      from outbox where published_at is null and sequence is not null order by sequence limit :batch
    """
)
_MARK = text("update outbox set published_at = now() where sequence between :first and :last and published_at is null")
_DEPTH = text(
    "select (select count(*) from outbox where sequence is null)"
    " + (select count(*) from outbox where published_at is null and sequence is not null)"
)


class Relay:
    """Carries one service's outbox to its stream."""

    def __init__(self, service: str, engine: AsyncEngine, client: Client, *, replicas: int = 1) -> None:
        """`replicas`: nodes of the broker that keep the stream."""
        self.service = service
        self._replicas = replicas
        self._engine = engine
        self._client = client
        self._js: JetStreamContext = client.jetstream(timeout=PUBLISH_TIMEOUT)
        self.leading = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`; every failure is logged and tried again with backoff."""
        delay = IDLE_SECONDS
        while not stopping.is_set():
            try:
                await self._lead(stopping)
                delay = IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 - the relay must outlive whatever goes wrong around it
                FAILED.labels(self.service).inc()
                log.warning("relay.failed", reason=repr(error), retry_in=delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 2.0)
            finally:
                self.leading = False

    async def _lead(self, stopping: asyncio.Event) -> None:
        async with self._engine.connect() as connection:
            key = zlib.crc32(f"relay {self.service}".encode())
            try:
                while not (await connection.execute(_LOCK, {"key": key})).scalar_one():
                    await connection.commit()
                    await _pause(stopping, STANDBY_SECONDS)
                    if stopping.is_set():
                        return
                await connection.commit()
                self.leading = True
                await self._number_all(connection)
                await jetstream.ensure_stream(self._js, self.service, replicas=self._replicas)
                log.info("relay.leading", relay=self.service)
                while not stopping.is_set():
                    if not await self.step(connection):
                        UNPUBLISHED.labels(self.service).set(0)
                        await _pause(stopping, IDLE_SECONDS)
            finally:
                # The connection goes back to a pool: without this the lock would go with it.
                await connection.invalidate()

    async def _number(self, connection: AsyncConnection) -> int:
        """Number the next batch; answers how many events that were."""
        numbered = await connection.execute(_NUMBER, {"batch": BATCH})
        await connection.commit()
        return numbered.rowcount

    async def _number_all(self, connection: AsyncConnection) -> None:
        """Number all that waits, whether the broker answers or not; raises ConnectionError where there is none."""
        while await self._number(connection):
            pass
        if not self._client.is_connected:
            UNPUBLISHED.labels(self.service).set((await connection.execute(_DEPTH)).scalar_one())
            await connection.commit()
        jetstream.assert_connected(self._client)

    async def step(self, connection: AsyncConnection) -> int:
        """Number a batch, publish one, mark it; answers how many events were published."""
        await self._number(connection)
        rows = (await connection.execute(_UNPUBLISHED, {"batch": BATCH})).all()
        if not rows:
            await connection.commit()
            return 0
        # No transaction stays open while the broker is asked.
        await connection.commit()
        began = time.time_ns()
        done = await self._publish(rows)
        _trace(rows[:done], began)
        if done:
            await connection.execute(_MARK, {"first": rows[0].sequence, "last": rows[done - 1].sequence})
            await connection.commit()
            PUBLISHED.labels(self.service).inc(done)
        if done < len(rows):
            UNPUBLISHED.labels(self.service).set((await connection.execute(_DEPTH)).scalar_one())
            await connection.commit()
            msg = f"{len(rows) - done} of {len(rows)} events were not acknowledged by the broker"
            raise ConnectionError(msg)
        return done

    async def _publish(self, rows: Sequence[Row[Any]]) -> int:
        """Publish in order with many in flight; answers how many from the start were acknowledged."""
        if not self._client.is_connected:
            # The client would heap up what it cannot send; once its heap is full, each further try takes one of its 4,000
            # places for unacknowledged messages and never gives it back.
            return 0
        futures = []
        try:
            for row in rows:
                body = orjson.dumps(envelope(self.service, row))
                headers = {"Nats-Msg-Id": str(row.id)}
                if row.traceparent:
                    headers["traceparent"] = row.traceparent
                futures.append(await self._js.publish_async(row.subject, body, wait_stall=PUBLISH_TIMEOUT, headers=headers))
            await asyncio.wait(futures, timeout=PUBLISH_TIMEOUT)
        except (NatsError, OSError) as error:
            log.warning("relay.publish_failed", reason=repr(error))
            # What went out may still be acknowledged; give it a moment so that it is not sent twice.
            if futures:
                await asyncio.wait(futures, timeout=1.0)
        return await self._acknowledged(futures)

    async def _acknowledged(self, futures: list[asyncio.Future[Any]]) -> int:
        done = 0
        stream_is_gone = False
        counting = True
        for future in futures:
            if not future.done():
                future.cancel()
                counting = False
                continue
            error = future.exception()
            stream_is_gone |= isinstance(error, NoStreamResponseError | NotFoundError)
            counting &= error is None
            done += counting
        if stream_is_gone:
            await jetstream.ensure_stream(self._js, self.service, replicas=self._replicas)
        return done


def _trace(rows: Sequence[Row[Any]], began: int) -> None:
    """Say that events of a request were published: one span for all of a subject."""
    if (tracer := tracing.current()) is None:
        return
    times = began, time.time_ns()
    published = Tally((context, row.subject) for row in rows if (context := tracing.valid(row.traceparent)))
    for (context, subject), number in published.items():
        about = {"messaging.system": "nats", "messaging.destination.name": subject, "loop.events": number}
        tracer.done(f"publish {subject}", "producer", context, times, about)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
