"""The pages on which complaints officers change points, as a strict browser uses them."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.integration.test_step_pages import hidden, words
from services.complaints.tests.support import AsPerson, Desk, person

from chassis.testing.fixtures import Keys
from chassis.testing.page_client import PageClient

Events = Callable[[], list[tuple[str, dict[str, Any]]]]
REASON = {"reason": "On reading it again."}


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[PageClient]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield client


class Points:
    """Somebody who changes points on the pages of one complaint."""

    def __init__(self, officer: PageClient, ident: str) -> None:
        self.officer, self.ident = officer, ident

    def address(self, act: str, point: str = "") -> str:
        return f"/complaints/{self.ident}/points/{act}" + (f"?point={point}" if point else "")

    async def do(self, act: str, point: str = "", /, **fields: Any) -> httpx.Response:
        """Open the form and send it."""
        opened = await self.officer.get(self.address(act, point))
        assert opened.status_code == 200, words(opened.text)
        return await self.officer.post(self.address(act, point), data={**hidden(opened.text), **REASON, **fields})

    async def split(self, point: str = "2") -> httpx.Response:
        parts = {"into-0-category": "send-communication", "into-1-category": "send-transport"}
        return await self.do("split", point, **parts)

    async def record(self) -> str:
        return words((await self.officer.get(f"/complaints/{self.ident}")).text)


@pytest.fixture
async def points(desk: Desk, officer: PageClient) -> Points:
    return Points(officer, (await desk.receive())["complaint_id"])


class TestPointPages:
    async def test_every_change_is_made_and_stays_in_the_record(self, points: Points) -> None:
        about = {"point-category": "send-transport", "point-desired": "apology", "point-words": "The bus never came."}
        done = [
            await points.do("add", **about),
            await points.do("correct", "3", **{**about, "point-need": "autism"}),
            await points.split(),
            await points.do("merge", points=["1", "2a"], **{"into-category": "send-communication"}),
            await points.do("duplicate", "2b", same_as="3"),
        ]
        assert [answer.status_code for answer in done] == [303] * 5, words(done[-1].text)
        record = await points.record()
        assert "The bus never came." in record
        assert "Points merged: 1 and 2a into 4" in record
        assert "Marked as a duplicate: 2b, the same as point 3" in record
        assert "Points that were split, merged, duplicates or errors (4)" in record
        back = await points.officer.get(points.address("take-back"))
        assert "2 into 2a and 2b" not in words(back.text)
        answer = await points.do("take-back", change="6")
        assert answer.status_code == 303, words(answer.text)
        assert "Change of points taken back: 2b, the same as point 3 (marked as a duplicate)" in await points.record()

    async def test_the_point_is_chosen_first(self, points: Points) -> None:
        page = await points.officer.get(points.address("split"))
        assert (page.status_code, "Which point" in page.text) == (200, True)
        page = await points.officer.get(points.address("split") + "?chosen=yes")
        assert (page.status_code, "Choose a point" in page.text) == (422, True)

    async def test_a_finding_of_stage_1_stands_beside_the_parts(self, points: Points, desk: Desk) -> None:
        await desk.answered(points.ident)
        await desk.step(points.ident, 2, "request", requested_on="2022-05-20")
        assert (await points.split()).status_code == 303
        assert (await points.record()).count("found on point 2") == 2

    async def test_of_another_complaint_by_its_reference(self, points: Points, desk: Desk) -> None:
        await desk.receive(reference="SEND-22-002")
        asked = {"same_as": "elsewhere", "complaint": "SEND-22-002"}
        answer = await points.do("duplicate", "2", **asked)
        assert "enter one of its points: 1, 2" in words(answer.text)
        answer = await points.do("duplicate", "2", **asked, other="1")
        assert answer.status_code == 303
        assert "SEND-22-002 , point 1" in await points.record()


class TestRefusals:
    async def test_what_was_typed_stays_beside_what_is_wrong(self, points: Points) -> None:
        parts = {"into-0-category": "send-transport", "into-1-category": "send-transport", "into-2-words": "A <b>third</b>."}
        answer = await points.do("split", "2", **parts)
        assert answer.status_code == 422
        assert "choose one, or leave all of this part empty" in answer.text
        assert "A &lt;b&gt;third&lt;/b&gt;." in answer.text

    async def test_somebody_else_was_faster(self, points: Points, events: Events) -> None:
        opened = await points.officer.get(points.address("duplicate", "2"))
        mine = {**hidden(opened.text), "same_as": "1", "reason": "She said so."}
        await points.split()
        told = len(events())
        answer = await points.officer.post(points.address("duplicate", "2"), data=mine)
        assert answer.status_code == 412
        assert "Somebody else was faster" in answer.text
        assert "Point split" in words(answer.text)
        assert "She said so." in answer.text
        assert len(events()) == told

    async def test_what_cannot_be_done_now_says_so(self, points: Points, desk: Desk) -> None:
        await desk.answered(points.ident)
        answer = await points.officer.get(points.address("add"))
        assert answer.status_code == 409
        assert (await points.officer.get(points.address("dance"))).status_code == 404
