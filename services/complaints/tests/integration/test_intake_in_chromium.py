"""What comes in, in a real Chromium: the public form on a phone without script, and the officer's pages, seen by axe."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from services.complaints.tests.support import TODAY, AsPerson, Desk, person

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: FastAPI, keys: Keys) -> Iterator[str]:
    """The application on a port of this machine; the form takes no notice of who is signed in."""
    other = build_app(ComplaintsSettings.load(), lambda: TODAY)
    with served(AsPerson(other, keys, person("complaints-officer"))) as found:
        yield found


class TestFromTheFormToTheRecord:
    async def test_a_child_complains_and_an_officer_decides(self, chromium: Chromium, address: str, desk: Desk) -> None:
        page = await chromium.open(f"{address}/c/worcestershire", width=PHONE, script=False)
        await assert_fits(page)
        await picture(page, "say-start")
        await page.click("a.govuk-button")
        await page.click("button[type=submit].govuk-button")
        assert await page.is_visible("text=There is a problem")
        await picture(page, "say-kind-error")
        await page.check("input[value=complaint]")
        await page.click("button[type=submit].govuk-button")
        await page.check("input[value=child-or-young-person]")
        await picture(page, "say-you")
        await page.click("button[type=submit].govuk-button")
        await page.fill("#what", "My social worker never comes when she says.")
        await picture(page, "say-what")
        await page.click("button[type=submit].govuk-button")
        await page.fill("#want", "Come when you say")
        await assert_fits(page)
        await picture(page, "say-want")
        await page.click("button[type=submit].govuk-button")
        await page.fill("#name", "Sam Reed")
        await page.check("input[value=none]")
        await picture(page, "say-reach")
        await page.click("button[type=submit].govuk-button")
        await page.check("input[value=yes]")
        await picture(page, "say-advocate")
        await page.click("button[type=submit].govuk-button")
        await assert_fits(page)
        await picture(page, "say-check")
        await page.click("#send")
        assert "R-2022-0001" in await page.inner_text("main")
        await assert_fits(page)
        await picture(page, "say-done")
        await self.an_officer_decides(chromium, address)

    @staticmethod
    async def an_officer_decides(chromium: Chromium, address: str) -> None:
        """From the queue to the record, and to who is who."""
        desk_page = await chromium.open(f"{address}/complaints/intake", width=DESK)
        await assert_accessible(desk_page)
        await picture(desk_page, "intake-queue")
        await desk_page.click("text=R-2022-0001")
        await assert_accessible(desk_page)
        await picture(desk_page, "intake-one")
        await desk_page.click("text=Decide what it is")
        await assert_accessible(desk_page)
        await picture(desk_page, "intake-decide")
        await desk_page.check("input[value=complaint]")
        await desk_page.select_option("#procedure", "childrens-statutory")
        await desk_page.check("input[value=own]")
        await desk_page.check("input[value=in-time]")
        await desk_page.select_option("#category-0", "communication")
        await desk_page.select_option("#service_area", "safeguarding")
        await desk_page.click("button:has-text('Decide')")
        assert "Complaint C-2022-0001" in await desk_page.inner_text("h1")
        await desk_page.click("text=Who is who, and what was said")
        await assert_accessible(desk_page)
        await picture(desk_page, "people")
        await desk_page.goto(f"{address}/complaints/compliments/new")
        await assert_accessible(desk_page)
        await desk_page.fill("#words", "She always listens.")
        await desk_page.select_option("#service_area", "safeguarding")
        await desk_page.select_option("#source", "parent-or-carer")
        await desk_page.click("button:has-text('Record it')")
        await assert_accessible(desk_page)
        await picture(desk_page, "compliment-one")
        await desk_page.goto(f"{address}/complaints/compliments")
        await assert_accessible(desk_page)
        await picture(desk_page, "compliments")

    @pytest.mark.parametrize("language", ["en", "ur"])
    async def test_every_public_page_is_accessible(self, chromium: Chromium, address: str, desk: Desk, language: str) -> None:
        page = await chromium.open(f"{address}/c/worcestershire", width=PHONE)
        await page.click(f"button[value={language}]")
        await assert_accessible(page)
        await picture(page, f"say-start-{language}")
        await page.click("a.govuk-button")
        await page.check("input[value=complaint]")
        await page.click("button[type=submit].govuk-button")
        await page.check("input[value=care-leaver]")
        await page.click("button[type=submit].govuk-button")
        await page.click("button[type=submit].govuk-button")
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"say-what-error-{language}")
        await page.fill("#what", "x")
        for _ in range(2):
            await page.click("button[type=submit].govuk-button")
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"say-reach-{language}")

    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_the_forms_of_officers_fit_and_are_accessible(
        self, chromium: Chromium, address: str, desk: Desk, width: int
    ) -> None:
        page = await chromium.open(f"{address}/complaints/intake/paste", width=width)
        await assert_accessible(page)
        await page.fill(
            "#mail", "From: Jo Hill <jo@example.org>\nDate: Mon, 18 Jul 2022 09:00:00 +0100\nSubject: Visits\n\nNobody comes."
        )
        await page.click("button:has-text('Continue')")
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"intake-new-{width}")
        await page.click("button:has-text('Store it')")
        assert await page.is_visible("text=There is a problem")
        await assert_fits(page)
