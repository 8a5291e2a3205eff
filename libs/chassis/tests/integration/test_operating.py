"""What a worker tells an operator of itself, and dead letters one by one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import Route

from chassis.consumer import BatchApplier
from chassis.consumer_loop import ConsumerLoop
from chassis.event_log import EventLog, LogClient
from chassis.identity import Identity, TokenVerifier
from chassis.operating import PATH, Told
from chassis.operating.told import DeadLetters, Redrive
from chassis.settings import ServiceSettings
from chassis.testing.fixtures import Database, Keys
from chassis.testing.sample import MODELS, POISON, SCHEMA, Things, eventually, things, write
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker

CONSUMER = "reader"
OPERATOR = Identity(None, "operator:alice", "operator", frozenset({"operator"}))
Ask = Callable[..., Awaitable[httpx.Response]]


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


@pytest.fixture
def worker(
    database: Database,
    keys: Keys,
    nats_server: str,
    worker_engine: AsyncEngine,
    nats_client: Client,
    applier: BatchApplier,
    logs: LogClient,
    monkeypatch: pytest.MonkeyPatch,
) -> Worker:
    for name, value in keys.environment(database.url("worker"), nats_server).items():
        monkeypatch.setenv(name, value)
    made = Worker(SCHEMA, ServiceSettings.load(), worker_engine, nats_client)
    return made.with_relay().with_consumers([applier], logs)


@pytest.fixture
async def ask(worker: Worker, keys: Keys) -> AsyncIterator[Ask]:
    transport = httpx.ASGITransport(app=Starlette(routes=worker.operating.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://worker", timeout=60) as http:

        async def asking(method: str = "GET", path: str = "", who: Identity | None = OPERATOR, **more: Any) -> httpx.Response:
            return await http.request(method, PATH + path, headers=dict(keys.headers(SCHEMA, who)), **more)

        yield asking


@asynccontextmanager
async def at_work(worker: Worker, applier: BatchApplier) -> AsyncIterator[None]:
    """Its relay, and the consumer."""
    stopping = asyncio.Event()
    loop = ConsumerLoop(applier, worker.engine, worker.client, commands=True)
    running = [asyncio.create_task(each(stopping)) for each in (worker.tasks[0], loop.run)]
    yield
    stopping.set()
    await asyncio.gather(*running)


async def waiting(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("select count(*) from dead_letter where redriven_at is null"))).scalar_one())


class TestWhoIsTold:
    @pytest.mark.parametrize("method_and_path", [("GET", ""), ("GET", "/dead-letters"), ("PUT", f"/redrives/{uuid4()}")])
    async def test_an_operator_and_nobody_else(self, ask: Ask, method_and_path: tuple[str, str]) -> None:
        assert (await ask(*method_and_path, None)).status_code == 401
        for kind, grants in (("client", {"operator"}), ("staff", {"role:administrator"}), ("operator", set())):
            somebody = Identity("north", "x", kind, frozenset(grants))  # type: ignore[arg-type]
            assert (await ask(*method_and_path, somebody)).status_code == 403, kind
        assert (await ask(*method_and_path)).status_code in {200, 422}


class TestTold:
    async def test_streams_consumers_outbox_and_trail_of_a_worker_that_works(
        self, worker: Worker, applier: BatchApplier, uow: UnitOfWork, ask: Ask, nats_client: Client
    ) -> None:
        async with at_work(worker, applier):
            await write(uow, 1, 2, POISON)

            async def all_applied() -> bool:
                return await applier.position() == 3 and await waiting(worker.engine) == 1

            await eventually(all_applied)
        told = Told.model_validate_json((await ask()).content)
        assert (told.ready, told.service, told.part) == (True, SCHEMA, "worker")
        assert told.outbox is not None
        assert (told.outbox.depth, told.outbox.head) == (0, 3)
        assert told.streams is not None
        assert (told.streams[0].name, told.streams[0].messages, told.streams[0].replicas) == (f"loop-{SCHEMA}", 3, 1)
        assert told.consumers is not None
        [one] = told.consumers
        assert (one.position, one.behind, one.behind_seconds, one.delivered, one.pending) == (3, 0, 0.0, 3, 0)
        assert [(each.kind, each.number) for each in told.dead or ()] == [("refused", 1)]
        assert told.mails is not None
        assert told.trail is not None
        await write(uow, 4)
        async with worker.engine.begin() as connection:
            await connection.execute(text("update outbox set sequence = 4 where sequence is null"))
        await nats_client.close()
        told = Told.model_validate_json((await ask()).content)
        assert (told.ready, told.streams) == (False, None)
        assert told.consumers is not None
        [one] = told.consumers
        assert (one.behind, one.pending) == (1, None)
        assert one.behind_seconds is not None

    async def test_a_look_that_fails_is_not_known_and_the_rest_is_told(self, worker: Worker, ask: Ask) -> None:
        async def broken() -> None:
            raise LookupError

        worker.operating.add("outbox", broken)
        told = Told.model_validate_json((await ask()).content)
        assert told.outbox is None
        assert told.dead == []


class TestDeadLetters:
    async def test_chosen_ones_are_applied_again_once_and_the_others_wait(
        self, worker: Worker, applier: BatchApplier, projection: Things, uow: UnitOfWork, ask: Ask
    ) -> None:
        async with at_work(worker, applier):
            await write(uow, 1, POISON, POISON, 5)

            async def put_aside() -> bool:
                return await waiting(worker.engine) == 2

            await eventually(put_aside)
            listed = DeadLetters.model_validate_json((await ask(path=f"/dead-letters?consumer={CONSUMER}")).content)
            assert [each.sequence for each in listed.items] == [3, 2]
            assert {each.envelope is None for each in listed.items} == {True}
            first = listed.items[0]
            after = (await ask(path=f"/dead-letters?consumer={CONSUMER}&after={first.id}")).json()
            assert [each["sequence"] for each in after["items"]] == [2]
            one = (await ask(path=f"/dead-letters/{first.id}")).json()
            assert one["envelope"]["data"]["number"] == POISON
            projection.refuse_poison = False
            command = f"/redrives/{uuid4()}"
            body = {"consumer": CONSUMER, "letters": [str(first.id)]}
            for _ in range(2):
                asked = Redrive.model_validate_json((await ask("PUT", command, json=body)).content)
                assert (asked.requested_by, asked.letters) == ("operator:alice", [first.id])

            async def done() -> bool:
                return Redrive.model_validate_json((await ask(path=command)).content).done_at is not None

            await eventually(done)
            assert (await ask(path=command)).json()["result"] == "1 applied, 0 still dead"
            assert await waiting(worker.engine) == 1
            assert (await ask(path=f"/dead-letters/{first.id}")).json()["redriven_at"]
            for wrong in ({}, {**body, "letters": []}, {**body, "letters": ["x"]}, {**body, "more": 1}):
                assert (await ask("PUT", f"/redrives/{uuid4()}", json=wrong)).status_code == 422
            assert (await ask(path=f"/redrives/{uuid4()}")).status_code == 404
            assert (await ask(path=f"/dead-letters/{uuid4()}")).status_code == 404
        assert await things(uow.engine)

    async def test_those_that_wait_are_found_by_their_index_among_many_that_were_applied(
        self, worker_engine: AsyncEngine
    ) -> None:
        async with worker_engine.begin() as connection:
            await connection.execute(
                text(
                    "insert into dead_letter (id, org, consumer, source, sequence, event_id, envelope, reason, redriven_at) "
                    "select gen_random_uuid(), 'north', :c, 'sample', n, gen_random_uuid(), '{}', 'x', "
                    "case when n % 1000 = 0 then null else now() end from generate_series(1, 20000) as n"
                ),
                {"c": CONSUMER},
            )
        async with worker_engine.connect() as connection:
            for asked in (
                "select id from dead_letter where consumer = 'reader' and redriven_at is null order by id desc limit 26",
                "select consumer, source from dead_letter where redriven_at is null limit 10000",
            ):
                rows = await connection.execute(text(f"explain {asked}"))
                plan = "\n".join(row[0] for row in rows)
                assert "dead_letter_waiting" in plan, plan
