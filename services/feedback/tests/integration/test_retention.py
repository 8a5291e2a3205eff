"""Survey answers, letters, worries and calls are reduced when their time is over; stars and requests are held by holds too."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from services.feedback.tests.integration.test_quotes_pages import TEXT, redact
from services.feedback.tests.integration.test_worry_pages import SECRET, sit, worry
from services.feedback.tests.sending import Clock
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.retention import holding
from chassis.retention.holding import Wanted
from chassis.retention.running import Running
from chassis.testing.fixtures import Database, ServiceClient
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.sealed import SEALED
from feedback.use_cases.erase_stars import Expiry
from feedback.use_cases.retain import retention

__all__ = ["sit", "worry"]
ORG = "worcestershire"
STAYS = {"trail", "profile", "idempotency", "alembic_version"}
CALLED = """
    insert into feedback.call (org, id, programme, reference, due_on, questionnaire, service_area, caller, state, revision,
                               attempts, tried_on, ended_on, ground, added_at)
    values ('worcestershire', gen_random_uuid(), 'fostering', 'LAC-8', '2022-05-01', 'new-ehcp', 'send', 'staff:cal', 'closed',
            1, 1, '2022-05-02', '2022-05-03', 'not-reached', now())
"""
NOTED = """
    insert into feedback.call_log (org, id, call_id, at, on_day, what, programme, by_subject, by_name, revision, attempt, note)
    select org, gen_random_uuid(), id, now(), '2022-05-02', 'no-answer', programme, 'staff:cal', '\\xc0ffee01', 1, 1,
           '\\xc0ffee02'
      from feedback.call
"""
CLOSED = """
    update feedback.concern set state = 'closed', revision = 1, looked_at_by = 'staff:dee', finding = 'no-concern',
           acknowledged_at = opened_at, triaged_at = opened_at, closed_at = opened_at
"""


async def keep(operator: ServiceClient, documents: Any, **periods: dict[str, int]) -> None:
    """Apply a profile in which kinds are kept for so long."""
    document = {**documents(ORG), "version": "9" * 64, "retention": {"feedback": periods}}
    answer = await operator.put("/feedback/v1/profile", json=document)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def clock() -> Clock:
    found = Clock()
    found.now = datetime(2040, 1, 2, 12, tzinfo=UTC)
    return found


def unit_of_work(database: Database) -> UnitOfWork:
    """That of the worker."""
    url = database.url("worker").replace("postgresql:", "postgresql+asyncpg:")
    return UnitOfWork(create_async_engine(url, poolclass=NullPool))


@pytest.fixture
def task(database: Database, secrets_of_service: Any, clock: Clock) -> Running:
    """The worker's task, as the role that the worker has."""
    made = retention(unit_of_work(database), Context(secrets_of_service, Profiles(), "https://loop.example"))
    made._now = clock
    return made


async def hold(app: FastAPI, **wanted: Any) -> None:
    """Place a hold."""
    asked = Wanted(reason="A claim is in view", review_on=date(2050, 1, 1), **wanted)
    async with app.state.uow.begin(ORG) as transaction:
        await holding.place(transaction, app.state.feedback.secrets, "staff:dp", asked, date(2040, 1, 1))


async def contents(sql: Any) -> dict[str, str]:
    """Every row of every table as text."""
    tables = await sql.rows("select table_name as name from information_schema.tables where table_schema = 'feedback'")
    return {
        each["name"]: str([row["row"] for row in await sql.rows(f"select t::text as row from feedback.{each['name']} t")])
        for each in tables
        if each["name"] not in STAYS
    }


async def sealed_values(sql: Any) -> dict[str, set[str]]:
    """Every sealed value as it is shown in a row."""
    found = {}
    for column in SEALED.columns:
        if column.kind == "json":
            continue
        query = f"select encode({column.name}, 'hex') as value from feedback.{column.table} where {column.name} is not null"
        found[f"{column.table}.{column.name}"] = {row["value"] for row in await sql.rows(query)}
    return found


