"""A looped audit in a real Chromium, from the draw to the closed review, on a phone and on a desk.

By everybody who has to do with it. Pictures are kept to be looked at.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from playwright.async_api import Page
from services.audit.tests.conftest import Call, profile_document
from services.audit.tests.support import ORG, Office

from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys, caller

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
LIST = b"case number,team,worker,day of practice\nLCS-204418,send-north,lee-walsh,2026-09-14\n"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.fixture
def hours() -> list[int]:
    """How many hours have passed: what a test adds to it is over."""
    return []


@pytest.fixture
async def place(app: FastAPI, call_as: Call, keys: Keys, hours: list[int]) -> AsyncIterator[str]:
    """The service on a port, with people."""
    office = Office(app, call_as)
    object.__setattr__(office.context, "now", lambda: NOW + timedelta(hours=sum(hours)))
    async with call_as(caller("operator", org=ORG)) as operator:
        (await operator.put("/audit/v1/profile", json=profile_document(ORG))).raise_for_status()
    await office.add_people()
    await app.state.engine.dispose()  # what the server's own loop opens is its own
    with served(app) as address:
        yield address


def person(keys: Keys, code: str, *roles: str) -> dict[str, str]:
    """Headers as the gateway would send them for somebody."""
    grants = frozenset(roles or ("role:manager",))
    identity = Identity(ORG, f"demo-{code}", "staff", grants, label=code.replace("-", " ").title())
    return keys.headers("audit", identity)


async def fill(page: Page, grade: str, **words: str) -> None:
    """One entry, by its labels alone."""
    await page.get_by_label(grade, exact=True).check()
    for label, said in words.items():
        await page.get_by_label(label.replace("_", " "), exact=True).fill(said)
    await page.get_by_role("button", name="Save and go on").click()


async def audit_it(page: Page, grade: str) -> None:
    """Everything that an auditor does, by links and buttons from the work list on."""
    await page.get_by_role("link", name="Audit the case").click()
    await page.get_by_role("link", name="Child's Needs & Voice").click()
    while "overall" not in page.url:
        await fill(page, grade, Evidence="Visit notes of May.", Strengths="Heard early.", Areas_for_improvement="Dates.")
    await fill(page, grade, Why_this_grade="Mostly timely.")


class Cast:
    """The people of a looped audit, each in a browser of their own."""

    def __init__(self, chromium: Chromium, address: str, keys: Keys, width: int) -> None:
        self._chromium, self._address, self._keys, self.width = chromium, address, keys, width

    async def sign_in(self, code: str, *roles: str) -> Page:
        headers = person(self._keys, code, *roles)
        return await self._chromium.open(f"{self._address}/audit/", width=self.width, extra_http_headers=headers)

    async def looked_at(self, page: Page, name: str) -> None:
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"looped-{name}-{self.width}")

    async def prepare(self) -> None:
        officer = await self.sign_in("alex-morgan", "role:qa-officer")
        await officer.get_by_role("link", name="Programmes", exact=True).click()
        await officer.goto(f"{self._address}/audit/programmes/send-new-ehcp/rounds/new")
        await officer.get_by_label("Period").fill("2026-11")
        await officer.get_by_label("Number of cases").fill("1")
        await officer.get_by_role("button", name="Begin the round").click()
        await officer.get_by_role("button", name="Load the list").click()
        await officer.get_by_label("File").set_input_files({"name": "cases.csv", "mimeType": "text/csv", "buffer": LIST})
        await officer.get_by_role("button", name="Load").click()
        await officer.get_by_role("button", name="Draw the sample").click()
        await officer.get_by_role("button", name="Draw").click()
        for step in ("Allocate", "Circulate"):
            await officer.get_by_role("button", name=step).click()
            await officer.get_by_role("button", name=step).click()
        await self.looked_at(officer, "round")

    async def audit(self) -> None:
        lead = await self.sign_in("sam-okafor")
        await self.looked_at(lead, "work")
        await audit_it(lead, "Good")
        await self.looked_at(lead, "part")
        await lead.get_by_role("link", name="Quality of the Plan").click()
        await self.looked_at(lead, "entry")
        await lead.go_back()
        await lead.get_by_role("button", name="Submit your audit").click()
        await self.looked_at(lead, "submitted")
        peer = await self.sign_in("priya-shah")
        await audit_it(peer, "Requires Improvement")
        for who in ("child or young person", "parent", "worker"):
            await peer.get_by_role("link", name=f"Views of the {who}").click()
            await peer.get_by_label("They told us").check()
            await peer.get_by_label("How and when you asked").fill("By telephone, with consent.")
            await peer.get_by_label("What they said").fill("It fits now.")
            if who == "parent":
                await self.looked_at(peer, "views")
            await peer.get_by_role("button", name="Save and back to the list").click()
        await peer.get_by_role("button", name="Submit your audit").click()

    async def moderate(self) -> None:
        page = await self.sign_in("jo-bennett")
        await page.get_by_role("link", name="Moderate").click()
        await self.looked_at(page, "moderation")
        await page.get_by_role("button", name="Fix the grades and circulate the result").click()
        await self.looked_at(page, "moderation-lacking")
        await page.get_by_role("link", name="Child's Needs & Voice", exact=True).click()
        await self.looked_at(page, "final")
        while "overall" not in page.url:
            await page.get_by_label("Good", exact=True).check()
            await page.get_by_role("button", name="Save and go on").click()
        await self.looked_at(page, "final-overall")
        await fill(page, "Good", Learning="Ask early.")
        await page.get_by_label("Voice of the child and family").check()
        await page.get_by_role("button", name="Save the learning").click()
        await page.get_by_role("link", name="Set an action").click()
        await page.get_by_label("What is to be done").fill("Rewrite section F")
        await page.get_by_label("Who does it").select_option("lee-walsh")
        for label, number in (("Day", "15"), ("Month", "1"), ("Year", "2027")):
            await page.get_by_label(label, exact=True).fill(number)
        await self.looked_at(page, "new-action")
        await page.get_by_role("button", name="Set the action").click()
        await page.get_by_role("button", name="Fix the grades and circulate the result").click()
        await self.looked_at(page, "result")

    async def follow_up(self) -> None:
        worker = await self.sign_in("lee-walsh")
        await self.looked_at(worker, "work-of-the-worker")
        await worker.get_by_role("link", name="Action to finish").click()
        await worker.get_by_label("It is done").check()
        await worker.get_by_label("Evidence, note or reason").fill("The final plan of 3 January.")
        await self.looked_at(worker, "action")
        await worker.get_by_role("button", name="Record it").click()
        reviewer = await self.sign_in("priya-shah")  # in SEND the peer reviews
        await reviewer.get_by_role("link", name="Review the actions").click()
        await reviewer.get_by_label("What changed for the child", exact=True).fill("She has a school that fits her.")
        await reviewer.get_by_label("Yes, close it").check()
        await self.looked_at(reviewer, "review")
        await reviewer.get_by_role("button", name="Record the review").click()
        await self.looked_at(reviewer, "closed")
        assert "She has a school that fits her." in await reviewer.content()

    async def oversee(self) -> None:
        officer = await self.sign_in("alex-morgan", "role:qa-officer")
        await self.looked_at(officer, "work-of-the-officer")
        await officer.get_by_role("link", name="Audits", exact=True).last.click()
        await self.looked_at(officer, "list")
        await officer.get_by_role("link", name="SN-2026-11-001").click()
        await self.looked_at(officer, "audit-of-the-officer")


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_a_looped_audit_from_the_draw_to_the_closed_review(
    chromium: Chromium, place: str, keys: Keys, hours: list[int], width: int
) -> None:
    cast = Cast(chromium, place, keys, width)
    await cast.prepare()
    await cast.audit()
    hours.append(24)  # in which a slip can be corrected
    await cast.moderate()
    await cast.follow_up()
    await cast.oversee()
