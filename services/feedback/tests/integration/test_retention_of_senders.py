"""What was reduced and is sent again makes nothing new; people who made calls are let go; no table is forgotten."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.feedback.tests.integration.test_calls_api import BODY, key
from services.feedback.tests.integration.test_responses_api import CALL
from services.feedback.tests.integration.test_responses_api import post as enter
from services.feedback.tests.integration.test_retention import ORG, clock, keep, task

from chassis.retention.running import Running
from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.retained import left_out
from feedback.adapters.retained import DECLARED
from feedback.sealed import SEALED
from feedback.use_cases.reissue_invitations import Again, reissue_invitations

__all__ = ["clock", "task"]
LETTER = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter", "reference": "LAC-9"}
ENDED = """
    update feedback.call set state = 'closed', revision = 1, attempts = 1, caller = 'staff:cal', tried_on = due_on,
           ended_on = due_on, ground = 'not-reached'
"""


@pytest.fixture
async def system(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    async with ServiceClient(app, keys, "feedback", caller("feedback:calls:write", "feedback:calls:read")) as found:
        yield found


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


async def test_no_table_is_forgotten_and_nothing_sealed_stays(sql: Any) -> None:
    tables = await sql.rows("select table_name as name from information_schema.tables where table_schema = 'feedback'")
    assert left_out(DECLARED, SEALED, [each["name"] for each in tables]) == []


class TestSentAgain:
    async def test_letters_answers_and_calls_are_refused_alone_and_in_batches(
        self, client: Any, system: ServiceClient, task: Running, issue: Any, sql: Any, operator: Any, documents: Any
    ) -> None:
        await issue(reference="LAC-9")
        assert (await enter(client, CALL)).status_code == 201
        assert (await system.post("/feedback/v1/calls", json=BODY, headers=key())).status_code == 201
        await sql.execute(ENDED)
        await keep(operator, documents, **{each: {"years": 2} for each in ("response", "invitation", "call")})
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"response": 1, "invitation": 1, "call": 1}, 0)
        letters = "/feedback/v1/invitations"
        answers = [
            await client.post(letters, json=LETTER, headers=key()),
            await enter(client, CALL),
            await system.post("/feedback/v1/calls", json=BODY, headers=key()),
        ]
        assert [problem(each) for each in answers] == [(409, "record-reduced")] * 3
        assert all("reduced on 2 January 2040" in each.json()["detail"] for each in answers)
        batch = {"invitations": [LETTER, {**LETTER, "reference": "LAC-10"}]}
        many = (await client.post(f"{letters}/batch", json=batch, headers=key())).json()
        assert [each["status"] for each in many["results"]] == ["refused", "issued"]
        assert many["results"][0]["problem"]["type"].endswith(":record-reduced")
        calls = {"calls": [BODY, {**BODY, "reference": "FC-2"}]}
        many = (await system.post("/feedback/v1/calls/batch", json=calls, headers=key())).json()
        assert [each["status"] for each in many["results"]] == ["refused", "added"]
        kept = await sql.rows("select k::text as row from feedback.retention_key k")
        assert len(kept) == 3
        assert not [mark for mark in ("LAC-9", "CALL-1", "FC-1") if mark in str(kept)]

    async def test_a_letter_that_was_issued_again_is_known_by_the_one_that_stands(
        self, app: FastAPI, client: Any, task: Running, issue: Any, sql: Any, operator: Any, documents: Any
    ) -> None:
        first = await issue(reference="LAC-9")
        async with app.state.uow.begin(ORG) as transaction:
            again = [Again(UUID(first["invitation_id"]))]
            [done] = await reissue_invitations(transaction, app.state.feedback, again, datetime.now(UTC))
        assert done.result.status == "issued"
        await sql.execute("update feedback.invitation set expires_on = '2044-01-01' where withdrawn_on is null")
        await keep(operator, documents, invitation={"years": 2})
        assert dict((await task.serve(ORG)).reduced) == {"invitation": 1}
        answer = await client.post("/feedback/v1/invitations", json=LETTER, headers=key())
        assert answer.status_code in {200, 409}
        assert "record-reduced" not in answer.text


class TestCallers:
    async def test_who_owes_no_calls_any_more_loses_the_name(
        self, task: Running, sql: Any, operator: Any, documents: Any, clock: Any
    ) -> None:
        for code, until in (("gone", "'2037-12-01'"), ("here", "null")):
            await sql.execute(
                "insert into feedback.caller (org, subject, name, seen_on) "
                f"values ('{ORG}', 'staff:{code}', '\\x01', '2037-06-01')"
            )
            await sql.execute(
                "insert into feedback.caller_duty (org, subject, programme, from_on, until_on) "
                f"values ('{ORG}', 'staff:{code}', 'fostering', '2036-01-01', {until})"
            )
        await keep(operator, documents, caller={"years": 2})
        clock.now = datetime(2039, 11, 30, 12, tzinfo=UTC)
        assert not (await task.serve(ORG)).reduced
        clock.now = datetime(2039, 12, 1, 12, tzinfo=UTC)
        assert dict((await task.serve(ORG)).reduced) == {"caller": 1}
        changed = await sql.rows("select subject, length(name) > 1 as sealed_anew from feedback.caller order by 1")
        assert [each["sealed_anew"] for each in changed] == [True, False]
