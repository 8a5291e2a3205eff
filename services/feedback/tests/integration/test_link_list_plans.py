"""The list of links finds its page by an index, however it is narrowed, under the rights that the web process has."""

from datetime import date
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.unit_of_work import UnitOfWork
from feedback.adapters import invitation_list
from feedback.domain.link_list import Narrowed

MANY = """
    insert into feedback.invitation (org, id, client, reference, fingerprint, questionnaire, version, profile_number, channel,
                                     reusable, service_area, team, issued_on, expires_on, used_on)
    select $1, gen_random_uuid(), 'staff:q', $1 || '-' || n, 'x', 'q-' || n % 40, 1, 1, 'letter',
           false, 'send', 'team-' || n % 50, current_date - n % 700, current_date + 60,
           case when n % 3 = 0 then current_date end
      from generate_series(1, $2::integer) as n
"""
TODAY = date(2026, 11, 25)


@pytest.fixture
async def many(sql: Any, app: Any, database: Any) -> None:
    """Thirty thousand links of one organisation and as many of another."""
    for org in ("worcestershire", "telford-wrekin"):
        await sql.execute(MANY, org, 30_000)
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.execute("analyze feedback.invitation")
    finally:
        await connection.close()


async def plan(database: Any, narrowed: Narrowed) -> str:
    """How PostgreSQL goes about the list, as the role of the web process."""
    engine = create_async_engine(database.url("app").replace("postgresql", "postgresql+asyncpg"))
    try:
        async with UnitOfWork(engine).begin("worcestershire") as transaction:
            statement, names = invitation_list.statement_of(narrowed, None, 51, (), TODAY, "worcestershire")
            explained = text(f"explain (analyze, costs off) {statement.text}")
            return "\n".join((await transaction.connection.execute(explained, names)).scalars())
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        (Narrowed(), "invitation_pkey"),
        (Narrowed(questionnaire="q-7"), "invitation_by_questionnaire"),
        (Narrowed(team="team-7"), "invitation_by_team"),
        (Narrowed(month=date(2026, 1, 1), team="team-7"), "invitation_by_"),
        (Narrowed(reference="Worcestershire-777"), "invitation_by_reference"),
        (Narrowed(stands="waiting"), "invitation_pkey"),
    ],
)
async def test_it_uses_an_index(many: None, database: Any, narrowed: Narrowed, index: str) -> None:
    found = await plan(database, narrowed)
    assert index in found, found
    assert "Seq Scan on invitation" not in found, found