class TestReducing:
    async def test_words_names_and_references_go_and_choices_stay(
        self,
        task: Running,
        worry: str,
        tell: Any,
        seat: Any,
        sql: Any,
        operator: Any,
        documents: Any,
        sit: Any,
    ) -> None:
        await sit().take(worry, "acknowledge")
        comment = await tell(TEXT)
        quote = await redact(seat(), comment)
        for statement in (CALLED, NOTED, CLOSED):
            await sql.execute(statement)
        kinds = ("worry", "response", "invitation", "call")
        await keep(operator, documents, **{each: {"years": 2} for each in kinds})
        sealed = await sealed_values(sql)
        had = {name for name, values in sealed.items() if values}
        assert had >= {
            "response_text.sealed",
            "concern_history.by_name",
            "quote.words",
            "quote_history.by_name",
            "call_log.note",
        }
        choices = await sql.rows("select id, answers, answered_on, language from feedback.response order by id")
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"worry": 1, "response": 2, "invitation": 1, "call": 1}, 0)
        left = await contents(sql)
        for name, values in sealed.items():
            if name.startswith(("caller.", "retention_", "mail.")):
                continue  # who makes calls is staff, and stays; mails to staff lose their content 14 days after they went
            assert not [table for table, rows in left.items() for value in values if value in rows], name
        staff = {"call", "call_log", "caller", "caller_duty"}
        for table, rows in left.items():
            for mark in ("LAC-7", "LAC-8", "CALL-", "staff:dee", "staff:alex", "Patel", SECRET[:12]):
                assert mark not in rows, (table, mark)
            assert table in staff or "staff:" not in rows, table
        assert await sql.rows("select id, answers, answered_on, language from feedback.response order by id") == choices
        for path in (worry, quote, f"/feedback/comments/{comment}", "/feedback/links", "/feedback/comments"):
            who = sit() if path == worry else seat("sam")
            page = await who.get(path)
            assert page.status_code == 200, (path, page.text)
            assert "Patel" not in page.text

    async def test_the_log_keeps_the_day_of_sending_alone(
        self, task: Running, tell: Any, sql: Any, operator: Any, documents: Any
    ) -> None:
        await tell(TEXT)
        query = "select data::text as data from feedback.outbox order by position"
        before = [json.loads(row["data"]) for row in await sql.rows(query)]
        await keep(operator, documents, response={"months": 18})
        await task.serve(ORG)
        *after, told = [json.loads(row["data"]) for row in await sql.rows(query)]
        assert (told["kind"], told["record_id"]) == ("response", before[0]["response_id"])
        assert after == [{**before[0], "submitted_at": "2022-05-30T00:00:00Z"}]

    async def test_an_answer_waits_for_the_worry_that_came_of_it(
        self,
        task: Running,
        worry: str,
        sql: Any,
        operator: Any,
        documents: Any,
    ) -> None:
        assert worry
        await keep(operator, documents, response={"years": 1}, invitation={"years": 1}, worry={"years": 1})
        assert not (await task.serve(ORG)).reduced
        await sql.execute(CLOSED)
        assert set((await task.serve(ORG)).reduced) == {"worry", "response", "invitation"}

    async def test_a_hold_of_the_letters_reference_holds_all_that_came_of_it(
        self,
        app: FastAPI,
        task: Running,
        worry: str,
        sql: Any,
        operator: Any,
        documents: Any,
    ) -> None:
        assert worry
        await sql.execute(CLOSED)
        await keep(operator, documents, response={"years": 1}, invitation={"years": 1}, worry={"years": 1})
        await hold(app, scope="reference", reference="lac-7")
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), dict(tally.held)) == ({}, {"worry": 1, "invitation": 1})


class TestStars:
    @pytest.mark.parametrize("wanted", [{"scope": "reference", "reference": "EH-1"}, {"scope": "kind", "kind": "star"}])
    async def test_a_hold_stands_against_time_and_against_who_asks(  # noqa: PLR0917 - fixtures
        self, app: FastAPI, database: Database, clock: Clock, client: Any, post_star: Any, sql: Any, operator: Any,
        star_profile: Any, secrets_of_service: Any, wanted: Any,
    ) -> None:  # fmt: skip
        for point, day in (("start", "2022-05-12"), ("end", "2022-06-12")):
            assert (await post_star(point, day, person="EH-1")).status_code == 201
        star_profile["stars"]["keep_years"] = 2
        answer = await operator.put("/feedback/v1/profile", json={**star_profile, "version": "8" * 64})
        assert answer.status_code == 200, answer.text
        await hold(app, **wanted)
        context = Context(secrets_of_service, Profiles(), "https://loop.example")
        expiry = Expiry(unit_of_work(database), context, clock)
        assert await expiry.once() == 0
        refused = await client.post("/feedback/v1/stars/erasure", json={"person": "EH-1"}, headers={"Idempotency-Key": "1"})
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "held")
        assert await sql.value("select count(*) from feedback.star") == 1
        await sql.execute("update feedback.retention_hold set lifted_by = 'x', lifted_at = now(), lifted_sealed = '\\x00'")
        assert await expiry.once() == 1
