"""A complaint from the public form to what was learned from it, in a real Chromium without script, every page seen by axe.

The family's part on a phone, the officer's at a desk. Nothing goes through the API: what the officer sees is what she clicks.
"""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from playwright.async_api import Page
from services.complaints.tests.support import AsPerson, Desk, person

from chassis.testing.browser import (
    DESK,
    DRAWN,
    PHONE,
    Chromium,
    as_seen,
    assert_accessible,
    assert_fits,
    chromium,
    picture,
    served,
)
from chassis.testing.fixtures import Keys
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


class Today:
    """The day it is for the application: the case goes on for months."""

    def __init__(self) -> None:
        self.on = date(2022, 4, 28)

    def __call__(self) -> date:
        return self.on


@pytest.fixture
def today() -> Today:
    return Today()


@pytest.fixture
def address(app: FastAPI, keys: Keys, today: Today) -> Iterator[str]:
    """The application on a port of this machine, on the day that the test says."""
    with served(AsPerson(build_app(ComplaintsSettings.load(), today), keys, person("complaints-officer"))) as found:
        yield found


class Walk:
    """Somebody at the pages: each page that they come to is looked at before they go on."""

    def __init__(self, page: Page, twin: Page, today: Today, address: str) -> None:
        self.page = page
        self._twin = twin
        self._today = today
        self._address = address
        self._number = 0
        self._seen: set[str] = set()

    async def see(self, name: str) -> None:
        """The page as everybody must be able to use it: what is drawn is measured where a kind of page is come to first."""
        self._number += 1
        kind = name.split(" ", maxsplit=1)[0]
        await assert_accessible(await as_seen(self.page, self._twin), without=DRAWN if kind in self._seen else ())
        self._seen.add(kind)
        await assert_fits(self.page)
        size = self.page.viewport_size
        await picture(self.page, f"journey-{size['width'] if size else 0}-{self._number:02}-{name.replace(' ', '-')}")

    async def click(self, words: str, name: str) -> None:
        """Follow a link or press a button by its words, and look at where that leads."""
        found = (
            self.page.locator("main")
            .get_by_role("link", name=words)
            .or_(self.page.locator("main").get_by_role("button", name=words))
        )
        await found.first.click()
        await self.see(name)

    async def go(self, path: str, name: str) -> None:
        """Open an address."""
        await self.page.goto(f"{self._address}{path}")
        await self.see(name)

    async def says(self, *words: str) -> None:
        """The page says all of it."""
        text = " ".join((await self.page.inner_text("body")).split())
        for each in words:
            assert each in text, f"{each!r} is not on {self.page.url}: {text}"

    def becomes(self, year: int, month: int, day: int) -> None:
        """Time passes."""
        self._today.on = date(year, month, day)


async def a_child_complains(walk: Walk) -> None:
    """On a phone, in nine small pages."""
    page = walk.page
    await walk.see("start")
    await page.click("a.govuk-button")
    for choice, name in (("complaint", "kind"), ("child-or-young-person", "you")):
        await walk.see(name)
        await page.check(f"input[value={choice}]")
        await page.click("button[type=submit].govuk-button")
    await walk.see("what")
    await page.fill("#what", "My social worker never comes when she says.")
    await page.click("button[type=submit].govuk-button")
    await walk.see("want")
    await page.fill("#want", "Come when you say")
    await page.click("button[type=submit].govuk-button")
    await walk.see("reach")
    await page.fill("#name", "Sam Reed")
    await page.check("input[value=none]")
    await page.click("button[type=submit].govuk-button")
    await walk.see("advocate")
    await page.check("input[value=yes]")
    await page.click("button[type=submit].govuk-button")
    await walk.see("check")
    await page.click("#send")
    await walk.see("done")
    await walk.says("R-2022-0001")


