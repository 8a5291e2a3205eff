"""The worker sends what was asked for, by the carrier that its environment names, and by none where it names none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from services.audit.tests.conftest import rows
from sqlalchemy.ext.asyncio import create_async_engine

from audit.settings import AuditWorkerSettings
from chassis import database as chassis_database
from chassis.mail import Message
from chassis.mail_queue import enqueue
from chassis.mail_sender import MailSender
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys
from chassis.testing.mail import HOST, mail_server
from chassis.testing.sample import eventually
from chassis.unit_of_work import UnitOfWork

MESSAGE = Message("sam-okafor@council.example", "Audit SC-2026-11-004 is due", "It is due on Monday.")


@asynccontextmanager
async def worker_with(database: Database, keys: Keys, patch: pytest.MonkeyPatch, **mail: str) -> AsyncIterator[None]:
    """The sender of the audit service's worker, as `main` puts it together."""
    for name, value in {**keys.environment(database.url("worker")), **mail}.items():
        patch.setenv(name, value)
    settings = AuditWorkerSettings.load()
    engine = chassis_database.create_engine(settings, "audit-worker")
    await chassis_database.assert_safe_role(engine, "audit")
    stopping = asyncio.Event()
    running = asyncio.create_task(MailSender.of("audit", engine, Secrets.of(settings), settings).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(running, 60)
        await engine.dispose()


@pytest.fixture
async def asked(database: Database, keys: Keys) -> None:
    """A use case of the web process asked for a mail."""
    engine = create_async_engine(database.url().replace("postgresql://", "postgresql+asyncpg://"))
    async with UnitOfWork(engine).begin("worcestershire") as transaction:
        assert await enqueue(transaction, Secrets.from_file(keys.folder / "master.key"), "k", MESSAGE)
    await engine.dispose()


def mail_is(database: Database, state: str, error: str | None) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return [tuple(row) for row in await rows(database, "select state, last_error from mail")] == [(state, error)]

    return check


class TestMail:
    async def test_how_long_it_tries_and_keeps_is_set(
        self, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mail = {"LOOP_MAIL_GIVE_UP_DAYS": "2", "LOOP_MAIL_KEEP_DAYS": "30"}
        for name, value in {**keys.environment(database.url("worker")), **mail}.items():
            monkeypatch.setenv(name, value)
        settings = AuditWorkerSettings.load()
        engine = chassis_database.create_engine(settings, "audit-worker")
        pace = MailSender.of("audit", engine, Secrets.of(settings), settings)._pace
        assert (pace.give_up, pace.kept) == (timedelta(days=2), timedelta(days=30))

    async def test_the_worker_sends_what_the_web_process_asked_for(
        self, asked: None, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with mail_server() as server:
            mail = {
                "LOOP_MAIL_TRANSPORT": "smtp",
                "LOOP_MAIL_SMTP_HOST": HOST,
                "LOOP_MAIL_SMTP_PORT": str(server.port),
                "LOOP_MAIL_SMTP_SECURITY": "none",
                "LOOP_MAIL_FROM": "loop@council.example",
            }
            async with worker_with(database, keys, monkeypatch, **mail):
                await eventually(mail_is(database, "sent", None))
        assert [(each.recipients, each.mail["subject"], each.text) for each in server.arrived] == [
            ((MESSAGE.to,), MESSAGE.subject, MESSAGE.body)
        ]

    async def test_where_nothing_is_set_it_waits_and_says_why(
        self, asked: None, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with worker_with(database, keys, monkeypatch):
            await eventually(mail_is(database, "waiting", "not sent: no mail is configured"))
