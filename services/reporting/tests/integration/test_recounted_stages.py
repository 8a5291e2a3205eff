"""A stage that was told of as a whole stands so, whatever its steps told before: in measures and in the feed."""

from datetime import date
from typing import Any

import asyncpg
from reporting_records import Sources, complaint, recounted, responded, started

from chassis.testing.fixtures import Database

DAY = date(2022, 4, 28)
SENT = date(2022, 5, 12)


async def now(database: Database, view: str, columns: str) -> list[tuple[Any, ...]]:
    """What a reader of the organisation sees."""
    connection = await asyncpg.connect(database.url("app"))
    try:
        await connection.execute("set app.org = 'worcestershire'; set app.areas = '*'")
        return [tuple(row) for row in await connection.fetch(f"select {columns} from {view}")]
    finally:
        await connection.close()


class TestRecountedStage:
    async def test_without_one_it_stands_as_its_steps_told(self, sources: Sources, database: Database) -> None:
        await sources.record(
            complaint("s", DAY, categories=["send-communication"]), responded("s", DAY, 10, ["upheld"], on=SENT)
        )
        await sources.project()
        assert await now(database, "stage_now", "responded_on, ending, working_days") == [(SENT, "answered", 10)]
        assert await now(database, "finding_now", "finding, found_on") == [("upheld", SENT)]

    async def test_an_answer_that_was_taken_back_takes_its_findings_along(self, sources: Sources, database: Database) -> None:
        await sources.record(
            complaint("s", DAY, categories=["send-communication"]),
            responded("s", DAY, 10, ["upheld"], on=SENT),
            recounted("s", "correct", DAY),
        )
        await sources.project()
        assert await now(database, "stage_now", "started_on, responded_on, ending") == [(DAY, None, None)]
        assert await now(database, "feed_complaint_point", "stage1_responded_on, stage1_finding") == [(None, None)]

    async def test_a_withdrawal_is_a_finding_and_no_response(self, sources: Sources, database: Database) -> None:
        ended = recounted("s", "withdraw", DAY, responded_on=SENT, ending="withdrawn", working_days=9, findings=["withdrawn"])
        await sources.record(complaint("s", DAY, categories=["send-communication"]), ended)
        await sources.project()
        assert await now(database, "finding_now", "finding, found_on") == [("withdrawn", SENT)]

    async def test_an_acknowledgement_moves_the_clock_while_nobody_has_answered(
        self, sources: Sources, database: Database
    ) -> None:
        last, sent, due = date(2022, 5, 6), date(2022, 5, 3), date(2022, 5, 17)
        await sources.record(
            complaint("s", DAY, categories=["send-communication"]),
            started("s", DAY, due=date(2022, 5, 20), acknowledge_by=last),
        )
        await sources.project()
        columns = "started_on, due_on, answer_by, acknowledge_by, acknowledged_on"
        began = (DAY, date(2022, 5, 20), date(2022, 5, 20), last, None)
        assert await now(database, "feed_complaint_stage", columns) == [began]
        await sources.record(recounted("s", "acknowledge", sent, answer_by=due, acknowledge_by=last, acknowledged_on=sent))
        await sources.project()
        assert await now(database, "feed_complaint_stage", columns) == [(sent, due, due, last, sent)]
        assert await now(database, "feed_complaint_point", "stage1_due_on") == [(due,)]
