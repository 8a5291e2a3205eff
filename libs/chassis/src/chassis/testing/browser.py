"""Pages in a real Chromium: on a phone and on a desk, with axe, with pictures.

A conftest imports the fixture `chromium`; tests are marked `@pytest.mark.browser` and are asynchronous:

    async def test_the_question_is_accessible_on_a_phone(chromium: Chromium, address: str) -> None:
        page = await chromium.open(f"{address}/s/start", width=PHONE)
        await assert_accessible(page)

Without a Chromium they are skipped, unless CI is set: there they fail. LOOP_TEST_CHROMIUM names an executable.
A session has one browser (`browser_session`); a test has profiles of its own in it, which are gone when it ends.
"""

import asyncio
import functools
import os
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, Locator, Page, Request, Route, expect

from chassis.testing.browser_session import BrowserSession
from chassis.testing.fixtures import SignedHeaders

PHONE, DESK = 390, 1280  # widths in CSS pixels
RENEW_AFTER = 30.0  # seconds
_HEIGHTS = {PHONE: 844, DESK: 900}
_PATIENCE = 120_000  # milliseconds: what a page does is waited for, and the machine may be busy with other tests
expect.set_options(timeout=_PATIENCE)
# WCAG 2.2 AA is all of these together.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


Answering = Callable[[Route], Awaitable[None]]


class AccessibilityError(AssertionError):
    """What axe found, one line an element."""


@dataclass
class Chromium:
    """A test's way to the browser. Pages may ask the host that they were opened on and no other."""

    browser: Browser
    foreign: list[str] = field(default_factory=list)
    """Addresses of other hosts that pages tried to load."""
    _profiles: list[BrowserContext] = field(default_factory=list, repr=False)
    _renewing: list[asyncio.Task[None]] = field(default_factory=list, repr=False)

    async def open(
        self, address: str, *, width: int = DESK, script: bool = True, answer: Answering | None = None, **context: Any
    ) -> Page:
        """Open an address in a fresh profile at a width; `script=False` switches scripts off, as some people do.

        `answer` answers each request in the place of a server.
        `context` are further options of Playwright's `new_context` (`color_scheme`, `forced_colors`, `locale`).
        """
        profile = await self.browser.new_context(
            viewport={"width": width, "height": _HEIGHTS.get(width, 900)},
            java_script_enabled=script,
            has_touch=width == PHONE,
            reduced_motion="reduce",
            **context,
        )
        self._profiles.append(profile)
        profile.set_default_timeout(_PATIENCE)
        host = urlsplit(address).netloc

        def note(request: Request) -> None:
            if urlsplit(request.url).netloc not in {host, ""}:
                self.foreign.append(request.url)

        profile.on("request", note)
        if isinstance(headers := context.get("extra_http_headers"), SignedHeaders):
            self._renewing.append(asyncio.create_task(_renew(profile, headers)))
        if answer is not None:
            await profile.route("**/*", answer)
        page = await profile.new_page()
        await page.goto(address)
        return page

    async def end(self) -> None:
        """Close what was opened."""
        for task in self._renewing:
            task.cancel()
        await asyncio.gather(*self._renewing, return_exceptions=True)  # of a profile that was closed, there is nothing to renew
        for profile in self._profiles:
            await profile.close()

    async def first_view(self, address: str) -> int:
        """Return the bytes that a first visit transfers, headers included, with everything the page loads."""
        profile = await self.browser.new_context(viewport={"width": PHONE, "height": _HEIGHTS[PHONE]})
        self._profiles.append(profile)
        page = await profile.new_page()
        requests: list[Any] = []
        page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks the function
        await page.goto(address, wait_until="networkidle")
        sizes = [await request.sizes() for request in requests]
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


async def _renew(profile: BrowserContext, headers: SignedHeaders) -> None:
    """Sign the identity of a profile anew, as the gateway does for every request: a test may take longer than one holds."""
    while True:
        await asyncio.sleep(RENEW_AFTER)
        await profile.set_extra_http_headers(headers.renewed())


