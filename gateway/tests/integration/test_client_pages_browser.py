"""An administrator's pages in a real Chromium: on a phone without script, on a desk with axe."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from chassis.testing.browser import DESK, PHONE, Chromium, looked_at
from gateway.testing import Gateway

pytestmark = pytest.mark.browser
Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def demo(start: Start) -> Gateway:
    navigation = [{"text": "Other systems", "href": "/clients", "grants": ["role:administrator"]}]
    gateway = await start(demo_sign_in=True, navigation=navigation)
    await gateway.organisation("north")
    return gateway


async def test_administrator_lets_a_system_in_without_script(demo: Gateway, chromium: Chromium) -> None:
    page = await chromium.open(f"{demo.url}/clients", width=PHONE, script=False)
    twins = {width: await chromium.open(f"{demo.url}/health", width=width) for width in (PHONE, DESK)}
    await page.get_by_label("North").check()
    await page.get_by_label("Ada Novak").check()
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Let another system in").click()
    await page.get_by_role("button", name="Make it").click()
    await looked_at(page, twins, "clients-wrong")
    await page.get_by_label("What the system is called").fill("Case management")
    await page.get_by_label("Post audit outcomes").check()
    await page.get_by_label("Read complaints and their clocks").check()
    await page.get_by_role("button", name="Make it").click()
    for kind, name in (("API key", "Night run"), ("Client secret", "BI")):
        await page.get_by_role("button", name="Give it a credential").click()
        if kind == "API key":
            await looked_at(page, twins, "clients-credential")
        await page.get_by_label(f"{kind}: ").check()
        await page.get_by_label("What it is for").fill(name)
        await page.get_by_role("button", name="Make it").click()
        assert await page.locator("#secret").inner_text() != ""
        if kind == "API key":
            await looked_at(page, twins, "clients-secret")
        await page.get_by_role("button", name="I have kept it").click()
    await page.get_by_role("link", name="Revoke BI").click()
    await looked_at(page, twins, "clients-revoke")
    await page.get_by_role("button", name="Revoke it").click()
    await looked_at(page, twins, "clients-one")
    await page.get_by_role("link", name="Replace Night run").click()
    await looked_at(page, twins, "clients-replace")
    await page.get_by_role("button", name="Replace it").click()
    await page.reload()
    await page.get_by_role("heading", name="It was made already").wait_for()
    await looked_at(page, twins, "clients-already")
    await stale_change(page)
    await looked_at(page, twins, "clients-stale")
    await page.goto(f"{demo.url}/clients")
    await looked_at(page, twins, "clients-list")


async def stale_change(page: Page) -> None:
    """Send a form that was opened before a change."""
    await page.get_by_role("link", name="I have kept it").click()
    address = page.url
    await page.get_by_role("button", name="Change").click()
    other = await page.context.new_page()
    await other.goto(f"{address}/change")
    await other.get_by_label("Only in these service areas").fill("send")
    await other.get_by_role("button", name="Save").click()
    await page.get_by_label("Only from these networks").fill("192.0.2.0/24")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("heading", name="It was changed meanwhile").wait_for()
