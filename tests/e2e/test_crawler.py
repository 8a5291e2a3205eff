"""Everybody of one organisation goes everywhere with the identifiers of another: nothing is told, nothing changes.

The other organisation has records of every kind that the demonstration makes; every reference and text of them carries a mark.
Its own people and systems are followed through all pages and lists, which gives real addresses, forms and identifiers. Then
people of every role, systems (one of them limited to a service area) and nobody at all of this organisation send just these to
every route: in paths, queries, forms and bodies. Each is sent again with an identifier that nothing has, and the two answers
must be the same, so that nobody learns what exists elsewhere.

Families' links and codes are used too, and figures are read as tools read them: by OData, as files, by SQL.

`LOOP_CRAWL=all pytest tests/e2e/test_crawler.py` sends everything as everybody; without it each visit is made by one who may
come in and one who may not, others each time, and of those who may the same one comes.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.domain.people import PEOPLE
from gateway.domain.scopes import SCOPES
from loop_cli.operator import Operator
from loop_cli.stack.embedded import EmbeddedStack
from tests.conftest import ORGS, ROOT, Outside
from tests.e2e.crawl.browsing import Caller, nobody, person, slots, system
from tests.e2e.crawl.families import use
from tests.e2e.crawl.filling import MARK, fill
from tests.e2e.crawl.learning import UUID, Seen, browse, send_forms
from tests.e2e.crawl.reading import Read, admin_of, read_all
from tests.e2e.crawl.routes import Route, all_routes
from tests.e2e.crawl.visiting import LEFT_OUT, Findings, Visit, visit_all, visits
from tests.projected import wait_until_projected

pytestmark = pytest.mark.stack

OK = 200
THEIRS, OURS = ORGS
SERVICES = ("audit", "feedback", "complaints", "reporting")
SCHEMAS = (*SERVICES, "gateway")
STARTS = ["/", "/audit/", "/feedback/", "/complaints/", "/reporting/", "/clients", "/sessions"]

CODES = frozenset(
    [
        "act",
        "auditor",
        "change",
        "code",
        "figure",
        "format",
        "kind",
        "kpi",
        "language",
        "month",
        "name",
        "number",
        "org",
        "part",
        "place",
        "programme",
        "question",
        "report",
        "rest",
        "section",
        "step",
        "table",
        "theme",
    ]
)
"""Parts of paths that are no identifiers of a record: codes of a profile, and words and numbers below a record."""

WITHOUT: dict[str, str] = {
    "action_id": "an action of a looped audit is made at the end of its moderation (services/audit/tests/integration)",
    "command_id": "of an operator, who is of no organisation; staff get no further than the code (test_operating_page.py)",
    "escalation_id": "a concern is raised by hand from an audit at work (test_audit_api_strangers.py)",
    "event_id": "of a subscription's message; another organisation asks for it in test_webhook_api.py",
    "file_id": "of a family's own draft, which only its sealed cookie opens (test_say_files.py)",
    "hold_id": "placed by hand; another organisation finds its record not in test_retention_pages.py",
    "key_id": "of an operator, who is of no organisation (test_operator_keys.py)",
    "letter_id": "of an operator's page, as `command_id`",
    "message_id": "of a subscription, as above",
    "record_id": "of a request, a hold or an erasure; another organisation asks in test_subject.py and test_retention_pages.py",
    "reference": "of a person's request; another organisation asks for its package in test_subject.py",
    "representation_id": "of a system that keeps complaints elsewhere; by its key alone (test_representations_api.py)",
    "service": "a service of the installation, which the operator closes: no organisation's record",
    "request_id": "a person's request is opened by hand; another organisation asks in test_subject.py",
    "search_id": "of a person's request, as above",
    "session_id": "operators and administrators of another organisation see none in test_sessions_ended.py",
    "set_id": "links that were just made, for a day and for who made them (test_issue_pages.py)",
    "subscription_id": "made by hand; another organisation asks for it in test_webhook_api.py",
    "token": "a family's link is itself the right to answer, whoever holds it (gateway's test_enumeration.py)",
    "upload_id": "for a day, and for who sent the file (chassis.uploads; upload pages of each service)",
}
"""Parts that name a record of which the crawler has none, with the reason."""

ON_THEIR_OWN: dict[str, str] = {
    "reporting.feed_touched": "the worker turns what was projected before into days of the feed",
    "reporting.feed_day": "the same",
    "complaints.mail": "the worker tries to send what was asked for when the records were made",
    "feedback.mail": "the same",
    "feedback.contact_request": "the worker notes that it has told those who call",
}
"""Tables whose rows change without anybody of this organisation, with the reason."""


@dataclass(frozen=True)
class Crawled:
    """What was found, and the other organisation's rows before and after."""

    findings: Findings
    visits: list[Visit]
    broke: list[str]
    read: Read
    with_links: list[str]
    before: dict[str, str]
    after: dict[str, str]
    signed_out: list[str]
    """Who was signed in, and at the end is not: they have asked as nobody."""


