"""A family that asks to be contacted, whoever contacts them, and the worker that watches."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from services.feedback.tests.sending import Clock
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.identity import Identity
from chassis.mail_queue import unseal
from chassis.testing.fixtures import Database, Keys, ServiceClient
from chassis.testing.page_client import check_pages
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.use_cases.watch_contacts import Contacts

ORG = "worcestershire"
PATH = "/feedback/contacts"
WRITTEN = {
    "name": "Jo Bloggs", "phone": "01632 960 777", "email": "jo.bloggs@example.org", "best": "after four",
    "about": "The plan of my son Sam",
}  # fmt: skip
SEND_TEAM = "send-contact@worcestershire.example"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="(\d+)"')


@pytest.fixture
async def watch(app: FastAPI, database: Database, clock: Clock, secrets_of_service: Any) -> AsyncIterator[Contacts]:
    """The worker's task, as the role that the worker has."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield Contacts(UnitOfWork(engine), Context(secrets_of_service, Profiles(), "https://loop.example"), clock)
    await engine.dispose()


def person(code: str, role: str = "family-contact", org: str = ORG, areas: frozenset[str] = frozenset()) -> Identity:
    return Identity(org, f"staff:{code}", "staff", frozenset({f"role:{role}"}), areas, label=f"{code.title()} Clarke")


class Desk:
    """A member of staff at the pages."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    async def get(self, path: str = PATH) -> httpx.Response:
        return await self.http.get(path, headers={"accept": "text/html"})

    async def send(self, path: str, page: str, **fields: str) -> httpx.Response:
        revision = _REVISION.search(page)
        data = {"csrf": _TOKEN.findall(page)[-1], "revision": revision[1] if revision else "", **fields}
        return await self.http.post(path, data=data, headers={"accept": "text/html"})

    async def take(self, request: str, step: str, **fields: str) -> httpx.Response:
        page = await self.get(f"{request}/{step}" if step != "take" else request)
        assert page.status_code == 200, page.text
        return await self.send(f"{request}/{step}", page.text, **fields)


Sit = Callable[..., Desk]


@pytest.fixture
async def sit(app: FastAPI, keys: Keys) -> AsyncIterator[Sit]:
    opened: list[ServiceClient] = []

    def seat(code: str = "mo", **who: Any) -> Desk:
        client = ServiceClient(app, keys, "feedback", person(code, **who))
        check_pages(client)
        opened.append(client)
        return Desk(client)

    yield seat
    for each in opened:
        await each.aclose()


@pytest.fixture(name="sent")
async def has_sent(family: Any, issue: Any) -> None:
    """A family that has sent its answers."""
    await family.open((await issue())["url"])
    await family.answer_all()
    await family.send()


@pytest.fixture
async def request_(family: Any, sent: None, sql: Any) -> str:
    """A request, by the address of its page."""
    answer = await family.post("/s/contact", **WRITTEN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/s/contact"), answer.text
    return f"{PATH}/{await sql.value('select id from feedback.contact_request')}"


async def mails(sql: Any, secrets: Any) -> list[tuple[str, str, str]]:
    rows = await sql.rows("select recipient, content from feedback.mail order by created_at, key")
    opened = [unseal(secrets, ORG, bytes(row["recipient"]), bytes(row["content"])) for row in rows]
    return [(each.to, each.subject, each.body) for each in opened]
