"""Who is who in a complaint, as officers keep it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
FROM = {"from-day": "2", "from-month": "5", "from-year": "2022"}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Officer:
    """An officer at the page of a complaint's people."""

    def __init__(self, client: PageClient, complaint: str) -> None:
        self.client = client
        self.at = f"/complaints/{complaint}/people"

    async def adds(self, role: str, name: str, **more: str) -> httpx.Response:
        """Give somebody a role."""
        token = CSRF.search((await self.client.get(self.at)).text)
        assert token is not None
        return await self.client.post(self.at, data={"csrf": token[1], "role": role, "name": name, **FROM, **more})


@pytest.fixture
async def officer(app: FastAPI, keys: Keys, desk: Desk) -> AsyncIterator[Officer]:
    ident = (await desk.receive())["complaint_id"]
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield Officer(client, ident)


class TestPeople:
    async def test_somebody_is_added_sealed_and_who_opened_the_page_is_shown(
        self, officer: Officer, database: Database
    ) -> None:
        answer = await officer.adds("complainant", "Jo Hill", email="jo@example.org")
        assert answer.status_code == 303, words(answer.text)
        page = words((await officer.client.get(officer.at)).text)
        assert "Complainant Jo Hill, jo@example.org from 2 May 2022" in page
        assert page.count("Alex Morgan") >= 2
        rows = fetch(
            database.url("admin"), "select row_to_json(p)::text || encode(details, 'escape') from complaints.complaint_person p"
        )
        assert "Hill" not in rows[0][0]

    async def test_a_conflict_is_said_with_what_was_typed(self, officer: Officer) -> None:
        assert (await officer.adds("independent-person", "Kim Vale", independent="yes")).status_code == 303
        refused = await officer.adds("panel-member", "kim  vale", independent="yes")
        assert refused.status_code == 409
        assert "is or was independent person in this complaint" in words(refused.text)
        assert "kim  vale" in refused.text
        assert (await officer.adds("panel-chair", "Ash Lee")).status_code == 422

    async def test_a_part_ends_and_stays_in_the_record(self, officer: Officer) -> None:
        await officer.adds("responder", "Ms Fox", subject="staff:fox")
        page = (await officer.client.get(officer.at)).text
        action = re.search(r'action="([^"]+/end)"', page)
        token = CSRF.search(page)
        assert action is not None
        assert token is not None
        ident = action[1].split("/")[-2]
        until = {f"until-{ident}-day": "1", f"until-{ident}-month": "6", f"until-{ident}-year": "2022"}
        early = await officer.client.post(action[1], data={"csrf": token[1], **until, f"until-{ident}-month": "4"})
        assert early.status_code == 422
        assert (await officer.client.post(action[1], data={"csrf": token[1], **until})).status_code == 303
        assert "signs in as staff:fox from 2 May 2022 until 1 June 2022" in words((await officer.client.get(officer.at)).text)

    async def test_what_is_missing_is_said(self, officer: Officer) -> None:
        answer = await officer.adds("", "")
        assert answer.status_code == 422
        assert "Choose a role" in words(answer.text)

    async def test_senior_readers_find_no_way_to_names(self, officer: Officer, app: FastAPI, keys: Keys) -> None:
        async with PageClient(AsPerson(app, keys, person("senior-reader"))) as reader:
            assert (await reader.get(officer.at)).status_code == 403
            assert "/people" not in (await reader.get(officer.at.removesuffix("/people"))).text
        assert "/people" in (await officer.client.get(officer.at.removesuffix("/people"))).text
