"""The pages that edit questionnaires in a real Chromium: on a phone and on a desk, seen by axe, with script switched off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from feedback_editing import HOME, LETTERS, LIVING
from playwright.async_api import Page

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, picture, served
from chassis.testing.fixtures import Keys, caller
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
    await picture(page, f"feedback-edit-{name}-{width}")


class TestQuestions:
    @WIDTHS
    async def test_an_officer_rewords_a_question_decides_and_publishes(
        self, chromium: Chromium, address: str, keys: Keys, width: int
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}{LIVING}", width=width, extra_http_headers=headers)
        await good(page, "begin")
        await page.click("text=Begin a working copy")
        await page.wait_for_load_state()
        await good(page, "overview")
        await page.click("text=Do the grown-ups listen to you?")
        await good(page, "question")
        await page.fill("#text", "")
        await page.click("button:text-is('Save')")
        assert "Write the question" in await page.inner_text(".govuk-error-summary")
        await good(page, "question-wrong")
        await page.fill("#text", "Is your school nice?")
        await page.click("button:text-is('Save')")
        assert await page.inner_text("h1") == "Does it still ask the same?"
        await good(page, "meaning")
        await page.check("text=A different question")
        await page.click("button:text-is('Continue')")
        await page.goto(f"{address}{LIVING}/check")
        await good(page, "check")
        await page.click("main >> a:text-is('Publish')")
        await good(page, "publish")
        await page.click("button:text-is('Publish')")
        await page.wait_for_load_state()
        assert "Version 2" in await page.inner_text("main")
        await good(page, "history")

    @WIDTHS
    async def test_a_scale_settings_and_a_new_questionnaire(
        self, chromium: Chromium, address: str, keys: Keys, width: int
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}{HOME}/new", width=width, extra_http_headers=headers)
        await good(page, "new")
        await page.click("button:text-is('Begin')")
        await good(page, "new-wrong")
        await page.goto(f"{address}{LIVING}")
        await page.click("text=Begin a working copy")
        await page.goto(f"{address}{LIVING}/questions/how-home-feels")
        await good(page, "scale")
        await page.goto(f"{address}{LIVING}/questions/tell-us-more")
        await good(page, "branching")
        await page.goto(f"{address}{LIVING}/settings")
        await good(page, "settings")
        await page.goto(f"{address}{LIVING}/questions/new")
        await good(page, "question-new")
        await page.goto(f"{address}{LIVING}/questions/feel-unsafe/remove")
        await good(page, "remove")


class TestTranslations:
    @WIDTHS
    async def test_a_sheet_goes_out_and_comes_back_without_script(
        self, chromium: Chromium, address: str, keys: Keys, width: int, tmp_path: Path
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}{LETTERS}", width=width, script=False, extra_http_headers=headers)
        await page.click("text=Begin a working copy")
        await page.goto(f"{address}{LETTERS}/translations/cy")
        async with page.expect_download() as download:
            await page.click("text=Sheet for a translator: CSV")
        saved = tmp_path / "sheet.csv"
        await (await download.value).save_as(saved)
        saved.write_text(saved.read_text("utf-8-sig").replace("Yn rhannol", "I raddau"))
        await page.set_input_files("#file", saved)
        await page.click("text=Look at the sheet")
        await picture(page, f"feedback-edit-sheet-{width}")
        taken = await page.inner_text("button:has-text('Take ')")
        await page.click("button:has-text('Take ')")
        assert await page.inner_text("h1") == f"{taken.removeprefix('Take ')} taken"

    @WIDTHS
    async def test_the_pages_of_translations_are_good(
        self, chromium: Chromium, address: str, keys: Keys, width: int, tmp_path: Path
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}{LETTERS}", width=width, extra_http_headers=headers)
        await page.click("text=Begin a working copy")
        await page.goto(f"{address}{LETTERS}/questions/involved-in-assessment")
        await page.fill("#text", "Did you have opportunities to share your views and opinions in the assessment process?")
        await page.click("button:text-is('Save')")
        await page.goto(f"{address}{LETTERS}/translations/cy")
        await good(page, "translation")
        sheet = tmp_path / "sheet.csv"
        sheet.write_text(
            "key,English,translation (cy)\nnew-ehcp:thank_you,Thanks,Diolch yn fawr\nnew-ehcp:q/x/text,X,Y\n", encoding="utf-8"
        )
        await page.set_input_files("#file", sheet)
        await page.click("text=Look at the sheet")
        await page.wait_for_load_state()
        await good(page, "sheet-wrong")
