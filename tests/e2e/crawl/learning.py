"""What an organisation's own people and systems see: addresses of every route, forms, and identifiers by what they name."""

import asyncio
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.crawl.browsing import Caller, Page, SeenForm
from tests.e2e.crawl.routes import Route, match, service_of

_MOST_OF_A_ROUTE = 1
"""Addresses of one route that somebody opens: a list of a hundred records leads to a hundred pages of the same kind."""
_MOST_KNOWN = 4
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Seen:
    """By route: addresses, and forms that lead to it; by service and name of a part of a path: values."""

    routes: list[Route]
    addresses: dict[Route, list[str]] = field(default_factory=lambda: defaultdict(list))
    forms: dict[Route, SeenForm] = field(default_factory=dict)
    offered: dict[Route, tuple[Caller, SeenForm]] = field(default_factory=dict)
    """The form that a caller was shown, which may therefore be sent."""
    values: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    queries: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    lists: dict[frozenset[str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By what somebody may: templates without braces that one of them has opened. They show another the same."""

    def is_new_to(self, caller: Caller, address: str) -> bool:
        """Whether a page is worth opening as somebody: it names a record, or nobody who may the same has opened it."""
        found = match(self.routes, "GET", address.partition("?")[0])
        if found is None or found[0].parts or "?" in address:
            return True
        template, known = found[0].template, self.lists[caller.grants]
        if template in known:
            return False
        known.add(template)
        return True

    def note(self, method: str, address: str, opened: Counter[Route]) -> Route | None:
        """Remember an address; gives its route where it is worth opening: another of its kind was not, by this caller."""
        path, _, query = address.partition("?")
        found = match(self.routes, method, path)
        if found is None:
            return None
        route, parts = found
        for name, value in parts.items():
            if value not in self.values[route.service, name]:
                self.values[route.service, name].append(value)
            self.values[f"{route.template.partition('{' + name)[0]}", name].append(value)
        for pair in filter(None, query.split("&")):
            name, _, value = pair.partition("=")
            self.queries[route.template, name].append(value)
        known = self.addresses[route]
        if address not in known and len(known) < _MOST_KNOWN:
            known.append(address)
        opened[route] += 1
        return route if opened[route] <= _MOST_OF_A_ROUTE else None

    def note_json(self, service: str, document: Any, name: str = "") -> None:
        """Remember what stands in an answer under the names that paths use too."""
        if isinstance(document, dict):
            for each, value in document.items():
                self.note_json(service, value, each)
        elif isinstance(document, list):
            for each in document:
                self.note_json(service, each, name)
        elif isinstance(document, str) and 0 < len(document) < 80 and "/" not in document:
            known = self.values[service, name]
            if document not in known and len(known) < 20:
                known.append(document)


NEVER_OPENED = frozenset({"/sign-out"})
"""Links that end the session of who follows them: everything after would be asked by nobody."""


async def browse(seen: Seen, caller: Caller, starts: list[str], *, for_tokens: bool = False) -> None:
    """Follow every link from the first pages, breadth first, remember forms, and note a page that breaks.

    `for_tokens`: no further than until the caller has a token of the forms of each service.
    """
    waiting, opened = starts, set[str]()
    kinds: Counter[Route] = Counter()
    wanted = {each.service for each in seen.routes if each.method == "POST" and not each.is_api and each.grants & caller.grants}
    while waiting and not (for_tokens and wanted <= caller.csrf.keys()):
        level, waiting = list(dict.fromkeys(waiting)), []
        answers = await asyncio.gather(*(caller.send("GET", address) for address in level))
        opened |= set(level)
        for address, answer in zip(level, answers, strict=True):
            if answer.status_code >= 500:
                seen.failed.append(f"{caller.name}: GET {address}: {answer.status_code}")
            for onward in _leads_to(seen, caller, kinds, address, answer):
                if onward not in opened and seen.is_new_to(caller, onward):
                    waiting.append(onward)


_ENDS = re.compile(
    r"erase|withdraw|delete|discard|take-out|remove|sign-out|sessions|disable|revoke|rotation|close|end|away|again"
)


async def send_forms(seen: Seen, more: str) -> list[str]:
    """Send each form once, filled in, as who was shown it; gives the pages that this leads to. What ends a record is not sent.

    So there are records of more kinds: whatever people can begin on a page has been begun.
    """
    sent: list[str] = []
    for route, (caller, form) in list(seen.offered.items()):
        if _ENDS.search(route.template.rpartition("/")[2]) or route.service == "gateway":
            continue
        fields = {name: value or _typed(name, more) for name, value in form.fields}
        answer = await caller.send("POST", form.action, data=fields)
        if answer.status_code >= 500:
            seen.failed.append(f"{caller.name}: POST {form.action}: {answer.status_code}")
        sent += _leads_to(seen, caller, Counter(), form.action, answer)
    return sent


def _typed(name: str, more: str) -> str:
    """What somebody types into an empty field of this name."""
    for ending, text in (("day", "5"), ("month", "1"), ("year", "2027"), ("date", "2027-01-05"), ("reference", f"{more}-77")):
        if name.endswith(ending):
            return text
    return f"Some words {more}"


def _leads_to(seen: Seen, caller: Caller, kinds: Counter[Route], address: str, answer: Any) -> list[str]:
    kind = answer.headers.get("content-type", "")
    if "json" in kind:
        seen.note_json(service_of(address), json.loads(answer.text))
        return []
    if "html" not in kind or not answer.is_success:
        location = answer.headers.get("location", "")
        return [location] if location.startswith("/") and seen.note("GET", location, kinds) else []
    page = Page(address.partition("?")[0], answer.text)
    links = [link for link in page.links if link and link.partition("?")[0] not in NEVER_OPENED]
    onward = [link for link in links if seen.note("GET", link, kinds)]
    for form in page.forms:
        found = match(seen.routes, form.method, form.action.partition("?")[0])
        if found and form.method == "POST":
            seen.note("POST", form.action, kinds)
            seen.offered.setdefault(found[0], (caller, form))
            known = seen.forms.get(found[0])
            if known is None or len(known.fields) < len(form.fields):
                seen.forms[found[0]] = form
        for name, value in form.fields:
            if UUID.fullmatch(value) and found:
                seen.values[found[0].service, name].append(value)
    return onward
