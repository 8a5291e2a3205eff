"""One trace from a request to the projection of its event: a made-up service, real PostgreSQL and NATS, a real collector."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from libs.chassis.tests.integration.mail_support import QUICK, SECRETS, ask, fetch, mailer_to
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import Route
from structlog.testing import capture_logs

from chassis import jetstream, tracing, web
from chassis.access import org_of, requires
from chassis.consumer import BatchApplier
from chassis.event_log import EventLog, LogClient
from chassis.identity import Identity, TokenVerifier
from chassis.logs import join_to_trace
from chassis.mail_sender import MailSender
from chassis.otlp import Sending
from chassis.relay import Relay
from chassis.secrets import Secrets
from chassis.settings import ServiceSettings
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.mail import mail_server
from chassis.testing.sample import MODELS, POISON, SCHEMA, Happened, Things, things, write
from chassis.testing.traces import Receiver, Seen, receiving
from chassis.unit_of_work import UnitOfWork
from chassis.web import create_app, uow_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-b7ad6b7169203331-01", f"00-{TRACE[::-1]}-b7ad6b7169203331-00"
WORDS = "zq-words-of-a-child"

router = APIRouter()
Writer = Annotated[Identity, Depends(requires("sample:write"))]


@router.post("/sample/v1/things/{thing}", status_code=201)
async def post(request: Request, thing: str, identity: Writer) -> None:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await transaction.connection.execute(text("select :words"), {"words": thing})
        transaction.record(Happened(thing="a", number=1))
        transaction.record(Happened(thing="a", number=2))


@router.get("/sample/v1/broken/{thing}")
async def broken(request: Request, thing: str, identity: Writer) -> None:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await transaction.connection.execute(text("select cast(:words as integer)"), {"words": thing})


class To:
    """Settings of a worker whose every trace goes to a collector."""

    traces_ratio, traces_ca, traces_authorization = 1.0, None, None

    def __init__(self, collector: Receiver) -> None:
        self.traces_endpoint = tracing.check_endpoint(collector.url)


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
async def client(
    database: Database, keys: Keys, collector: Receiver, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ServiceClient]:
    traces = {"LOOP_TRACES_ENDPOINT": collector.url, "LOOP_TRACES_RATIO": "0"}
    for name, value in {**keys.environment(database.url()), **traces}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(web, "version", lambda _: "0.0.0")
    settings = ServiceSettings.load()
    app: FastAPI = create_app(SCHEMA, settings, [router], secrets=Secrets.of(settings))
    async with app.router.lifespan_context(app), ServiceClient(app, keys, SCHEMA, caller("sample:write")) as made:
        try:
            yield made
        finally:
            all_sent()


@pytest.fixture
async def applier(worker_engine: AsyncEngine, keys: Keys) -> AsyncIterator[BatchApplier]:
    verifier = TokenVerifier.from_file(SCHEMA, keys.folder / "identity-keys.json")
    app = Starlette(routes=[Route("/events", EventLog(SCHEMA, worker_engine, verifier).answer)])
    logs = LogClient("reader", {SCHEMA: "http://producer"}, keys.service_signer)
    await logs.close()
    logs._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    yield BatchApplier("reader", SCHEMA, worker_engine, Things(), MODELS, logs)
    await logs.close()


def all_sent() -> None:
    """End the recording, which sends what is left."""
    tracer = tracing.current()
    if isinstance(tracer, Sending):
        tracer.close()


async def carry(engine: AsyncEngine, client: Client) -> None:
    """What the relay does."""
    await jetstream.ensure_stream(client.jetstream(), SCHEMA)
    relay = Relay(SCHEMA, engine, client)
    async with engine.connect() as connection:
        while await relay.step(connection):
            pass


def named(spans: list[Seen], name: str) -> Seen:
    (found,) = [each for each in spans if each.name == name]
    return found


class TestOneTrace:
    async def test_reaches_from_the_request_to_the_projection_of_its_events(
        self,
        client: ServiceClient,
        collector: Receiver,
        applier: BatchApplier,
        app_engine: AsyncEngine,
        worker_engine: AsyncEngine,
        nats_client: Client,
    ) -> None:
        for parent in (SAMPLED, NOT_SAMPLED):
            answer = await client.post(f"/sample/v1/things/{WORDS}", headers={"traceparent": parent})
            assert answer.status_code == 201, answer.text
        await carry(worker_engine, nats_client)
        assert await applier.catch_up() == 4
        assert await things(app_engine, "worcestershire") == {"a": 6}
        all_sent()

        spans = collector.spans()
        request = named(spans, "POST /sample/v1/things/{thing}")
        transaction, publish = named(spans, "transaction"), named(spans, f"publish {Happened.subject}")
        apply, batch = named(spans, f"apply {Happened.subject}"), named(spans, "batch of sample")
        projection = named(spans, "projection")
        assert [each.trace for each in (request, transaction, publish, apply)] == [TRACE] * 4
        assert (request.parent, transaction.parent) == (SAMPLED[36:52], request.span)
        assert publish.parent == apply.parent == transaction.span, "by what stands in the outbox row"
        assert batch.links == ((TRACE, transaction.span),), "once, and not to the trace that nobody records"
        assert apply.links == ((batch.trace, batch.span),)
        assert (projection.trace, projection.parent) == (batch.trace, batch.span)
        assert len(spans) == 6

        expected: dict[str, Any] = {
            "http.request.method": "POST", "http.route": "/sample/v1/things/{thing}", "http.response.status_code": 201,
            "loop.caller": "client", "loop.org": "worcestershire",
        }  # fmt: skip
        assert request.attributes == expected
        # The statement of the route and the one of the events; who did it is not kept by this caller's own transaction alone.
        assert transaction.attributes["loop.statements"] >= 2
        assert (publish.attributes["loop.events"], apply.attributes["loop.events"]) == (2, 2)
        assert batch.attributes["loop.events"] == 4
        assert WORDS.encode() not in collector.raw()

    async def test_of_an_error_of_the_database_only_its_class_is_said(self, client: ServiceClient, collector: Receiver) -> None:
        answer = await client.get(f"/sample/v1/broken/{WORDS}", headers={"traceparent": SAMPLED})
        assert answer.status_code == 500
        all_sent()
        request, transaction = collector.spans()[1], named(collector.spans(), "transaction")
        assert (request.failed, request.attributes["http.response.status_code"]) == (True, 500)
        assert (transaction.failed, transaction.attributes["error.type"]) == (True, "DBAPIError")
        assert WORDS.encode() not in collector.raw()

    async def test_what_was_written_long_ago_is_read_again_without_a_trace(
        self,
        client: ServiceClient,
        collector: Receiver,
        applier: BatchApplier,
        worker_engine: AsyncEngine,
        nats_client: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await client.post(f"/sample/v1/things/{WORDS}", headers={"traceparent": SAMPLED})
        await carry(worker_engine, nats_client)
        monkeypatch.setattr(tracing, "RECENT", -tracing.RECENT)
        assert await applier.catch_up() == 2
        all_sent()
        assert {each.name.split()[0] for each in collector.spans()} == {"POST", "transaction", "publish"}

    async def test_a_request_that_nobody_traces_and_a_look_at_the_health_leave_nothing(
        self, client: ServiceClient, collector: Receiver
    ) -> None:
        assert (await client.post("/sample/v1/things/a")).status_code == 201
        assert (await client.get("/livez", headers={"traceparent": SAMPLED})).status_code == 200
        all_sent()
        assert collector.spans() == []


class TestLogs:
    async def test_a_line_about_an_event_has_the_trace_of_its_request_and_one_of_a_batch_that_of_the_batch(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client, applier: BatchApplier
    ) -> None:
        with tracing.begin("request", "server", SAMPLED):  # traces are off
            await write(uow, 1, POISON)
        await carry(worker_engine, nats_client)
        with capture_logs([join_to_trace]) as lines:
            await applier.catch_up()
        refused = next(line for line in lines if line["event"] == "consumer.batch_refused")
        dead = next(line for line in lines if line["event"] == "consumer.dead_letter")
        assert dead["trace_id"] == TRACE
        assert len(refused["trace_id"]) == 32
        assert refused["trace_id"] != TRACE


class TestCalls:
    async def test_what_another_process_is_asked_for_belongs_to_the_same_trace(
        self, client: ServiceClient, collector: Receiver, worker_engine: AsyncEngine, keys: Keys, nats_client: Client
    ) -> None:
        await client.post(f"/sample/v1/things/{WORDS}", headers={"traceparent": NOT_SAMPLED})
        await carry(worker_engine, nats_client)
        asked: list[str | None] = []

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.headers.get("traceparent"))
            return httpx.Response(200, json={"events": [], "head": 0})

        logs = LogClient("reader", {SCHEMA: f"http://producer/{WORDS}"}, keys.service_signer)
        await logs.close()
        logs._http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        with tracing.begin("asking", "internal", SAMPLED) as span:
            await logs.read(SCHEMA, 0)
            began = span.context or ""
        with tracing.begin("asking", "internal", NOT_SAMPLED):
            await logs.read(SCHEMA, 0)
        await logs.read(SCHEMA, 0)
        await logs.close()
        all_sent()
        call = named(collector.spans(), "read events")
        assert (call.trace, call.parent) == (TRACE, began[36:52])
        assert asked == [f"00-{TRACE}-{call.span}-01", NOT_SAMPLED, None]
        assert WORDS.encode() not in collector.raw()


class TestMail:
    async def test_is_in_the_trace_of_what_asked_for_it_while_that_is_not_long_ago(
        self, collector: Receiver, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        for number, context in enumerate((SAMPLED, NOT_SAMPLED, SAMPLED), 1):
            with tracing.begin("request", "server", context):
                await ask(uow, number)
        # The third was asked for two hours ago, as its identifier says.
        earlier = UUID(int=int((time.time() - 7200) * 1000) << 80)
        await fetch(database, f"update mail set id = '{earlier}' where key = 'key-3'")
        recording = Sending("sample-worker", To(collector))
        tracing.use(recording)
        async with mail_server() as server:
            mailer = mailer_to(server)
            async with worker_engine.connect() as connection:
                assert await MailSender(SCHEMA, worker_engine, SECRETS, mailer, QUICK).step(connection) == 3
            await mailer.close()
        recording.close()
        found = [each for each in collector.spans() if each.name == "mail"]
        assert [each.parent for each in found if each.trace == TRACE] == [SAMPLED[36:52]]
        assert [each.parent for each in found if each.trace != TRACE] == [""], "and nothing of what nobody records"

    async def test_a_mail_is_said_without_its_address_and_its_words(
        self,
        collector: Receiver,
        uow: UnitOfWork,
        worker_engine: AsyncEngine,
    ) -> None:
        await ask(uow, 1, 2)
        recording = Sending("sample-worker", To(collector))
        tracing.use(recording)
        async with mail_server(refuse={"p2@council.example": "550 5.1.1 <p2@council.example>?"}) as server:
            mailer = mailer_to(server)
            async with worker_engine.connect() as connection:
                assert await MailSender(SCHEMA, worker_engine, SECRETS, mailer, QUICK).step(connection) == 2
            await mailer.close()
        recording.close()
        sent, refused = sorted((each for each in collector.spans() if each.name == "mail"), key=lambda each: each.failed)
        assert sent.attributes == {"loop.org": "north", "loop.attempt": 1}
        assert refused.attributes == {"loop.org": "north", "loop.attempt": 1, "error.type": "MailRefused"}
        for words in (b"council.example", b"Mail 1", b"Text"):
            assert words not in collector.raw()
