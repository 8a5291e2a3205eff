"""A request of a person in a real Chromium: walked on a phone without script, and every page with axe on phone and desk."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.async_api import Page
from services.complaints.tests.integration.test_subject import ALEX, GOSSIP, SAM, came
from services.complaints.tests.support import TODAY, AsPerson, Desk, person

from chassis.subject import searching
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: FastAPI, keys: Keys) -> Iterator[str]:
    """The application on a port of this machine, for a data protection officer."""
    with served(AsPerson(build_app(ComplaintsSettings.load(), lambda: TODAY), keys, person("data-protection"))) as found:
        yield found


async def every_page_is_accessible(chromium: Chromium, address: str, one: str, found: str, review: str, other: str) -> None:
    """The pages of request `one`, of what was `found`, of a record that was gone through, and of another that was not."""
    record = f"{one}/records/{other}"
    piece = f"representation/{other.partition('/')[2]}/details"
    places = {
        "list": f"{address}/complaints/subjects",
        "new": f"{address}/complaints/subjects/new",
        "one": one,
        "found": found,
        "review": record,
        "part": f"{record}/part?piece={piece}",
        "statement": f"{record}/statement",
        "restrict": f"{record}/restriction",
        "restricted": f"{review}/restriction",
        "package": f"{one}/package",
    }
    for width, name in ((PHONE, "phone"), (DESK, "desk")):
        shown = await chromium.open(places["list"], width=width)
        for place, at in places.items():
            await shown.goto(at)
            await assert_accessible(shown)
            await assert_fits(shown)
            await picture(shown, f"subject-{place}-{name}")


async def restrict(page: Page, one: str, record: str) -> str:
    """Give what staff are called, and restrict the use of a record; gives the address of its review."""
    links = page.locator("#records a")
    assert await links.count() == 2
    review = f"{one}/records/{record}"
    await page.goto(review)
    await page.select_option("#staff", "give")
    await page.click("text=Keep these decisions")
    await page.goto(f"{review}/restriction")
    await page.click("text=Restrict its use")
    assert "Choose on which ground" in await page.inner_text("main")
    await page.check("input[value=accuracy]")
    await page.fill("#reason", "Sam says that the days are wrong.")
    for part, value in (("from", "1"), ("from-month", "7"), ("from-year", "2022")):
        await page.fill(f"#{part}", value)
    await page.click("text=Restrict its use")
    assert "May change it" in await page.inner_text("main")
    return review


async def test_a_request_is_walked_on_a_phone_without_script_and_every_page_of_it_is_accessible(
    chromium: Chromium, address: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each step of the search ends after one look, as it does after some seconds where there is much.
    monkeypatch.setattr(searching, "STEP_SECONDS", 0.0)
    sam, gossip = await came(desk, SAM), await came(desk, GOSSIP)
    await came(desk, ALEX)
    page = await chromium.open(f"{address}/complaints/subjects", width=PHONE, script=False)
    await page.click("text=A request that came in")
    await page.click("text=Open the request")
    assert "Enter the day on which it came" in await page.inner_text("main")
    await page.fill("#reference", "SAR-1")
    for part, value in (("received", "1"), ("received-month", "7"), ("received-year", "2022")):
        await page.fill(f"#{part}", value)
    await page.fill("#names", "Sam Reed\nAlex Stone")
    await page.click("text=Open the request")
    one = page.url
    # Too much is found; it is narrowed, and looked for again, step by step.
    await page.click("button:has-text('Look for records')")
    steps = 0
    while await page.locator("text=Go on looking").count():
        await page.click("text=Go on looking")
        steps += 1
    assert steps > 3
    assert await page.locator("input[name=record]").count() == 3
    await page.goto(one)
    await page.click("text=What is known of the person")
    await page.fill("#names", "Sam Reed")
    await page.click("text=Keep this")
    await page.click("button:has-text('Look for records')")
    first = page.url
    assert "Not finished" in await page.inner_text("#progress")
    while await page.locator("text=Go on looking").count():
        await page.click("text=Go on looking")
    assert page.url == first
    found = {await each.get_attribute("value") for each in await page.locator("input[name=record]").all()}
    assert found == {sam, gossip}
    await page.check(f"input[value='{sam}']")
    await page.click("text=Keep what is ticked")
    # Another one is added, which was not sure before.
    await page.goto(first)
    assert await page.is_checked(f"input[value='{sam}']")
    await page.check(f"input[value='{gossip}']")
    await page.select_option(f"select[name='role-{gossip}']", "mentioned")
    await page.click("text=Keep what is ticked")
    await assert_fits(page)
    await picture(page, "subject-one-phone")
    review = await restrict(page, one, sam)
    await every_page_is_accessible(chromium, address, one, first, review, gossip)
