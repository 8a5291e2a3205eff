"""Audits, disputes and good practice are reduced when their time is over: grades and days stay."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import profile_document, rows
from services.audit.tests.disputes import CASE as DISPUTED
from services.audit.tests.disputes import Caller, praising, staffed, system
from services.audit.tests.judging import moderated, set_clock
from services.audit.tests.support import CASE, Office
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from audit.adapters.profiles import Profiles
from audit.adapters.retained import DECLARED
from audit.sealed import SEALED
from audit.use_cases.retain import retention
from chassis.retention import holding
from chassis.retention.holding import Wanted
from chassis.retention.running import Running
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.unit_of_work import UnitOfWork

__all__ = ["staffed", "system"]
ORG = "worcestershire"
STAYS = {"trail", "profile", "idempotency", "alembic_version", "person"}
KEPT = {each.code: {"years": 2} for each in DECLARED.kinds if each.code != "person"}


ENDED = """
    with done as (update audit.action set status = 'done', done_on = due_on, changed_at = '2026-12-10' returning 1),
         held as (update audit.review set held_on = due_on, result = 'closed' returning 1)
    update audit.audit set state = 'closed' returning 1
"""


@dataclass
class Later:
    """What the worker takes for now."""

    now: datetime = datetime(2040, 1, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment."""
        return self.now


@pytest.fixture
async def task(database: Database, app: FastAPI, client: ServiceClient, call_as: Any) -> Running:
    """The worker's task, as the role that the worker has; everything is kept for two years."""
    document = {**profile_document(ORG), "version": "9" * 64, "retention": {"audit": KEPT}}
    async with call_as(caller("operator")) as operator:
        answer = await operator.put("/audit/v1/profile", json=document)
    assert answer.status_code == 200, answer.text
    url = database.url("worker").replace("postgresql:", "postgresql+asyncpg:")
    made = retention(UnitOfWork(create_async_engine(url, poolclass=NullPool)), Profiles(), app.state.secrets)
    made._now = Later()
    return made


@pytest.fixture
async def office(app: FastAPI, call_as: Any) -> Office:
    found = Office(app, call_as)
    await found.add_people()
    return found


async def contents(database: Database) -> dict[str, str]:
    """Every row of every table as text."""
    named = "select table_name::text as name from information_schema.tables where table_schema = 'audit'"
    tables = [row["name"] for row in await rows(database, named)]
    return {
        name: str([row["row"] for row in await rows(database, f"select t::text as row from audit.{name} t")])
        for name in tables
        if name not in STAYS
    }


async def sealed_values(database: Database) -> dict[str, set[str]]:
    """Every sealed value as it is shown in a row."""
    found = {}
    for column in SEALED.columns:
        if column.table not in STAYS:
            query = f"select encode({column.name}, 'hex') as value from audit.{column.table} where {column.name} is not null"
            found[f"{column.table}.{column.name}"] = {row["value"] for row in await rows(database, query)}
    return found


async def nothing_is_left(database: Database, sealed: dict[str, set[str]], *marks: str) -> None:
    """Neither a sealed value nor a mark, in any table."""
    left = await contents(database)
    for name, values in sealed.items():
        assert not [table for table, text in left.items() for value in values if value in text], name
    assert not [(table, mark) for table, text in left.items() for mark in marks if mark in text]


class TestAudits:
    async def test_words_case_and_reference_go_and_grades_stay(self, office: Office, task: Running, database: Database) -> None:
        set_clock(office)
        audit_id = await office.add_audit()
        await moderated(office, audit_id)
        # Its review is still to be held.
        assert not (await task.serve(ORG)).reduced
        await rows(database, ENDED)
        graded = "select part, entry, grade, first_grade, answer from audit.entry order by 1, 2"
        outcome = "select content - 'case_key' as content from audit.outcome_version"
        grades, content = await rows(database, graded), await rows(database, outcome)
        assert grades
        sealed = await sealed_values(database)
        assert sealed["entry.words_sealed"]
        assert sealed["audit.case_sealed"]
        key = office.context.secrets.pseudonym(ORG, "case", CASE)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"audit": 1}, 0)
        await nothing_is_left(database, sealed, "EHCP-2026-11-001", key)
        assert await rows(database, graded) == grades
        assert await rows(database, outcome) == content
        [told] = await rows(database, "select data from audit.outbox where subject = 'loop.audit.v1.record_reduced'")
        assert str(audit_id) in told["data"]
        page = await office.browser("jo-bennett", "role:qa-officer").open(f"/audit/audits/{audit_id}")
        assert "EHCP-2026-11-001" not in page

    async def test_one_that_is_at_work_or_held_is_kept(self, office: Office, task: Running, database: Database) -> None:
        set_clock(office)
        await office.add_audit("EHCP-2026-11-002")
        audit_id = await office.add_audit()
        await moderated(office, audit_id)
        await rows(database, f"{ENDED.rpartition('returning')[0]} where id = '{audit_id}' returning 1")
        async with office.app.state.uow.begin(ORG) as transaction:
            asked = Wanted("reference", "A claim", date(2050, 1, 1), reference="ehcp-2026-11-001")
            await holding.place(transaction, office.context.secrets, "staff:dp", asked, date(2040, 1, 1))
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), dict(tally.held)) == ({}, {"audit": 1})


class TestDisputesAndGoodPractice:
    async def test_words_and_people_go_and_days_and_codes_stay(
        self, system: Caller, task: Running, database: Database, app: FastAPI
    ) -> None:
        ident = await system.raised(reference="EXT-77")
        ending = {"result": "resolved", "ended_on": "2026-11-20", "outcome": "practice-changed", "informal": True}
        done = await system.post(f"disputes/{ident}/resolution", {**ending, "ending": "Agreed with Lee Walsh"})
        if done.status_code not in {200, 201}:
            await rows(
                database,
                "with ended as (update audit.dispute set phase = 'resolved', due_on = null, ended_on = '2026-11-20' "
                "returning 1) "
                "update audit.dispute_stage set left_on = '2026-11-20', working_days = 4, result = 'resolved', "
                "ended_on = '2026-11-20', outcome = 'upheld', informal = true, ending_sealed = '\\xc0ffee03' returning 1",
            )
        await system.made("acknowledgements", praising(reference="EXT-78"))
        sealed = await sealed_values(database)
        assert sealed["dispute.concern_sealed"]
        assert sealed["acknowledgement.good_sealed"]
        days = "select reached_on, due_on, ended_on, working_days, result, outcome from audit.dispute_stage"
        before = await rows(database, days)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"dispute": 1, "acknowledgement": 1}, 0)
        key = app.state.secrets.pseudonym(ORG, "case", DISPUTED)
        await nothing_is_left(database, sealed, "EXT-77", "EXT-78", "lee-walsh", "jo-bennett", "w-5120", "DRP-", key)
        assert await rows(database, days) == before
