"""Compliments, as officers record them, find them and pass them on."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient

HOME = "/complaints/compliments"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
Events = Callable[[], list[tuple[str, dict[str, Any]]]]
THANKS = {
    "received-day": "18", "received-month": "7", "received-year": "2022", "service_area": "send", "source": "parent-or-carer",
    "words": "Ms Fox always listens.", "external": "yes",
}  # fmt: skip


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Officer:
    """An officer at the pages."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def post(self, path: str, seen: str, **fields: str) -> httpx.Response:
        """Send a form of a page."""
        found = CSRF.search((await self.client.get(seen)).text)
        assert found is not None
        return await self.client.post(path, data={"csrf": found[1], **fields})

    async def records(self, **changes: str) -> str:
        """Record a compliment; gives the address of its page."""
        answer = await self.post(f"{HOME}/new", f"{HOME}/new", **{**THANKS, **changes})
        assert answer.status_code == 303, words(answer.text)
        return answer.headers["location"]


@pytest.fixture
async def officer(app: FastAPI, keys: Keys, desk: Desk) -> AsyncIterator[Officer]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield Officer(client)


class TestCompliments:
    async def test_those_from_outside_are_counted_and_those_from_inside_kept(self, officer: Officer, events: Events) -> None:
        await officer.records()
        await officer.records(external="no", source="colleague")
        page = words((await officer.client.get(HOME)).text)
        assert "1 from outside the organisation, which count in formal figures, and 1 from inside" in page
        assert "T-2022-0002 18 July 2022 SEND Colleague, inside Not yet" in page
        assert [each["external"] for _, each in events()] == [True, False]
        assert "listens" not in page + str(events())

    async def test_a_form_that_is_sent_twice_is_recorded_once(self, officer: Officer, events: Events) -> None:
        page = (await officer.client.get(f"{HOME}/new")).text
        token, once = CSRF.search(page), re.search(r'name="once" value="([^"]+)"', page)
        assert token is not None
        assert once is not None
        sent = {**THANKS, "csrf": token[1], "once": once[1]}
        first, second = [await officer.client.post(f"{HOME}/new", data=sent) for _ in range(2)]
        assert first.headers["location"] == second.headers["location"]
        assert len(events()) == 1

    async def test_it_is_passed_on_once_each_by_mail_and_that_is_recorded(self, officer: Officer, database: Database) -> None:
        at = await officer.records()
        to = {"role": "worker", "name": "Ms Fox", "address": "fox@council.example", "words": "You always listen."}
        assert (await officer.post(f"{at}/pass-on", at, **to)).status_code == 303
        page = words((await officer.client.get(at)).text)
        assert "Worker Ms Fox &lt;fox@council.example&gt;" in page
        assert "mail waits" in page
        again = await officer.post(f"{at}/pass-on", at, **to)
        assert again.status_code == 409
        assert "passed on to this address already" in words(again.text)
        assert (await officer.post(f"{at}/pass-on", at, **{**to, "role": "manager"})).status_code == 303
        mails = fetch(database.url("admin"), "select key, encode(content, 'escape') from complaints.mail")
        assert len(mails) == 2
        assert "fox" not in str(mails)

    async def test_what_is_wrong_is_said_at_its_field(self, officer: Officer) -> None:
        empty = await officer.post(f"{HOME}/new", f"{HOME}/new", words="Thank you")
        assert empty.status_code == 422
        for said in ("Enter the day", "Choose the service area", "Choose who sends it"):
            assert said in words(empty.text)
        at = await officer.records(reference="THX-1")
        taken = await officer.post(f"{HOME}/new", f"{HOME}/new", **{**THANKS, "reference": "THX-1", "source": "colleague"})
        assert taken.status_code == 422
        assert 'href="#reference"' in taken.text
        wrong = await officer.post(f"{at}/pass-on", at, role="worker", name="x", address="at home", words="x")
        assert wrong.status_code == 422
        assert 'href="#address"' in wrong.text

    async def test_one_that_came_in_shows_its_words(self, officer: Officer) -> None:
        call = {
            "came_by": "phone", "received-day": "18", "received-month": "7", "received-year": "2022", "said": "compliment",
            "narrative": "She came at night.", "from_child": "no", "standing": "self", "answer_by": "none", "language": "en",
        }  # fmt: skip
        at = (await officer.post("/complaints/intake/new", "/complaints/intake/new", **call)).headers["location"]
        decision = {"outcome": "compliment", "service_area": "send", "source": "parent-or-carer", "revision": "0"}
        assert (await officer.post(f"{at}/decide", f"{at}/decide", **decision)).status_code == 303
        href = re.search(rf'href="({HOME}/[0-9a-f-]{{36}})"', (await officer.client.get(HOME)).text)
        assert href is not None
        assert "She came at night." in (await officer.client.get(href[1])).text
