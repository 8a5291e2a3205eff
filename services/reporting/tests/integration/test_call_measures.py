"""The measures of calls, each against an example that was counted by hand."""

from datetime import date
from typing import Any

from reporting_counting import Q1, Q2, Counting, tally
from reporting_records import Sources
from reporting_rows import facts
from reporting_work import attempt, call, owes
from sqlalchemy.ext.asyncio import AsyncEngine

from reporting.domain.tallies import Tally

APRIL, MAY, JUNE, JULY = date(2022, 4, 12), date(2022, 5, 12), date(2022, 6, 12), date(2022, 7, 12)


def until(measure: str, day: date) -> Tally:
    """A measure in the first quarter, counted up to a day."""
    return Tally(measure, Q1.first, day)


class TestAttempts:
    async def test_what_came_of_attempts_counts_on_their_day(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            attempt("a", 1, APRIL, "no-answer"), attempt("a", 2, MAY, "done"), attempt("b", 1, MAY, "declined"),
            attempt("c", 1, JUNE, "call-back"), attempt("c", 2, JULY, "done"),
            attempt("d", 1, MAY, "done", programme="after-closure", service_area="safeguarding", team=None),
        )  # fmt: skip
        assert await counted(tally("calls_made")) == {None: 2}
        assert await counted(tally("calls_made", Q2)) == {None: 1}
        assert await counted(tally("calls_made", by="call_programme", members=("carer-calls",))) == {"carer-calls": 1, None: 1}
        assert await counted(tally("call_attempts")) == {None: 5}
        outcomes = await counted(tally("call_attempts", by="call_outcome", members=("done", "no-answer")))
        assert outcomes == {"done": 2, "no-answer": 1, None: 2}
        assert await counted(tally("call_attempts_reached")) == {None: (4, 5)}
        assert await counted(tally("calls_declined")) == {None: 1}

    async def test_the_same_attempt_told_twice_counts_once(self, sources: Sources, counted: Counting) -> None:
        await sources.record(attempt("a", 1, APRIL, "done"), attempt("a", 1, APRIL, "done"))
        assert await counted(tally("calls_made")) == {None: 1}


class TestInTime:
    async def test_calls_due_count_by_the_day_on_which_they_were_made(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            call("a", MAY), call("a", MAY, "done", ended_on=MAY),
            call("b", MAY, "done", ended_on=JUNE),
            call("c", MAY),
            call("d", MAY, "closed", ended_on=MAY, ground="entered-by-mistake"),
            call("e", MAY, "closed", ended_on=MAY, ground="not-reached"),
        )  # fmt: skip
        assert await counted(tally("calls_made_in_time")) == {None: (1, 4)}
        assert await counted(until("calls_made_in_time", APRIL)) == {None: 0}


class TestMinimum:
    async def test_each_month_that_is_over_counts_at_most_what_was_owed(self, sources: Sources, counted: Counting) -> None:
        await sources.record(
            owes("kim", 2, date(2022, 4, 20)), owes("lee", 2, date(2022, 1, 1), date(2022, 5, 3)),
            owes("sam", None, date(2022, 4, 1)),
            attempt("a", 1, date(2022, 4, 25), "done"), attempt("b", 1, date(2022, 4, 26), "no-answer"),
            attempt("c", 1, MAY, "done"), attempt("d", 1, MAY, "done"), attempt("e", 1, MAY, "done"),
            attempt("f", 1, date(2022, 4, 2), "done", "lee"), attempt("g", 1, MAY, "done", "sam"),
        )  # fmt: skip
        # Kim: 1 of 2 in April, 2 of 2 in May (three were made), 0 of 2 in June. Lee: 1 of 2 in April, 0 of 2 in May.
        assert await counted(tally("calls_of_minimum")) == {None: (4, 10)}
        assert await counted(until("calls_of_minimum", date(2022, 6, 29))) == {None: (4, 8)}
        assert await counted(tally("calls_of_minimum", Q2)) == {None: (0, 6)}

    async def test_another_minimum_from_a_month_on_and_one_that_held_on_no_day(
        self, sources: Sources, counted: Counting
    ) -> None:
        await sources.record(
            owes("kim", 2, date(2022, 4, 1)), owes("kim", 2, date(2022, 4, 1), date(2022, 4, 30)),
            owes("kim", 3, date(2022, 5, 1)), owes("lee", 5, date(2022, 5, 9), date(2022, 5, 8)),
            # Taken off and put on again within a month: owed once.
            owes("sam", 2, date(2022, 4, 1), date(2022, 4, 9)), owes("sam", 2, date(2022, 4, 20), date(2022, 4, 30)),
        )  # fmt: skip
        assert await counted(tally("calls_of_minimum")) == {None: (0, 2 + 3 + 3 + 2)}


async def test_no_view_names_a_caller(sources: Sources, worker_engine: AsyncEngine, settings: Any) -> None:
    await sources.record(call("a", MAY), attempt("a", 1, MAY, "no-answer"), owes("kim", 2, APRIL))
    [duty] = await facts(worker_engine, "fact_caller_duty")
    [held] = await facts(worker_engine, "fact_call_attempt")
    assert held["caller_key"] == duty["caller_key"]
