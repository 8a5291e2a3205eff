"""Audits of every kind over the API: a front end that builds its screens from the forms that it is given can do them all."""

from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, profile_of, rows
from services.audit.tests.front_end import FrontEnd
from services.audit.tests.support import Office

from chassis.testing.fixtures import Database, ServiceClient

PROFILES = {org: profile_of(org) for org in ("worcestershire", "telford-wrekin")}
SINGLE = [
    (org, tool.code)
    for org, profile in PROFILES.items()
    for tool in profile.audit.tools
    if tool.kind not in {"looped", "multi-agency"}
]
HERE = "/audit/v1/audits/{audit_id}"
WRITES = {
    "entry": ("PUT", "sam-okafor", f"{HERE}/parts/lead/entries/overall"),
    "final entry": ("PUT", "jo-bennett", f"{HERE}/moderation/entries/overall"),
    "answer": ("POST", "sam-okafor", f"{HERE}/parts/lead/questions/{uuid4()}/answer"),
    "learning": ("POST", "jo-bennett", f"{HERE}/moderation/learning"),
    "return": ("POST", "jo-bennett", f"{HERE}/moderation/returns"),
    "action": ("POST", "jo-bennett", f"{HERE}/actions"),
    "step": ("POST", "jo-bennett", f"/audit/v1/actions/{uuid4()}/steps"),
    "discussion": ("POST", "sam-okafor", f"{HERE}/discussion"),
    "review": ("POST", "chris-doyle", f"{HERE}/review"),
    "concern": ("POST", "sam-okafor", f"{HERE}/concerns"),
    "taking over": ("POST", "sam-okafor", f"/audit/v1/concerns/{uuid4()}/acknowledgement"),
}
MALFORMED = (
    b"{", b"null", b"[]", b'"x"', b"1e999", b"\xff\xfe\x00", b'{"a":' * 2000, b'{"made_up": 1}', b'{"words": "a\\ud800"}',
    b'{"words": {"evidence": null}}', b'{"words": {"a b": "c"}}', b'{"grade": ["good"]}',
    b'{"question": "a\\u0000", "part": "lead"}', b'{"what": "x", "owner": "A B", "due_on": "2027-13-01"}',
    b'{"step": "explode", "note": "x"}', b'{"result": "closed", "changed": 1}', b'{"on": 20261120}',
)  # fmt: skip


@pytest.fixture
def offices(client: ServiceClient, app: FastAPI, call_as: Call) -> dict[str, Office]:
    """The service of both councils, with the same people and teams."""
    return {org: Office(app, call_as, org) for org in PROFILES}


class TestKinds:
    @pytest.mark.parametrize(("org", "code"), SINGLE)
    async def test_one_auditor_does_it_by_the_forms_and_it_counts(
        self, offices: dict[str, Office], database: Database, org: str, code: str
    ) -> None:
        office, tool = offices[org], PROFILES[org].tools[code]
        await office.add_people()
        moderated = bool(tool.activity.moderation)
        parts = {"single": "sam-okafor", **({"moderation": "jo-bennett"} if moderated else {})}
        audit_id = await office.add_audit(parts=parts, tool=code, kind=tool.kind, scale=tool.scale)
        scale = PROFILES[org].scale_of(tool)
        grade = scale.grades[1].code if scale else ""
        done = await FrontEnd.of(office, "sam-okafor").audit(audit_id, "single", grade)
        assert done["state"] == ("submitted" if moderated else "moderated")
        if moderated:
            moderator = FrontEnd.of(office, "jo-bennett")
            await moderator.decide(audit_id, grade)
            assert (await moderator.post(f"/audits/{audit_id}/moderation/completion"))["state"] == "moderated"
        read = await FrontEnd.of(office, "sam-okafor").get(f"/audits/{audit_id}")
        (outcome,) = await rows(database, "select overall, rag from outcome")
        assert (read["overall"], read["rag"]) == tuple(outcome)
        assert read["overall"] == (grade or None)

    async def test_every_agency_makes_its_return_and_the_moderator_joins_them(self, offices: dict[str, Office]) -> None:
        office, tool = offices["worcestershire"], PROFILES["worcestershire"].tools["multi-agency"]
        await office.add_people()
        people = dict(zip((f"agency-{each.code}" for each in tool.agencies[:2]), ("sam-okafor", "priya-shah"), strict=False))
        audit_id = await office.add_audit(
            parts={**people, "moderation": "jo-bennett"}, tool=tool.code, kind=tool.kind, scale=tool.scale
        )
        for part, person in people.items():
            await FrontEnd.of(office, person).audit(audit_id, part, "good")
        moderator = FrontEnd.of(office, "jo-bennett")
        await moderator.decide(audit_id)
        assert (await moderator.post(f"/audits/{audit_id}/moderation/completion"))["state"] == "moderated"


class TestBadInput:
    @pytest.mark.parametrize("what", WRITES)
    async def test_malformed_json_is_a_problem_that_says_what_to_do(self, offices: dict[str, Office], what: str) -> None:
        office = offices["worcestershire"]
        await office.add_people()
        audit_id: UUID = await office.add_audit()
        method, person, path = WRITES[what]
        async with FrontEnd.of(office, person).client as client:
            for content in MALFORMED:
                headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"0"', "content-type": "application/json"}
                answer = await client.request(method, path.format(audit_id=audit_id), content=content, headers=headers)
                assert answer.headers["content-type"] == "application/problem+json", content
                # Nothing is wrong with some of them for some routes but that there is no such thing.
                assert answer.status_code in {404, 409, 422}, (content, answer.text)
                assert len(answer.json()["detail"]) > 10
