"""What came in and what was decided: their facts, in any order, and what of them counts."""

from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_counting import Counting, tally
from reporting_records import Sources, ident
from reporting_rows import clear, digest
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.complaints import RepresentationDecided, RepresentationReceived

DAY = date(2022, 5, 4)


def came(reference: str, **more: Any) -> RepresentationReceived:
    """Something came in."""
    fields: dict[str, Any] = {"came_by": "phone", "said": "complaint", "from_child": False, "language": "en"}
    days = {"received_on": DAY, "recorded_on": DAY}
    return RepresentationReceived(representation_id=ident("representation", reference), **{**fields, **days, **more})


def decided(reference: str, revision: int, outcome: Any, **more: Any) -> RepresentationDecided:
    """It was decided, or the decision taken back."""
    return RepresentationDecided(
        representation_id=ident("representation", reference), revision=revision, decided_on=DAY, outcome=outcome, **more
    )


@pytest.fixture
def counted(app: FastAPI) -> Counting:
    """Counts as the application does."""
    return Counting(app)


class TestCounting:
    async def test_what_came_in_is_counted_by_how_it_came(self, sources: Sources, counted: Counting) -> None:
        await sources.record(came("a"), came("b", came_by="public-form"), came("c", received_on=date(2022, 8, 1)), came("a"))
        by: dict[str, Any] = {"by": "came_by", "members": ("phone", "public-form")}
        assert await counted(tally("representations_received", **by)) == {"phone": 1, "public-form": 1}

    async def test_a_decision_that_was_taken_back_counts_nowhere_until_it_is_decided_anew(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(came("a"), decided("a", 1, "comment"), decided("b", 1, "not-a-complaint", went_to="court"))
        assert await counted(tally("representations_decided")) == {None: 2}
        await sources.record(decided("a", 2, None))
        assert await counted(tally("representations_decided")) == {None: 1}
        await sources.record(decided("a", 3, "complaint", procedure="corporate"))
        by: dict[str, Any] = {"by": "representation_outcome", "members": ("complaint", "comment")}
        assert await counted(tally("representations_decided", **by)) == {"complaint": 1, None: 1}
        assert await counted(tally("representations_decided", filters=(("went_to", ("court",)),))) == {None: 1}

    async def test_a_rebuild_gives_the_same(self, sources: Sources, worker_engine: AsyncEngine) -> None:
        await sources.record(came("a"), decided("a", 1, "comment"), decided("a", 2, None))
        before = await digest(worker_engine)
        await clear(sources)
        await sources.project()
        assert await digest(worker_engine) == before
