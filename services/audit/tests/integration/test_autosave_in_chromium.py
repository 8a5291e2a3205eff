"""What somebody writes is saved while they write, where scripts run: with a lost connection, two windows, a button pressed."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from fastapi import FastAPI
from playwright.async_api import Page, Route, expect
from services.audit.tests.conftest import Call, profile_document
from services.audit.tests.support import ORG, Office

from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys, caller

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
SAVED = re.compile(r"Saved at \d\d:\d\d\.")

Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def place(app: FastAPI, call_as: Call, keys: Keys) -> AsyncIterator[str]:
    """The address of an auditor's part, on a port."""
    office = Office(app, call_as)
    async with call_as(caller("operator", org=ORG)) as operator:
        (await operator.put("/audit/v1/profile", json=profile_document(ORG))).raise_for_status()
    await office.add_people()
    audit_id: UUID = await office.add_audit()
    await app.state.engine.dispose()  # what the server's own loop opens is its own
    with served(app) as address:
        yield f"{address}/audit/audits/{audit_id}/parts/lead/entries"


@pytest.fixture
def lead(chromium: Chromium, keys: Keys) -> Open:
    """Opens a page in a window of the lead auditor."""
    identity = Identity(ORG, "demo-sam-okafor", "staff", frozenset({"role:manager"}), label="Sam Okafor")

    async def opened(address: str, width: int = DESK, *, script: bool = True) -> Page:
        return await chromium.open(address, width=width, script=script, extra_http_headers=keys.headers("audit", identity))

    return opened


async def status(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait until the page says this of its saving."""
    await expect(page.locator("[data-autosave-status]")).to_have_text(words)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_it_is_saved_without_a_button_and_there_when_one_comes_back(place: str, lead: Open, width: int) -> None:
    page = await lead(f"{place}/childs-needs-and-voice", width)
    await page.get_by_label("Good", exact=True).check()
    await page.fill("#words-evidence", "Seen in the notes of May.")
    await status(page, SAVED)
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"autosave-{width}")
    await page.fill("#words-evidence", "Seen in the notes of May and June.")
    await expect(page.locator("input[name=revision]")).to_have_value("2")
    again = await lead(f"{place}/childs-needs-and-voice", width)
    assert await again.input_value("#words-evidence") == "Seen in the notes of May and June."
    assert await again.get_by_label("Good", exact=True).is_checked()


async def test_a_lost_connection_is_said_and_nothing_is_lost(place: str, lead: Open) -> None:
    page = await lead(f"{place}/childs-needs-and-voice")
    await page.context.set_offline(True)
    await page.fill("#words-evidence", "Written in a tunnel.")
    await status(page, re.compile("there is no connection"))
    await page.context.set_offline(False)
    await status(page, SAVED)
    again = await lead(f"{place}/childs-needs-and-voice")
    assert await again.input_value("#words-evidence") == "Written in a tunnel."


async def test_two_windows_are_told_of_one_another_and_the_button_shows_both(place: str, lead: Open) -> None:
    one, two = await lead(f"{place}/childs-needs-and-voice"), await lead(f"{place}/childs-needs-and-voice")
    await one.fill("#words-evidence", "From the first window.")
    await status(one, SAVED)
    await two.fill("#words-evidence", "From the second window.")
    await status(two, re.compile("saved in another window"))
    await two.get_by_role("button", name="Save and back to the list").click()
    await expect(two.locator("main")).to_contain_text("What stands there now")
    await expect(two.locator("main")).to_contain_text("From the first window.")
    assert await two.input_value("#words-evidence") == "From the second window."


async def test_a_button_pressed_during_a_save_waits_for_it(place: str, lead: Open) -> None:
    page = await lead(f"{place}/childs-needs-and-voice")
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if "then=stay" in (route.request.post_data or ""):
            held.append(route)
        else:
            await route.continue_()

    await page.route("**/entries/*", hold)
    async with page.expect_request(lambda request: "then=stay" in (request.post_data or "")):
        await page.fill("#words-evidence", "First.")
    await page.fill("#words-evidence", "First. And then more.")
    await page.get_by_role("button", name="Save and back to the list").click()
    assert page.url.endswith("/childs-needs-and-voice")
    await held[0].continue_()
    await page.wait_for_url("**/parts/lead")
    again = await lead(f"{place}/childs-needs-and-voice")
    assert await again.input_value("#words-evidence") == "First. And then more."


async def test_without_script_the_buttons_save(place: str, lead: Open) -> None:
    page = await lead(f"{place}/childs-needs-and-voice", script=False)
    await page.fill("#words-evidence", "Without script.")
    await page.get_by_role("button", name="Save and back to the list").click()
    again = await lead(f"{place}/childs-needs-and-voice", script=False)
    assert await again.input_value("#words-evidence") == "Without script."
