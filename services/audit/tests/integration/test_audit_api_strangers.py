"""Whoever is not concerned guesses addresses and learns nothing; and nobody finds a word of another's draft anywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows
from services.audit.tests.front_end import FrontEnd
from services.audit.tests.judging import Clock, set_clock, signed_in
from services.audit.tests.support import BROWSER, Office

from chassis.identity import Identity
from chassis.testing.access import routes_of
from chassis.testing.fixtures import Database, ServiceClient, caller

OFFICER = signed_in("alex-morgan", "role:qa-officer")
SENIOR = signed_in("dana-price", "role:senior-reader")
MACHINE = caller("audit:audits:read", subject="client:front-end")
SCOPES = caller(
    "audit:audits:read", "audit:cases:write", "audit:people:write", "audit:outcomes:read", "audit:outcomes:write",
    "audit:disputes:read", "audit:disputes:write", subject="client:everything",
)  # fmt: skip
STRANGERS = {
    "another auditor": signed_in("robin-hughes"),
    "a manager of another team": signed_in("chris-doyle"),
    "somebody unlisted": signed_in("nobody-listed"),
    "an officer of another service area": replace(OFFICER, areas=frozenset({"fostering-and-kinship"})),
    "an officer of another council": replace(OFFICER, org="telford-wrekin"),
    "the lead's namesake in another council": replace(signed_in("sam-okafor"), org="telford-wrekin"),
    "a system": caller("audit:cases:write", subject="client:cases"),
}
ANOTHER_AUDITOR = """
    insert into person (org, code, subject, name_sealed, service_area, manages, line_manager, duties)
    select org, 'robin-hughes', 'demo-robin-hughes', name_sealed, service_area, array['send-south'], line_manager, duties
      from person where code = 'priya-shah'
"""
MARKER = "xylophone"
BODIES: Mapping[str, dict[str, Any]] = {
    "entries/{code}": {"grade": "good"},
    "answer": {"answer": "A guess."},
    "acknowledgement": {"answer": "A guess."},
    "learning": {"themes": []},
    "returns": {"part": "lead", "question": "A guess?"},
    "actions": {"what": "A guess.", "owner": "lee-walsh", "due_on": "2027-01-15"},
    "steps": {"step": "note", "note": "A guess."},
    "discussion": {"on": "2026-11-20"},
    "review": {"result": "closed", "changed": "A guess."},
    "concerns": {"words": "A guess."},
    "reallocation": {"part": "lead", "person": "robin-hughes", "reason": "absent"},
    "withdrawal": {"reason": "case-closed"},
}
"""What the routes take, by how their paths end."""


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call, database: Database) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    await rows(database, ANOTHER_AUDITOR)
    return office


@pytest.fixture
def clock(office: Office) -> Clock:
    return set_clock(office)


@pytest.fixture
async def everything(office: Office, clock: Clock, database: Database) -> dict[str, list[str]]:
    """An audit at work with a question, a draft action and a concern; gives what stands for each part of an address."""
    audit_id = await office.add_audit()
    here = f"/audits/{audit_id}"
    lead, peer, moderator = (FrontEnd.of(office, name) for name in ("sam-okafor", "priya-shah", "jo-bennett"))
    raised = await lead.post(f"{here}/concerns", {"words": "Cannot wait."}, 201)
    await lead.audit(audit_id, "lead")
    await peer.audit(audit_id, "peer")
    new = {"what": "Rewrite section F", "owner": "lee-walsh", "due_on": "2027-01-15"}
    action = await moderator.post(f"{here}/actions", new, 201)
    await moderator.post(f"{here}/moderation/returns", {"part": "lead", "question": "Which?"})
    (question,) = await rows(database, "select id from question")
    return {
        "audit_id": [str(audit_id)],
        "action_id": [action["action_id"]],
        "escalation_id": [raised["escalation_id"]],
        "question_id": [str(question["id"])],
        "part": ["lead"],
        "code": ["overall"],
    }


def api_addresses(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route of the API that leads to an audit or to something of one."""
    ours = ("{audit_id}", "{action_id}", "{escalation_id}")
    return sorted(route for route in routes_of(app) if "/audit/v1/" in route[1] and any(each in route[1] for each in ours))