@pytest_asyncio.fixture
async def chromium(browser_session: BrowserSession) -> AsyncIterator[Chromium]:
    """The session's Chromium with no page open; a page that wanted something of another host fails the test."""
    running = Chromium(await browser_session.browser())
    try:
        yield running
    finally:
        await running.end()
    assert not running.foreign, f"pages load from elsewhere: {running.foreign}"  # noqa: S101 - it is a test's


def _until_loaded(click: Any) -> Any:
    @functools.wraps(click)
    async def clicking(self: Page | Locator, *arguments: Any, **options: Any) -> None:
        await click(self, *arguments, **options)
        await (self if isinstance(self, Page) else self.page).wait_for_load_state()

    return clicking


# A click returns when the next page has begun to come, with or without its style and the end of its text; a test reads at once.
Page.click = _until_loaded(Page.click)  # type: ignore[method-assign]
Locator.click = _until_loaded(Locator.click)  # type: ignore[method-assign]


DRAWN = ("color-contrast", "target-size", "link-in-text-block")
"""Rules that look at what is drawn. They take nine tenths of the time, and see classes and sizes, not words."""


async def assert_accessible(page: Page, *, rules: Collection[str] = (), without: Collection[str] = ()) -> None:
    """Raise AccessibilityError with what axe finds against WCAG 2.2 AA on a page as it is now.

    By all rules, by some, or by all `without` some.
    """
    await page.wait_for_load_state()
    # Preloading is for sound alone among these rules, and no page has any.
    which = {"type": "rule", "values": [*rules]} if rules else {"type": "tag", "values": _TAGS}
    off = {rule: {"enabled": False} for rule in without}
    options = {"runOnly": which, "rules": off, "resultTypes": ["violations"], "preload": False}
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE_SCRIPT)
    # Only what is wrong is brought here: with all that was looked at, this takes twice the time.
    violations = await page.evaluate("async options => (await axe.run(document, options)).violations", options)
    lines = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    {', '.join(map(str, node['target']))}: "
        + re.sub(r"\s+", " ", node.get("failureSummary", "")).strip()
        for violation in violations
        for node in violation["nodes"]
    ]
    if lines:
        size = page.viewport_size
        raise AccessibilityError(f"{page.url} at {size['width'] if size else '?'} px:\n  " + "\n  ".join(lines))


async def as_seen(page: Page, twin: Page) -> Page:
    """What somebody without script has before them, in a page of the same host with script, which axe needs."""
    await page.wait_for_load_state()
    await twin.set_content(await page.content())
    return twin


async def assert_fits(page: Page) -> None:
    """Raise AccessibilityError when a page must be scrolled sideways (WCAG 1.4.10, reflow)."""
    await page.wait_for_load_state()
    wide, seen = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if wide > seen:
        raise AccessibilityError(f"{page.url} is {wide} px wide in a window of {seen} px")


async def both_widths(page: Page) -> AsyncIterator[int]:
    """Let a page be as wide as a phone and then as a desk, as whoever walks to it once sees both; in the end as it was."""
    before = page.viewport_size
    for width in (PHONE, DESK):
        await page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})
        yield width
    if before:
        await page.set_viewport_size(before)


async def looked_at(page: Page, twins: Mapping[int, Page], name: str) -> None:
    """What somebody without script sees, at each width of the twins: accessible, no wider than the window, with a picture."""
    for width, twin in twins.items():
        seen = await as_seen(page, twin)
        await assert_accessible(seen)
        await assert_fits(seen)
        await picture(seen, f"{name}-{width}")


async def picture(page: Page, name: str) -> None:
    """Save a picture of a whole page under LOOP_SCREENSHOTS, if that names a folder: pictures take a third of the time."""
    if not (folder := os.environ.get("LOOP_SCREENSHOTS")):
        return
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.wait_for_load_state()
    await page.screenshot(path=path, full_page=True)


@contextmanager
def served(app: Any, timeout: float = 60) -> Iterator[str]:
    """Serve an ASGI application on a free port of this machine, in a thread; yields its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="auto"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + timeout
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the application did not start")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout)
