"""Staff at the pages of comments, quotes and changes, and what somebody wrote."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient
from chassis.testing.page_client import check_pages

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Seat:
    """A member of staff at the pages: forms are sent as a browser without script would, with what stands hidden in them."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.http.get(path, headers={"accept": "text/html"})

    async def send(self, path: str, page: str, **fields: Any) -> httpx.Response:
        """Send a form of a page that was opened before."""
        revision = re.search(r'name="revision" value="(\d+)"', page)
        data = {"csrf": _TOKEN.findall(page)[-1], "revision": revision[1] if revision else "", **fields}
        return await self.http.post(path, data=data, headers={"accept": "text/html"})

    async def fill(self, opened: str, path: str, **fields: Any) -> httpx.Response:
        """Open a page and send the form of it that goes to `path`."""
        page = await self.get(opened)
        assert page.status_code == 200, page.text
        return await self.send(path, page.text, **fields)


SeatOf = Callable[..., Seat]


@pytest.fixture
async def seat(app: FastAPI, keys: Keys) -> AsyncIterator[SeatOf]:
    """Seat somebody at the pages: an officer of worcestershire unless it is said otherwise."""
    opened: list[ServiceClient] = []

    def seated(
        code: str = "alex", role: str = "qa-officer", org: str = "worcestershire", areas: frozenset[str] = frozenset()
    ) -> Seat:
        who = Identity(org, f"staff:{code}", "staff", frozenset({f"role:{role}"}), areas, label=f"{code.title()} Morgan")
        client = ServiceClient(app, keys, "feedback", who)
        check_pages(client)
        opened.append(client)
        return Seat(client)

    yield seated
    for each in opened:
        await each.aclose()


Tell = Callable[..., Awaitable[str]]


@pytest.fixture
def tell(client: ServiceClient, sql: Any) -> Tell:
    """Store what somebody wrote in the open form; the id of the comment. Keywords replace what is sent."""

    async def told(words: str = "Nobody rang back.", **changes: Any) -> str:
        body = {
            "reference": f"CALL-{uuid4()}", "questionnaire": "have-your-say", "channel": "call", "language": "en",
            "service_area": "send", "about_on": "2022-05-12", "answered_on": "2022-05-30", "may_quote": True,
            "answers": {"in-your-words": {"text": words}}, **changes,
        }  # fmt: skip
        answer = await client.post("/feedback/v1/responses", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        query = "select id from feedback.response_text where response_id = $1::text::uuid"
        return str(await sql.value(query, answer.json()["response_id"]))

    return told
