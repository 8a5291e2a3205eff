"""Outcomes of other systems, case lists and people who left are reduced too, and nothing that was reduced comes back unseen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, posted, profile_document, rows
from services.audit.tests.disputes import OFFICER, Caller, praising, raising, staffed, system
from services.audit.tests.integration.test_people import KEEPER, person
from services.audit.tests.integration.test_people import put as keep
from services.audit.tests.integration.test_post_batch import numbered, post
from services.audit.tests.integration.test_post_batch import statuses as became
from services.audit.tests.integration.test_retention import KEPT, Later, contents, office, task
from services.audit.tests.judging import moderated, set_clock, signed_in
from services.audit.tests.rounds import Officer, cases
from services.audit.tests.support import CASE, ORG, Office

from audit.adapters.retained import DECLARED
from audit.sealed import SEALED
from audit.use_cases.change_action import NewAction, add_action
from chassis.retention.running import Running
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.retained import left_out

__all__ = ["office", "staffed", "system", "task"]
LATER = {
    "completed_on": "2026-07-01", "allocated_on": "2026-06-01", "submitted_on": "2026-06-20", "moderated_on": "2026-07-01",
}  # fmt: skip
POSTED = "select id, reference, overall, completed_on from audit.outcome order by completed_on"


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[Officer]:
    async with call_as(OFFICER) as browser:
        yield Officer(browser)


@pytest.fixture
async def leaving(task: Running, call_as: Call) -> Running:
    """The same, where people who left are kept for two years too."""
    periods = {**KEPT, "person": {"years": 2}}
    async with call_as(caller("operator")) as operator:
        document = {**profile_document(ORG), "version": "8" * 64, "retention": {"audit": periods}}
        assert (await operator.put("/audit/v1/profile", json=document)).status_code == 200
    return task


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


async def test_no_table_is_forgotten_and_nothing_sealed_stays(database: Database, client: ServiceClient) -> None:
    named = "select table_name::text as name from information_schema.tables where table_schema = 'audit'"
    assert left_out(DECLARED, SEALED, [row["name"] for row in await rows(database, named)]) == []


class TestOutcomes:
    async def test_its_number_and_case_go_grades_stay_and_it_is_not_taken_again(
        self, client: ServiceClient, task: Running, database: Database, app: FastAPI
    ) -> None:
        body = posted(reference="MARK-77")
        await post(client, [body, posted(reference="AUD-NEW", **LATER)])
        graded = "select content - 'case_key' as content from audit.outcome_version order by content ->> 'completed_on'"
        before = await rows(database, graded)
        [first, second] = await rows(database, POSTED)
        task._now = Later(datetime(2026, 12, 1, 12, tzinfo=UTC))
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"outcome": 1}, 0)
        left = await contents(database)
        key = app.state.secrets.pseudonym(ORG, "case", CASE)
        told = await rows(database, f"select data from audit.outbox where data ->> 'outcome_id' = '{first['id']}'")
        assert [table for table, text in left.items() if "MARK-77" in text] == []
        assert not [row for row in told if key in row["data"]]
        assert await rows(database, graded) == before
        [now, other] = await rows(database, POSTED)
        assert (now["reference"].startswith("deleted-"), now["overall"], other) == (True, first["overall"], second)
        # The same again, a correction, and among others in a batch.
        alone = await client.post("/audit/v1/outcomes", json=body, headers={"Idempotency-Key": "again"})
        assert problem(alone) == (409, "record-reduced")
        assert "was reduced on 1 December 2026" in alone.json()["detail"]
        assert alone.json()["reduced_on"] == "2026-12-01"
        many = await post(client, [*numbered(1), posted(reference="MARK-77", version=2)], key="batch")
        assert became(many) == ["recorded", "refused"]
        assert many.json()["results"][1]["problem"]["type"].endswith(":record-reduced")
        assert len(await rows(database, POSTED)) == 3

    async def test_one_that_is_posted_while_it_is_reduced_waits_and_is_refused(
        self, client: ServiceClient, task: Running, database: Database
    ) -> None:
        body = posted(reference="MARK-78")
        await post(client, [body])
        answers = await asyncio.gather(
            task.serve(ORG), client.post("/audit/v1/outcomes", json=body, headers={"Idempotency-Key": "beside"})
        )
        # Before it the same, after it refused: never a second one.
        assert answers[1].status_code in {200, 409}
        assert len(await rows(database, POSTED)) == 1


class TestRounds:
    async def test_cases_that_were_not_audited_go_and_the_draw_stays(
        self, officer: Officer, task: Running, database: Database
    ) -> None:
        round_id = await officer.circulated()
        drawn = "select service_area, team, practice_on, standing, reason, place from audit.round_case order by 4, 6, 2, 3"
        before = await rows(database, drawn)
        assert not (await task.serve(ORG)).reduced, "audits of it are at work"
        ended = "update audit.audit set state = 'withdrawn', withdrawn_on = '2026-12-20', withdrawal_reason = 'x' returning 1"
        await rows(database, f"with r as (update audit.round set title = 'About MARK' returning 1) {ended}")
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"audit": 3, "round": 1}, 0)
        left = await contents(database)
        assert not [table for table, text in left.items() if "MARK" in text or "send-north-1" in text]
        keys = await rows(database, "select case_key, worker from audit.round_case")
        assert {row["case_key"].partition("-")[0] for row in keys} == {"deleted"}
        assert len({row["case_key"] for row in keys}) == len(cases())
        assert await rows(database, drawn) == before
        assert (await officer.round(round_id))["title"] == "2026-11"


class TestPeople:
    async def test_who_left_is_one_person_still_whom_nobody_can_name(
        self, office: Office, leaving: Running, database: Database, call_as: Call
    ) -> None:
        set_clock(office)
        audit_id = await office.add_audit()
        await moderated(office, audit_id)
        gone = "update audit.person set active = false, changed_at = '2026-12-01' where code = 'sam-okafor' returning id"
        [left] = await rows(database, gone)
        tally = await leaving.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"person": 1}, 0)
        text = await contents(database)
        # In histories of the audit a sign-in stays until the audit goes.
        assert {table for table, row in text.items() if "sam-okafor" in row} <= {"entry", "step"}
        [entry] = await rows(database, f"select code, subject, duties from audit.person where id = '{left['id']}'")
        assert entry["code"] == f"deleted-{UUID(str(left['id'])).hex}"
        [part] = await rows(database, "select person from audit.part where part = 'lead'")
        assert part["person"] == entry["code"]
        page = await office.browser("jo-bennett", "role:qa-officer").open(f"/audit/audits/{audit_id}")
        assert "Somebody who has left" in page
        async with call_as(KEEPER) as keeper:
            # A list that still names who left makes nobody of it; who works here again is somebody.
            [result] = (await keep(keeper, person(active=False)))["results"]
            assert result["problem"]["type"].endswith(":record-reduced")
            assert (await keep(keeper, person()))["results"][0]["status"] == "added"

    async def test_who_has_something_to_do_is_kept(self, office: Office, leaving: Running, database: Database) -> None:
        set_clock(office)
        await office.add_audit()
        await rows(database, "update audit.person set active = false, changed_at = '2026-12-01' returning id")
        await leaving.serve(ORG)
        kept = await rows(database, "select code from audit.person where code not like 'deleted-%' order by 1")
        assert [row["code"] for row in kept] == ["jo-bennett", "priya-shah", "sam-okafor"]


class TestAudits:
    async def test_one_with_an_action_goes_with_whom_it_concerned(
        self, office: Office, task: Running, database: Database
    ) -> None:
        set_clock(office)
        audit_id = await office.add_audit()
        await moderated(office, audit_id)
        async with office.app.state.uow.begin(ORG) as transaction:
            new = NewAction("Call Kim", "lee-walsh", date(2026, 12, 1))
            await add_action(transaction, office.context, signed_in("alex-morgan", "role:qa-officer"), audit_id, new)
        ended = (
            "with done as (update audit.action set status = 'done', done_on = due_on, changed_at = '2026-12-10' returning 1), "
            "held as (update audit.review set held_on = due_on, result = 'closed' returning 1) "
            "update audit.audit set state = 'closed' returning 1"
        )
        await rows(database, ended)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"audit": 1}, 0)
        assert await rows(database, "select person from audit.audit_person") == []
        assert "lee-walsh" not in (await contents(database))["action"]


class TestDisputesAndGoodPractice:
    async def test_neither_is_recorded_again(self, system: Caller, task: Running, database: Database) -> None:
        ident = await system.raised(reference="EXT-77")
        await system.post(f"disputes/{ident}/withdrawal", {"ended_on": "2026-11-20", "reason": "Settled"})
        await rows(
            database,
            "with ended as (update audit.dispute set phase = 'withdrawn', due_on = null, ended_on = '2026-11-20' returning 1) "
            "update audit.dispute_stage set left_on = '2026-11-20', working_days = 4, result = 'withdrawn', "
            "ended_on = '2026-11-20', informal = false, ending_sealed = '\\xc0ffee03' returning 1",
        )
        await system.made("acknowledgements", praising(reference="EXT-78"))
        assert dict((await task.serve(ORG)).reduced) == {"dispute": 1, "acknowledgement": 1}
        for path, body in (("disputes", raising(reference="EXT-77")), ("acknowledgements", praising(reference="EXT-78"))):
            assert problem(await system.post(path, body)) == (409, "record-reduced")
