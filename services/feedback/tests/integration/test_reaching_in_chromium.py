"""Reaching families in a real Chromium: the family's pages and those of whoever contacts them, on a phone and on a desk."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, both_widths, picture, served
from chassis.testing.fixtures import Keys, caller
from feedback.adapters import sealing
from feedback.bootstrap import build_app
from feedback.domain import links
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

MO = Identity("worcestershire", "staff:mo", "staff", frozenset({"role:family-contact"}), label="Mo Clarke")
DEE = Identity("worcestershire", "staff:dee", "staff", frozenset({"role:safeguarding-duty"}), label="Dee Harris")


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
        await picture(page, f"reaching-{name}-{width}")


async def answer(page: Page, questions: int) -> None:
    """Skip all questions and send."""
    await page.click("text=Start")
    for _ in range(questions):
        await page.click("button[name=skip]")
    await page.click("main form .govuk-button")


class TestAsking:
    async def test_a_parent_asks_to_be_contacted_without_script(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE, script=False)
        await answer(page, 8)
        await page.click("text=Ask somebody to contact me")
        await page.click("text=Ask to be contacted >> nth=-1")
        assert "Write your name" in await page.inner_text("main")
        await page.fill("#name", "Jo Bloggs")
        await page.fill("#phone", "01632 960 777")
        await page.fill("#about", "The plan of my son\nSam")
        await page.click("button:has-text('Ask to be contacted')")
        assert await page.inner_text("h1") == "We will contact you"
        await page.goto(f"{address}/s/done")
        assert "You need not ask again" in await page.inner_text("main")

    async def test_its_pages_are_good(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE)
        await answer(page, 8)
        await good(page, "done")
        await page.click("text=Ask somebody to contact me")
        await good(page, "contact")
        await page.fill("#phone", "123")
        await page.click("button:has-text('Ask to be contacted')")
        await good(page, "contact-wrong")
        await page.fill("#name", "Jo Bloggs")
        await page.fill("#phone", "01632 960 777")
        await page.click("button:has-text('Ask to be contacted')")
        await good(page, "contact-sent")

    async def test_a_childs_pages_are_good(self, chromium: Chromium, address: str, issue: Any) -> None:
        issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
        page = await chromium.open(link(address, issued), width=PHONE)
        await answer(page, 4)
        await good(page, "child-done")
        await page.click("text=Ask somebody to contact me")
        assert await page.inner_text("h1") == "Do you want somebody to call you?"
        await good(page, "child-contact")

    async def test_large_print_and_another_language_stay_good(self, chromium: Chromium, address: str, issue: Any) -> None:
        page = await chromium.open(link(address, await issue()), width=PHONE)
        await answer(page, 8)
        await page.click("text=Ask somebody to contact me")
        await page.click("button[name=large_print]")
        await page.click("button[value=cy]")
        assert await page.inner_text("h1") == "Gofyn i rywun gysylltu â chi"
        await good(page, "contact-cy-large")


class TestSayingNo:
    async def test_the_page_is_good_and_its_button_works_without_script(
        self, chromium: Chromium, address: str, issue: Any, sql: Any, secrets_of_service: Any
    ) -> None:
        issued = await issue(channel="text")
        key = sealing.say_no_key(secrets_of_service)
        ident = await sql.value("select id from feedback.invitation")
        token = links.no_token(key, ident)
        await sql.execute(
            "insert into feedback.sending (org, invitation_id, channel, no_hash) values ('worcestershire', $1, 'text', $2)",
            ident, links.no_hash(key, token),
        )  # fmt: skip
        page = await chromium.open(f"{address}/s/no/{token}", width=PHONE)
        await good(page, "no")
        still = await chromium.open(f"{address}/s/no/{token}", width=PHONE, script=False)
        await still.click("button:has-text('No more reminders')")
        assert await still.inner_text("h1") == "You will get no more reminders"
        await page.click("button:has-text('No more reminders')")
        await good(page, "no-done")
        await page.goto(link(address, issued))
        assert page.url.endswith("/s/start")


class TestStaff:
    @pytest.fixture
    async def asked(self, family: Any, other_phone: Any, issue: Any, sql: Any) -> None:
        """Two requests, one of them late, and one of a child that shows a worry."""
        await family.open((await issue())["url"])
        await family.answer_all()
        await family.send()
        await family.post("/s/contact", name="Jo Bloggs", phone="01632 960 777", best="after four", about="My son’s plan")
        await sql.execute("update feedback.contact_request set asked_on = '2026-11-02', due_on = '2026-11-04'")
        await other_phone.open((await issue(questionnaire="living-where-i-live", service_area="through-care"))["url"])
        await other_phone.answer(1, answer="3")
        await other_phone.send()
        await other_phone.post("/s/contact", name="Lee", phone="07700 900 123", about="my step dad hits me")

    async def test_a_family_is_contacted_from_the_queue_to_closed(
        self, chromium: Chromium, address: str, keys: Keys, asked: None
    ) -> None:
        headers = keys.headers("feedback", MO)
        page = await chromium.open(f"{address}/feedback/contacts", width=PHONE, extra_http_headers=headers)
        await good(page, "queue")
        await page.click("#to-do + dl a >> nth=0")
        await good(page, "request")
        await page.click("text=I will contact them")
        await page.click("text=I tried and did not reach them")
        await page.fill("#words", "No answer at four")
        await page.click("text=Save that you tried")
        await page.click("text=I reached them")
        await page.click("text=Save that you reached them")
        await page.click("text=Close it")
        await page.click("button:has-text('Close it')")
        await good(page, "close-wrong")
        await page.fill("#words", "Explained the plan; a copy is in the post.")
        await page.click("button:has-text('Close it')")
        await good(page, "request-closed")
        await page.click("text=All families to contact")
        await good(page, "queue-after")
        await page.click("#to-do + dl a >> nth=0")
        await good(page, "request-child")

    async def test_the_worry_in_it_is_a_good_page(self, chromium: Chromium, address: str, keys: Keys, asked: None) -> None:
        headers = keys.headers("feedback", DEE)
        page = await chromium.open(f"{address}/feedback/worries", width=DESK, extra_http_headers=headers)
        await page.click("text=W-0001")
        assert "my step dad hits me" in await page.inner_text("main")
        await good(page, "worry")


class TestIssuing:
    async def test_an_officer_issues_a_text_message_and_sees_how_it_stands(
        self, chromium: Chromium, address: str, keys: Keys, sql: Any
    ) -> None:
        headers = keys.headers("feedback", caller("role:qa-officer"))
        page = await chromium.open(f"{address}/feedback/links/new", width=PHONE, extra_http_headers=headers)
        await page.select_option("#questionnaire", "new-ehcp")
        await page.select_option("#service_area", "send")
        await page.select_option("#channel", "text")
        await page.fill("#address", "01905 763763")
        await page.fill("#reference", "EHCP-2022-0417")
        await page.click("text=Issue the link")
        await good(page, "issue-wrong-number")
        await page.fill("#address", "07700 900123")
        await page.click("text=Issue the link")
        assert "We send it between 09:00 and 18:00 on working days" in await page.inner_text("main")
        await good(page, "issued")
        undelivered = "state = 'sent', sent_at = now(), delivery = 'failed', last_error = 'unreachable'"
        await sql.execute(f"update feedback.message set {undelivered}")
        await page.click("text=The list of links")
        await good(page, "undelivered")
        await page.click("text=EHCP-2022-0417")
        assert "•••123" in await page.inner_text("main")
        await good(page, "link")
        await page.click("button:has-text('Issue a letter')")
        assert await page.inner_text("h1") == "The link is issued"
