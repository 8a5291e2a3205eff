"""The pages of comments, quotes and changes in a real Chromium: on a phone and on a desk, seen by axe, without script."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from chassis.identity import Identity
from chassis.testing.browser import PHONE, Chromium, assert_accessible, assert_fits, both_widths, picture, served
from chassis.testing.fixtures import Keys
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

TEXT = (
    "My son Jayden waited nine months for his chair and nobody rang us.\n"
    "Mrs Patel at Oakfield Primary was great. She rang on 12 March and then it was sorted."
)


def officer(code: str) -> Identity:
    """A quality-assurance officer."""
    return Identity("worcestershire", f"staff:{code}", "staff", frozenset({"role:qa-officer"}), label=f"{code.title()} Morgan")


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    with served(build_app(settings)) as found:
        yield found


@pytest.fixture
async def told(tell: Any) -> None:
    """Three comments of different teams."""
    await tell(TEXT, team="send-north", answered_on="2022-05-28")
    await tell("The letters are hard to read.", answered_on="2022-05-20", may_quote=None)
    await tell("You listened.", answered_on="2022-05-02", may_quote=False, channel="visit")


async def good(page: Page, name: str) -> None:
    """On a phone and on a desk the page is accessible, fits, and a picture of it is kept."""
    async for width in both_widths(page):
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"quotes-{name}-{width}")


async def test_a_comment_becomes_an_approved_quote(chromium: Chromium, address: str, keys: Keys, told: None) -> None:
    page = await chromium.open(
        f"{address}/feedback/comments", width=PHONE, extra_http_headers=keys.headers("feedback", officer("alex"))
    )
    await good(page, "comments")
    await page.fill("#words", "rang son")
    await page.click("button:has-text('Find')")
    await good(page, "search")
    await page.click("text=Themes and quote >> nth=0")
    await page.fill("#numbers", "99")
    await page.press("#numbers", "Enter")
    await good(page, "comment-error")
    await page.fill("#numbers", "8 9")
    await page.press("#numbers", "Enter")
    await page.wait_for_url(lambda url: url.startswith(f"{address}/feedback/comments/"))
    await page.click("text=Comments >> nth=0")
    await page.click("text=Themes and quote >> nth=0")
    assert "Communication; Timeliness" in await page.inner_text("main")
    await good(page, "comment")
    await page.click("text=Make a quote of it")
    await good(page, "redact")
    await page.fill("#words", "My son Jayden waited nine months")
    await page.click("text=Give it to a second person")
    await good(page, "redact-error")
    await page.fill("#words", "My son [name] waited nine months for his chair and nobody rang us.")
    await page.click("text=Give it to a second person")
    await good(page, "waiting")
    quote = page.url
    other = await chromium.open(quote, width=PHONE, extra_http_headers=keys.headers("feedback", officer("ruth")))
    await good(other, "to-approve")
    await other.click("text=Approve: it says")
    await good(other, "approved")
    await other.click("text=Quotes >> nth=0")
    await good(other, "list")


async def test_a_change_is_written_published_and_read_by_everybody(chromium: Chromium, address: str, keys: Keys) -> None:
    page = await chromium.open(
        f"{address}/feedback/changes", width=PHONE, extra_http_headers=keys.headers("feedback", officer("alex"))
    )
    await page.click("text=Write what was changed")
    await page.click("button:has-text('Save as a draft')")
    await good(page, "change-error")
    await page.fill("#said-en", "Nobody rang us back, and Jayden had to wait.")
    await page.fill("#did-en", "Every call is answered within two days.\nYou can also book a call.")
    await page.fill("#young-en", "We call you back.")
    await page.fill("#said-cy", "Ffoniodd neb ni yn ôl.")
    await page.fill("#did-cy", "Mae pob galwad yn cael ei hateb o fewn deuddydd.")
    await page.select_option("#service_area", "send")
    for part, value in (("", "4"), ("-month", "7"), ("-year", "2022")):
        await page.fill(f"#happened_on{part}", value)
    await page.check("text=Communication")
    await good(page, "change-form")
    await page.click("button:has-text('Save as a draft')")
    await good(page, "change-draft")
    await page.click("text=Put it on the public page")
    await good(page, "change-looked")
    await page.check("text=I have looked at every word")
    await page.click("text=Put it on the public page")
    await good(page, "change-published")
    await page.click("text=You said, we did >> nth=0")
    await good(page, "changes")
    family = await chromium.open(f"{address}/s/you-said/worcestershire", width=PHONE)
    await good(family, "public")
    await family.click("text=Cymraeg")
    await good(family, "public-cy")
    await family.click("text=English")
    await family.click("text=Short words for children")
    await good(family, "public-young")


async def test_a_family_is_asked_whether_its_words_may_be_used(chromium: Chromium, address: str, issue: Any) -> None:
    issued = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
    page = await chromium.open(address + issued["url"][len("http://loop.test") :], width=PHONE)
    await page.goto(f"{address}/s/question/3")
    await page.fill("#answer", "You rang back. Thank you.")
    await page.click("button:text-is('Continue'):not([aria-hidden])")
    await page.goto(f"{address}/s/check")
    await good(page, "consent")
    await page.check("text=Yes, you may use my words")
    await page.click("text=Send my answers")
    assert page.url == f"{address}/s/done"


async def test_everything_works_with_script_switched_off(chromium: Chromium, address: str, keys: Keys, told: None) -> None:
    page = await chromium.open(
        f"{address}/feedback/comments", width=PHONE, script=False, extra_http_headers=keys.headers("feedback", officer("alex"))
    )
    await page.click("text=Themes and quote >> nth=0")
    await page.check("text=9 Timeliness")
    await page.click("text=Save and next")
    assert "The letters are hard to read." in await page.inner_text("main")
    await page.click("text=Comments >> nth=0")
    await page.click("text=These are read")
    await page.click("text=Narrow the list")
    await page.select_option("#theme", "timeliness")
    await page.click("button:has-text('Narrow')")
    assert "waited nine months" in await page.inner_text("main")
    assert "hard to read" not in await page.inner_text("main")
