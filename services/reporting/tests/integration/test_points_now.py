"""Points that were split, merged, duplicates or taken back: those that stand are counted, with what was found on them."""

from datetime import date
from typing import Any

from reporting_records import Sources, complaint, ident, point_now, points_changed, recounted, responded
from services.reporting.tests.integration.test_recounted_stages import now

from chassis.testing.fixtures import Database
from contracts.complaints import ComplaintVoided

DAY = date(2022, 4, 28)
SENT = date(2022, 5, 12)
LATER = date(2022, 6, 20)
TWO = ["send-communication", "send-ehcp-not-implemented"]
FEED = "category, stage1_finding, stage2_finding"


async def received(sources: Sources) -> None:
    """A complaint with two points, of which stage 1 upheld the first."""
    await sources.record(complaint("s", DAY, categories=TWO), responded("s", DAY, 10, ["upheld", "not-upheld"], on=SENT))


def split(**more: Any) -> Any:
    """The first point is two."""
    parts = [point_now("s", n, "other", ancestors=(1,), **more) for n in (11, 12)]
    return points_changed("s", 4, "point-split", point_now("s", 1, became="split"), point_now("s", 2), *parts)


class TestPointsNow:
    async def test_parts_are_counted_with_what_was_found_on_the_whole(self, sources: Sources, database: Database) -> None:
        await received(sources)
        await sources.record(split())
        feed = await now(database, "feed_complaint_point", FEED)
        assert sorted(map(str, feed)) == sorted(
            map(str, [("send-communication", "not-upheld", None), ("other", "upheld", None), ("other", "upheld", None)])
        )
        assert await now(database, "feed_superseded_point", "became") == [("split",)]

    async def test_what_was_found_on_the_part_itself_stands(self, sources: Sources, database: Database) -> None:
        await received(sources)
        told = recounted("s", "respond", LATER, stage=2, responded_on=LATER, ending="answered", findings=["upheld"])
        part = split().points[2].point_id
        own = told.findings[0].model_copy(update={"point_id": part, "finding": "not-upheld"})
        await sources.record(told.model_copy(update={"findings": (own,)}), split())
        found = await now(database, "feed_complaint_point", FEED)
        assert ("other", "upheld", "not-upheld") in found
        assert ("other", "upheld", None) in found

    async def test_points_found_alike_are_counted_once_after_they_are_merged(
        self, sources: Sources, database: Database
    ) -> None:
        await sources.record(complaint("s", DAY, categories=TWO), responded("s", DAY, 10, ["upheld", "upheld"], on=SENT))
        old = [point_now("s", n, became="merged") for n in (1, 2)]
        await sources.record(points_changed("s", 4, "point-merge", *old, point_now("s", 3, ancestors=(1, 2))))
        assert await now(database, "feed_complaint_point", FEED) == [("send-communication", "upheld", None)]

    async def test_taken_back_it_stands_as_before(self, sources: Sources, database: Database) -> None:
        await received(sources)
        before = await now(database, "feed_complaint_point", FEED)
        back = [point_now("s", n, ancestors=(1,), became="taken-back") for n in (11, 12)]
        first, second = point_now("s", 1), point_now("s", 2, TWO[1])
        await sources.record(split(), points_changed("s", 5, "point-take-back", first, second, *back))
        assert sorted(await now(database, "feed_complaint_point", FEED)) == sorted(before)

    async def test_a_finding_that_was_taken_back_stands_for_no_part(self, sources: Sources, database: Database) -> None:
        await received(sources)
        await sources.record(split(), recounted("s", "correct", DAY))
        assert {row[1] for row in await now(database, "feed_complaint_point", FEED)} == {None}

    async def test_a_point_has_its_own_team_and_need_or_those_of_the_complaint(
        self, sources: Sources, database: Database
    ) -> None:
        await sources.record(complaint("s", DAY, categories=TWO, team="send-north", need="autism"))
        points = (point_now("s", 1, team="send-south", desired="apology"), point_now("s", 2))
        await sources.record(points_changed("s", 2, "point-correct", *points))
        found = await now(database, "feed_complaint_point", "team, need, desired")
        assert sorted(map(str, found)) == sorted(
            map(str, [("send-south", "autism", "apology"), ("send-north", "autism", None)])
        )

    async def test_a_complaint_that_was_made_in_error_counts_nowhere(self, sources: Sources, database: Database) -> None:
        await received(sources)
        await sources.record(ComplaintVoided(complaint_id=ident("complaint", "s"), decided_on=SENT))
        for view in ("complaint_now", "point_now", "feed_complaint_point"):
            assert await now(database, view, "complaint_id") == []
        assert await now(database, "feed_superseded_point", "became") == [("taken-back",)] * 2
