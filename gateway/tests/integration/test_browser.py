"""The gateway's pages in a real Chromium, on a phone and on a desk, with scripts off."""

from collections.abc import Awaitable, Callable

import pytest

from chassis.middleware import Receive, Scope, Send
from chassis.pages import CONTENT_SECURITY_POLICY
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits
from gateway.testing import Gateway, Upstream

pytestmark = pytest.mark.browser
Start = Callable[..., Awaitable[Gateway]]


async def dashboard(_: Scope, __: Receive, send: Send) -> None:
    """A staff page with a form, as a service would send it."""
    body = (
        b'<!DOCTYPE html><html lang="en"><head><title>Dashboard</title></head><body><main><h1>Dashboard</h1>'
        b'<form method="post" action="/reporting/note"><button>Keep</button></form></main></body></html>'
    )
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def demo(start: Start, upstream: Upstream) -> Gateway:
    upstream.answers["/reporting/"] = dashboard
    gateway = await start(demo_sign_in=True)
    await gateway.organisation("north")
    return gateway


class TestSigningIn:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_person_chooses_works_and_leaves_without_script(
        self, demo: Gateway, upstream: Upstream, chromium: Chromium, width: int
    ) -> None:
        page = await chromium.open(f"{demo.url}/reporting/", width=width, script=False)
        assert "/sign-in?next=" in page.url
        await page.get_by_role("button", name="Sign in").click()
        assert await page.get_by_role("alert").count() == 1
        await page.get_by_label("North").check()
        await page.get_by_label("Alex Morgan").check()
        await page.get_by_role("button", name="Sign in").click()
        assert page.url == f"{demo.url}/reporting/"
        assert await page.get_by_role("heading", name="Dashboard").count() == 1
        await page.get_by_role("button", name="Keep").click()
        assert (upstream.last.method, upstream.last.path) == ("POST", "/reporting/note")
        assert upstream.identity("reporting").grants == {"role:qa-officer"}
        await page.goto(f"{demo.url}/")
        await page.get_by_role("link", name="Sign out").click()
        await page.goto(f"{demo.url}/reporting/")
        assert "/sign-in" in page.url

    async def test_page_of_another_site_cannot_change_anything(
        self, demo: Gateway, upstream: Upstream, chromium: Chromium
    ) -> None:
        page = await chromium.open(f"{demo.url}/sign-in")
        await page.get_by_label("North").check()
        await page.get_by_label("Ruth Adeyemi").check()
        await page.get_by_role("button", name="Sign in").click()
        # Another site by its name; and without a policy of its own that would forbid the form.
        await page.goto(f"http://localhost:{upstream.port}/elsewhere")
        await page.set_content(f'<form method="post" action="{demo.url}/reporting/note"><button>Win</button></form>')
        await page.get_by_role("button", name="Win").click()
        await page.wait_for_load_state()
        assert [each for each in upstream.seen if each.method == "POST"] == []
        chromium.foreign.clear()  # this page was meant to be of another host


class TestAccessibility:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_axe_finds_nothing_on_any_page(self, demo: Gateway, chromium: Chromium, width: int) -> None:
        for path in ("/", "/sign-in", "/health", "/docs", "/nothing"):
            page = await chromium.open(f"{demo.url}{path}", width=width)
            await assert_accessible(page)
            await assert_fits(page)
            await page.context.close()

    async def test_family_whose_service_is_away_reads_a_kind_page(self, start: Start, chromium: Chromium) -> None:
        gateway = await start(upstreams={})
        page = await chromium.open(f"{gateway.url}/s/start", width=PHONE)
        await assert_accessible(page)
        assert await page.get_by_role("heading", level=1).count() == 1
