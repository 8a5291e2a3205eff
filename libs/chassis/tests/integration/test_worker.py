"""The life of a worker process: tasks, HTTP port, a clean end, and an end that tells why."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import jetstream
from chassis.consumer import BatchApplier
from chassis.consumer_loop import ConsumerLoop
from chassis.event_log import LogClient
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.testing.fixtures import Database, Keys
from chassis.testing.sample import MODELS, SCHEMA, Things, eventually, things, write
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker
from loop_cli.servers import NatsServer, free_port


@pytest.fixture
def settings(database: Database, keys: Keys, nats_server: str, monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    for name, value in keys.environment(database.url("worker"), nats_server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOOP_WORKER_PORT", str(free_port()))
    monkeypatch.setenv("LOOP_GRACE_SECONDS", "2")
    return ServiceSettings.load()


@pytest.fixture
async def worker(settings: ServiceSettings, worker_engine: AsyncEngine, nats_client: Client) -> Worker:
    return Worker(SCHEMA, settings, worker_engine, nats_client)


@pytest.fixture
async def http(settings: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.worker_port}", timeout=30) as client:
        yield client


def answers(http: httpx.AsyncClient, path: str, status: int) -> Callable[[], Any]:
    async def check() -> bool:
        try:
            return (await http.get(path)).status_code == status
        except httpx.HTTPError:
            return False

    return check


class TestWorker:
    async def test_it_publishes_serves_health_and_log_and_stops_cleanly(
        self, worker: Worker, http: httpx.AsyncClient, uow: UnitOfWork, worker_engine: AsyncEngine
    ) -> None:
        stopping = asyncio.Event()
        running = asyncio.create_task(worker.with_relay().run(stopping))
        await eventually(answers(http, "/readyz", 200))
        assert (await http.get("/livez")).json() == {"status": "ok"}
        assert "loop_relay_published_total" in (await http.get("/metrics")).text
        assert (await http.get("/events")).status_code == 401
        await write(uow, 1)

        async def published() -> bool:
            async with worker_engine.connect() as connection:
                return bool((await connection.execute(text("select count(published_at) from outbox"))).scalar_one())

        await eventually(published)
        stopping.set()
        await asyncio.wait_for(running, 60)
        with pytest.raises(httpx.HTTPError):
            await http.get("/livez")

    async def test_it_is_not_ready_while_the_broker_is_away(
        self, worker: Worker, http: httpx.AsyncClient, nats_client: Client
    ) -> None:
        stopping = asyncio.Event()

        async def idle(stop: asyncio.Event) -> None:
            await stop.wait()

        worker.tasks.append(idle)
        running = asyncio.create_task(worker.run(stopping))
        await eventually(answers(http, "/readyz", 200))
        await nats_client.close()
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/livez")).status_code == 200
        stopping.set()
        await running

    async def test_it_ends_when_the_broker_will_not_have_it_any_more(
        self, settings: ServiceSettings, worker_engine: AsyncEngine, tmp_path: Path
    ) -> None:
        def user(password: str) -> list[dict[str, Any]]:
            return [{"user": "loop", "password": password}]

        server = NatsServer(tmp_path / "nats", password="first", users=user("first"))
        server.start()
        try:
            client = await jetstream.connect(server.url, "test")
            running = asyncio.create_task(Worker(SCHEMA, settings, worker_engine, client).run(asyncio.Event()))
            await asyncio.to_thread(server.reload, user="loop", users=user("second"))
            with pytest.raises(ConnectionError, match="for good"):
                await asyncio.wait_for(running, 60)
        finally:
            server.kill()

    async def test_a_task_that_fails_ends_the_process_with_its_error(self, worker: Worker) -> None:
        async def fail(_: asyncio.Event) -> None:
            raise LookupError("gone")

        worker.tasks += [Relay(SCHEMA, worker.engine, worker.client).run, fail]
        with pytest.raises(LookupError, match="gone"):
            await asyncio.wait_for(worker.run(asyncio.Event()), 60)

    async def test_a_task_that_will_not_end_is_cut_off_after_the_grace_period(self, worker: Worker) -> None:
        stopping = asyncio.Event()

        async def stubborn(_: asyncio.Event) -> None:
            await asyncio.Event().wait()

        worker.tasks.append(stubborn)
        running = asyncio.create_task(worker.run(stopping))
        stopping.set()
        await asyncio.wait_for(running, 60)


class TestStartedWhileTheBrokerIsAway:
    async def test_events_are_numbered_served_and_read_all_the_same_and_published_once_it_is_there(
        self, settings: ServiceSettings, worker_engine: AsyncEngine, http: httpx.AsyncClient, keys: Keys, uow: UnitOfWork,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        server = NatsServer(tmp_path / "nats", port=free_port())
        client = Client()
        worker = Worker(SCHEMA, settings, worker_engine, client, partial(jetstream.connect, server.url, "test", None, client))
        logs = LogClient("reader", {SCHEMA: str(http.base_url).rstrip("/")}, keys.service_signer)
        applier = BatchApplier("reader", SCHEMA, worker_engine, Things(), MODELS, logs)
        worker.with_relay().with_consumers([applier], logs).tasks.append(ConsumerLoop(applier, worker_engine, client).run)
        stopping = asyncio.Event()
        running = asyncio.create_task(worker.run(stopping))

        def counted(number: int) -> Callable[[], Any]:
            async def check() -> bool:
                return await things(worker_engine) == {"a": number}

            return check

        async def published() -> bool:
            async with worker_engine.connect() as connection:
                return bool((await connection.execute(text("select count(published_at) = 2 from outbox"))).scalar_one())

        try:
            await write(uow, 1)
            await eventually(counted(1))
            answer = await http.get("/readyz")
            assert (answer.status_code, answer.json()["checks"]["broker"]) == (503, "failed: ConnectionError")
            server.start()
            await eventually(answers(http, "/readyz", 200))
            await write(uow, 10)
            await eventually(counted(11))
            await eventually(published)
            stopping.set()
            await asyncio.wait_for(running, 60)
        finally:
            running.cancel()
            await logs.close()
            await client.close()
            server.kill()

    async def test_it_ends_when_it_is_asked_to_while_it_waits(
        self, settings: ServiceSettings, worker_engine: AsyncEngine, http: httpx.AsyncClient
    ) -> None:
        client, stopping = Client(), asyncio.Event()
        url = f"nats://127.0.0.1:{free_port()}"
        worker = Worker(SCHEMA, settings, worker_engine, client, partial(jetstream.connect, url, "test", None, client))
        running = asyncio.create_task(worker.with_relay().run(stopping))
        await eventually(answers(http, "/livez", 200))
        stopping.set()
        await asyncio.wait_for(running, 60)
