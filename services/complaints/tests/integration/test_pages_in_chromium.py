"""The staff pages in a real Chromium: on a phone and on a desk, seen by axe, with script switched off."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from services.complaints.tests.support import TODAY, AsPerson, Desk, a_busy_desk, person, statutory

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: FastAPI, keys: Keys) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    other = build_app(ComplaintsSettings.load(), lambda: TODAY)
    with served(AsPerson(other, keys, person("complaints-officer"))) as found:
        yield found


class TestEveryPage:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_an_officer_finds_a_complaint_and_reads_its_record(
        self, chromium: Chromium, address: str, desk: Desk, width: int
    ) -> None:
        await a_busy_desk(desk)
        page = await chromium.open(f"{address}/complaints/", width=width)
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"complaints-tracker-{width}")
        await page.click("summary")
        await page.select_option("#state", "closed")
        await page.click("text=Apply")
        await page.click("text=SEND-22-001")
        assert "Complaint SEND-22-001" in await page.inner_text("h1")
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"complaints-record-{width}")

    async def test_what_is_wrong_with_a_filter_is_said_where_it_is(self, chromium: Chromium, address: str, desk: Desk) -> None:
        page = await chromium.open(f"{address}/complaints/?on=yesterday", width=PHONE, script=False)
        await assert_fits(page)
        await picture(page, "complaints-tracker-error")
        assert await page.is_visible("text=There is a problem")

    async def test_steps_are_taken_on_a_phone_without_script(self, chromium: Chromium, address: str, desk: Desk) -> None:
        ident = (await desk.receive(**statutory()))["complaint_id"]
        await desk.step(ident, 1, "suspension", suspended_on="2022-05-05", code="court", reason="A hearing is set.")
        await desk.step(ident, 1, "correction", date_of="received_on", day="2022-04-27", reason="Stamped on the 27th.")
        page = await chromium.open(f"{address}/complaints/{ident}", width=PHONE, script=False)
        await assert_fits(page)
        await picture(page, "complaints-record-suspended")
        await page.click("text=Withdrawn or discontinued")
        await page.click("text=End the complaint")
        await picture(page, "complaints-step-error")
        assert await page.is_visible("text=There is a problem")
        await page.check("text=The complainant withdrew it")
        await page.fill("#reason", "She told us on the telephone.")
        await page.click("text=End the complaint")
        assert "Stage 1 was withdrawn on day 64 of 10" in await page.inner_text("main")

    async def test_the_form_of_every_step_is_accessible(self, chromium: Chromium, address: str, desk: Desk) -> None:
        ident = (await desk.receive(**statutory()))["complaint_id"]
        for width, step in ((PHONE, "respond"), (DESK, "extend"), (PHONE, "suspend"), (DESK, "end"), (PHONE, "correct")):
            page = await chromium.open(f"{address}/complaints/{ident}/stages/1/{step}", width=width)
            await assert_accessible(page)
            await assert_fits(page)
            await picture(page, f"complaints-step-{step}-{width}")

    async def test_points_are_split_and_marked_on_a_phone_without_script(
        self, chromium: Chromium, address: str, desk: Desk
    ) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")
        page = await chromium.open(f"{address}/complaints/{ident}", width=PHONE, script=False)
        await page.click("text=Split a point")
        await page.click("text=Continue")
        await picture(page, "complaints-point-choice-error")
        await page.check("#point-2")
        await page.click("text=Continue")
        await assert_fits(page)
        await page.select_option("#into-0-category", "send-communication")
        await page.fill("#into-0-words", "Nobody rang back after the meeting.")
        await page.select_option("#into-1-category", "send-transport")
        await page.select_option("#into-1-desired", "service")
        await page.fill("#reason", "On the telephone she spoke of two things.")
        await picture(page, "complaints-point-split")
        await page.click("button:has-text('Split the point')")
        await page.click("text=Points that were split, merged, duplicates or errors (1)")
        assert "found on point 2" in await page.inner_text("main")
        await assert_fits(page)
        await picture(page, "complaints-points-phone")
        for width, act in ((DESK, ""), (PHONE, "/points/merge"), (DESK, "/points/duplicate?point=1"), (PHONE, "/points/add")):
            page = await chromium.open(f"{address}/complaints/{ident}{act}", width=width)
            await assert_accessible(page)
            await assert_fits(page)
            await picture(page, f"complaints-points-{act.partition('?')[0].rpartition('/')[2] or 'record'}-{width}")

    async def test_an_ombudsman_case_is_recorded_on_a_phone(self, chromium: Chromium, address: str, desk: Desk) -> None:
        await desk.receive()
        page = await chromium.open(f"{address}/complaints/ombudsman/new", width=PHONE, script=False)
        await page.fill("#reference", "LGSCO-22-02")
        await page.select_option("#service_area", "send")
        await page.click("text=Save the case")
        await page.click("text=Add a deadline")
        await assert_fits(page)
        await picture(page, "complaints-ombudsman-deadline")
        await page.check("text=Answer to enquiries")
        for part, value in (("day", "5"), ("month", "8"), ("year", "2022")):
            await page.fill(f"#due_on-{part}", value)
        await page.fill("#what", "All letters since May.")
        await page.click("text=Save the deadline")
        assert await page.is_visible("text=All letters since May.")
        await assert_fits(page)
        await picture(page, "complaints-ombudsman-case")
        address_of_case = page.url
        for width, shown in ((DESK, address_of_case), (PHONE, f"{address}/complaints/ombudsman")):
            page = await chromium.open(shown, width=width)
            await assert_accessible(page)
            await assert_fits(page)