async def an_officer_decides(walk: Walk) -> None:
    """From what is due to the record, whose stage 1 runs."""
    page = walk.page
    await walk.says("1 came in and waits to be decided")
    await walk.click("1 came in", "queue")
    await walk.click("R-2022-0001", "came")
    await walk.click("Decide what it is", "decide-what")
    await page.get_by_label("Complaint: Children's statutory procedure").check()
    await walk.click("Go on", "decide-rest")
    await page.check("input[value=own]")
    await page.check("input[value=in-time]")
    await page.select_option("#category-0", "communication")
    await page.select_option("#category-1", "decision-making")
    await page.select_option("#service_area", "safeguarding")
    await walk.click("Decide", "record")
    await walk.says("Complaint C-2022-0001", "Stage 1: day 1 of 10")


async def stage_1_is_extended_and_answered(walk: Walk) -> None:
    """The child is told of the extension; on day 18 of 20 the answer goes out."""
    page = walk.page
    walk.becomes(2022, 5, 12)
    await walk.go("/complaints/due", "due")
    await walk.says("13 May 2022", "the answer is to be sent")
    await walk.click("C-2022-0001", "record")
    await walk.click("Extend the limit", "extend")
    await page.locator("input[name=code]").first.check()
    await page.fill("#reason", "Two agencies have to answer.")
    await walk.click("Extend the limit", "record extended")
    await walk.says("Stage 1: day 9 of 20")
    walk.becomes(2022, 5, 25)
    await walk.click("Record the response", "respond")
    await answer(page, ("upheld", "partially-upheld"))
    await walk.click("Save the response", "record answered")
    await walk.says("Stage 1 was answered on day 18 of 20", "The next stage can be asked for until")


async def answer(page: Page, findings: tuple[str, str]) -> None:
    """Fill the form of an answer with a finding on each point, with its reason."""
    for number, finding in enumerate(findings, 1):
        await page.select_option(f"#finding-{number}", finding)
        await page.fill(f"#finding-{number}-reason", f"What was found on point {number}.")


async def stage_2_is_asked_for_and_answered(walk: Walk) -> None:
    """With an investigating officer and an independent person, each in their part from a day."""
    page = walk.page
    walk.becomes(2022, 6, 6)
    await walk.click("Record a request", "request")
    await walk.click("Save the request", "record requested")
    await walk.click("Decide on the request", "decide stage")
    await page.check("input[value=accepted]")
    await walk.click("Save the decision", "record stage-2")
    for role, name in (("investigating-officer", "Pat Lee"), ("independent-person", "Kim Fox")):
        await walk.click("Who is who", "people")
        await page.select_option("#role", role)
        await page.fill("#name", name)
        if role == "independent-person":
            await page.check("input[name=independent]")
        await walk.click("Add", "people added")
        await walk.says(name)
        await walk.go(urlsplit(page.url).path.removesuffix("/people"), "record stage-2")
    await walk.click("statement was agreed", "agree")
    await walk.click("Save the day", "record agreed")
    walk.becomes(2022, 7, 11)
    await walk.click("Record the response", "respond 2")
    await answer(page, ("partially-upheld", "upheld"))
    await walk.click("Save the response", "record answered-2")
    await walk.says("Stage 2 was answered on day 25 of 25")


async def the_panel_hears_it(walk: Walk) -> None:
    """Three limits, one after the other."""
    walk.becomes(2022, 7, 20)
    await walk.click("Record a request", "request 3")
    await walk.click("Save the request", "record requested-3")
    await walk.click("Decide on the request", "decide stage-3")
    await walk.page.check("input[value=accepted]")
    await walk.click("Save the decision", "record stage-3")
    walk.becomes(2022, 8, 24)
    await walk.click("Record that the panel met", "panel")
    await walk.click("Save the day", "record panel")
    walk.becomes(2022, 8, 31)
    await walk.click("Record the panel's report", "report")
    await walk.click("Save the day", "record report")
    walk.becomes(2022, 9, 14)
    await walk.click("Record the response", "respond 3")
    await answer(walk.page, ("upheld", "upheld"))
    await walk.click("Save the response", "record answered-3")
    await walk.says("Stage 3 was answered on day 10 of 15")


