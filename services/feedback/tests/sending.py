"""A worker that sends, the carriers around it, and an officer who issues links to be sent."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

import feedback
from chassis.mail.notify import NotifyMailer
from chassis.mail.smtp import Sender, SmtpMailer, SmtpServer
from chassis.notify import ApiKey, NotifyService
from chassis.pages.strings import Strings
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.mail import HOST, MailServer, NotifyServer, mail_server, notify_server
from chassis.testing.page_client import check_pages
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.carriers import Carrier, MailCarrier, NotifyTexts
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.use_cases.send_messages import Sending

ORG = "worcestershire"
NEW = "/feedback/links/new"
MOBILE, MAIL = "07700 900123", "jo.bloggs@example.org"
LETTER = {"questionnaire": "new-ehcp", "service_area": "send", "team": "send-north", "language": "en", "reference": "EHCP-1"}
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)
FIELD = 'name="{}" value="([^"]+)"'


class Clock:
    """What the worker takes for now."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def notify() -> AsyncIterator[NotifyServer]:
    async with notify_server() as running:
        yield running


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


Work = Callable[..., Sending]


@pytest.fixture
async def work(
    app: FastAPI, database: Database, clock: Clock, secrets_of_service: Any, notify: NotifyServer, smtp: MailServer
) -> AsyncIterator[Work]:
    """Make a worker, as the role that it has: e-mails by a mail server (`by="notify"`: by Notify), text messages by Notify."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    strings = Strings(Path(feedback.__file__).parent / "pages" / "words")

    def make(by: str = "smtp", **carriers: Any) -> Sending:
        key = ApiKey.parse(notify.api_key)
        server = SmtpServer(HOST, smtp.port, "none")
        mailer = NotifyMailer(key, notify.template, address=notify.url) if by == "notify" else None
        known: dict[Any, Carrier] = {
            "email": MailCarrier(mailer or SmtpMailer(server, Sender("no-reply@loop.example", "Learning Loop"))),
            "text": NotifyTexts(NotifyService(key, address=notify.url), notify.text_template),
        }
        context = Context(secrets_of_service, Profiles(), "http://loop.test")
        known.update(carriers)
        return Sending(UnitOfWork(engine), context, known, strings, clock)

    yield make
    await engine.dispose()


class Officer:
    """A QA officer's browser without script."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http
        http.headers["accept"] = "text/html"
        check_pages(http)

    async def issue(self, **changes: str) -> Any:
        """Issue one link by the page."""
        page = (await self.http.get(NEW)).text
        fields = {name: re.findall(FIELD.format(name), page)[-1] for name in ("csrf", "key")}
        return await self.http.post(NEW, data={**LETTER, **fields, **changes})

    async def page(self, sql: Any) -> str:
        """The page of the newest link, in words."""
        ident = await sql.value("select id from feedback.invitation order by id desc limit 1")
        text = (await self.http.get(f"/feedback/links/{ident}")).text
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[Officer]:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Officer(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> AsyncIterator[Officer]:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Officer(http)


Issued = Callable[..., Awaitable[None]]


@pytest.fixture(name="issued")
async def issue_to_send(officer: Officer, sql: Any, clock: Clock) -> Issued:
    """Issue a link to be sent on the worker's Monday."""

    async def make(channel: str = "text", address: str = "", **more: str) -> None:
        address = address or (MOBILE if channel == "text" else MAIL)
        sent = await officer.issue(channel=channel, address=address, **more)
        assert sent.status_code == 303, sent.text
        await sql.execute("update feedback.message set next_try_at = $1, created_at = $1 where state = 'waiting'", clock.now)
        await sql.execute("update feedback.invitation set issued_on = $1, expires_on = $2", MONDAY.date(), LAST)

    return make


LAST = (MONDAY + timedelta(days=90)).date()


def survey(words: str) -> str:
    return str(re.findall(r"http://loop\.test/s/[a-z2-7]+", words)[0])


def no(words: str) -> str:
    return str(re.findall(r"http://loop\.test(/s/no/[a-z2-7]+)", words)[0])


async def subjects(sql: Any) -> list[str]:
    rows = await sql.rows("select subject from feedback.outbox order by position")
    return [row["subject"].rpartition(".")[2] for row in rows]
