"""What tests of webhooks need: a receiver on this machine, subscriptions, events, and a deliverer that is led step by step."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.consumer import Received
from chassis.ids import new_id
from chassis.middleware import Receive, Scope, Send
from chassis.outbox import now
from chassis.secrets import Secrets
from chassis.unit_of_work import UnitOfWork, switch_tenant
from contracts import complaints
from contracts.base import Event
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.delivery.deliverer import Deliverer, Pace
from gateway.delivery.keeping import Keeping
from gateway.delivery.outside import Outside
from gateway.delivery.telling import Telling
from gateway.testing import serving
from gateway.use_cases.hold_client import Actor
from gateway.use_cases.make_webhook import MadeWebhook, NewWebhook, make_webhook
from gateway.use_cases.webhook_setup import Asking, WebhookSetup

if TYPE_CHECKING:
    from chassis.testing.databases import Database

KEY = base64.b64encode(bytes(range(32))).decode()
LOOPBACK = (ip_network("127.0.0.0/8"),)
NORTH = Asking("north", Actor("ada"))
SOUTH = Asking("south", Actor("sue"))

Answer = Callable[[Send], Awaitable[None]]


def status(number: int, *headers: tuple[bytes, bytes], body: bytes = b"") -> Answer:
    """An answer of the receiver."""

    async def answer(send: Send) -> None:
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": number, "headers": [length, *headers]})
        await send({"type": "http.response.body", "body": body})

    return answer


@dataclass
class Delivered:
    """A message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Another system. It answers 204, or what a test puts at a path: one answer after the other, the last one for good."""

    port: int = 0
    got: list[Delivered] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def url(self, path: str = "/events") -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Delivered]:
        """What arrived at a path."""
        return [each for each in self.got if each.path == path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one message."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.got.append(Delivered(scope["path"], headers, body))
        answers = self.answers.get(scope["path"], [status(204)])
        await (answers.pop(0) if len(answers) > 1 else answers[0])(send)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a port of this machine."""
    app = Receiver()
    options = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, access_log=False)
    async with serving(options) as port:
        app.port = port
        yield app


async def until(done: Callable[[], bool]) -> None:
    """Wait until something is so, for a minute at most."""
    for _ in range(3_000):
        if done():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")


def complaint(area: str = "send", **differing: Any) -> complaints.ComplaintReceived:
    """An event."""
    given = {"procedure": "children-act", "formality": "formal", "received_on": date(2026, 3, 2), "service_area": area}
    return complaints.ComplaintReceived.model_validate({"complaint_id": uuid4(), **given, **differing})


def received(event: Event, org: str = "north", **differing: Any) -> Received:
    """An event as the consumer hands it over."""
    at, ident = differing.pop("at", None) or now(), new_id()
    data = event.model_dump(mode="json") | differing
    envelope = {"id": str(ident), "type": event.subject, "time": at.isoformat(), "org": org, "data": data}
    return Received(ident, org, event.subject.split(".")[1], 1, at, event, envelope)


@dataclass
class Kit:
    """A database with two organisations, a receiver, and the parts of web process and worker."""

    database: "Database"
    receiver: Receiver
    engine: AsyncEngine
    setup: WebhookSetup

    @property
    def telling(self) -> Telling:
        """Who is told when one is disabled."""
        return Telling(self.setup.keys, "https://loop.example", "operator@council.example")

    def deliverer(self, **pace: int) -> Deliverer:
        """One of several workers."""
        return Deliverer(self.engine, self.setup.keys, Outside(LOOPBACK, places=20), self.telling, Pace(**pace))

    async def deliver(self, deliverer: Deliverer | None = None) -> int:
        """Send all that is due now; gives how many messages."""
        mine, sent = deliverer or self.deliverer(), 0
        while begun := await mine.begin():
            await mine.finish()
            sent += begun
        if deliverer is None:
            await mine.close()
        return sent

    async def subscribed(self, *types: str, asking: Asking = NORTH, path: str = "/events", **differing: Any) -> MadeWebhook:
        """A subscription that is live."""
        wanted = NewWebhook(path, self.receiver.url(path), frozenset(types or ("complaints.*",)), **differing)
        made = await make_webhook(self.setup, asking, wanted)
        await self.deliver()
        self.receiver.got.clear()
        return made

    async def happens(self, *events: Event | Received, org: str = "north") -> list[Received]:
        """Let events arrive."""
        batch = [each if isinstance(each, Received) else received(each, org) for each in events]
        async with self.engine.begin() as connection:
            await switch_tenant(connection, org)
            await Keeping().apply(connection, org, batch)
        return batch

    async def sql(self, statement: str, *values: Any) -> list[Any]:
        """Look or reach into the database as nobody else may."""
        connection = await asyncpg.connect(self.database.url("admin"))
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def until(self, statement: str) -> None:
        """Wait until the database has such a row, for a minute at most."""
        for _ in range(3_000):
            if await self.sql(statement):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(statement)

    async def due(self) -> None:
        """Let the time pass that messages wait."""
        await self.sql("update gateway.webhook_message set next_try_at = now() where state = 'waiting'")


@asynccontextmanager
async def kit_on(database: "Database") -> AsyncIterator[Kit]:
    """The parts on a migrated database."""
    engines = [
        create_async_engine(database.url(role).replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
        for role in ("app", "worker")
    ]
    uow = UnitOfWork(engines[0])
    for org in ("north", "south"):
        async with uow.begin(org) as transaction:
            await transaction.connection.exec_driver_sql(
                "insert into gateway.organisation (org, name) values ($1, $2)", (org, org.title())
            )
    async with receiving() as receiver:
        setup = WebhookSetup(uow, uow, WebhookSealing(Secrets(bytes(range(32)))), loopback=True)
        yield Kit(database, receiver, engines[1], setup)
    for engine in engines:
        await engine.dispose()
