"""Going to every route with another organisation's identifiers, and with identifiers of nothing, and comparing the answers."""

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

import httpx

from chassis.testing.fuzz import example_of
from tests.e2e.crawl.browsing import Caller
from tests.e2e.crawl.learning import UUID, Seen
from tests.e2e.crawl.routes import Route

LEFT_OUT = {
    "POST /sign-out": "ends the crawler's own session; it takes no identifier",
    "POST /sessions": "the same: ends sessions of who asks; test_sign_in_sessions.py goes there",
    "POST /sign-in": "signs in; the crawler has come in by it",
    "POST /operating/enter": "takes an operator's code; a wrong one counts against the address (test_operating_page.py)",
    "GET /sign-out": "the page that asks whether to",
}
"""Routes that are not visited, with the reason."""

PUBLIC = {"/s/you-said/{org}": "what a council has published for everybody to read"}
"""Templates whose answers may hold what another organisation wrote."""

BAD_REQUEST = 400
REFUSED = frozenset({400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428})
_VOLATILE = re.compile(
    r'name="csrf" value="[^"]*"|nonce[-="\w+/]*|"request_id":"[^"]*"|urn:uuid:[-\w]+|name="(key|id)" value="[^"]*"|'
    r"reference <?\w*>?[0-9a-f-]{16,}|\b[0-9a-f]{32}\b|\d\d:\d\d(:\d\d)?"
)


@dataclass(frozen=True)
class Visit:
    """One request: what is asked for, with which identifiers of theirs in it, and the same with those of nothing."""

    route: Route
    path: str
    query: str = ""
    form: tuple[tuple[str, str], ...] = ()
    body: str = ""
    theirs: frozenset[str] = frozenset()

    def twin(self) -> "Visit":
        """The same, with an identifier that nothing has for each of theirs."""
        swap = {each: str(uuid4()) if UUID.fullmatch(each) else f"{each[:-3]}q7x" for each in self.theirs}

        def put(text: str) -> str:
            for old, new in swap.items():
                text = text.replace(old, new)
            return text

        form = tuple((name, put(value)) for name, value in self.form)
        return Visit(self.route, put(self.path), put(self.query), form, put(self.body), frozenset(swap.values()))

    def after_another(self) -> "Visit":
        """The same to a record of the sender's own that the first has changed: it has the next revision now."""
        form = tuple((name, str(int(value) + 1) if name == "revision" else value) for name, value in self.form)
        return replace(self, form=form)


@dataclass
class Findings:
    """What should not be: a line for each, and how much was asked."""

    wrong: list[str] = field(default_factory=list)
    asked: int = 0
    without_token: set[Route] = field(default_factory=set)

    def add(self, caller: Caller, visit: Visit, what: str) -> None:
        """Note one."""
        self.wrong.append(f"{caller.name}: {visit.route.method} {visit.path}{visit.query}: {what}")


def visits(seen: Seen, theirs: frozenset[str], documents: Mapping[str, Any]) -> Iterator[Visit]:
    """Every route at least once, with their identifiers in each part of a path, parameter of a query, and field of a form."""
    for route in seen.routes:
        if f"{route.method} {route.template}" in LEFT_OUT:
            continue
        values = {name: _value(seen, route, name, theirs) for name in route.parts}
        known = [each for each in seen.addresses.get(route, []) if any(one in each for one in theirs)]
        address = known[0] if known else route.filled({name: value or "none" for name, value in values.items()})
        path, _, query = address.partition("?")
        form = seen.forms[route].fields if route in seen.forms else ()
        body = "" if form or route.method in {"GET", "DELETE"} else json.dumps(_body(documents, route, seen, theirs))
        yield _visit(route, path, f"?{query}" if query else "", form, body, theirs)
        if route.method == "GET":
            for name in _queries(seen, route, documents):
                for value in _of_query(seen, route, name, theirs):
                    yield _visit(route, path, f"?{name}={value}", (), "", theirs)


def _visit(route: Route, path: str, query: str, form: tuple[tuple[str, str], ...], body: str, theirs: frozenset[str]) -> Visit:
    whole = f"{path} {query} {form} {body}"
    inside = {each for each in UUID.findall(whole) if each in theirs}
    inside |= {each for each in theirs if not UUID.fullmatch(each) and each in whole}
    return Visit(route, path, query, form, body, frozenset(inside))


def _value(seen: Seen, route: Route, name: str, theirs: frozenset[str]) -> str | None:
    before = route.template.partition("{" + name)[0]
    known = [*seen.values.get((before, name), []), *seen.values.get((route.service, name), [])]
    if name == "ident" and not known:
        known = [each for each in seen.values.get((route.service, "id"), []) if each in theirs]
    return next((each for each in known if each in theirs), known[0] if known else None)


def _queries(seen: Seen, route: Route, documents: Mapping[str, Any]) -> set[str]:
    described = documents.get(route.service, {}).get("paths", {}).get(route.template, {}).get("get", {})
    named = {each["name"] for each in described.get("parameters", ()) if each["in"] == "query"}
    return named | {name for template, name in seen.queries if template == route.template}


