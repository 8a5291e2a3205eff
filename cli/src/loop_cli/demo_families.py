"""Families who open their link and answer page by page, as a phone without script does: forms, redirects, cookies."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from loop_cli.demo_api import BUSY, PATIENCE, DemoError
from loop_cli.demo_records import Family, Tick, many

AT_ONCE = 12
"""Families at the same time."""

_CSRF = re.compile(r'<input[^>]*\bname="csrf"[^>]*>')
_VALUE = re.compile(r'\bvalue="([^"]*)"')
_QUESTION = re.compile(r"/s/question/(\d+)$")
_MOST_PAGES = 60


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a browser shows: its path after redirects, and its HTML."""

    path: str
    html: str

    @property
    def csrf(self) -> str:
        """The hidden field against forged forms; raises DemoError where a form has none."""
        field = _CSRF.search(self.html)
        value = _VALUE.search(field[0]) if field else None
        if value is None:
            raise DemoError(f"The survey page {self.path} has no form to send.")
        return unescape(value[1])


class Browser:
    """A browser of one family: its own cookies, and nothing else in common with others but the way there."""

    def __init__(self, connector: aiohttp.BaseConnector) -> None:
        # The address is an IP address on the machine of the demonstration, for which cookies are refused otherwise.
        jar = aiohttp.CookieJar(unsafe=True)
        self._http = aiohttp.ClientSession(connector=connector, connector_owner=False, cookie_jar=jar)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._http.close()

    async def open(self, url: str) -> Page:
        """Opens an address and follows where it leads."""
        return await self._page("GET", url, None)

    async def send(self, url: str, form: dict[str, Any]) -> Page:
        """Sends a form and follows where it leads."""
        return await self._page("POST", url, form)

    async def _page(self, method: str, url: str, form: dict[str, Any] | None) -> Page:
        """A page; asked for again while a process is starting, as a person would. Every step of a survey can be repeated."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                async with self._http.request(method, url, data=form) as response:
                    page, status = Page(urlsplit(str(response.url)).path, await response.text()), response.status
            except (aiohttp.ClientError, TimeoutError) as error:
                page, status = Page(urlsplit(url).path, type(error).__name__), 0
            if status == 200:  # noqa: PLR2004 - a page
                return page
            if status not in BUSY or time.monotonic() > until:
                title = re.search(r"<h1[^>]*>(.*?)</h1>", page.html, re.DOTALL)
                words = " ".join(title[1].split()) if title else page.html[:100]
                raise DemoError(f"The survey page {page.path} was answered {status or 'not at all'}: {words}")
            await asyncio.sleep(0.5)


async def answer_all(families: Sequence[Family], questions: dict[str, list[str]], tick: Tick) -> None:
    """All families answer, some of them at once. `questions` are the codes of each questionnaire's questions in order."""
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    try:

        async def one(family: Family) -> None:
            async with Browser(connector) as browser:
                await answer(browser, family, questions[family.questionnaire])
            tick(1)

        await many(one, families, AT_ONCE)
    finally:
        await connector.close()


async def answer(browser: Browser, family: Family, questions: Sequence[str]) -> None:
    """One family from opening the link to the confirmation; raises DemoError where the pages lead elsewhere."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(family.url))
    page = await browser.open(family.url)
    if page.path != "/s/start":
        raise DemoError(f"A survey link led to {page.path} instead of the start of the survey.")
    if family.language != "en":
        page = await browser.send(f"{origin}/s/language", {"csrf": page.csrf, "language": family.language})
    page = await browser.open(f"{origin}/s/question/1")
    for _ in range(_MOST_PAGES):
        match page.path:
            case "/s/done":
                return
            case "/s/check":
                page = await browser.send(f"{origin}/s/check", {"csrf": page.csrf})
            case path if found := _QUESTION.search(path):
                given = family.answers.get(questions[int(found[1]) - 1], {"skipped": True})
                page = await browser.send(f"{origin}{path}", {"csrf": page.csrf, **fields(given)})
            case _:
                raise DemoError(f"A survey led to {page.path}.")
    raise DemoError("A survey did not come to its end.")


def fields(answer: dict[str, Any]) -> dict[str, Any]:
    """The fields of a question's form for an answer in the shape of the API."""
    match answer:
        case {"choice": str(choice)}:
            return {"answer": choice}
        case {"choices": list(choices)}:
            return {"answer": choices}
        case {"score": int(score)}:
            return {"answer": str(score)}
        case {"text": str(text)} | {"date": str(text)}:
            return {"answer": text}
        case {"does_not_apply": True}:
            return {"answer": "does-not-apply"}
        case _:
            return {}
