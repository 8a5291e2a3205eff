"""Whatever is sent about disputes and acknowledgements: a problem that says what is wrong, nothing stored, and never a 500."""

import json
from typing import Any
from uuid import uuid4

from services.audit.tests.conftest import rows
from services.audit.tests.disputes import Caller, praising, raising, staffed, system

from chassis.testing.fixtures import Database

__all__ = ["staffed", "system"]

WRONG: list[Any] = [{"x": 1}, 12.5, ["\x00"], "x" * 20_000, True, "nul \x00 inside", None, "2026-02-30", -1]
BODIES: dict[str, dict[str, Any]] = {
    "disputes": raising(reference="R-1", informal="A talk.", informal_on="2026-11-09", person="dana-price", role="x"),
    "disputes/{id}/answer": {"answered_on": "2026-11-19", "answer": "x", "answered_by": "director"},
    "disputes/{id}/escalation": {
        "escalated_on": "2026-11-20",
        "reason": "x",
        "stage": "director",
        "person": "robin-hughes",
        "role": "x",
    },
    "disputes/{id}/resolution": {"resolved_on": "2026-11-20", "outcome": "explained", "changed": "x", "informal": True},
    "disputes/{id}/withdrawal": {"withdrawn_on": "2026-11-20", "reason": "x"},
    "disputes/{id}/reopening": {
        "reopened_on": "2026-11-20",
        "reason": "x",
        "stage": "director",
        "person": "robin-hughes",
        "role": "x",
    },
    "disputes/{id}/correction": {
        "raised_on": "2026-11-13",
        "category": "visits",
        "concern": "x",
        "informal": None,
        "team": None,
        "stages": {"1": {"person": "dana-price"}},
        "ending": {"words": "x"},
    },
    "acknowledgements": praising(reference="R-1"),
    "acknowledgements/{practice}/confirmation": {"seen_on": "2026-11-21", "shared_on": "2026-11-22", "notice": 1},
    "acknowledgements/{practice}/correction": {"worker": "w-7", "themes": ["timeliness"], "good": "x"},
    "acknowledgements/{practice}/withdrawal": {"withdrawn_on": "2026-11-22", "reason": "x"},
}


class TestBadInput:
    async def test_no_malformed_body_is_stored_and_none_breaks_it(self, system: Caller, database: Database) -> None:
        ids = {"id": await system.raised(), "practice": await self.practice(system)}
        counts = await self.counts(database)
        for path in BODIES:
            for content in (b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"\xff\xfe\x00", b'{"a":' * 2000, b'{"surprise": 1}'):
                headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
                answer = await system.client.post(f"/audit/v1/{path.format(**ids)}", content=content, headers=headers)
                assert answer.status_code == 422, (path, content[:20], answer.text)
                assert answer.headers["content-type"] == "application/problem+json"
        assert await self.counts(database) == counts

    async def test_no_field_of_a_wrong_type_breaks_it(self, system: Caller) -> None:
        ids = {"id": await system.raised(), "practice": await self.practice(system)}
        for path, body in BODIES.items():
            for field in body:
                for wrong in WRONG:
                    content = json.dumps({**body, field: wrong})
                    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
                    answer = await system.client.post(f"/audit/v1/{path.format(**ids)}", content=content, headers=headers)
                    assert answer.status_code in {200, 201, 409, 422}, (path, field, wrong, answer.text)
                    if answer.status_code == 422:
                        assert answer.json()["errors"], (path, field, wrong)

    async def test_no_bad_id_is_looked_for(self, system: Caller) -> None:
        for path, body in BODIES.items():
            if "{" in path:
                for ident, status in (("x", 422), (str(uuid4()), 404)):
                    answer = await system.post(path.format(id=ident, practice=ident), body)
                    assert answer.status_code == status, (path, answer.text)

    @staticmethod
    async def practice(system: Caller) -> str:
        return str((await system.made("acknowledgements", praising()))["acknowledgement_id"])

    @staticmethod
    async def counts(database: Database) -> list[int]:
        tables = ("dispute", "dispute_change", "acknowledgement", "acknowledgement_change", "outbox")
        return [(await rows(database, f"select count(*) from {table}"))[0][0] for table in tables]
