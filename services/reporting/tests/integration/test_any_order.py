"""Audits at work give the same rows in whatever order their events arrive, however often, and wherever batches end."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_learning import declined, learned
from reporting_ombudsman import wanted
from reporting_records import (
    Log,
    Sources,
    complaint,
    counting,
    ident,
    point_now,
    points_changed,
    recounted,
    responded,
    response,
)
from reporting_rows import clear, digest
from reporting_work import (
    acknowledged,
    action,
    allocated,
    ended,
    moderated,
    one_of_each,
    raised,
    reached,
    reopened,
    reviewed,
    submitted,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumer import Received
from contracts import BY_SUBJECT, audit, complaints
from contracts.base import Event
from reporting.adapters import facts
from reporting.events.projection import ReportingProjection

ORG = "worcestershire"
DAYS = [date(2026, month, 2) for month in range(1, 13)]


def parts_of(reference: str, n: int, **more: Any) -> list[complaints.PointNow]:
    """The two parts of a point."""
    return [point_now(reference, n * 10 + part, ancestors=(n,), **more) for part in (1, 2)]


def story() -> list[Event]:
    """Audits and disputes of which most things are told more than once."""
    concern: dict[str, Any] = {"audit_id": ident("audit", "a"), "escalation_id": ident("escalation", "a"), "raised_on": DAYS[1]}
    return [
        allocated("a", DAYS[0]),
        allocated("b", DAYS[0], team=None, moderate_by=None),
        submitted("a", "lead", DAYS[1]),
        submitted("a", "peer", DAYS[1]),
        audit.AuditEscalated(**concern),
        submitted("a", "lead", DAYS[2]),
        audit.AuditEscalated(**concern, acknowledged_on=DAYS[2]),
        moderated("a", DAYS[2], due_on=DAYS[3], review_due_on=DAYS[5], revised=True),
        action("a", "a1", "open", DAYS[4]),
        action("a", "a1", "done", DAYS[4], done_on=DAYS[3]),
        action("a", "a1", "open", DAYS[6], team=None),
        reviewed("a", 1, DAYS[5], DAYS[5], DAYS[7]),
        action("a", "a2", "dropped", DAYS[6]),
        reviewed("a", 2, DAYS[7], DAYS[7]),
        learned("a", 1, DAYS[0], due_on=DAYS[4]),
        learned("a", 2, DAYS[1], due_on=DAYS[6], recorded_on=DAYS[0]),
        learned("a", 4, DAYS[2], "done", due_on=DAYS[6], recorded_on=DAYS[0], done_on=DAYS[2]),
        declined("b", DAYS[3]),
        raised("a", DAYS[0]),
        reached("a", 1, DAYS[0]),
        raised("a", DAYS[0], category="care-planning", team=None),
        reached("a", 1, DAYS[0], answered_on=DAYS[1], answered_by="team-manager", working_days=5),
        reached("a", 2, DAYS[1], stage="group-manager"),
        ended("a", 2, DAYS[2], stage="group-manager"),
        reopened("a", 3, DAYS[3]),
        reached("a", 3, DAYS[3], stage="director"),
        ended("a", 2, DAYS[2], stage="group-manager", result="withdrawn", outcome=None),
        acknowledged("a", DAYS[0]),
        acknowledged("a", DAYS[0], seen_on=DAYS[1], themes=("timeliness", "plans")),
        acknowledged("a", DAYS[0], seen_on=DAYS[1], withdrawn_on=DAYS[2]),
        response("r", DAYS[0], {"one": "yes"}),
        counting("r", 1, DAYS[0], counted=False),
        counting("r", 2, DAYS[1], counted=True),
        counting("r", 3, DAYS[2], counted=False),
        complaint("s", DAYS[0], categories=["send-communication"]),
        recounted("s", "suspend", DAYS[0], suspended_on=DAYS[1]),
        responded("s", DAYS[0], 12, ["upheld"]),
        recounted("s", "respond", DAYS[0], responded_on=DAYS[1], ending="answered", working_days=12, findings=["upheld"]),
        recounted("s", "correct", DAYS[0], suspended_days=3),
        recounted("s", "withdraw", DAYS[0], responded_on=DAYS[2], ending="withdrawn", findings=["withdrawn"]),
        wanted("o", 2, DAYS[0], deadlines=[("remedy", DAYS[4], None, "apology")]),
        wanted("o", 3, DAYS[0], deadlines=[("remedy", DAYS[4], DAYS[5], "apology"), ("draft", DAYS[6], None, None)]),
        wanted("o", 4, DAYS[0], outcome_on=DAYS[2], outcome="upheld", actions=1, remedies=("apology",)),
        points_changed("s", 6, "point-split", point_now("s", 1, became="split"), *parts_of("s", 1)),
        points_changed("s", 7, "point-duplicate", point_now("s", 1, became="split"), *parts_of("s", 1, became="duplicate")),
        points_changed("s", 8, "point-take-back", point_now("s", 1), *parts_of("s", 1, became="taken-back")),
        complaint("e", DAYS[0], categories=["send-communication"]),
        complaints.ComplaintVoided(complaint_id=ident("complaint", "e"), decided_on=DAYS[1]),
        *one_of_each("c", DAYS[8]),
    ]


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
        await connection.execute(text("select set_config('app.org', :org, true)"), {"org": ORG})
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
