"""The loop around a `BatchApplier`: pull, acknowledge after commit, repair in silence, carry out commands."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import jetstream
from chassis.consumer import BatchApplier, lock_key
from chassis.envelopes import envelope_of
from chassis.pull import Pull

log = structlog.get_logger(__name__)

PATIENCE = 0.25  # seconds after which silence is used to look for commands
SILENCE = 2.0  # seconds of silence after which the producer's log is asked whether something is missing
STANDBY = 1.0

_LOCK = text("select pg_try_advisory_lock(:key)")
_COMMANDS = text(
    "select id, command, letters from consumer_command where consumer = :consumer and done_at is null order by requested_at"
)
_DONE = text("update consumer_command set done_at = now(), result = :result where id = :id")


class ConsumerLoop:
    """Consumes one source; exactly one process at a time does (advisory lock), others stand by."""

    def __init__(
        self,
        applier: BatchApplier,
        engine: AsyncEngine,
        client: Client,
        *,
        commands: bool = False,
        siblings: Sequence[BatchApplier] = (),
        replicas: int = 1,
    ) -> None:
        """`commands`: carry out what the consumer is told, for this source and its `siblings`, the consumer's other ones.

        `replicas`: nodes of the broker that keep the source's stream.
        """
        self._replicas = replicas
        self._applier = applier
        self._siblings = tuple(siblings)
        self._engine = engine
        self._client = client
        self._js = client.jetstream(timeout=5)
        self._pull = Pull(client, applier.source, applier.consumer)
        self._commands = commands
        self.leading = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`; what can be retried is, with backoff."""
        delay = 0.1
        while not stopping.is_set():
            try:
                await self._lead(stopping)
                delay = 0.1
            except Exception as error:  # noqa: BLE001 - a consumer must outlive whatever goes wrong around it
                log.warning("consumer.failed", source=self._applier.source, reason=repr(error)[:300], retry_in=delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 2.0)
            finally:
                self.leading = False

    async def _lead(self, stopping: asyncio.Event) -> None:
        async with self._engine.connect() as guard:
            try:
                key = {"key": lock_key(self._applier.consumer, self._applier.source)}
                while not (await guard.execute(_LOCK, key)).scalar_one():
                    await guard.commit()
                    await asyncio.sleep(STANDBY)
                    if stopping.is_set():
                        return
                await guard.commit()
                self.leading = True
                await self._read_log()
                await self._subscribe()
                await self._consume(stopping, guard)
            finally:
                await self._leave(guard)

    async def _read_log(self) -> None:
        """What the broker lost while we were away is in the log; a fresh read model begins with it.

        A producer whose log is away must not keep us from what the broker holds.
        """
        try:
            await self._applier.catch_up()
        except httpx.HTTPError as error:
            log.warning("consumer.log_away", source=self._applier.source, reason=repr(error)[:300])

    async def _leave(self, guard: Any) -> None:
        await guard.invalidate()
        try:
            await self._pull.close()
        except (nats.errors.Error, OSError) as error:
            log.info("consumer.left_without_goodbye", reason=repr(error))

    async def _subscribe(self) -> None:
        try:
            jetstream.assert_connected(self._client)
            await jetstream.ensure_stream(self._js, self._applier.source, replicas=self._replicas)
            await jetstream.ensure_consumer(self._js, self._applier.source, self._applier.consumer)
            await self._pull.open()
        except (nats.errors.Error, OSError, TimeoutError) as error:
            # Without the broker the log alone carries us: slower, and complete.
            log.warning("consumer.broker_away", source=self._applier.source, reason=repr(error))

    async def _consume(self, stopping: asyncio.Event, guard: Any) -> None:
        clock = asyncio.get_running_loop()
        heard = clock.time()
        delay = PATIENCE
        while not stopping.is_set():
            try:
                messages = await self._pull.next_batch(PATIENCE)
                delay = PATIENCE
            except (nats.errors.Error, OSError) as error:
                log.warning("consumer.pull_failed", source=self._applier.source, reason=repr(error))
                messages = []
                await asyncio.sleep(delay)
                delay = min(delay * 2, SILENCE)
                await self._read_log()
                await self._subscribe()
            if messages:
                await self._apply(messages)
                heard = clock.time()
            elif clock.time() - heard > SILENCE:
                await guard.execute(text("select 1"))  # the lock lives as long as this connection: is it alive?
                await guard.commit()
                await self._read_log()
                heard = clock.time()
            if self._commands:
                await self._carry_out()

    async def _apply(self, messages: Sequence[Msg]) -> None:
        envelopes = []
        for message in messages:
            envelope = envelope_of(message.data)
            if envelope is None:
                # Not from our relay. What our relay wrote at this place is in the log, and the hole brings it.
                log.error("consumer.not_an_envelope", source=self._applier.source)
            else:
                envelopes.append(envelope)
        await self._applier.apply(envelopes)
        for message in messages:
            await message.ack()

    async def _carry_out(self) -> None:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_COMMANDS, {"consumer": self._applier.consumer})).all()
        for row in rows:
            if row.command == "rebuild":
                await self._applier.clear()
                result = "cleared; reading the logs"
            else:
                counts = [await each.redrive(row.letters) for each in (self._applier, *self._siblings)]
                applied, dead = (sum(each) for each in zip(*counts, strict=True))
                result = f"{applied} applied, {dead} still dead"
            async with self._engine.begin() as connection:
                await connection.execute(_DONE, {"id": row.id, "result": result})
            log.info("consumer.command_done", command=row.command, result=result)
            await self._applier.catch_up()
