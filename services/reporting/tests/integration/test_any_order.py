"""Audits at work give the same rows in whatever order their events arrive, however often, and wherever batches end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_records import (
    Log,
    Sources,
)
from reporting_rows import clear, digest
from reporting_stories import story
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumer import Received
from contracts import BY_SUBJECT
from reporting.adapters import facts
from reporting.events.projection import ReportingProjection

ORG = "worcestershire"


def received() -> list[Received]:
    """The story as it arrives."""
    return [
        Received(
            UUID(each["id"]),
            ORG,
            "audit",
            int(each["sequence"]),
            datetime.fromisoformat(each["time"]),
            BY_SUBJECT[each["type"]].model_validate(each["data"]),
            each,
        )
        for each in Log().record(ORG, *story())
    ]


IN_ORDER = received()


@st.composite
def batches(draw: st.DrawFn) -> list[list[Received]]:
    """All events, some of them twice, shuffled and cut anywhere."""
    repeated = draw(st.lists(st.sampled_from(IN_ORDER), max_size=8))
    shuffled = draw(st.permutations(IN_ORDER + repeated))
    ends = sorted(draw(st.sets(st.integers(1, len(shuffled) - 1), max_size=12)))
    return [shuffled[first:last] for first, last in zip([0, *ends], [*ends, len(shuffled)], strict=True)]


async def apply(engine: AsyncEngine, parts: Sequence[Sequence[Received]]) -> list[list[str]]:
    """The rows of every table that remain when batches are applied to empty ones."""
    async with engine.connect() as connection:
        await facts.truncate(connection)
        await connection.execute(
            text("select set_config('app.areas', '*', true), set_config('app.org', :org, true)"), {"org": ORG}
        )
        for part in parts:
            await ReportingProjection().apply(connection, ORG, part)
        tables = (f"select {table}::text from {table} order by 1" for table in facts.TABLES)
        return [list((await connection.execute(text(statement))).scalars()) for statement in tables]


@pytest.fixture
def expected() -> dict[str, list[list[str]]]:
    """What the events give in order, worked out by the first example."""
    return {}


class TestAnyOrder:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(shuffled=batches())
    async def test_gives_the_same_rows(
        self, worker_engine: AsyncEngine, expected: dict[str, list[list[str]]], shuffled: list[list[Received]]
    ) -> None:
        if not expected:
            expected["rows"] = await apply(worker_engine, [IN_ORDER])
        assert await apply(worker_engine, shuffled) == expected["rows"]

    async def test_what_is_known_again_after_a_rebuild_is_the_same(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(*story())
        await sources.record(*story(), org="telford-wrekin")
        before = await digest(worker_engine)
        await clear(sources)
        assert await digest(worker_engine) != before
        await sources.project()
        assert await digest(worker_engine) == before
