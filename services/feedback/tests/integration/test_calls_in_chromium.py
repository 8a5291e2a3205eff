"""Calls and assisted entry in a real Chromium: on a phone and on a desk, seen by axe, without script, and by keyboard alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Page, expect
from services.feedback.tests.calling import ALEX, KIM, LEE, SAM, Person

from chassis.days import british_today
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, both_widths, picture, served
from chassis.testing.fixtures import Keys
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    with served(build_app(settings)) as found:
        yield found


@pytest.fixture
async def planned(app: FastAPI, keys: Keys) -> None:
    """Two callers on duty with some calls, of which some were tried."""
    kim, lee, alex = (Person.at(app, keys, each) for each in (KIM, LEE, ALEX))
    for person in (kim, lee):
        await person.get("/feedback/calls")
    await alex.post("/feedback/calls/callers", caller="staff:kim", programmes=["carer-calls", "birth-parent-calls"])
    await alex.post("/feedback/calls/callers", caller="staff:lee", programmes="carer-calls")
    today = british_today()
    late = today - timedelta(days=3)
    day: dict[str, Any] = {"due_on__day": late.day, "due_on__month": late.month, "due_on__year": late.year}
    await kim.log(await kim.add_call("FC-0417", **day), "no-answer", note="only after four")
    promised = await kim.add_call("BP-0088", "birth-parent-calls", caller="staff:kim")
    await kim.log(promised, "call-back", day__day=today.day, day__month=today.month, day__year=today.year)
    await kim.add_call("FC-0501")
    await lee.log(await lee.add_call("FC-0777"), "declined")


async def good(page: Page, name: str) -> None:
    """On a phone and on a desk the page is accessible, fits, and a picture of it is kept."""
    async for width in both_widths(page):
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"calls-{name}-{width}")


async def test_a_call_from_the_list_to_its_answers(chromium: Chromium, address: str, keys: Keys, planned: None) -> None:
    headers = keys.headers("feedback", KIM)
    page = await chromium.open(f"{address}/feedback/calls", width=PHONE, extra_http_headers=headers)
    await good(page, "mine")
    await page.click("text=BP-0088")
    await good(page, "call")
    await page.click("text=Close it >> nth=-1")
    await good(page, "call-error")
    await page.click("text=They answer: to the questions")
    await good(page, "questions")
    await page.click("button:has-text('Send the answers')")
    await good(page, "questions-error")
    await page.check("#consent")
    await page.check("#q1-1")
    await page.check("#q3-2")
    await page.click("button:has-text('Send the answers')")
    await good(page, "gaps")
    await page.check("#q3-1")
    await page.click("button:has-text('Send with these gaps')")
    await good(page, "sent-worry")
    assert "What you do now" in await page.inner_text("main")
    await page.click("text=The next call")
    assert "1 of 2" in await page.inner_text("main")
    await page.click("text=Progress by month")
    await good(page, "own-progress")


async def test_an_officer_plans_calls_and_sees_progress(chromium: Chromium, address: str, keys: Keys, planned: None) -> None:
    headers = keys.headers("feedback", ALEX)
    page = await chromium.open(f"{address}/feedback/calls", width=PHONE, extra_http_headers=headers)
    await good(page, "all")
    for link, name in (
        ("Add a call", "new"), ("Add calls from a list", "batch"), ("Progress by month", "progress"),
        ("Who makes calls", "callers"),
    ):  # fmt: skip
        await page.goto(f"{address}/feedback/calls")
        await page.get_by_role("link", name=link, exact=True).click()
        await good(page, name)
    await page.goto(f"{address}/feedback/calls/new")
    await page.click("button:has-text('Add the call')")
    await good(page, "new-error")
    await page.goto(f"{address}/feedback/calls/batch")
    await page.select_option("#programme", "carer-calls")
    content = b"reference,caller\nFC-9,Kim Taylor\nFC-10,Nobody\n"
    await page.set_input_files("#file", {"name": "calls.csv", "mimeType": "text/csv", "buffer": content})
    await page.click("text=Check the file")
    await good(page, "batch-checked")


async def test_every_kind_of_question_in_every_language(chromium: Chromium, address: str, keys: Keys) -> None:
    headers = keys.headers("feedback", SAM)
    page = await chromium.open(f"{address}/feedback/entry", width=PHONE, extra_http_headers=headers)
    await good(page, "entry-start")
    await page.click("text=Go to the questions")
    await good(page, "entry-start-error")
    for questionnaire, area, language in (
        ("annual-review", "send", "cy"), ("living-where-i-live", "through-care", ""), ("have-your-say", "send", ""),
        ("carer-call", "fostering-and-kinship", ""),
    ):  # fmt: skip
        await page.goto(f"{address}/feedback/entry?questionnaire={questionnaire}&channel=visit&service_area={area}"
                        f"&language={language}&reference=V-{questionnaire}")  # fmt: skip
        await page.click("text=Go to the questions")
        await good(page, f"entry-{questionnaire}")


async def test_a_whole_call_by_keyboard_alone(chromium: Chromium, address: str, keys: Keys, planned: None, sql: Any) -> None:
    """No answer takes two keys on the call's page; the answers are tabbed through, and Enter sends them."""
    headers = keys.headers("feedback", KIM)
    page = await chromium.open(f"{address}/feedback/calls", width=DESK, extra_http_headers=headers)
    await to(page, "FC-0417")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("Call FC-0417")
    await expect(page.locator("#start")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("My calls")
    assert await sql.value("select attempts from feedback.call where reference = 'FC-0417'") == 2
    await to(page, "FC-0501")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("Call FC-0501")
    await expect(page.locator("#start")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Call to a foster carer")
    await page.locator("#consent").focus()
    await page.keyboard.press("Space")
    await to(page, "", "q1")
    for number in (1, 2, 3, 4, 5):
        assert await page.evaluate("document.activeElement.name") == f"q{number}"
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
    await to(page, "", "q7")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await to(page, "", "q8-none")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("The answers are stored")
    stored = await sql.rows("select answers from feedback.response")
    assert [each["answers"].count('"answered"') for each in stored] == [6]
    assert await sql.value("select state from feedback.call where reference = 'FC-0501'") == "done"


async def to(page: Page, text: str, name: str = "", most: int = 60) -> None:
    """Tab on until a link of this text, or a field of this name, has the focus."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        here = await page.evaluate("[document.activeElement.innerText ?? '', document.activeElement.name ?? '']")
        if (text and text in here[0]) or (name and here[1] == name):
            return
    raise AssertionError(f"{text or name} is not reached by Tab")


async def test_what_is_typed_is_kept_by_the_script_and_without_it_by_a_button(
    chromium: Chromium, address: str, keys: Keys
) -> None:
    headers = keys.headers("feedback", SAM)
    start = f"{address}/feedback/entry?questionnaire=have-your-say&channel=visit&service_area=send&reference=V-"
    page = await chromium.open(f"{start}1", width=DESK, extra_http_headers=headers)
    await page.click("text=Go to the questions")
    await page.fill("textarea >> nth=0", "They rang me back")
    await expect(page.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=30_000)
    await page.reload()
    assert await page.input_value("textarea >> nth=0") == "They rang me back"
    plain = await chromium.open(f"{start}2", width=PHONE, script=False, extra_http_headers=headers)
    await plain.click("text=Go to the questions")
    await plain.fill("textarea >> nth=0", "They did not")
    await plain.click("text=Save and go on later")
    await plain.click("text=V-2")
    assert await plain.input_value("textarea >> nth=0") == "They did not"
    await plain.check("#consent")
    await plain.click("button:has-text('Send the answers')")
    await plain.click("button:has-text('Send with these gaps')")
    assert "The answers are stored" in await plain.inner_text("h1")
