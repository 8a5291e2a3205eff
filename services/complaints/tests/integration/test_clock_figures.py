"""What Prometheus is told of clocks: as many as the list says, by organisation alone, and along an index."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from prometheus_client import REGISTRY, generate_latest
from services.complaints.tests.support import TODAY, Desk, fetch
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.figures import by_organisation
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork
from complaints.adapters import clock_figures
from complaints.adapters.clock_figures import OVERDUE, overdue

ORG = "worcestershire"


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections as the role that the worker has."""
    made = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield made
    await made.dispose()


async def test_what_is_overdue_counts_until_it_is_answered_and_what_is_suspended_does_not(
    desk: Desk, engine: AsyncEngine
) -> None:
    received = [
        await desk.receive(reference=f"SEND-22-{number}", received_on=on)
        for number, on in (("001", "2022-04-28"), ("002", "2022-04-27"), ("003", "2022-07-28"))
    ]
    uow = UnitOfWork(engine)

    async def told(day: date = TODAY) -> float | None:
        await by_organisation(uow, overdue(lambda: day), [OVERDUE])()
        return REGISTRY.get_sample_value("loop_complaints_overdue", {"org": ORG})

    for day, listed in ((date(2022, 5, 12), 0), (date(2022, 5, 13), 1), (date(2022, 5, 14), 2), (TODAY, 2)):
        assert len(await desk.references(overdue="true", on=day.isoformat())) == listed
        assert await told(day) == listed
    await desk.answered(received[0]["complaint_id"])
    assert await told() == 1
    lines = [line for line in generate_latest().decode().splitlines() if line.startswith("loop_complaints_overdue{")]
    assert lines == [f'loop_complaints_overdue{{org="{ORG}"}} 1.0']


async def test_the_price_does_not_grow_with_what_is_over(desk: Desk, engine: AsyncEngine, database: Database) -> None:
    await desk.receive()
    columns = fetch(
        database.url("admin"),
        "select string_agg(column_name, ', ') from information_schema.columns where table_schema = 'complaints' "
        "and table_name = 'complaint' and is_generated = 'NEVER' "
        "and column_name not in ('id', 'reference', 'phase', 'due_on')",
    )[0][0]
    many = (
        f"insert into complaints.complaint (id, reference, phase, due_on, {columns}) "
        f"select gen_random_uuid(), 'OLD-' || n, 'answered', null, {columns} "
        "from complaints.complaint, generate_series(1, 5000) as n"
    )
    statements = ("set session_replication_role = replica", many, "analyze complaints.complaint")
    admin = create_async_engine(database.url("admin").replace("postgresql:", "postgresql+asyncpg:"))
    async with admin.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await admin.dispose()
    async with UnitOfWork(engine).begin(ORG) as transaction:
        names = {"org": ORG, "today": TODAY, "most": clock_figures.MOST}
        plan = await transaction.connection.execute(text(f"explain analyze {clock_figures._OVERDUE.text}"), names)
        lines = [str(row[0]) for row in plan]
    assert any("complaint_open_by_due" in line for line in lines), lines
    assert not [line for line in lines if "Seq Scan" in line]
