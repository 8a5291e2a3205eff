"""The browser of a test session: every test has it to itself, and it outlives neither its own death nor the tests'."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Browser, async_playwright

from chassis.testing.browser import connect, installed
from chassis.testing.browser_server import BrowserServer

pytestmark = pytest.mark.browser

SESSION = """
import sys
from pathlib import Path
from chassis.testing.browser_server import BrowserServer

server = BrowserServer(Path(sys.argv[1]))
server.endpoint(sys.argv[2], [], sandbox=False)
print(*(each.pid for each in server.process.family()), flush=True)
input()
"""


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def open_pages(browser: Browser) -> list[str]:
    session = await browser.new_browser_cdp_session()
    found = await session.send("Target.getTargets")
    return [each["url"] for each in found["targetInfos"] if each["type"] == "page" and each["url"] != "about:blank"]


async def test_what_one_test_opened_is_gone_for_the_next(browser_server: BrowserServer) -> None:
    async with async_playwright() as playwright:
        first = await connect(playwright, browser_server)
        await (await first.new_page()).goto("data:text/html,first")
        assert await open_pages(first) == ["data:text/html,first"]
        await first.close()
        second = await connect(playwright, browser_server)
        assert await open_pages(second) == []
        await second.close()


async def test_a_browser_that_died_is_started_again_for_the_next_test(browser_server: BrowserServer) -> None:
    async with async_playwright() as playwright:
        await (await connect(playwright, browser_server)).close()
        assert browser_server.process is not None
        for each in browser_server.process.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        browser_server.process.wait(60)
        again = await connect(playwright, browser_server)
        await (await again.new_page()).goto("data:text/html,again")
        await again.close()


async def test_nothing_is_left_when_the_tests_are_killed(tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        executable = installed(playwright)
    root = os.geteuid() == 0
    command = [sys.executable, "-c", SESSION.replace("sandbox=False", f"sandbox={not root}"), str(tmp_path), executable]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        family = [int(pid) for pid in session.stdout.readline().split()]
        assert len(family) > 2
        session.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while left := [pid for pid in family if runs(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
