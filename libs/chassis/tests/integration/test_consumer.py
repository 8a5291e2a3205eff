"""The consumer on real PostgreSQL and NATS: every event once, whatever is lost, repeated or wrong."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from nats.aio.client import Client
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.applications import Starlette
from starlette.routing import Route

from chassis import jetstream
from chassis.consumer import BatchApplier, Received
from chassis.consumer_loop import ConsumerLoop
from chassis.event_log import EventLog, LogClient
from chassis.identity import HEADER, Identity, TokenVerifier
from chassis.ids import new_id
from chassis.relay import Relay
from chassis.testing.fixtures import Keys
from chassis.testing.sample import BROKEN, HUGE, MODELS, POISON, SCHEMA, Happened, Things, eventually, things, write
from chassis.unit_of_work import UnitOfWork

CONSUMER = "reader"


@pytest.fixture
async def logs(worker_engine: AsyncEngine, keys: Keys) -> AsyncIterator[LogClient]:
    verifier = TokenVerifier.from_file(SCHEMA, keys.folder / "identity-keys.json")
    app = Starlette(routes=[Route("/events", EventLog(SCHEMA, worker_engine, verifier).answer)])
    client = LogClient(CONSUMER, {SCHEMA: "http://producer"}, keys.service_signer)
    await client.close()
    client._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    yield client
    await client.close()


@pytest.fixture
def projection() -> Things:
    return Things()


@pytest.fixture
def applier(worker_engine: AsyncEngine, projection: Things, logs: LogClient) -> BatchApplier:
    return BatchApplier(CONSUMER, SCHEMA, worker_engine, projection, MODELS, logs)


async def number_all(engine: AsyncEngine, client: Client) -> None:
    await jetstream.ensure_stream(client.jetstream(), SCHEMA)
    relay = Relay(SCHEMA, engine, client)
    async with engine.connect() as connection:
        while await relay.step(connection):
            pass


async def envelopes(logs: LogClient) -> list[dict[str, Any]]:
    return list((await logs.read(SCHEMA, 0)).events)


async def dead_letters(engine: AsyncEngine) -> list[tuple[int, str]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select sequence, reason from dead_letter where redriven_at is null order by 1"))
        return [(row.sequence, row.reason) for row in rows]


class TestBatchApplier:
    async def test_a_repeated_event_counts_once(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier, logs: LogClient
    ) -> None:
        await write(uow, 1, 10)
        await number_all(worker_engine, nats_client)
        both = await envelopes(logs)
        assert await applier.apply([*both, *both]) == 2
        assert await applier.apply(both) == 0
        assert await things(uow.engine) == {"a": 11}

    async def test_a_hole_is_filled_from_the_log_before_what_comes_after(
        self,
        uow: UnitOfWork,
        worker_engine: AsyncEngine,
        nats_client: Client,
        applier: BatchApplier,
        logs: LogClient,
        projection: Things,
    ) -> None:
        await write(uow, 1, 2, 4, 8)
        await number_all(worker_engine, nats_client)
        events = await envelopes(logs)
        assert await applier.apply([events[0], events[3]]) == 4
        assert [str(each) for each in projection.seen] == [each["id"] for each in events], "in the order of the log"
        assert await applier.position() == 4

    async def test_events_of_several_organisations_in_a_batch_stay_apart(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        await write(uow, 1)
        await write(uow, 2, org="south")
        await write(uow, 4)
        await number_all(worker_engine, nats_client)
        assert await applier.catch_up() == 3
        assert await things(uow.engine) == {"a": 5}
        assert await things(uow.engine, "south") == {"a": 2}

    @pytest.mark.parametrize("poison", [POISON, BROKEN, HUGE])
    async def test_poison_goes_to_the_dead_letters_and_its_neighbours_go_on(
        self,
        uow: UnitOfWork,
        worker_engine: AsyncEngine,
        nats_client: Client,
        applier: BatchApplier,
        projection: Things,
        poison: int,
    ) -> None:
        await write(uow, 1, poison, 4)
        await number_all(worker_engine, nats_client)
        await applier.catch_up()
        assert await things(uow.engine) == {"a": 5}
        assert [sequence for sequence, _ in await dead_letters(worker_engine)] == [2]
        assert await applier.position() == 3
        # The cause is mended; a re-drive applies it, once.
        projection.refuse_poison = False
        if poison == HUGE:
            assert await applier.redrive() == (0, 1)
            return
        assert await applier.redrive() == (1, 0)
        assert await applier.redrive() == (0, 0)
        assert await things(uow.engine) == {"a": 5 + poison}

    async def test_an_unknown_event_and_unfitting_data_are_kept_with_their_reason(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        async with uow.begin("north") as transaction:
            for subject, data in (("loop.sample.v2.other", "{}"), (Happened.subject, '{"thing": 7}')):
                await transaction.connection.execute(
                    text(
                        "insert into outbox (id, org, subject, data, occurred_at) "
                        "values (:id, 'north', :subject, cast(:data as jsonb), now())"
                    ),
                    {"id": new_id(), "subject": subject, "data": data},
                )
        await write(uow, 3)
        await number_all(worker_engine, nats_client)
        await applier.catch_up()
        first, second = await dead_letters(worker_engine)
        assert first == (1, "unknown event type loop.sample.v2.other")
        assert second[0] == 2
        assert "does not fit" in second[1]
        assert await things(uow.engine) == {"a": 3}
        assert await applier.redrive() == (0, 2)

    async def test_two_processes_applying_the_same_events_count_them_once(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier, logs: LogClient
    ) -> None:
        for _ in range(20):
            await write(uow, 1)
        await number_all(worker_engine, nats_client)
        other = BatchApplier(CONSUMER, SCHEMA, worker_engine, Things(), MODELS, logs)
        events = await envelopes(logs)
        results = await asyncio.gather(
            *(each.apply(events[start : start + 5]) for start in range(0, 20, 5) for each in (applier, other)),
            return_exceptions=True,
        )
        assert all(isinstance(each, int | ConnectionError) for each in results), results
        await applier.catch_up()
        assert await things(uow.engine) == {"a": 20}

    async def test_clearing_and_reading_the_log_again_gives_the_same(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        await write(uow, *range(1, 51))
        await number_all(worker_engine, nats_client)
        await applier.catch_up()
        before = await things(uow.engine)
        await applier.clear()
        assert await things(uow.engine) == {}
        assert await applier.catch_up() == 50
        assert await things(uow.engine) == before

    async def test_an_error_that_no_rule_foresaw_is_put_aside_and_blocks_nobody(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier, projection: Things
    ) -> None:
        await write(uow, 1, 8, 4)
        await number_all(worker_engine, nats_client)
        usual = projection.apply

        async def stumble(connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
            if any(each.event.number == 8 for each in events):
                raise KeyError("children's words do not belong into a reason")
            await usual(connection, org, events)

        projection.apply = stumble  # type: ignore[method-assign]
        await applier.catch_up()
        assert await things(uow.engine) == {"a": 5}
        assert await dead_letters(worker_engine) == [(2, "KeyError in the projection")]

    async def test_a_statement_that_took_too_long_is_tried_again_and_not_put_aside(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier, projection: Things
    ) -> None:
        await write(uow, 1, 2)
        await number_all(worker_engine, nats_client)
        usual = projection.apply

        async def crawl(connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
            await connection.execute(text("set local statement_timeout = '20ms'"))
            await connection.execute(text("select pg_sleep(1)"))

        projection.apply = crawl  # type: ignore[method-assign]
        with pytest.raises(DBAPIError):
            await applier.catch_up()
        assert await dead_letters(worker_engine) == []
        projection.apply = usual  # type: ignore[method-assign]
        await applier.catch_up()
        assert await things(uow.engine) == {"a": 3}

    async def test_clearing_takes_as_long_as_it_takes(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier, projection: Things
    ) -> None:
        await write(uow, 1)
        await number_all(worker_engine, nats_client)
        await applier.catch_up()
        usual = projection.clear

        async def slowly(connection: AsyncConnection) -> None:
            await connection.execute(text("select pg_sleep(0.8)"))
            await usual(connection)

        projection.clear = slowly  # type: ignore[method-assign]

        @event.listens_for(worker_engine.sync_engine, "begin")
        def hurry(connection: Connection) -> None:
            connection.exec_driver_sql("set local statement_timeout = '500ms'")

        await applier.clear()
        assert await things(uow.engine) == {}


class TestEventLog:
    async def test_only_a_service_with_the_scope_may_read(
        self, worker_engine: AsyncEngine, keys: Keys, logs: LogClient
    ) -> None:
        verifier = TokenVerifier.from_file(SCHEMA, keys.folder / "identity-keys.json")
        app = Starlette(routes=[Route("/events", EventLog(SCHEMA, worker_engine, verifier).answer)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x") as client:
            assert (await client.get("/events")).status_code == 401
            nobody = keys.signer.sign(Identity("north", "client:x", "client", frozenset({"audit:outcomes:write"})), SCHEMA)
            assert (await client.get("/events", headers={HEADER: nobody})).status_code == 403
            # A service's own key cannot make it a person of an organisation.
            forged = keys.service_signer.sign(Identity("north", "x", "staff", frozenset({"events:read"})), SCHEMA)
            assert (await client.get("/events", headers={HEADER: forged})).status_code == 401

    @pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=1001", f"after={2**63}"])
    async def test_a_malformed_query_is_said_so(self, keys: Keys, logs: LogClient, query: str) -> None:
        identity = Identity(None, "service:reader", "service", frozenset({"events:read"}))
        token = keys.service_signer.sign(identity, SCHEMA)
        answer = await logs._http.get(f"http://producer/events?{query}", headers={HEADER: token})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


@dataclass
class Running:
    loop: ConsumerLoop
    stop: Callable[[], Awaitable[None]]


class TestConsumerLoop:
    @contextlib.asynccontextmanager
    async def running(self, applier: BatchApplier, engine: AsyncEngine, client: Client) -> AsyncIterator[ConsumerLoop]:
        stopping = asyncio.Event()
        loop = ConsumerLoop(applier, engine, client, commands=True)
        task = asyncio.create_task(loop.run(stopping))
        relay = asyncio.create_task(Relay(SCHEMA, engine, client).run(stopping))
        try:
            yield loop
        finally:
            stopping.set()
            await asyncio.gather(task, relay)

    async def test_what_is_written_is_applied(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        async with self.running(applier, worker_engine, nats_client):
            for _ in range(30):
                await write(uow, 1, 2)

            async def done() -> bool:
                return await things(uow.engine) == {"a": 90}

            await eventually(done)

    async def test_events_lost_with_the_broker_come_from_the_log_without_any_new_event(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        await write(uow, 1, 2, 3)
        await number_all(worker_engine, nats_client)
        await nats_client.jetstream().delete_stream(jetstream.stream_name(SCHEMA))
        async with self.running(applier, worker_engine, nats_client):

            async def done() -> bool:
                return await things(uow.engine) == {"a": 6}

            await eventually(done)
            # Lost while it runs, after the loop has caught up: silence makes it look into the log.
            js = nats_client.jetstream()
            await js.delete_stream(jetstream.stream_name(SCHEMA))
            await write(uow, 10)
            await write(uow, 10)

            async def more() -> bool:
                return await things(uow.engine) == {"a": 26}

            await eventually(more)

    async def test_a_message_that_is_none_of_ours_is_skipped(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        async with self.running(applier, worker_engine, nats_client):
            await write(uow, 1)
            await eventually(lambda: self._is(uow, 1))
            js = nats_client.jetstream()
            await js.publish("loop.sample.v1.happened", b"not json")
            await js.publish("loop.sample.v1.happened", orjson.dumps({"sequence": "x"}))
            await write(uow, 1)
            await eventually(lambda: self._is(uow, 2))

    async def test_a_rebuild_that_was_asked_for_is_carried_out(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        async with self.running(applier, worker_engine, nats_client):
            await write(uow, 5)
            await eventually(lambda: self._is(uow, 5))
            async with uow.begin("north") as transaction:
                await transaction.connection.execute(text("update thing set number = 99"))
            async with uow.begin("*") as transaction:
                await transaction.connection.execute(
                    text(
                        "insert into consumer_command (id, consumer, command, requested_by) values (:id, :c, 'rebuild', 'me')"
                    ),
                    {"id": new_id(), "c": CONSUMER},
                )
            await eventually(lambda: self._is(uow, 5))

    @staticmethod
    async def _is(uow: UnitOfWork, number: int) -> bool:
        return await things(uow.engine) == {"a": number}

    async def test_a_redrive_reaches_what_was_put_aside_from_every_source_of_the_consumer(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier, projection: Things,
        logs: LogClient,
    ) -> None:  # fmt: skip
        await write(uow, 1, POISON, 4)
        await number_all(worker_engine, nats_client)
        await applier.catch_up()
        projection.refuse_poison = False
        logs._urls["quiet"] = logs._urls[SCHEMA]
        other = BatchApplier(CONSUMER, "quiet", worker_engine, Things(), MODELS, logs)
        loop = ConsumerLoop(other, worker_engine, nats_client, commands=True, siblings=[applier])
        async with uow.begin("*") as transaction:
            await transaction.connection.execute(
                text("insert into consumer_command (id, consumer, command, requested_by) values (:id, :c, 'redrive', 'me')"),
                {"id": new_id(), "c": CONSUMER},
            )
        with contextlib.suppress(httpx.HTTPError):
            await loop._carry_out()
        assert await dead_letters(worker_engine) == []
        assert await things(uow.engine) == {"a": 4}
