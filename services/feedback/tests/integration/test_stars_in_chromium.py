"""The pages of outcome stars in a real Chromium: on a phone and on a desk, seen by axe, and without script."""

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
SAM = Identity("worcestershire", "staff:sam", "staff", frozenset({"role:manager"}), label="Sam Okafor")
RUTH = Identity("worcestershire", "staff:ruth", "staff", frozenset({"role:senior-reader"}), label="Ruth Adeyemi")


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    with served(build_app(settings)) as found:
        yield found


@pytest.fixture
async def known(post_star: Any) -> str:
    """Some people, one of them over months; the id of that star."""
    for n in range(4):
        await post_star("start", f"2026-0{n + 5}-04", person=f"EH-2026-01{n}", worker="Priya Shah", team="send-south")
    person: dict[str, Any] = {"person": "EH-2026-0417"}
    first = await post_star("start", "2026-01-05", scores={"happy": 2, "healthy": 4, "safe": 5}, **person)
    await post_star("mid", "2026-04-06", scores={"happy": 3, "safe": 5}, **person)
    await post_star("mid", "2026-05-04", scores={"happy": 4, "healthy": 3, "safe": 5}, **person)
    star: str = first.json()["star_id"]
    return star


async def good(page: Page, name: str) -> None:
    """The page is accessible, fits, and a picture of it is kept."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"stars-{name}-{width}")


@WIDTHS
async def test_a_star_goes_from_the_list_to_its_end(
    chromium: Chromium, address: str, keys: Keys, known: str, width: int
) -> None:
    headers = keys.headers("feedback", SAM)
    page = await chromium.open(f"{address}/feedback/stars", width=width, extra_http_headers=headers)
    await good(page, "list")
    await page.fill("#reference", "eh-2026-0417")
    await page.click("button:has-text('Find')")
    await good(page, "person")
    await page.click("text=Take the next star")
    await page.click("button:has-text('Record the star')")
    await good(page, "reading-error")
    await page.locator('label[for="score-happy-5"]').click()
    await page.locator('label[for="score-safe-4"]').click()
    await page.check("text=End")
    await page.click("button:has-text('Record the star')")
    assert "with its end star" in await page.inner_text("main")
    await good(page, "closed")
    await page.click("text=Correct the end")
    await good(page, "correct")


@WIDTHS
async def test_the_other_pages_are_good(chromium: Chromium, address: str, keys: Keys, known: str, width: int) -> None:
    headers = keys.headers("feedback", SAM)
    page = await chromium.open(f"{address}/feedback/stars/due", width=width, extra_http_headers=headers)
    await good(page, "due")
    for name, path in (("new", "new?kind=test-star"), ("kinds", "new"), ("close", f"{known}/close"), ("move", f"{known}/move")):
        await page.goto(f"{address}/feedback/stars/{path}")
        await good(page, name)
    await page.goto(f"{address}/feedback/stars/{known}/link")
    await good(page, "link")
    await page.click("button:has-text('Issue the link')")
    await good(page, "link-issued")


@WIDTHS
async def test_what_stars_show(chromium: Chromium, address: str, keys: Keys, post_star: Any, width: int) -> None:
    for n in range(24):
        await post_star("start", "2026-07-06", person=f"P-{n}", scores={"happy": 2, "safe": 5})
        await post_star("mid", "2026-10-05", person=f"P-{n}", scores={"happy": 4 if n % 2 else 2, "safe": 5 if n % 2 else 1})
    headers = keys.headers("feedback", RUTH)
    page = await chromium.open(f"{address}/feedback/stars/summary?kind=test-star", width=width, extra_http_headers=headers)
    await good(page, "summary")
    await page.select_option("#by", "quarter")
    await page.click("button:has-text('Show')")
    await good(page, "summary-quarters")


async def test_a_star_is_recorded_with_script_switched_off(chromium: Chromium, address: str, keys: Keys, known: str) -> None:
    headers = keys.headers("feedback", SAM)
    entry = f"{address}/feedback/stars/new?kind=test-star"
    page = await chromium.open(entry, width=PHONE, script=False, extra_http_headers=headers)
    await page.fill("#reference", "EH-2026-0999")
    await page.locator('label[for="score-happy"]').click()
    await page.select_option("#service_area", "send")
    await page.click("button:has-text('Record the star')")
    assert "EH-2026-0999" in await page.inner_text("h1")
    await page.emulate_media(media="print")
    await picture(page, "stars-print-390")
