"""The pages of worries in a real Chromium: on a phone and on a desk, seen by axe, and without script."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, picture, served
from chassis.testing.fixtures import Keys
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK])
DEE = Identity("worcestershire", "staff:dee", "staff", frozenset({"role:safeguarding-duty"}), label="Dee Harris")
ALEX = Identity("worcestershire", "staff:alex", "staff", frozenset({"role:qa-officer"}), label="Alex Morgan")


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    with served(build_app(settings)) as found:
        yield found


@pytest.fixture
async def opened(family: Any, issue: Any, other_phone: Any, sql: Any) -> None:
    """Two worries: one by a letter that was late long ago, one by a poster."""
    letter = await issue(questionnaire="living-where-i-live", service_area="through-care", reference="LAC-7")
    await family.open(letter["url"])
    await family.answer(1, answer="1")
    await family.answer(4, answer="yes")
    await family.answer(5, answer="He comes in my room at night.\nI hide in the wardrobe.")
    await family.send()
    long_ago = "opened_at = '2026-11-05 16:40Z', read_from = '2026-11-05 16:40Z', due_at = '2026-11-06Z'"
    await sql.execute(f"update feedback.concern set {long_ago}")
    poster = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
    await other_phone.open(poster["url"])
    await other_phone.answer(3, answer="I am scared of my dad, he hits me")
    await other_phone.send()


async def good(page: Page, name: str) -> None:
    """The page is accessible, fits, and a picture of it is kept."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"worries-{name}-{width}")


@WIDTHS
async def test_a_worry_goes_from_the_queue_to_closed(
    chromium: Chromium, address: str, keys: Keys, opened: None, width: int
) -> None:
    headers = keys.headers("feedback", DEE)
    page = await chromium.open(f"{address}/feedback/worries", width=width, extra_http_headers=headers)
    await good(page, "queue")
    await page.click("text=W-0001")
    await good(page, "open")
    await page.click("button:has-text('Look up whose it was')")
    assert "LAC-7" in await page.inner_text("main")
    await page.click("text=I am looking at it")
    await page.click("text=Say what it is")
    await page.click("text=Save what it is")
    await good(page, "triage-error")
    await page.check("text=Somebody is in immediate danger")
    await page.fill("#words", "It is written by a child who sleeps there tonight.")
    await page.click("text=Save what it is")
    await page.click("text=Say to whom you handed it over")
    await good(page, "hand-over")
    await page.check("text=Police")
    await page.fill("#words", "Rang 999, log 4711; a car is on its way.")
    await page.click("text=Save to whom")
    await page.click("text=Close it")
    await page.fill("#words", "The child is with her aunt. Strategy discussion tomorrow at nine.")
    await page.click("button:has-text('Close it')")
    await good(page, "closed")
    await page.click("text=All worries")
    await good(page, "queue-after")
    await page.click("text=Counts and lateness")
    await good(page, "counts")


async def test_every_step_works_with_script_switched_off(chromium: Chromium, address: str, keys: Keys, opened: None) -> None:
    headers = keys.headers("feedback", DEE)
    page = await chromium.open(f"{address}/feedback/worries", width=PHONE, script=False, extra_http_headers=headers)
    await page.click("text=W-0002")
    await page.click("text=I am looking at it")
    await page.click("text=Say what it is")
    await page.check("text=No safeguarding concern")
    await page.fill("#words", "The words of a song; the school knows.")
    await page.click("text=Save what it is")
    await page.click("text=Close it")
    await page.fill("#words", "Nothing had to be done.")
    await page.click("button:has-text('Close it')")
    assert "Closed" in await page.inner_text("h1")
    await page.click("text=Open it again")
    await page.fill("#words", "It was not a song.")
    await page.click("button:has-text('Open it again')")
    assert "Looked at" in await page.inner_text("h1")


@WIDTHS
async def test_an_officer_sees_counts(chromium: Chromium, address: str, keys: Keys, opened: None, width: int) -> None:
    headers = keys.headers("feedback", ALEX)
    page = await chromium.open(f"{address}/feedback/", width=width, extra_http_headers=headers)
    await good(page, "overview")
    await page.click("text=Counts and lateness")
    await good(page, "officer-counts")
