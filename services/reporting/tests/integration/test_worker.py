"""The worker for real: a relay, NATS, a producer's log over HTTP, three consumers, and a command carried out."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import pytest
from reporting_records import response
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import jetstream
from chassis.event_log import EventLog
from chassis.identity import TokenVerifier
from chassis.relay import Relay
from chassis.testing.browser import served
from chassis.testing.fixtures import Database, Keys, ServiceClient
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker
from reporting.settings import ReportingWorkerSettings
from reporting.worker import build

DAY = date(2022, 4, 4)
EVENTS = 60
PATIENCE = 120.0


def engine_of(database: Database, role: str) -> AsyncEngine:
    return create_async_engine(database.url(role).replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)


@pytest.fixture
def logs(database: Database, keys: Keys) -> Iterator[str]:
    """The producers' logs over HTTP: feedback's is the outbox of this database, the others' are empty."""
    verifier = TokenVerifier.from_file("feedback", keys.folder / "identity-keys.json")

    async def nothing(_: Request) -> Response:
        return JSONResponse({"events": [], "head": 0})

    routes = [
        Route("/feedback/events", EventLog("feedback", engine_of(database, "worker"), verifier).answer),
        Route("/{source}/events", nothing),
    ]
    with served(Starlette(routes=routes)) as url:
        yield url


@pytest.fixture
async def worker(
    database: Database, keys: Keys, nats_server: str, logs: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Worker]:
    """Reporting's worker at work, with feedback's relay beside it."""
    environment = keys.environment(database.url("worker"), nats_server)
    sources = {source: f"{logs}/{source}" for source in ("audit", "feedback", "complaints")}
    for name, value in {**environment, "LOOP_EVENT_LOGS": json.dumps(sources)}.items():
        monkeypatch.setenv(name, value)
    # As a process has it; with a connection for every statement it took minutes beside other work.
    engine = create_async_engine(engine_of(database, "worker").url, pool_size=10)
    client = await jetstream.connect(nats_server, "test")
    made = Worker("reporting", ReportingWorkerSettings.load(), engine, client)
    await build(made)
    made.tasks.append(Relay("feedback", engine, client).run)
    stopping = asyncio.Event()
    running = asyncio.create_task(made.run(stopping))
    yield made
    stopping.set()
    await running
    await client.close()
    await engine.dispose()


async def until(client: ServiceClient, path: str, wanted: Any) -> None:
    """Ask again and again until the answer is as wanted."""
    deadline = time.monotonic() + PATIENCE
    while not wanted(found := (await client.get(path)).json()):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


class TestWorker:
    async def test_projects_what_is_committed_and_rebuilds_on_command(
        self, worker: Worker, database: Database, operator: ServiceClient, profile: dict[str, Any]
    ) -> None:
        producer = UnitOfWork(engine_of(database, "app"))
        for number in range(EVENTS):
            async with producer.begin("worcestershire") as transaction:
                transaction.record(response(f"{number}", DAY, {"involved-in-assessment": ("yes", "no")[number % 2]}))

        def applied(body: Any) -> bool:
            return body["complete"] and {"source": "feedback", "applied": EVENTS, "dead_letters": 0} in body["sources"]

        await until(operator, "/reporting/v1/progress", applied)
        path = "/reporting/v1/reports/send-quality-assurance/tables/new-ehcp-feedback?period=2022-23-q1"
        before = (await operator.get(path)).json()
        assert before["rows"][0]["cells"][2] == {"state": "value", "value": 50, "n": 30, "of": 60, "text": None}

        command = (await operator.post("/reporting/v1/replay")).json()
        await until(
            operator,
            "/reporting/v1/commands",
            lambda body: any(each["id"] == command["command_id"] and each["done_at"] for each in body["commands"]),
        )
        await until(operator, "/reporting/v1/progress", applied)
        assert (await operator.get(path)).json() == before
        # What was read above is joined to its chain, here as in services with events of their own.
        await until(operator, "/reporting/v1/trail", lambda body: body.get("items"))
