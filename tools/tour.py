"""Take the pictures of docs/tour.md from the demonstration, in a real Chromium, at 390 and 1280 px.

    python tools/tour.py [--data folder] [--port 8400]

Starts `loop demo`, waits until its records are in, signs in as the people of the tour, and writes docs/tour/*.png; ends what it
started. Where somebody's demonstration answers at the port already, it is used and left running. An accessibility fault, or a
page that is wider than the window, ends it with an error.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits
from chassis.testing.browser_session import BrowserSession
from loop_cli.demo_credentials import load_or_issue
from loop_cli.demo_show import survey_link
from loop_cli.operator import Operator
from loop_cli.profile_files import SHIPPED

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "tour"
ORG = "worcestershire"
MOST_BYTES = 1_500_000
_READY = "Dashboard"
_PATIENCE = 900


@dataclass(frozen=True, slots=True)
class Stop:
    """A page of the tour, who looks at it (without a person, anybody), and at which widths."""

    name: str
    path: str
    person: str | None = None
    widths: tuple[int, ...] = (DESK,)


STOPS = (
    Stop("sign-in", "/sign-in"),
    Stop("dashboard", "/reporting/?period=2022-23-q1", "alex-morgan", (DESK, PHONE)),
    Stop("audits", "/audit/", "sam-okafor"),
    Stop("survey", "{survey}", None, (PHONE,)),
    Stop("complaints", "/complaints/", "nia-evans"),
    Stop("themes", "/reporting/themes?period=2022-23-q1", "alex-morgan"),
    Stop("report", "/reporting/reports/send-complaints?period=2022-23-q1", "alex-morgan"),
    Stop("learning", "/reporting/learning", "alex-morgan", (DESK, PHONE)),
)


@contextmanager
def demonstration(data: Path, port: int) -> Iterator[str]:
    """The address of a demonstration whose records are in; one of our own is ended."""
    url = f"http://127.0.0.1:{port}"
    if _answers(url):
        yield url
        return
    command = [sys.executable, "-m", "loop_cli.main", "demo", "--data", str(data), "--port", str(port)]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}  # a line comes when it is said
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            _wait(running)
            yield url
        finally:
            running.send_signal(signal.SIGINT)
            for _ in running.stdout or ():
                pass  # until it has ended everything


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _wait(running: subprocess.Popen[str]) -> None:
    until, lines = time.monotonic() + _PATIENCE, list[str]()
    for line in running.stdout or ():
        lines.append(line)
        if line.strip().startswith(_READY):
            return
        if time.monotonic() > until:
            break
    raise SystemExit(f"The demonstration did not come up:\n{''.join(lines[-30:])}")


async def cookies(url: str, person: str) -> list[dict[str, Any]]:
    """Of somebody who has signed in."""
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60) as http:
        answer = await http.post("/sign-in", data={"organisation": ORG, "person": person, "next": "/"})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise SystemExit(f"{person} cannot sign in: {answer.text[:300]}")
        return [{"name": each.name, "value": each.value, "url": url} for each in http.cookies.jar]


async def pictures(url: str, survey: str, folder: Path) -> None:
    """One picture a page and width, of what somebody sees before they scroll."""
    session = BrowserSession(folder)
    browser = await session.browser()
    chromium = Chromium(browser)
    try:
        for stop in STOPS:
            for width in stop.widths:
                page = await chromium.open(f"{url}/livez", width=width)
                if stop.person:
                    await page.context.add_cookies(await cookies(url, stop.person))  # type: ignore[arg-type]
                answer = await page.goto(stop.path.format(survey=survey) if "{" in stop.path else f"{url}{stop.path}")
                if answer is None or answer.status != httpx.codes.OK:
                    raise SystemExit(f"{stop.name}: {answer and answer.status}")
                await assert_accessible(page)
                await assert_fits(page)
                await page.screenshot(path=PICTURES / f"{stop.name}-{width}.png")
                print(f"{stop.name}-{width}.png")
    finally:
        await chromium.end()
        await session.end()


def main(arguments: list[str]) -> int:
    """Take all pictures; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python tools/tour.py")
    parser.add_argument("--data", type=Path, default=ROOT / ".loop")
    parser.add_argument("--port", type=int, default=8400)
    asked = parser.parse_args(arguments)
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    with demonstration(asked.data, asked.port) as url:
        with Operator.of(asked.data) as operator:
            credentials = load_or_issue(operator, asked.data, SHIPPED)
        survey, _ = survey_link(url, credentials)
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(pictures(url, survey, Path(folder)))
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(f"{size:,} bytes")
    return 0 if size < MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