def tables(stack: EmbeddedStack) -> list[str]:
    names = ", ".join(f"'{schema}'" for schema in SCHEMAS)
    return stack.postgres.run_sql(
        f"select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        f"where n.nspname in ({names}) and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'alembic_version'",
        database="loop",
    ).split()


def identifiers(stack: EmbeddedStack, org: str) -> set[str]:
    """Every identifier that stands in any row of an organisation."""
    rows = " union all ".join(f"select t::text from {table} t where org = '{org}'" for table in tables(stack))
    clients = f"select client_id from gateway.client where org = '{org}'"
    named = f"{clients} union select credential_id from gateway.credential where org = '{org}'"
    found = stack.postgres.run_sql(named, database="loop").split()
    return {*UUID.findall(stack.postgres.run_sql(rows, database="loop")), *found}


def rows_of(stack: EmbeddedStack, org: str) -> dict[str, str]:
    """A hash of all rows of an organisation, by table."""
    each = " union all ".join(
        f"select '{table} ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t where org = '{org}'"
        for table in tables(stack)
    )
    lines = stack.postgres.run_sql(each, database="loop").strip().splitlines()
    return dict(line.split(" ", 1) for line in lines)


def wait_until_joined(stack: EmbeddedStack) -> None:
    """Until every entry of the trails has its number and every run of retention its end: nothing changes by itself any more."""
    open_still = [f"select 1 from {each}.trail where number is null" for each in SERVICES]
    open_still += [f"select 1 from {each}.retention_run where ended_at is null" for each in SERVICES]
    waiting = " union all ".join(open_still)
    deadline = time.monotonic() + 180
    while stack.postgres.run_sql(waiting, database="loop").split():
        assert time.monotonic() < deadline
        time.sleep(0.1)


async def crawl(stack: EmbeddedStack, outside: Outside) -> Crawled:
    operator = outside.operator
    links = await fill(stack, operator, outside)
    thorough = os.environ.get("LOOP_CRAWL") == "all"
    seen, ours = Seen(all_routes()), Seen(all_routes())
    callers: list[Caller] = []
    try:
        at_once = slots()
        their_people = await people(stack, THEIRS, at_once)
        their_system = machine(outside, THEIRS, "their system", at_once)
        lists = [route.template for route in seen.routes if route.method == "GET" and route.is_api and not route.parts]
        our_people = await people(stack, OURS, at_once, one_a_role=not thorough)
        machines = [
            machine(outside, OURS, "a system", at_once),
            machine(outside, OURS, "a limited system", at_once, areas=["education"]),
        ]
        callers = [*their_people, their_system, *our_people, *machines, nobody(stack.url, at_once)]
        await browse(seen, their_system, lists)
        await asyncio.gather(*(browse(seen, each, starts) for each, starts in beginnings(seen, their_people)))
        begun = await send_forms(seen, MARK)
        await asyncio.gather(*(browse(seen, each, begun) for each in their_people))
        # Of our own pages no more is needed than the tokens of their forms.
        starting = beginnings(ours, our_people)
        await asyncio.gather(*(browse(ours, each, starts, for_tokens=not thorough) for each, starts in starting))
        wait_until_projected(stack)
        theirs = frozenset(identifiers(stack, THEIRS) - identifiers(stack, OURS))
        some = list(visits(seen, theirs, {each: openapi(each) for each in SERVICES}))
        strangers = [*(our_people if thorough else our_people[:1]), callers[-1]]
        with_links = await use(strangers, links, OURS, theirs, MARK)
        read = await read_all(their_system, machines, admin_of(stack.layout.root), (THEIRS, OURS), theirs, MARK)
        wait_until_projected(stack)
        wait_until_joined(stack)
        before = rows_of(stack, THEIRS)
        findings = await visit_all([*our_people, *machines, callers[-1]], some, theirs, MARK, thorough=thorough)
        wait_until_projected(stack)
        after, broke = rows_of(stack, THEIRS), [*seen.failed, *ours.failed]
        out = [each.name for each in [*their_people, *our_people] if (await each.send("GET", "/sessions")).status_code != OK]
        return Crawled(findings, some, broke, read, with_links, before, after, out)
    finally:
        for each in callers:
            await each.close()


