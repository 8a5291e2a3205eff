"""The staff pages about links in a real Chromium: on a phone and on a desk, seen by axe, with script switched off."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, picture, served
from chassis.testing.fixtures import Keys, caller
from chassis.testing.pdf import Printed
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESK])


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    with served(build_app(settings)) as found:
        yield found


async def good(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"feedback-{name}-{width}")


async def choose(page: Page) -> None:
    await page.select_option("#questionnaire", "new-ehcp")
    await page.select_option("#service_area", "send")
    await page.select_option("#team", "send-north")


class TestOneLink:
    @WIDTHS
    async def test_an_officer_issues_a_link_sees_it_and_issues_it_again(
        self, chromium: Chromium, address: str, keys: Keys, width: int
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}/feedback/links/new", width=width, extra_http_headers=headers)
        await good(page, "issue-one")
        await page.click("text=Issue the link")
        assert "Choose a questionnaire" in await page.inner_text(".govuk-error-summary")
        await good(page, "issue-one-wrong")
        await choose(page)
        await page.fill("#reference", "EHCP-2022-0417")
        await page.click("text=Issue the link")
        await page.wait_for_load_state()
        assert "/feedback/links/issued/" in page.url
        await good(page, "issued-one")
        assert await page.evaluate("document.querySelector('main img').naturalWidth") > 0
        await page.goto(f"{address}/feedback/links")
        await good(page, "links")
        await page.click("text=EHCP-2022-0417")
        await good(page, "link")
        await page.click("text=Issue a new link")
        assert await page.inner_text("h1") == "The link is issued"


class TestLetters:
    @WIDTHS
    async def test_letters_of_a_sheet_are_checked_issued_and_fetched_without_script(
        self, chromium: Chromium, address: str, keys: Keys, width: int, tmp_path: Path
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}/feedback/links/batch", width=width, script=False, extra_http_headers=headers)
        sheet = tmp_path / "letters.csv"
        sheet.write_text("reference,language\nA-1,en\nA-2,cy\nA-2,en\nA-4,tlh\n" + "".join(f"B-{n},\n" for n in range(12)))
        await choose(page)
        await page.set_input_files("#file", sheet)
        await page.click("text=Check the file")
        assert "Check 14 letters" in await page.inner_text("h1")
        await picture(page, f"feedback-letters-checked-{width}")
        await page.click("text=Issue 14 links")
        assert await page.inner_text("h1") == "14 links issued"
        await picture(page, f"feedback-letters-issued-{width}")
        async with page.expect_download() as download:
            await page.click("text=Inserts for letters")
        saved = tmp_path / "inserts.pdf"
        await (await download.value).save_as(saved)
        assert Printed(saved.read_bytes()).pages == 4
        await page.click("text=I have what I need")
        assert re.search(r"/feedback/links$", page.url)

    @WIDTHS
    async def test_the_pages_of_letters_are_good(
        self, chromium: Chromium, address: str, keys: Keys, width: int, tmp_path: Path
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}/feedback/links/batch", width=width, extra_http_headers=headers)
        await good(page, "letters")
        sheet = tmp_path / "letters.csv"
        sheet.write_text("reference,language\nA-1,en\nA-1,en\n")
        await choose(page)
        await page.set_input_files("#file", sheet)
        await page.click("text=Check the file")
        await good(page, "letters-checked")
        await page.click("text=Issue 1 link")
        await good(page, "letters-issued")


class TestRates:
    @WIDTHS
    async def test_the_rates_are_a_good_page(
        self, chromium: Chromium, address: str, issue: Any, keys: Keys, width: int
    ) -> None:
        for _ in range(3):
            await issue()
        headers = keys.headers("feedback", caller("role:senior-reader"))
        page = await chromium.open(f"{address}/feedback/rates?by=team", width=width, extra_http_headers=headers)
        await good(page, "rates")
