"""Learning, bulletins and the register in a real Chromium: on a phone and on a desk, seen by axe."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.async_api import Page
from services.complaints.tests.learning import upheld
from services.complaints.tests.support import TODAY, AsPerson, Desk, a_busy_desk, person

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


async def seen(page: Page, name: str, width: int) -> None:
    """The page as everybody must be able to use it."""
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"learning-{name}-{width}")


class TestLearning:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_an_action_from_a_finding_to_its_review_and_the_bulletin(
        self, chromium: Chromium, address: str, desk: Desk, width: int
    ) -> None:
        await a_busy_desk(desk)
        ident, _ = await upheld(desk, "SEND-22-030")
        page = await chromium.open(f"{address}/complaints/learning", width=width)
        await seen(page, "asks", width)
        await page.click("text=an action for SEND-22-030, point 1")
        await seen(page, "new", width)
        await page.click("text=Record it")
        await seen(page, "new-wrong", width)
        await page.fill("#what", "Write to each family every month, and say what happens next.")
        await page.fill("#owner_name", "Sam Okafor")
        for part, value in (("due", "31"), ("due-month", "7"), ("due-year", "2022")):
            await page.fill(f"#{part}", value)
        await page.click("text=Record it")
        await seen(page, "record", width)
        await page.click("text=SEND-22-030 A1")
        await seen(page, "action", width)
        await page.check("#step")
        await page.fill("#note", "Letters went out to all 40 families on 28 July.")
        await page.click("text=Record it")
        await page.check("#step")
        await page.fill("#note", "Half as many calls as in June.")
        await page.check("#difference-2")
        await page.click("text=Record it")
        assert "Reviewed" in await page.inner_text("h1")
        await page.goto(f"{address}/complaints/learning?show=all")
        await seen(page, "list", width)
        await page.goto(f"{address}/complaints/learning/mine")
        await seen(page, "mine", width)
        await page.goto(f"{address}/complaints/{ident}")
        await seen(page, "record-done", width)

    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_a_bulletin_is_written_and_published_and_the_register_read(
        self, chromium: Chromium, address: str, desk: Desk, width: int
    ) -> None:
        await a_busy_desk(desk)
        page = await chromium.open(f"{address}/complaints/bulletins", width=width)
        await seen(page, "bulletins", width)
        await page.select_option("#month", "2022-07")
        await page.click("text=Begin >> nth=-1")
        await page.fill("#intro", "In July fewer letters went out in time.\nWe now write each month.")
        await page.click("button:has-text('Save')")
        await seen(page, "draft", width)
        await page.click("text=Approve it as it reads now")
        await page.click("text=Publish what was approved")
        assert "July 2022" in await page.inner_text("h1")
        await seen(page, "bulletin", width)
        await page.goto(f"{address}/complaints/register")
        await seen(page, "register", width)
