"""Outcome stars: facts in any order, and measures against a recount in plain Python."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_counting import Q1, Q2, Counting, tally
from reporting_records import Log, Sources, ident
from reporting_stars import closed, erased, reading, reopened, withdrawn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumer import Received
from contracts import BY_SUBJECT, feedback_stars
from contracts.base import Event
from reporting.adapters import facts
from reporting.events.projection import ReportingProjection

ORG = "worcestershire"
JAN, APRIL, MAY, JULY = date(2022, 1, 10), date(2022, 4, 4), date(2022, 5, 9), date(2022, 7, 4)
BY_SCALE: dict[str, Any] = {"by": "star_scale", "members": ("happy", "safe")}


class TestMeasures:
    async def test_people_with_both_count_once_in_the_period_of_their_last_star(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(
            reading("up", "start", JAN, happy=2, safe=5), reading("up", "mid", APRIL, happy=4, safe=5),
            reading("up", "end", JULY, happy=1), closed("up", JULY),
            reading("down", "start", JAN, happy=4), reading("down", "mid", MAY, happy=1),
            reading("only", "start", APRIL, happy=1, safe=1),
            reading("gap", "start", JAN, happy=3), reading("gap", "mid", MAY, safe=4),
        )  # fmt: skip
        assert await counted(tally("stars_started")) == {None: 1}
        assert await counted(tally("star_people_with_both")) == {None: 2}
        assert await counted(tally("star_improved", **BY_SCALE)) == {"happy": (1, 2), "safe": (0, 1)}
        assert await counted(tally("star_worse", **BY_SCALE)) == {"happy": (1, 2), "safe": (0, 1)}
        assert await counted(tally("star_began_at_top", **BY_SCALE)) == {"happy": (0, 2), "safe": (1, 1)}
        assert await counted(tally("star_points_gained", **BY_SCALE)) == {"happy": 2, "safe": 0}
        assert await counted(tally("star_points_lost", **BY_SCALE)) == {"happy": 3, "safe": 0}
        # The quarter that is over stays as it was; the next has the end of the first.
        assert await counted(tally("star_worse", Q2, **BY_SCALE)) == {"happy": (1, 1)}

    async def test_corrected_and_withdrawn_readings_count_as_they_stand(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            reading("a", "start", JAN, happy=2, safe=2), reading("a", "mid", APRIL, happy=5, safe=3),
            reading("a", "mid", MAY, corrected=True, happy=3), reading("a", "end", MAY, happy=1), withdrawn("a", "end", MAY),
        )  # fmt: skip
        assert await counted(tally("star_points_gained", **BY_SCALE)) == {"happy": 1}
        await sources.record(withdrawn("a", "start", MAY))
        assert await counted(tally("star_people_with_both")) == {None: 0}

    async def test_the_feed_has_the_change_of_each_person_and_learns_of_what_is_taken_back(
        self, sources: Sources, client: Any
    ) -> None:
        await sources.record(
            reading("a", "start", JAN, happy=2), reading("a", "mid", APRIL, happy=5), reading("a", "end", MAY, happy=1),
            closed("a", MAY),
        )  # fmt: skip
        path = "/reporting/odata/v4/Stars"
        [row] = (await client.get(path)).json()["value"]
        assert (row["change"], row["last_point"], row["closed_reason"]) == (-1, "end", "end-star")
        assert "0" * 32 not in str(row)
        await sources.record(withdrawn("a", "end", MAY), reopened("a", MAY))
        [after] = (await client.get(path)).json()["value"]
        assert (after["change"], after["last_on"], after["closed_on"]) == (3, "2022-04-04", None)
        assert after["changed_sequence"] > row["changed_sequence"]

    async def test_an_erased_course_leaves_nothing_and_does_not_come_back_however_late_it_is_told_of(
        self, sources: Sources, counted: Counting, client: Any, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(
            reading("a", "start", JAN, happy=2), reading("a", "mid", APRIL, happy=5), reading("b", "start", JAN, happy=2),
            reading("b", "mid", APRIL, happy=3), closed("a", APRIL), erased("a", MAY),
        )  # fmt: skip
        assert await counted(tally("star_points_gained", **BY_SCALE)) == {"happy": 1}
        await sources.record(reading("a", "mid", APRIL, corrected=True, happy=5), closed("a", APRIL))
        assert [row["star_id"] for row in (await client.get("/reporting/odata/v4/Stars")).json()["value"]] == [
            str(ident("star", "b"))
        ]
        rows = await apply(worker_engine, [[each] for each in reversed(of(reading("a", "start", JAN), erased("a", MAY)))])
        assert [len(each) for each in rows].count(1) == 1  # that it is gone


def story() -> list[Event]:
    """Courses of which most things are told more than once."""
    return [
        reading("a", "start", JAN, happy=2, safe=5),
        reading("a", "mid", APRIL, happy=4),
        reading("a", "start", JAN, corrected=True, happy=3),
        reading("b", "start", JAN, happy=5),
        reading("a", "end", MAY, happy=1, safe=2),
        closed("a", MAY),
        withdrawn("a", "end", MAY),
        reopened("a", MAY),
        reading("a", "mid", MAY, corrected=True, happy=5, safe=1),
        reading("b", "mid", APRIL, name="1", happy=5),
        reading("b", "mid", MAY, name="2", happy=4),
        closed("b", MAY, "moved-away"),
        reading("a", "end", JULY, name="again", happy=2),
        closed("a", JULY),
        withdrawn("b", "mid", MAY, "1"),
        reading("c", "start", APRIL, safe=1),
    ]


def of(*events: Event) -> list[Received]:
    """Events as the consumer hands them over."""
    return [
        Received(
            UUID(each["id"]), ORG, "feedback", int(each["sequence"]), datetime.fromisoformat(each["time"]),
            BY_SUBJECT[each["type"]].model_validate(each["data"]), each,
        )
        for each in Log().record(ORG, *events)
    ]  # fmt: skip


IN_ORDER = of(*story())


@st.composite
def batches(draw: st.DrawFn, events: Sequence[Received]) -> list[list[Received]]:
    """All events, some of them twice, shuffled and cut anywhere."""
    repeated = draw(st.lists(st.sampled_from(events), max_size=6))
    shuffled = draw(st.permutations([*events, *repeated]))
    ends = sorted(draw(st.sets(st.integers(1, len(shuffled) - 1), max_size=8)))
    return [shuffled[first:last] for first, last in zip([0, *ends], [*ends, len(shuffled)], strict=True)]


async def apply(engine: AsyncEngine, parts: Sequence[Sequence[Received]]) -> list[list[str]]:
    """The rows of the tables and views of stars when batches are applied to empty ones."""
    tables = [each for each in (*facts.TABLES, *facts.VIEWS) if "star" in each.split("_") and each.startswith("fact")]
    async with engine.connect() as connection:
        await facts.truncate(connection)
        await connection.execute(
            text("select set_config('app.areas', '*', true), set_config('app.org', :org, true)"), {"org": ORG}
        )
        for part in parts:
            await ReportingProjection().apply(connection, ORG, part)
        statements = (f"select {table}::text from {table} order by 1" for table in tables)
        return [list((await connection.execute(text(statement))).scalars()) for statement in statements]


@pytest.fixture
def expected() -> dict[str, list[list[str]]]:
    """What the events give in order, worked out by the first example."""
    return {}


def recount(events: Sequence[Event], last: date, scale: str) -> tuple[int, int]:
    """Improved, of all with both, straight from the events in their order."""
    held: dict[UUID, feedback_stars.StarReading] = {}
    gone: set[UUID] = set()
    for event in events:
        if isinstance(event, feedback_stars.StarReading):
            held[event.reading_id] = event
        elif isinstance(event, feedback_stars.StarWithdrawn):
            gone.add(event.reading_id)
    improved = people = 0
    for star in {each.star_id for each in held.values()}:
        mine = [each for key, each in held.items() if each.star_id == star and key not in gone and each.taken_on <= last]
        scored = {each.point + str(each.taken_on): each for each in mine if scale in {score.scale for score in each.scores}}
        starts = [each for each in scored.values() if each.point == "start"]
        later = sorted((each for each in scored.values() if each.point != "start"), key=lambda each: each.taken_on)
        if starts and later:
            first, final = (next(s.score for s in each.scores if s.scale == scale) for each in (starts[0], later[-1]))
            people += 1
            improved += final > first
    return improved, people


class TestAnyOrder:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(shuffled=batches(IN_ORDER))
    async def test_gives_the_same_rows(
        self, worker_engine: AsyncEngine, expected: dict[str, list[list[str]]], shuffled: list[list[Received]]
    ) -> None:
        if not expected:
            expected["rows"] = await apply(worker_engine, [IN_ORDER])
        assert await apply(worker_engine, shuffled) == expected["rows"]

    async def test_measures_agree_with_a_recount_of_the_events(self, sources: Sources, counted: Counting, app: FastAPI) -> None:
        await sources.record(*story())
        assert ident("star", "a") != ident("star", "b")
        for period in (Q1, Q2):
            for scale in ("happy", "safe"):
                # All courses began before: from the first day on, everybody who has both by the period's end.
                whole = tally("star_improved", period, filters=(("star_scale", (scale,)),))
                from_the_start = type(whole)(whole.measure, JAN, whole.last, whole.filters)
                improved, people = recount(story(), period.last, scale)
                assert await counted(from_the_start) == {None: (improved, people) if people else 0}
