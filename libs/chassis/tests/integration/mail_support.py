"""What the tests of the sender share: mails asked for, a sender that runs, and a look into the table."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.mail import Mailer, Message
from chassis.mail.smtp import Sender, SmtpMailer, SmtpServer
from chassis.mail_queue import enqueue
from chassis.mail_sender import MailSender, Pace
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.testing.mail import HOST, MailServer
from chassis.testing.sample import SCHEMA
from chassis.unit_of_work import UnitOfWork

SECRETS = Secrets(b"k" * 32)
FROM = Sender("no-reply@loop.council.example", "Learning Loop")
QUICK = Pace(idle_seconds=0.02, first_wait=timedelta(milliseconds=20), longest_wait=timedelta(milliseconds=200))


async def ask(uow: UnitOfWork, *numbers: int, org: str = "north") -> None:
    async with uow.begin(org) as transaction:
        for number in numbers:
            message = Message(f"p{number}@council.example", f"Mail {number}", f"Text {number}")
            assert await enqueue(transaction, SECRETS, f"key-{number}", message)


async def fetch(database: Database, query: str) -> list[Any]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.execute(f"set search_path = {SCHEMA}")
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def states(database: Database) -> Counter[str]:
    return Counter(row["state"] for row in await fetch(database, "select state from mail"))


def mailer_to(server: MailServer, **options: Any) -> SmtpMailer:
    return SmtpMailer(SmtpServer(HOST, server.port, "none", **{"seconds": 60.0, **options}), FROM)


def subjects(server: MailServer) -> Counter[str]:
    return Counter(str(each.mail["subject"]) for each in server.arrived)


def expected(*numbers: int) -> Counter[str]:
    return Counter(f"Mail {number}" for number in numbers)


def everything_is(state: str, database: Database) -> Callable[[], Any]:
    async def check() -> bool:
        return set(await states(database)) == {state}

    return check


@asynccontextmanager
async def sending(engine: AsyncEngine, mailer: Mailer, pace: Pace = QUICK) -> AsyncIterator[MailSender]:
    """A sender that runs."""
    stopping = asyncio.Event()
    sender = MailSender(SCHEMA, engine, SECRETS, mailer, pace)
    running = asyncio.create_task(sender.run(stopping))
    try:
        yield sender
    finally:
        stopping.set()
        await asyncio.wait_for(running, 60)


def metric(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"service": SCHEMA}) or 0.0


async def settled(database: Database, wanted: dict[str, int]) -> bool:
    return await states(database) == Counter(wanted)
