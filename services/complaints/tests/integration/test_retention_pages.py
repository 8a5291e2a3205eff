"""The pages of retention, from the dry run to the proof."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.letters import day, hidden, words
from services.complaints.tests.retaining import ORG, Clock, clock, database, hold, life, lived, worker
from services.complaints.tests.support import AsPerson, fetch, person

from chassis.retention import holding
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["clock", "database", "life", "lived"]
OFFICER = person("data-protection")


class Visitor:
    """A data protection officer at the pages."""

    HOME = "/complaints/retention"

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def words(self, path: str = "", status: int = 200) -> str:
        """What a page says."""
        answer = await self.client.get(f"{self.HOME}{path}")
        assert answer.status_code == status, words(answer.text)
        return words(answer.text)

    async def post(self, seen: str, path: str, **fields: str) -> httpx.Response:
        """Send the form of a page."""
        page = (await self.client.get(f"{self.HOME}{seen}")).text
        revision = re.search(r'name="revision" value="(\d+)"', page)
        own = {"csrf": hidden(page)["csrf"], **({"revision": revision[1]} if revision else {})}
        return await self.client.post(f"{self.HOME}{path}", data={**own, **fields})


@pytest.fixture
async def visitor(app: FastAPI, keys: Keys) -> AsyncIterator[Visitor]:
    """Six years later; `app` has set what the environment says."""
    assert app is not None
    later = build_app(ComplaintsSettings.load(), lambda: date(2028, 8, 2))
    async with later.router.lifespan_context(later), PageClient(AsPerson(later, keys, OFFICER)) as client:
        yield Visitor(client)


class TestPages:
    async def test_from_dry_run_and_hold_to_a_proof(
        self, visitor: Visitor, app: FastAPI, life: str, clock: Clock, database: Database
    ) -> None:
        first = await visitor.words()
        assert "Complaints and enquiries 6 years at least 1 year 0 1 over since 2022: 1 0 0" in first
        assert "Compliments Kept: no period is set" in first
        found = await visitor.post("", "/find", find="c-2022-0001")
        at = found.headers["location"].removeprefix(visitor.HOME)
        assert (found.status_code, at) == (303, f"/records/complaint/{life}")
        assert "Over since 29 July 2022 Goes on 29 July 2028" in await visitor.words(at)
        wrong = await visitor.post(at, f"{at}/hold", reason=" ", **day("review_on", "2022-01-01"))
        assert (wrong.status_code, "Choose a day after today" in wrong.text) == (422, True)
        held = await visitor.post(at, f"{at}/hold", reason="A claim of Jo Hill", **day("review_on", "2030-01-31"))
        assert held.status_code == 303
        page = await visitor.words(at)
        assert "It is held A hold of a record" in page
        assert "This stands against it: A hold stands against it." in page
        assert (await worker(database, app, clock).serve(ORG)).held == {"complaint": 1}
        assert "C-2022-0001 safeguarding 29 July 2022 29 July 2028 Held" in await visitor.words("/due/complaint")
        listed = (await visitor.client.get(f"{visitor.HOME}/holds")).text
        [hold_at] = re.findall(r'href="/complaints/retention(/holds/[0-9a-f-]{36})"', listed)
        assert "Why A claim of Jo Hill" in await visitor.words(hold_at)
        kept = await visitor.post(hold_at, f"{hold_at}/review", **day("review_on", "2031-01-31"))
        assert kept.status_code == 303
        stale = await visitor.post(hold_at, f"{hold_at}/lift", why="It was settled", revision="1")
        assert (stale.status_code, "Somebody changed or lifted this hold meanwhile" in stale.text) == (409, True)
        lifted = await visitor.post(hold_at, f"{hold_at}/lift", why="It was settled")
        assert lifted.status_code == 303
        assert (await visitor.post("", "/run")).status_code == 303
        assert "A run was asked for" in await visitor.words()
        assert (await worker(database, app, clock).serve(ORG, hour=False)).reduced == {"complaint": 1}
        assert "Complaints and enquiries: 1 nothing 0" in await visitor.words()
        assert "Proof 1" in await visitor.words(at)
        assert "The chain holds, from the first proof to number 1" in await visitor.words("/proofs?check=now")
        assert "1 2 August 2028" in await visitor.words(f"/proofs?record={life}")
        printed = await visitor.words("/proofs/1")
        assert "Seal made by this installation" in printed
        assert "complaint_person" in printed
        assert life not in printed
        assert "Page not found" in await visitor.words("/proofs/2", 404)
        # Placing and lifting stand in the trail.
        routes = [row[0] for row in fetch(database.url("admin"), "select route from complaints.trail where method = 'POST'")]
        assert {route for route in routes if route.endswith(("/hold", "/{act}"))} == {
            f"{visitor.HOME}/records/{{kind}}/{{record_id}}/hold", f"{visitor.HOME}/holds/{{hold_id}}/{{act}}"
        }  # fmt: skip

    async def test_erasure_on_request_is_decided_by_a_person_and_refused_with_the_reason(
        self, visitor: Visitor, app: FastAPI, life: str, clock: Clock, database: Database
    ) -> None:
        at = f"/records/complaint/{life}"
        asked = {"ground": "The head of service decided it", **day("asked_on", "2028-08-01")}
        unsure = await visitor.post(at, f"{at}/erase", **asked)
        assert (unsure.status_code, "nobody can bring it back" in unsure.text) == (422, True)
        assert (await visitor.post(at, f"{at}/erase", sure="yes", **asked)).status_code == 303
        assert "The worker does it within half a minute" in await visitor.words(at)
        # A hold that came in between wins.
        ident = await hold(app, scope="kind", kind="complaint")
        assert not (await worker(database, app, clock).serve(ORG, hour=False)).reduced
        assert "not done: A hold stands against it." in await visitor.words()
        async with app.state.uow.begin(ORG) as transaction:
            await holding.lift(transaction, app.state.setup.secrets, "staff:dp", ident, 1, "It was settled")
        assert (await visitor.post(at, f"{at}/erase", sure="yes", **asked)).status_code == 303
        assert (await worker(database, app, clock).serve(ORG, hour=False)).reduced == {"complaint": 1}
        assert "somebody asked for it, and it was decided" in await visitor.words("/proofs/1")
        again = await visitor.post("/holds", f"{at}/erase", sure="yes", **asked)
        assert (again.status_code, "has gone already" in again.text) == (409, True)

    async def test_another_council_finds_nothing(self, app: FastAPI, keys: Keys, life: str) -> None:
        other = replace(OFFICER, org="telford-wrekin")
        async with PageClient(AsPerson(app, keys, other)) as client:
            answer = await client.get(f"/complaints/retention/records/complaint/{life}")
            assert answer.status_code in {404, 409}
