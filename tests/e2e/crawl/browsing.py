"""Somebody who calls the installation: a person at a browser, a system with its key, or nobody."""

import asyncio
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import httpx

from tests.e2e.crawl.routes import service_of

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_AT_ONCE = 4
"""Requests of all callers together: more only wait, and two cores under other load let them wait too long."""
_TRIES = 40
_BROKEN = 3


@dataclass
class Caller:
    """`grants` are what it may be let in by; `csrf` a token of its forms by service, once one of its pages has shown one."""

    name: str
    http: httpx.AsyncClient
    grants: frozenset[str]
    slots: asyncio.Semaphore
    csrf: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send, and again where it was too much at once: the session's rate holds for a crawler too."""
        headers = {"Idempotency-Key": uuid4().hex, **options.pop("headers", {})}
        broken = 0
        answer: httpx.Response
        for _ in range(_TRIES):
            try:
                async with self.slots:
                    answer = await self.http.request(method, path, headers=headers, **options)
            except httpx.TransportError:
                # A connection that was kept open ends at some time; the same key sends the same thing once.
                broken += 1
                if broken > _BROKEN:
                    raise
                continue
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or "Retry-After" not in answer.headers:
                break
            await asyncio.sleep(min(5.0, float(answer.headers["Retry-After"])))
        if found := _TOKEN.search(answer.text if "html" in answer.headers.get("content-type", "") else ""):
            self.csrf.setdefault(service_of(path), found[1])
        return answer

    async def close(self) -> None:
        """Hang up."""
        await self.http.aclose()


async def person(url: str, org: str, code: str, roles: tuple[str, ...], slots: asyncio.Semaphore) -> Caller:
    """A made-up person of an organisation, signed in."""
    http = httpx.AsyncClient(base_url=url, headers={"Origin": url, "Accept": "text/html"}, timeout=60)
    answer = await http.post("/sign-in", data={"organisation": org, "person": code, "next": "/"})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return Caller(f"{code} of {org}", http, frozenset(f"role:{role}" for role in roles), slots)


def system(url: str, credentials: dict[str, Any], name: str, scopes: tuple[str, ...], slots: asyncio.Semaphore) -> Caller:
    """A system with its key."""
    http = httpx.AsyncClient(base_url=url, headers={"X-API-Key": credentials["api_key"]}, timeout=60)
    return Caller(name, http, frozenset(scopes), slots)


def nobody(url: str, slots: asyncio.Semaphore) -> Caller:
    """Somebody without credentials."""
    http = httpx.AsyncClient(base_url=url, headers={"Accept": "text/html"}, timeout=60)
    return Caller("nobody", http, frozenset(), slots)


def slots() -> asyncio.Semaphore:
    """What all callers of a crawl share."""
    return asyncio.Semaphore(_AT_ONCE)


@dataclass(frozen=True)
class SeenForm:
    """A form as a page showed it: where it goes, and what stands in its fields."""

    method: str
    action: str
    fields: tuple[tuple[str, str], ...]


class Page(HTMLParser):
    """Links and forms of a page. Addresses are absolute paths with their query."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[SeenForm] = []
        self._action: tuple[str, str] | None = None
        self._fields: list[tuple[str, str]] = []
        self._select = ""
        self.feed(text)
        self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and has.get("href"):
            self.links.append(self._absolute(has["href"]))
        elif tag == "form":
            self._end()
            self._action = has.get("method", "get").upper(), self._absolute(has.get("action") or self.path)
        elif self._action and tag in {"input", "button"} and has.get("name") and has.get("type") != "file":
            one_of_many = has.get("type") in {"checkbox", "radio"}
            if not one_of_many or not any(name == has["name"] for name, _ in self._fields):
                self._fields.append((has["name"], has.get("value", "")))
        elif self._action and tag == "textarea" and has.get("name"):
            self._fields.append((has["name"], "Some words"))
        elif self._action and tag == "select" and has.get("name"):
            self._select = has["name"]
        elif tag == "option" and self._select and has.get("value"):
            self._fields.append((self._select, has["value"]))
            self._select = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._end()

    def _end(self) -> None:
        if self._action is not None:
            self.forms.append(SeenForm(*self._action, tuple(self._fields)))
        self._action, self._fields, self._select = None, [], ""

    def _absolute(self, address: str) -> str:
        whole = urlsplit(urljoin(f"http://here{self.path}", address))
        if whole.netloc != "here" or whole.scheme != "http":
            return ""
        return whole.path + (f"?{whole.query}" if whole.query else "")
