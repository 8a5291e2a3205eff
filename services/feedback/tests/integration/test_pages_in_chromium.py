"""Every survey page in a real Chromium: on a phone and on a desk, seen by axe, with script switched off."""

import copy
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, both_widths, picture, served
from chassis.testing.fixtures import Keys, caller
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

FIRST_VIEW = 60_000  # bytes in all
LATER_PAGE = 15_000


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    with served(build_app(settings)) as found:
        yield found


def link(address: str, issued: dict[str, Any]) -> str:
    """The issued link at this address."""
    return address + str(issued["url"])[len("http://loop.test") :]


async def good(page: Page, name: str) -> None:
    """On a phone and on a desk the page is accessible, fits, and a picture of it is kept."""
    async for width in both_widths(page):
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"feedback-{name}-{width}")


async def onward(page: Page, *choose: str, press: str = "form .govuk-button >> nth=0") -> None:
    """Tick what is chosen and go on.

    Never forced: Playwright then clicks where the answer was before the style sheet came.
    """
    for each in choose:
        await page.check(each)
    await page.click(press)


class TestLetters:
    async def test_a_letter_is_answered_from_link_to_confirmation(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE)
        assert page.url == f"{address}/s/start"
        await good(page, "start")
        await page.click("text=Start")
        await good(page, "question")
        for number in range(8):
            if number == 3:
                await page.click("text=Skip this question")
            else:
                await onward(page, "input[value=partly]" if number % 3 else "input[value=yes]")
        assert page.url == f"{address}/s/check"
        await good(page, "check")
        await page.click("text=Send my answers")
        assert page.url == f"{address}/s/done"
        await good(page, "done")
        await page.go_back()
        assert page.url == f"{address}/s/done"

    async def test_it_works_with_script_switched_off(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue(questionnaire="annual-review")), width=PHONE, script=False)
        await page.click("text=Start")
        for _ in range(12):
            await onward(page, "input[value=no]")
        await page.click("#change-10")
        await onward(page, "input[value=does-not-apply]")
        assert "I didn't need to" in await page.inner_text("main")
        await page.click("text=Send my answers")
        assert await page.inner_text("h1") == "Your answers are sent"

    async def test_it_works_with_the_keyboard_alone(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=DESK)
        await page.focus("text=Start")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/question/1")
        await page.focus("#answer")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/question/2")
        await page.click("text=Back")
        assert await page.is_checked("input[value=partly]")

    async def test_a_first_visit_is_small_and_later_pages_are_smaller(
        self, chromium: Chromium, address: str, issue: Any, family: Any
    ) -> None:
        issued = await issue()
        assert await chromium.first_view(link(address, issued)) < FIRST_VIEW
        await family.open(issued["url"])
        for path in ("/s/start", "/s/question/1", "/s/check"):
            assert len((await family.get(path)).content) < LATER_PAGE


class TestChildren:
    async def test_faces_several_choices_and_a_worry(self, chromium: Chromium, address: str, issue: Any) -> None:
        issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
        page = await chromium.open(link(address, issued), width=PHONE)
        await good(page, "child-start")
        await page.click("text=Start")
        await good(page, "faces")
        await onward(page, "input[value='4']")
        await onward(page, "input[value=sometimes]")
        await good(page, "several")
        await onward(page, "input[value=carer]", "input[value=friend]")
        await good(page, "worry")
        await onward(page, "input[value=yes]")
        assert await page.inner_text(".survey-progress span") == "Question 5 of 5"
        await page.fill("textarea", "Somebody shouts at night.\nOften.")
        await good(page, "text")
        await onward(page)
        await good(page, "child-check")
        await page.click("text=Send my answers")
        await good(page, "child-done")


