"""What was begun and leads to nothing any more goes by itself, hour by hour; the rest stays."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.housekeeping import Housekeeping
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork
from feedback.use_cases.clear_left import clearing

ORG = "worcestershire"


@pytest.fixture
async def engine(app: FastAPI, database: Database) -> AsyncIterator[AsyncEngine]:
    """The worker's, as the role that the worker has."""
    made = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield made
    await made.dispose()


@pytest.fixture
def housekeeping(engine: AsyncEngine) -> Housekeeping:
    """As the worker has it."""
    return Housekeeping(engine, uploads=True, also=clearing(UnitOfWork(engine)))


async def test_drafts_go_when_they_can_be_sent_no_more(
    family: Any, other_phone: Any, issue: Any, sql: Any, housekeeping: Housekeeping
) -> None:
    waiting, answered = (await issue())["url"], (await issue())["url"]
    await family.open(waiting)
    await family.answer(1, answer="partly")
    await other_phone.open(answered)
    await other_phone.answer_all()
    await other_phone.send()
    await housekeeping.clear()
    assert await sql.value("select count(*) from feedback.draft") == 2
    await sql.execute("update feedback.draft set touched_on = touched_on - 9")
    await housekeeping.clear()
    assert await sql.value("select count(*) from feedback.draft where not submitted") == 1, "its link works for longer"
    assert await sql.value("select count(*) from feedback.draft where submitted") == 0
    await sql.execute("update feedback.draft set touched_on = touched_on - 740")
    await housekeeping.clear()
    assert await sql.value("select count(*) from feedback.draft") == 0
    assert await sql.value("select count(*) from feedback.response") == 1


async def test_what_staff_began_and_wrong_codes_go(app: FastAPI, sql: Any, housekeeping: Housekeeping) -> None:
    began = """
        insert into feedback.entry (org, id, made_by, questionnaire, version, channel, reference, language, service_area,
                                    answered_on, answers, touched_at)
        select %s, gen_random_uuid(), 'staff:x', 'q', 1, 'paper', 'P-1', 'en', 'send', current_date, '{}', now() - age
          from unnest(array[interval '29 days', interval '31 days']) as age
    """.replace("%s", f"'{ORG}'")
    await sql.execute(began)
    codes = "insert into feedback.code_failure (visitor, minute, failures) values ('*', now() - interval '%s minutes', %s)"
    for minutes, failures in ((0, 1), (60, 60)):
        await sql.execute(codes % (minutes, failures))
    assert await housekeeping.clear() == 2
    assert await sql.value("select count(*) from feedback.entry where touched_at > now() - interval '30 days'") == 1
    assert await sql.value("select count(*) from feedback.entry") == 1
    assert await sql.value("select sum(failures) from feedback.code_failure") == 1
