"""Facts of audits at work, disputes and acknowledged practice: an event is a row, and the newest account of a thing stands."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from reporting_records import Sources, ident, outcome
from reporting_work import (
    acknowledged,
    action,
    allocated,
    ended,
    moderated,
    raised,
    reached,
    reopened,
    reviewed,
    submitted,
    withdrawn,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.testing.fixtures import Database
from contracts import audit

DAY = date(2026, 11, 2)
MODERATED = date(2026, 12, 4)


class Reading:
    """Reads tables and views as the web process of worcestershire does."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def __call__(self, table: str) -> list[dict[str, Any]]:
        async with self._engine.connect() as connection:
            await connection.execute(
                text("select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)")
            )
            found = await connection.execute(text(f"select * from {table} order by {table}::text"))
            return [dict(row) for row in found.mappings()]

    async def one(self, table: str) -> dict[str, Any]:
        """The only row."""
        (row,) = await self(table)
        return row


@pytest.fixture
async def read(database: Database) -> AsyncIterator[Reading]:
    engine = create_async_engine(database.url("app").replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    yield Reading(engine)
    await engine.dispose()


class TestAudits:
    async def test_an_allocated_audit_has_its_place_and_each_part_its_day(self, sources: Sources, read: Reading) -> None:
        await sources.record(allocated("a", DAY))
        row = await read.one("fact_audit_work")
        assert (row["programme"], row["team"], row["allocated_on"]) == ("send-new-ehcp", "send-north", DAY)
        parts = await read("fact_audit_part")
        assert {each["part"]: each["due_on"] for each in parts} == {
            "lead": date(2026, 11, 30), "moderation": date(2026, 12, 7), "peer": date(2026, 11, 30),
        }  # fmt: skip
        assert {each["programme"] for each in parts} == {"send-new-ehcp"}

    async def test_no_pseudonym_of_a_case_or_a_person_is_kept(self, sources: Sources, read: Reading) -> None:
        await sources.record(allocated("a", DAY))
        held = str([await read(table) for table in ("fact_audit_work", "fact_audit_part")])
        assert "0" * 32 not in held
        assert "1" * 32 not in held

    async def test_an_event_that_was_sent_before_parts_were_told_is_an_audit_without_parts(
        self, sources: Sources, read: Reading
    ) -> None:
        await sources.record(allocated("a", DAY, parts=()))
        assert (await read("fact_audit_part"), len(await read("fact_audit_work"))) == ([], 1)

    async def test_a_part_that_is_submitted_again_keeps_its_first_day(self, sources: Sources, read: Reading) -> None:
        due = date(2026, 11, 30)
        await sources.record(submitted("a", "lead", date(2026, 11, 27), due))
        await sources.record(submitted("a", "lead", date(2026, 12, 3), due))
        rows = await read("fact_audit_submission")
        assert {row["submitted_on"] for row in rows} == {date(2026, 11, 27), date(2026, 12, 3)}
        await sources.record(allocated("a", DAY), moderated("a", MODERATED))
        parts = {row["part"]: (row["submitted_on"], row["last_submitted_on"]) for row in await read("feed_audit_part")}
        assert parts == {
            "lead": (date(2026, 11, 27), date(2026, 12, 3)), "peer": (None, None), "moderation": (MODERATED, None),
        }  # fmt: skip

    async def test_a_concern_that_was_taken_over_has_the_day_of_it(self, sources: Sources, read: Reading) -> None:
        concern: dict[str, Any] = {
            "audit_id": ident("audit", "a"), "escalation_id": ident("escalation", "a"), "raised_on": DAY,
        }  # fmt: skip
        await sources.record(audit.AuditEscalated(**concern), audit.AuditEscalated(**concern, acknowledged_on=DAY))
        assert (await read.one("fact_audit_escalation"))["acknowledged_on"] == DAY


class TestReviews:
    async def test_each_review_is_a_row_that_says_when_the_next_is_due(self, sources: Sources, read: Reading) -> None:
        first, second = date(2027, 1, 29), date(2027, 2, 26)
        await sources.record(reviewed("a", 1, date(2027, 1, 28), first, second), reviewed("a", 2, date(2027, 3, 1), second))
        rows = await read("fact_audit_review")
        assert [(row["number"], row["due_on"], row["result"], row["next_due_on"]) for row in rows] == [
            (1, first, "reopened", second), (2, second, "closed", None),
        ]  # fmt: skip

    async def test_a_review_that_is_still_to_be_held_stands_beside_those_that_were(
        self, sources: Sources, read: Reading
    ) -> None:
        due, following = date(2027, 1, 29), date(2027, 2, 26)
        await sources.record(allocated("a", DAY), moderated("a", MODERATED, review_due_on=due))
        assert await self.standing(read) == [(1, due, None)]
        await sources.record(reviewed("a", 1, date(2027, 1, 28), due, following))
        assert await self.standing(read) == [(1, due, date(2027, 1, 28)), (2, following, None)]
        await sources.record(reviewed("a", 2, following, following))
        assert await self.standing(read) == [(1, due, date(2027, 1, 28)), (2, following, following)]
        await sources.record(withdrawn("a", following))
        assert {row["withdrawn_on"] for row in await read("feed_audit_review")} == {following}

    @staticmethod
    async def standing(read: Reading) -> list[tuple[Any, ...]]:
        rows = await read("feed_audit_review")
        return sorted((row["number"], row["due_on"], row["reviewed_on"]) for row in rows)


class TestActions:
    async def test_an_action_of_an_outcome_stands_as_it_was_last_told(self, sources: Sources, read: Reading) -> None:
        due, moved = date(2027, 1, 15), date(2027, 1, 22)
        key = ident("audit", "a")
        told = outcome(
            "a", MODERATED, tool="send-new-ehcp", service_area="send", actions=(audit.ActionState(action="a1", due_on=due),)
        )
        await sources.record(told.model_copy(update={"outcome_id": key}), allocated("a", DAY))
        row = await read.one("feed_audit_action")
        assert (row["status"], row["due_on"], row["set_on"], row["programme"]) == ("open", due, MODERATED, "send-new-ehcp")
        await sources.record(action("a", "a1", "open", moved), action("a", "a1", "done", moved, done_on=date(2027, 1, 20)))
        row = await read.one("feed_audit_action")
        assert (row["audit_id"], row["status"], row["due_on"], row["done_on"]) == (key, "done", moved, date(2027, 1, 20))
        assert (row["first_due_on"], row["set_on"]) == (due, MODERATED)
        assert len(await read("fact_audit_action_change")) == 2

    async def test_an_action_that_was_set_later_and_one_of_another_system_are_there(
        self, sources: Sources, read: Reading
    ) -> None:
        done = audit.ActionState(action="b1", due_on=DAY, done_on=DAY)
        await sources.record(outcome("posted", DAY, actions=(done,)), action("a", "a2", "open", DAY))
        rows = {row["action"]: row for row in await read("feed_audit_action")}
        assert (rows["b1"]["status"], rows["b1"]["tool"]) == ("done", "social-care-case-file")
        assert (rows["a2"]["status"], rows["a2"]["team"]) == ("open", "send-north")
        assert rows["a2"]["set_on"] == date(2022, 4, 1)  # the day of the event

    async def test_one_of_a_withdrawn_audit_says_so_and_is_a_change(self, sources: Sources, read: Reading) -> None:
        await sources.record(action("a", "a1", "open", DAY), withdrawn("a", DAY))
        row = await read.one("feed_audit_action")
        assert (row["withdrawn_on"], row["changed_sequence"]) == (DAY, 2)


class TestDisputes:
    async def test_a_dispute_stands_at_its_last_stage_and_tells_of_its_end(self, sources: Sources, read: Reading) -> None:
        await sources.record(
            raised("a", DAY), reached("a", 1, DAY, left_on=DAY, working_days=5), reached("a", 2, DAY, stage="director"),
        )  # fmt: skip
        row = await read.one("feed_dispute")
        assert (row["stage"], row["stage_number"], row["result"]) == ("director", 2, None)
        await sources.record(ended("a", 2, DAY, stage="director"))
        row = await read.one("feed_dispute")
        assert (row["result"], row["outcome"], row["ended_on"]) == ("resolved", "explained", DAY)

    async def test_one_that_was_opened_again_stays_open_when_its_earlier_ending_is_corrected(
        self, sources: Sources, read: Reading
    ) -> None:
        await sources.record(raised("a", DAY), reached("a", 1, DAY), ended("a", 1, DAY), reopened("a", 2, DAY))
        await sources.record(reached("a", 2, DAY, stage="group-manager"), ended("a", 1, DAY, outcome="agreed-and-done"))
        row = await read.one("feed_dispute")
        assert (row["stage"], row["result"], row["ended_on"]) == ("group-manager", None, None)
        assert (await read.one("fact_dispute_ending"))["outcome"] == "agreed-and-done"
        assert (await read.one("fact_dispute_reopening"))["number"] == 2

    async def test_a_correction_that_takes_something_away_takes_it_away(self, sources: Sources, read: Reading) -> None:
        await sources.record(raised("a", DAY), raised("a", DAY, team=None))
        assert (await read.one("fact_dispute"))["team"] is None

    async def test_acknowledged_practice_stands_as_it_was_last_told(self, sources: Sources, read: Reading) -> None:
        await sources.record(acknowledged("a", DAY), acknowledged("a", DAY, seen_on=DAY))
        row = await read.one("fact_practice_acknowledgement")
        assert (row["seen_on"], row["shared_on"], row["themes"]) == (DAY, None, ["timeliness"])
