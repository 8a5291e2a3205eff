"""What Prometheus is told of worries: what nobody has read and for how long, by organisation alone, and along an index."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client import REGISTRY
from services.feedback.tests.integration.test_worry_mails import choose
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.figures import by_organisation
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork
from feedback.adapters import worry_figures

ORG = "worcestershire"


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections as the role that the worker has."""
    made = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield made
    await made.dispose()


def shown(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"loop_feedback_{name}", {"org": ORG})


async def test_an_unread_worry_shows_with_its_age_until_somebody_acknowledges_it(
    family: Any, issue: Any, sql: Any, engine: AsyncEngine
) -> None:
    await choose(family, issue)
    look = by_organisation(UnitOfWork(engine), worry_figures.waiting, worry_figures.GAUGES)
    await look()
    assert (shown("worries_unread"), shown("worries_late")) == (1, 0)
    assert shown("worry_oldest_unread_seconds") == pytest.approx(60, abs=60)
    earlier = "opened_at = opened_at - interval '5 days', read_from = read_from - interval '5 days'"
    await sql.execute(f"update feedback.concern set {earlier}, due_at = due_at - interval '5 days'")
    await look()
    assert (shown("worries_unread"), shown("worries_late")) == (1, 1)
    assert shown("worry_oldest_unread_seconds") == pytest.approx(5 * 86400, abs=600)
    await sql.execute(
        "update feedback.concern set state = 'acknowledged', acknowledged_at = now(), revision = 1, looked_at_by = 'staff-1'"
    )
    await look()
    assert (shown("worries_unread"), shown("worry_oldest_unread_seconds"), shown("worries_late")) == (0, 0, 1)


async def test_the_price_does_not_grow_with_what_is_closed(app: Any, engine: AsyncEngine, sql: Any) -> None:
    async with UnitOfWork(engine).begin(ORG) as transaction:
        # There is nothing to choose by in an empty table; this asks only whether the index can carry it.
        await transaction.connection.execute(text("set local enable_seqscan = off"))
        names = {"org": ORG, "most": worry_figures.MOST}
        plan = await transaction.connection.execute(text(f"explain {worry_figures._WAITING.text}"), names)
        lines = [str(row[0]) for row in plan]
    assert any("Index Scan using concern_to_do" in line for line in lines), lines
    assert not [line for line in lines if "Sort" in line]
