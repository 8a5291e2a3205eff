"""Pages of signing in at a provider in a real Chromium, without script: accessible, and as wide as the window."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, picture
from gateway.testing import Gateway
from gateway.testing_sign_in import CALLBACK, LyingProvider, apply, enter, provider_of

pytestmark = pytest.mark.browser
Start = Callable[..., Awaitable[Gateway]]


class TestPages:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_every_page_of_signing_in_and_out(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider, chromium: Chromium, width: int
    ) -> None:
        gateway = await start(**sign_in_settings)
        page = await chromium.open(f"{gateway.url}/sign-in", width=width)

        async def look(name: str, heading: str) -> None:
            assert await page.get_by_role("heading", level=1).inner_text() == heading
            await assert_accessible(page)
            await assert_fits(page)
            await picture(page, f"sign-in/{name}-{width}")

        await look("nobody-yet", "Sign in")
        providers = provider_of(liar.issuer), provider_of(liar.issuer, "agency", client_id="loop-2", name="Agency workers")
        await apply(gateway, *providers)
        # Nobody listens at that port.
        await apply(gateway, provider_of("http://127.0.0.1:9"), org="south")
        await page.goto(f"{gateway.url}/sign-in?next=/audit/")
        await look("organisation", "Sign in")
        await page.get_by_role("link", name="North").click()
        await look("provider", "Sign in")
        await page.goto(f"{gateway.url}{CALLBACK}?state=x&code=y")
        await look("gone", "This sign-in is no longer valid")
        assert await page.get_by_role("link", name="Sign in again").get_attribute("href") == "/sign-in/north"
        await page.goto(f"{gateway.url}/sign-in/south")
        await look("away", "Your organisation’s sign-in does not answer")
        browsers = [await enter(gateway, liar) for _ in range(3)]
        cookie = {"name": "loop-session", "value": browsers[0].cookies["loop-session"], "url": gateway.url}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]
        await page.goto(f"{gateway.url}/")
        await look("landing", "Learning Loop")
        await page.get_by_role("link", name="Where you are signed in").click()
        await look("sessions", "Where you are signed in")
        await page.get_by_role("button", name="Sign out everywhere else").click()
        await page.get_by_role("button", name="Sign out everywhere else").wait_for(state="detached")
        await look("one-session", "Where you are signed in")
        await page.goto(f"{gateway.url}/signed-out")
        await look("still-in", "You are still signed in")
        await page.goto(f"{gateway.url}/sessions")
        await page.get_by_role("button", name="Sign out everywhere").click()
        await page.wait_for_url("**/signed-out")
        await look("signed-out", "You are signed out")