def _of_query(seen: Seen, route: Route, name: str, theirs: frozenset[str]) -> Iterator[str]:
    known = [*seen.queries.get((route.template, name), []), *seen.values.get((route.service, name), [])]
    yield from [each for each in known if each in theirs][:1]


def _body(documents: Mapping[str, Any], route: Route, seen: Seen, theirs: frozenset[str]) -> Any:
    document = documents.get(route.service, {})
    described = document.get("paths", {}).get(route.template, {}).get(route.method.lower(), {})
    schema = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})

    if not schema:
        return {}

    def put(node: Any, name: str = "") -> Any:
        """The example with their identifiers where a field names one."""
        if isinstance(node, dict):
            return {each: put(inner, each) for each, inner in node.items()}
        if isinstance(node, list):
            return [put(each, name) for each in node]
        known = seen.values.get((route.service, name), []) if isinstance(node, str) else []
        return next((each for each in known if each in theirs), known[0] if known else node)

    return put(example_of(schema, document["components"]["schemas"]))


async def visit_all(
    callers: Iterable[Caller], some: Iterable[Visit], theirs: frozenset[str], mark: str, *, thorough: bool
) -> Findings:
    """Make every visit as those who may come in, and as somebody who may not; `thorough`: as everybody."""
    findings = Findings()
    everybody = list(callers)
    work = []
    for number, visit in enumerate(some):
        may = [each for each in everybody if not visit.route.grants or each.grants & visit.route.grants]
        if visit.form:
            # Without a token of their own a form is refused before anybody looks whose record it is about.
            may = [each for each in may if visit.route.service in each.csrf] or may
            findings.without_token |= {visit.route} if not any(visit.route.service in each.csrf for each in may) else set()
        may_not = [each for each in everybody if each not in may]
        # Who may not come in at all is held against every route by test_access.py of each service.
        chosen = everybody if thorough else [*_turn(may, number, 1), *_turn(may_not, number, 1 if visit.theirs else 0)]
        work += [_one(findings, caller, visit, theirs, mark) for caller in chosen]
    await asyncio.gather(*work)
    return findings


def _turn(callers: list[Caller], number: int, most: int) -> list[Caller]:
    """Some of them, others each time."""
    return [callers[(number + place) % len(callers)] for place in range(min(most, len(callers)))]


async def _one(findings: Findings, caller: Caller, visit: Visit, theirs: frozenset[str], mark: str) -> None:
    twin = visit.twin()
    token = caller.csrf.get(visit.route.service, "")
    answer = await _send(caller, visit, token)
    findings.asked += 1
    _look(findings, caller, visit, answer, theirs, mark)
    if visit.theirs:
        if answer.status_code < BAD_REQUEST:
            twin = twin.after_another()
        other = await _send(caller, twin, token)
        findings.asked += 1
        if any(each in visit.path for each in visit.theirs) and not _is_refused(answer):
            findings.add(caller, visit, f"answered {answer.status_code} for another organisation's record")
        if answer.status_code != other.status_code or _plain(answer, visit) != _plain(other, twin):
            findings.add(
                caller,
                visit,
                f"{answer.status_code} where it exists elsewhere, {other.status_code} where nothing does, or other words",
            )


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code in REFUSED or answer.headers.get("location", "").startswith("/sign-in?")


async def _send(caller: Caller, visit: Visit, token: str) -> httpx.Response:
    options: dict[str, Any] = {}
    if visit.form:
        options["data"] = {**dict(visit.form), "csrf": token}
    elif visit.body:
        options["content"] = visit.body
        options["headers"] = {"Content-Type": "application/json", "If-Match": '"1"'}
    return await caller.send(visit.route.method, visit.path + visit.query, **options)


def _look(findings: Findings, caller: Caller, visit: Visit, answer: httpx.Response, theirs: frozenset[str], mark: str) -> None:
    if answer.status_code >= 500:
        findings.add(caller, visit, f"broke: {answer.status_code} {answer.text[:200]}")
    said = f"{answer.text} {dict(answer.headers)}"
    # Where somebody has to sign in first, the address that they asked for comes back, quoted once or twice.
    for each in (*visit.theirs, *(value for value in re.split(r"[?&=:]", unquote(visit.query)) if mark in value)):
        said = said.replace(each, "").replace(quote(each), "")
    for name, value in visit.form:
        if mark in value:
            said = said.replace(value, name)
    told = {each for each in UUID.findall(said) if each in theirs}
    if (told or mark in said.lower()) and visit.route.template not in PUBLIC:
        at = said.lower().find(mark)
        findings.add(caller, visit, f"told of theirs: {sorted(told)[:3]} {said[max(0, at - 60) : at + 20] if at >= 0 else ''}")


def _plain(answer: httpx.Response, visit: Visit) -> str:
    """What an answer says, without what is another each time, and without what was sent."""
    text = answer.text + answer.headers.get("location", "")
    for each in sorted(visit.theirs, key=len, reverse=True):
        text = text.replace(each, "THEIRS")
    return as_compared(text)


def as_compared(text: str) -> str:
    """A text without what is another each time."""
    return _VOLATILE.sub("", text)