async def the_ombudsman_decides(walk: Walk) -> None:
    """A deadline of theirs is kept, and an outcome comes."""
    page = walk.page
    walk.becomes(2022, 10, 3)
    await walk.click("Record a case of the Ombudsman", "ombudsman-new")
    await page.fill("#reference", "LGSCO-22-02")
    await walk.click("Save the case", "ombudsman")
    await walk.click("Add a deadline", "deadline")
    await page.check("text=Answer to enquiries")
    for part, value in (("day", "31"), ("month", "10"), ("year", "2022")):
        await page.fill(f"#due_on-{part}", value)
    await page.fill("#what", "All letters since May.")
    await walk.click("Save the deadline", "ombudsman waits")
    await walk.click("done", "deadline done")
    await page.locator("input[type=radio]").first.check()
    await walk.page.locator("main form").get_by_role("button").last.click()
    await walk.see("ombudsman done")
    walk.becomes(2022, 12, 5)
    await walk.click("outcome", "outcome")
    await page.check("input[name=outcome][value=upheld]")
    await page.select_option("#actions", "1")
    await walk.page.locator("main form").get_by_role("button").last.click()
    await walk.see("ombudsman outcome")
    await walk.says("Upheld")


async def somebody_learns_from_it(walk: Walk) -> None:
    """An action, done and reviewed; why there is none for the other point."""
    page = walk.page
    await walk.go("/complaints/learning", "learning")
    await walk.click("an action for C-2022-0001, point 1", "action-new")
    await page.fill("#what", "Tell each child the day before if a visit is moved.")
    await page.fill("#owner_name", "Sam Okafor")
    for part, value in (("due", "20"), ("due-month", "12"), ("due-year", "2022")):
        await page.fill(f"#{part}", value)
    await walk.click("Record it", "record learning")
    await walk.click("a reason for none for point 2", "no-action")
    await page.locator("main textarea").fill("The same action puts both right.")
    await page.locator("main form").get_by_role("button").last.click()
    await walk.see("record none")
    await walk.click("C-2022-0001 A1", "action")
    for step, note, name in (("done", "A text goes out each evening.", "done"), ("review", "Fewer calls.", "reviewed")):
        await page.check(f"input[name=step][value={step}]")
        await page.fill("#note", note)
        if step == "review":
            await page.check("input[name=difference][value=yes]")
        await walk.click("Record it", f"action {name}")
    await walk.says("Reviewed")


async def somebody_asks_where_it_is(walk: Walk) -> None:
    """By name in the box of any page; then the register, and how it stood on a past day."""
    page = walk.page
    await page.fill("#find", "reed")
    await page.get_by_role("search").get_by_role("button").click()
    await walk.see("found")
    await walk.says("1 found", "C-2022-0001", "Stage 3")
    await walk.click("C-2022-0001", "record at-last")
    await page.click("text=How it stood on a past day")
    for part, value in (("on", "16"), ("on-month", "5"), ("on-year", "2022")):
        await page.fill(f"#{part}", value)
    await walk.click("Show it", "record past")
    await walk.says("As it stood on 16 May 2022", "Stage 1: day 11 of 20")
    await walk.go("/complaints/register", "register")
    await walk.says("C-2022-0001")


class TestJourney:
    async def test_a_complaint_from_the_form_to_what_was_learned(
        self, chromium: Chromium, address: str, desk: Desk, today: Today
    ) -> None:
        phone = await chromium.open(f"{address}/c/worcestershire", width=PHONE, script=False)
        twin = await chromium.open(f"{address}/c/worcestershire", width=PHONE)
        await a_child_complains(Walk(phone, twin, today, address))
        today.on = date(2022, 4, 29)
        desk_page = await chromium.open(f"{address}/complaints/due", width=DESK, script=False)
        twin = await chromium.open(f"{address}/complaints/due", width=DESK)
        walk = Walk(desk_page, twin, today, address)
        await walk.see("due first")
        await an_officer_decides(walk)
        await stage_1_is_extended_and_answered(walk)
        await stage_2_is_asked_for_and_answered(walk)
        await the_panel_hears_it(walk)
        await the_ombudsman_decides(walk)
        await somebody_learns_from_it(walk)
        await somebody_asks_where_it_is(walk)
