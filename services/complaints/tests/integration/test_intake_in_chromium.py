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


class TestWhatComesIn:
    async def test_a_compliment_is_recorded_and_listed(self, chromium: Chromium, address: str, desk: Desk) -> None:
        page = await chromium.open(f"{address}/complaints/compliments/new", width=DESK)
        await assert_accessible(page)
        await page.fill("#words", "She always listens.")
        await page.select_option("#service_area", "safeguarding")
        await page.select_option("#source", "parent-or-carer")
        await page.click("button:has-text('Record it')")
        await assert_accessible(page)
        await picture(page, "compliment-one")
        for width, at in ((DESK, "compliments"), (PHONE, "comments")):
            page = await chromium.open(f"{address}/complaints/{at}?told=no", width=width)
            await assert_accessible(page)
            await assert_fits(page)
            await picture(page, at)

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