class TestPoster:
    async def test_stars_a_day_and_a_text_with_their_errors(self, chromium: Chromium, address: str, issue: Any) -> None:
        issued = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        page = await chromium.open(link(address, issued), width=PHONE)
        await good(page, "poster-start")
        await page.click("text=Start")
        await good(page, "stars")
        await onward(page, "input[value='3']")
        await page.fill("#answer", "31")
        await page.fill("#answer-month", "2")
        await page.fill("#answer-year", "2022")
        await onward(page)
        assert "Write a real date" in await page.inner_text(".govuk-error-summary")
        assert (await page.title()).startswith("Error:")
        assert await page.input_value("#answer") == "31"
        await good(page, "date-error")
        await page.fill("#answer", "28")
        await onward(page)
        await page.fill("textarea", "word " * 900)
        await onward(page)
        await good(page, "text-error")
        assert (await page.input_value("textarea")).startswith("word word")

    async def test_larger_letters_still_fit(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE)
        await page.click("text=Bigger letters")
        await good(page, "large-start")
        await page.click("text=Start")
        await good(page, "large-question")


class TestDeadLinks:
    async def test_every_kind_page_is_a_good_page(
        self, chromium: Chromium, address: str, issue: Any, client: Any, sql: Any, family: Any
    ) -> None:
        page = await chromium.open(f"{address}/s/{'a' * 32}", width=PHONE)
        await good(page, "unknown")
        await page.goto(f"{address}/s/start")
        await good(page, "lost")
        await page.goto(f"{address}/s/code")
        await good(page, "code")
        await page.fill("#code", "wrong")
        await onward(page)
        await good(page, "code-error")
        used = await issue()
        await family.open(used["url"])
        await family.send()
        await page.goto(link(address, used))
        await good(page, "used")
        ended = await issue()
        await sql.execute("update feedback.invitation set issued_on = '2026-01-01', expires_on = '2026-01-02'")
        await page.goto(link(address, ended))
        await good(page, "expired")

    async def test_a_form_that_was_open_too_long_is_a_good_page(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE)
        await page.goto(f"{address}/s/question/1")
        await page.evaluate("document.querySelector('form[action^=\\\"/s/question\\\"] input[name=csrf]').value = 'old'")
        await onward(page, "input[value=yes]")
        assert await page.is_checked("input[value=yes]")
        await good(page, "form-error")


class TestLanguages:
    async def test_welsh_with_one_tap(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE)
        await page.click("text=Cymraeg")
        assert await page.get_attribute("html", "lang") == "cy"
        await good(page, "welsh-start")
        await page.click("text=Dechrau")
        await good(page, "welsh-question")

    async def test_a_language_from_right_to_left(
        self, chromium: Chromium, address: str, client: Any, operator: Any, documents: Any
    ) -> None:
        document = documents("worcestershire")
        survey = copy.deepcopy(next(each for each in document["questionnaires"] if each["code"] == "new-ehcp"))
        survey |= {"code": "urdu", "languages": ["ur", "en"], "needs_review": ["ur"]}
        del survey["versions"][0]["questions"][1]["text"]["ur"]
        document["questionnaires"].append(survey)
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "ur"})).status_code == 200
        body = {"questionnaire": "urdu", "service_area": "send", "channel": "letter"}
        answer = await client.post("/feedback/v1/invitations", json=body, headers={"Idempotency-Key": str(uuid4())})
        page = await chromium.open(link(address, answer.json()), width=PHONE)
        assert await page.get_attribute("html", "dir") == "rtl"
        await good(page, "urdu-start")
        await page.click("text=شروع کریں")
        await good(page, "urdu-question")
        await onward(page, "input[value=yes]")
        # A question that is not translated yet is English, and says so to a screen reader.
        assert await page.get_attribute("h1 [lang]", "lang") == "en"
        await page.goto(f"{address}/s/check")
        await good(page, "urdu-check")


class TestStaff:
    async def test_the_overview_is_a_good_page(
        self, chromium: Chromium, address: str, issue: Any, family: Any, keys: Keys
    ) -> None:
        issued = [await issue() for _ in range(3)]
        await family.open(issued[0]["url"])
        await family.send()
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}/feedback/", width=PHONE, extra_http_headers=headers)
        await good(page, "overview")
