"""The pages on which complaints officers take steps, as a strict browser uses them."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, person, statutory

from chassis.testing.fixtures import Keys
from chassis.testing.page_client import PageClient

Events = Callable[[], list[tuple[str, dict[str, Any]]]]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def hidden(html: str) -> dict[str, str]:
    """The token and the version of a form."""
    return dict(re.findall(r'<input type="hidden" name="(csrf|version)" value="([^"]*)"', html))


def on(name: str, day: str) -> dict[str, str]:
    """A date as its three fields are sent."""
    year, month, number = day.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[PageClient]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield client


class Steps:
    """Somebody who takes steps on the pages of one complaint."""

    def __init__(self, officer: PageClient, ident: str) -> None:
        self.officer, self.ident = officer, ident

    def address(self, step: str, stage: int) -> str:
        return f"/complaints/{self.ident}/stages/{stage}/{step}"

    async def take(self, step: str, day: dict[str, str], stage: int = 1, /, **fields: str) -> httpx.Response:
        """Open the form of a step and send it, with its day."""
        opened = await self.officer.get(self.address(step, stage))
        assert opened.status_code == 200, words(opened.text)
        return await self.officer.post(self.address(step, stage), data={**hidden(opened.text), **day, **fields})

    async def record(self) -> str:
        return words((await self.officer.get(f"/complaints/{self.ident}")).text)


@pytest.fixture
async def steps(desk: Desk, officer: PageClient) -> Steps:
    return Steps(officer, (await desk.receive(**statutory()))["complaint_id"])


class TestSteps:
    async def test_a_complaint_is_taken_through_all_stages_on_the_pages(self, steps: Steps) -> None:
        findings = {
            "finding-1": "not-upheld",
            "finding-2": "partially-upheld",
            "finding-2-remedies": "apology",
            "finding-1-reason": "It was done in time.",
        }
        taken = [
            await steps.take("extend", on("extended_on", "2022-05-11"), to="15", code="complex", reason="Two agencies."),
            await steps.take("suspend", on("suspended_on", "2022-05-12"), code="court"),
            await steps.take("resume", on("resumed_on", "2022-05-13")),
            await steps.take("respond", on("responded_on", "2022-05-19"), 1, **findings),
            await steps.take("request", on("requested_on", "2022-05-20"), 2),
            await steps.take("decide", on("decided_on", "2022-05-23"), 2, decision="accepted"),
            await steps.take("agree", on("agreed_on", "2022-05-25"), 2),
            await steps.take("respond", on("responded_on", "2022-06-10"), 2, **findings),
            await steps.take("request", on("requested_on", "2022-06-13"), 3),
            await steps.take("decide", on("decided_on", "2022-06-14"), 3, decision="accepted"),
            await steps.take("hold-panel", on("panel_on", "2022-07-04"), 3),
            await steps.take("report", on("reported_on", "2022-07-08"), 3),
            await steps.take("respond", on("responded_on", "2022-07-22"), 3, **findings),
        ]
        assert [answer.status_code for answer in taken] == [303] * len(taken)
        record = await steps.record()
        assert "Extended 11 May 2022, to 15 working days in all" in record
        assert "Suspended 12 May 2022 to 13 May 2022: Proceedings in court" in record
        assert "Panel reported 8 July 2022" in record
        assert "Not Upheld It was done in time." in record
        assert "Partially Upheld Apology" in record

    async def test_the_record_offers_what_can_be_done_now(self, steps: Steps) -> None:
        page = (await steps.officer.get(f"/complaints/{steps.ident}")).text
        offered = re.findall(r"/stages/1/([a-z-]+)", page)
        assert offered == ["extend", "suspend", "respond", "pass-over", "end", "correct"]

    async def test_a_correction_shows_what_was_recorded(self, steps: Steps) -> None:
        opened = (await steps.officer.get(steps.address("correct", 1))).text
        assert "Received: 28 April 2022" in words(opened)
        taken = await steps.take("correct", on("day", "2022-04-25"), date_of="received_on", reason="Stamped before.")
        assert taken.status_code == 303
        record = await steps.record()
        assert "Received 25 April 2022" in record
        assert "Date corrected: received, stage 1 25 April 2022" in record
        assert "Stamped before. Stage 1 is due 10 May 2022, before 13 May 2022" in record


class TestRefusals:
    async def test_what_was_typed_stays_beside_what_is_wrong(self, steps: Steps) -> None:
        answer = await steps.take("respond", on("responded_on", "2022-04-01"), 1, **{"finding-1": "upheld", "finding-2": ""})
        assert answer.status_code == 422
        assert "Finding: choose one" in words(answer.text)
        answer = await steps.take("end", on("ended_on", "2022-04-01"), ending="withdrawn", reason="She <b>said</b> so.")
        assert answer.status_code == 422
        assert "expected 2022-04-28 or later" in answer.text
        assert "She &lt;b&gt;said&lt;/b&gt; so." in answer.text

    async def test_somebody_else_was_faster(self, steps: Steps, events: Events) -> None:
        opened = await steps.officer.get(steps.address("end", 1))
        await steps.take("extend", on("extended_on", "2022-05-11"), to="15", code="complex", reason="Two agencies.")
        before = len(events())
        mine = {**hidden(opened.text), "ending": "withdrawn", "reason": "By telephone.", **on("ended_on", "2022-05-12")}
        answer = await steps.officer.post(steps.address("end", 1), data=mine)
        assert answer.status_code == 412
        assert "Somebody else was faster" in answer.text
        assert "Limit extended, stage 1, 11 May 2022" in words(answer.text)
        assert "By telephone." in answer.text
        assert len(events()) == before
        again = await steps.officer.post(steps.address("end", 1), data={**mine, **hidden(answer.text)})
        assert again.status_code == 303

    async def test_the_second_click_changes_nothing(self, steps: Steps, events: Events) -> None:
        opened = await steps.officer.get(steps.address("suspend", 1))
        mine = {**hidden(opened.text), "code": "court", "reason": "", **on("suspended_on", "2022-05-12")}
        first = await steps.officer.post(steps.address("suspend", 1), data=mine)
        told = len(events())
        second = await steps.officer.post(steps.address("suspend", 1), data=mine)
        assert (first.status_code, second.status_code) == (303, 412)
        assert len(events()) == told

    async def test_a_step_whose_time_has_not_come_says_so(self, steps: Steps) -> None:
        answer = await steps.officer.get(steps.address("request", 2))
        assert answer.status_code == 409
        assert "This step cannot be taken as the complaint stands" in answer.text

    async def test_what_is_no_step_and_no_complaint_is_not_there(self, steps: Steps) -> None:
        for address in (steps.address("dance", 1), steps.address("respond", 7), f"/complaints/{uuid4()}/stages/1/respond"):
            assert (await steps.officer.get(address)).status_code == 404, address

    async def test_a_form_that_is_not_ours_is_refused(self, steps: Steps) -> None:
        sent = {"csrf": "x", "version": "1", "reason": "", "code": "court", **on("suspended_on", "2022-05-12")}
        assert (await steps.officer.post(steps.address("suspend", 1), data=sent)).status_code == 403
