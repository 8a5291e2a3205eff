"""The browser of a test session: every test has it to itself, and it outlives neither its own death nor the tests'."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Browser

from chassis.testing.browser import Chromium
from chassis.testing.browser_session import BrowserSession

pytestmark = pytest.mark.browser

SESSION = """
import asyncio
import sys
from pathlib import Path

import psutil

from chassis.testing.browser_session import BrowserSession


async def main() -> None:
    await BrowserSession(Path(sys.argv[1])).browser()
    print(*(each.pid for each in psutil.Process().children(recursive=True)), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
"""


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def open_pages(browser: Browser) -> list[str]:
    session = await browser.new_browser_cdp_session()
    found = await session.send("Target.getTargets")
    await session.detach()
    return [each["url"] for each in found["targetInfos"] if each["type"] == "page" and each["url"] != "about:blank"]


async def test_what_one_test_opened_is_gone_for_the_next(browser_session: BrowserSession) -> None:
    browser = await browser_session.browser()
    first = Chromium(browser)
    await first.open("data:text/html,first")
    assert await open_pages(browser) == ["data:text/html,first"]
    await first.end()
    assert await open_pages(browser) == []


async def test_a_browser_that_died_is_started_again_for_the_next_test(tmp_path: Path) -> None:
    session = BrowserSession(tmp_path)
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    first = await session.browser()
    gone = asyncio.Event()
    first.on("disconnected", lambda _: gone.set())
    for each in psutil.Process().children(recursive=True):
        if each.pid not in before and "--remote-debugging-pipe" in each.cmdline():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
    await gone.wait()
    second = await session.browser()
    assert second is not first
    await (await second.new_page()).goto("data:text/html,again")
    await session.end()


def test_nothing_is_left_when_the_tests_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SESSION, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        family = [int(pid) for pid in session.stdout.readline().split()]
        assert len(family) > 2
        session.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while left := [pid for pid in family if runs(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
