"""Comments, quotes and changes: their facts in any order, what of them counts, and that no word is among them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_counting import Counting, tally
from reporting_records import Log, Sources
from reporting_rows import clear, digest
from reporting_said import published, released, taken_back, taken_off, themed
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.consumer import Received
from chassis.testing.fixtures import ServiceClient
from contracts import BY_SUBJECT
from contracts.base import Event
from reporting.adapters import facts
from reporting.events.projection import ReportingProjection

ORG = "worcestershire"
LATER = date(2022, 6, 1)
FEED = "/reporting/odata/v4"


def story() -> list[Event]:
    """Things most of which are told more than once."""
    return [
        themed("a", "timeliness"),
        themed("a", "timeliness", "communication"),
        themed("b", "communication", team="send-north"),
        released("a", 1, "timeliness"),
        published("a", 2, "timeliness"),
        themed("b"),
        released("a", 2, "timeliness", "communication", on=LATER),
        taken_back("a", 2),
        taken_off("a", 3),
        released("b"),
        taken_back("b"),
        released("b", 2, on=LATER),
        published("a", 5, "communication", on=LATER),
        published("b", 2),
        taken_off("b", 3),
        themed("a", "assessments"),
    ]


def received() -> list[Received]:
    """The story as it arrives."""
    return [
        Received(
            UUID(each["id"]), ORG, "feedback", int(each["sequence"]), datetime.fromisoformat(each["time"]),
            BY_SUBJECT[each["type"]].model_validate(each["data"]), each,
        )
        for each in Log().record(ORG, *story())
    ]  # fmt: skip


IN_ORDER = received()


@st.composite
def batches(draw: st.DrawFn) -> list[list[Received]]:
    """All events, some of them twice, shuffled and cut anywhere."""
    repeated = draw(st.lists(st.sampled_from(IN_ORDER), max_size=8))
    shuffled = draw(st.permutations(IN_ORDER + repeated))
    ends = sorted(draw(st.sets(st.integers(1, len(shuffled) - 1), max_size=8)))
    return [shuffled[first:last] for first, last in zip([0, *ends], [*ends, len(shuffled)], strict=True)]


async def apply(engine: AsyncEngine, parts: Sequence[Sequence[Received]]) -> list[list[str]]:
    """The rows of the tables that remain when batches are applied to empty ones."""
    tables = ("fact_comment", "fact_quote", "fact_quote_withdrawal", "fact_change", "fact_change_withdrawal")
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


@pytest.fixture
def counted(app: FastAPI) -> Counting:
    """Counts as the application does."""
    return Counting(app)


class TestAnyOrder:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(shuffled=batches())
    async def test_gives_the_same_rows(
        self, worker_engine: AsyncEngine, expected: dict[str, list[list[str]]], shuffled: list[list[Received]]
    ) -> None:
        if not expected:
            expected["rows"] = await apply(worker_engine, [IN_ORDER])
        assert await apply(worker_engine, shuffled) == expected["rows"]

    async def test_a_rebuild_gives_the_same(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(*story())
        before = await digest(worker_engine)
        await clear(sources)
        await sources.project()
        assert await digest(worker_engine) == before


class TestCounting:
    async def test_comments_are_counted_by_theme_and_once_in_all(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            themed("a", "timeliness", "communication"), themed("b", "timeliness"), themed("c"), themed("d", "assessments"),
            themed("e", "timeliness", about_on=date(2022, 8, 1)),
        )  # fmt: skip
        assert await counted(tally("comments_themed")) == {None: 3}
        by: dict[str, Any] = {"by": "theme", "members": ("timeliness", "communication")}
        assert await counted(tally("comments_themed", **by)) == {"timeliness": 2, "communication": 1, None: 1}
        assert await counted(tally("comments_themed", filters=(("theme", ("communication", "x")),))) == {None: 1}

    async def test_themes_that_were_taken_away_count_no_more(self, sources: Sources, counted: Counting) -> None:
        await sources.record(themed("a", "timeliness"), themed("a"))
        assert await counted(tally("comments_themed")) == {None: 0}

    async def test_a_withdrawn_quote_counts_nowhere_until_a_later_version(self, sources: Sources, counted: Counting) -> None:
        await sources.record(released("a", 1, "timeliness"), released("b"))
        assert await counted(tally("quotes_released")) == {None: 2}
        await sources.record(taken_back("a"))
        assert await counted(tally("quotes_released")) == {None: 1}
        await sources.record(released("a", 2, "timeliness", on=LATER))
        by: dict[str, Any] = {"by": "theme", "members": ("timeliness",)}
        assert await counted(tally("quotes_released", **by)) == {"timeliness": 1, None: 1}

    async def test_a_change_counts_while_it_is_published(self, sources: Sources, counted: Counting) -> None:
        await sources.record(published("a", 2, "timeliness"), published("b", 2))
        assert await counted(tally("changes_published")) == {None: 2}
        await sources.record(taken_off("a", 3))
        assert await counted(tally("changes_published")) == {None: 1}
        await sources.record(published("a", 5, "timeliness", on=LATER))
        assert await counted(tally("changes_published", filters=(("theme", ("timeliness",)),))) == {None: 1}


class TestTheFeed:
    async def test_each_set_has_its_rows_and_a_withdrawn_one_stays_with_its_day(
        self, sources: Sources, client: ServiceClient
    ) -> None:
        await sources.record(themed("a", "timeliness", "communication"), released("a"), taken_back("a"), published("a", 2))
        [comment] = (await client.get(f"{FEED}/SurveyComments")).json()["value"]
        assert (comment["themes"], comment["question"]) == ("communication;timeliness", "in-your-words")
        [quote] = (await client.get(f"{FEED}/Quotes")).json()["value"]
        assert (quote["withdrawn_on"], quote["changed_sequence"]) == ("2022-06-01", 3)
        [change] = (await client.get(f"{FEED}/PublishedChanges")).json()["value"]
        assert (change["questions"], change["withdrawn_on"]) == ("new-ehcp/easy-to-contact", None)
        document = (await client.get(f"{FEED}/$metadata")).text
        for row in (comment, quote, change):
            for name in row:
                assert name.startswith("@") or f'<Property Name="{name}"' in document