def filled(path: str, places: Mapping[str, list[str]]) -> Iterator[str]:
    """A path with everything that may stand for its parts."""
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    for values in product(*(places.get(name, [str(uuid4())]) for name in names)):
        yield path.format(**dict(zip(names, values, strict=True)))


async def answered(client: ServiceClient, method: str, path: str, address: str) -> tuple[int, str]:
    """Status of an answer and what it says, but for the id of the request."""
    body = next((body for end, body in BODIES.items() if path.endswith(end)), None) if method in {"POST", "PUT"} else None
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
    answer = await client.request(method, address, json=body, headers=headers)
    said = answer.json()
    said.pop("request_id", None)
    return answer.status_code, str(said)


class TestGuesses:
    @pytest.mark.parametrize("who", STRANGERS)
    async def test_an_address_that_is_guessed_right_is_answered_as_one_that_is_not(
        self, office: Office, app: FastAPI, everything: dict[str, list[str]], who: str, database: Database
    ) -> None:
        before = await counted(database)
        nowhere = {**everything, **{name: [str(uuid4())] for name in everything if name.endswith("_id")}}
        async with office.call(STRANGERS[who]) as stranger:
            for method, path in api_addresses(app):
                answers = [
                    await answered(stranger, method, path, next(filled(path, places))) for places in (everything, nowhere)
                ]
                assert answers[0] == answers[1], (method, path)
                assert answers[0][0] in {403, 404}, (method, path, answers[0])
            for path in ("/audits", "/actions", "/work"):
                assert everything["audit_id"][0] not in (await stranger.get(f"/audit/v1{path}")).text
        assert await counted(database) == before

    async def test_a_system_that_reads_audits_can_do_nothing_with_them(
        self, office: Office, app: FastAPI, everything: dict[str, list[str]]
    ) -> None:
        async with office.call(MACHINE) as machine:
            for method, path in api_addresses(app):
                status, _ = await answered(machine, method, path, next(filled(path, everything)))
                assert status == (200 if (method, path) == ("GET", "/audit/v1/audits/{audit_id}") else 403), (method, path)

    async def test_people_of_the_audit_find_no_part_of_one_another(
        self, office: Office, app: FastAPI, everything: dict[str, list[str]]
    ) -> None:
        (audit_id,) = everything["audit_id"]
        others = {"lead": "priya-shah", "peer": "sam-okafor", "moderation": "sam-okafor"}
        for part, person in others.items():
            theirs, own = f"/audits/{audit_id}/parts/{part}", FrontEnd.of(office, person)
            if part == "moderation":
                theirs = f"/audits/{audit_id}/moderation"
            for address in (theirs, f"{theirs}/entries/overall"):
                assert (await own.get(address, 404))["status"] == 404
            await own.put(f"{theirs}/entries/overall", {"grade": "good"}, '"1"', 404)
            step = "completion" if part == "moderation" else "submission"
            await own.post(f"{theirs}/{step}", status=404)


async def counted(database: Database) -> list[Any]:
    """What could have been changed, counted."""
    tables = ("step", "action_step", "question", "escalation", "entry", "outbox", "idempotency")
    counts = ", ".join(f"(select count(*) from {table}) as {table}" for table in tables)
    revisions = "(select sum(revision) from entry) as entries, (select sum(revision) from audit) as audits"
    return [tuple(row) for row in await rows(database, f"select {counts}, {revisions}")]