def beginnings(seen: Seen, people: list[Caller]) -> Iterator[tuple[Caller, list[str]]]:
    """Where each begins: at the first pages; the first of a role also at every page that it may open by its address."""
    known: set[frozenset[str]] = set()
    for each in people:
        more = [
            route.template for route in seen.routes
            if route.method == "GET" and not route.parts and not route.is_api and route.grants & each.grants
        ]  # fmt: skip
        yield each, [*STARTS, *(more if each.grants not in known else [])]
        known.add(each.grants)


async def people(stack: EmbeddedStack, org: str, at_once: asyncio.Semaphore, *, one_a_role: bool = False) -> list[Caller]:
    first = {each.roles: code for code, each in reversed(PEOPLE.items())}
    chosen = first.values() if one_a_role else PEOPLE
    return [await person(stack.url, org, code, PEOPLE[code].roles, at_once) for code in chosen]


def machine(outside: Outside, org: str, name: str, at_once: asyncio.Semaphore, areas: list[str] | None = None) -> Caller:
    body = {"name": f"{name} of the crawler", "scopes": list(SCOPES), "areas": areas or []}
    issued = outside.operator.call("POST", "/gateway/v1/clients", org=org, json=body)
    return system(outside.url, issued, f"{name} of {org}", tuple(SCOPES), at_once)


def openapi(service: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((ROOT / "services" / service / "openapi.json").read_text())
    return found


@pytest.fixture(scope="module")
def crawled(stack: EmbeddedStack) -> Crawled:
    stack.wait_ready()
    with Operator.of(stack.layout.root) as operator:
        return asyncio.run(crawl(stack, Outside(stack.url, operator)))


class TestCrawler:
    def test_nothing_is_told_of_another_organisation(self, crawled: Crawled) -> None:
        assert crawled.findings.wrong == []
        assert crawled.findings.asked > 800

    def test_everybody_who_signed_in_still_is(self, crawled: Crawled) -> None:
        assert crawled.signed_out == []

    def test_every_form_is_sent_with_a_token_of_its_sender(self, crawled: Crawled) -> None:
        assert crawled.findings.without_token == set()

    def test_no_page_breaks_on_the_way(self, crawled: Crawled) -> None:
        assert crawled.broke == []

    def test_nothing_of_another_organisation_changes(self, crawled: Crawled) -> None:
        changed = {table for table, before in crawled.before.items() if crawled.after[table] != before}
        assert changed - ON_THEIR_OWN.keys() == set()

    def test_links_and_codes_of_families_tell_nothing_and_open_nothing_elsewhere(self, crawled: Crawled) -> None:
        assert crawled.with_links == []

    def test_tools_read_nothing_of_another_organisation_by_odata_files_or_sql(self, crawled: Crawled) -> None:
        assert crawled.read.wrong == []
        # Its own tools find it there: what was looked for can be found.
        assert crawled.read.own
        assert crawled.read.own_by_sql
        assert crawled.read.filters >= crawled.read.sets > 10
        assert crawled.read.files > crawled.read.sets
        assert crawled.read.relations > 10

    def test_every_route_is_visited_with_their_identifiers_or_says_why_not(self, crawled: Crawled) -> None:
        visited = {each.route for each in crawled.visits}
        missing = [route for route in all_routes() if route not in visited]
        assert {f"{route.method} {route.template}" for route in missing} == set(LEFT_OUT)
        with_theirs = {each.route for each in crawled.visits if any(one in each.path for one in each.theirs)}
        bare = {name for route in visited - with_theirs for name in set(route.parts) - CODES}
        assert bare - WITHOUT.keys() == set(), [route.template for route in visited - with_theirs if set(route.parts) - CODES]


def test_every_reason_is_about_something_that_is_there() -> None:
    routes: list[Route] = all_routes()
    assert set(LEFT_OUT) <= {f"{route.method} {route.template}" for route in routes}
    assert set(WITHOUT) <= {name for route in routes for name in route.parts}