class TestDrafts:
    """The marker stands in every text of a draft; each identity opens every address of the API and of the pages."""

    async def test_nobody_finds_a_word_of_the_leads_before_both_have_submitted_and_the_time_for_slips_is_over(
        self, office: Office, app: FastAPI, clock: Clock
    ) -> None:
        audit_id = await office.add_audit(grace_hours=24)
        lead, peer = FrontEnd.of(office, "sam-okafor"), FrontEnd.of(office, "priya-shah")
        places = self.places(audit_id)
        walkers = {"peer": signed_in("priya-shah"), "moderator": signed_in("jo-bennett"), "officer": OFFICER}
        more = {"senior reader": SENIOR, "worker": signed_in("lee-walsh"), "all scopes": SCOPES, **STRANGERS}
        await lead.fill(audit_id, "lead", "inadequate", MARKER)
        assert await self.finds(office, app, signed_in("sam-okafor"), places)
        for who, identity in (walkers | more).items():
            assert await self.finds(office, app, identity, places) == [], who
        await lead.post(f"/audits/{audit_id}/parts/lead/submission")
        for who, identity in walkers.items():
            assert await self.finds(office, app, identity, places) == [], who
        await peer.audit(audit_id, "peer", "good")
        clock.now += timedelta(hours=23)
        for who, identity in walkers.items():
            assert await self.finds(office, app, identity, places) == [], who
        clock.now += timedelta(hours=1)
        for who, identity in walkers.items():
            assert await self.finds(office, app, identity, places), who
        for who, identity in more.items():
            assert bool(await self.finds(office, app, identity, places)) is (who == "senior reader"), who

    async def test_nobody_finds_a_word_of_the_moderators_before_the_grades_are_fixed(
        self, office: Office, app: FastAPI, clock: Clock
    ) -> None:
        audit_id = await office.add_audit()
        moderator = FrontEnd.of(office, "jo-bennett")
        await FrontEnd.of(office, "sam-okafor").audit(audit_id, "lead")
        await FrontEnd.of(office, "priya-shah").audit(audit_id, "peer")
        await moderator.decide(audit_id, "good", MARKER)
        new = {"what": MARKER, "owner": "lee-walsh", "due_on": "2027-01-15"}
        action = await moderator.post(f"/audits/{audit_id}/actions", new, 201)
        places = self.places(audit_id, action["action_id"])
        people = {name: signed_in(name) for name in ("sam-okafor", "priya-shah", "lee-walsh")}
        assert await self.finds(office, app, signed_in("jo-bennett"), places)
        for who, identity in (people | {"officer": OFFICER, "senior reader": SENIOR, "all scopes": SCOPES}).items():
            assert await self.finds(office, app, identity, places) == [], who
        await moderator.post(f"/audits/{audit_id}/moderation/completion")
        for who, identity in (people | {"officer": OFFICER, "senior reader": SENIOR}).items():
            assert await self.finds(office, app, identity, places), who
        assert await self.finds(office, app, SCOPES, places) == []

    async def test_nobody_finds_a_word_of_whoever_audits_alone_before_it_is_submitted(
        self, office: Office, app: FastAPI, clock: Clock
    ) -> None:
        audit_id = await office.add_audit(parts={"single": "priya-shah"}, tool="residential", kind="single", moderate_by=None)
        auditor = FrontEnd.of(office, "priya-shah")
        await auditor.fill(audit_id, "single", "good", MARKER)
        new = {"what": MARKER, "owner": "lee-walsh", "due_on": "2027-01-15"}
        action = await auditor.post(f"/audits/{audit_id}/actions", new, 201)
        places = {**self.places(audit_id, action["action_id"]), "part": ["single"]}
        assert await self.finds(office, app, signed_in("priya-shah"), places)
        manager, worker = signed_in("sam-okafor"), signed_in("lee-walsh")
        for who in (OFFICER, SENIOR, manager, worker, SCOPES):
            assert await self.finds(office, app, who, places) == [], who.subject

    @staticmethod
    def places(audit_id: UUID, action_id: str = "") -> dict[str, list[str]]:
        """What may stand in an address."""
        return {
            "audit_id": [str(audit_id)],
            "action_id": [action_id or str(uuid4())],
            "part": ["lead", "moderation"],
            "code": ["overall", "quality-of-the-plan"],
            "step": ["draw"],
            "kind": ["csv"],
            "auditor": ["sam-okafor"],
            "name": ["staff.css"],
            "programme": ["send-new-ehcp"],
            "place": ["1"],
        }

    @staticmethod
    async def finds(office: Office, app: FastAPI, identity: Identity, places: Mapping[str, list[str]]) -> list[str]:
        """The addresses, of API and pages, at which somebody finds the marker. None of them may break."""
        found = []
        async with office.call(identity) as client:
            for method, path in sorted(routes_of(app)):
                if method != "GET" or path in {"/livez", "/readyz", "/metrics", "/audit/v1/openapi.json"}:
                    continue
                headers = {} if "/v1/" in path else BROWSER
                for address in filled(path, places):
                    answer = await client.get(address, headers=headers)
                    assert answer.status_code < 500, address
                    if MARKER in answer.text:
                        found.append(address)
        return found
