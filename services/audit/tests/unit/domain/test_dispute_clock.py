"""What the clocks of a dispute say."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.audit.tests.disputes import CALENDAR, GROUP, RULES, TODAY, answered, dispute, escalated

from audit.domain import dispute_clock, dispute_steps
from audit.domain.dispute import Ending

RAISED = date(2026, 11, 16)  # a Monday; due on Monday the 23rd


class TestOfStage:
    @pytest.mark.parametrize(
        ("today", "words", "state"),
        [
            ("2026-11-16", "Today is day 0 of 5", "running"),
            ("2026-11-19", "Today is day 3 of 5", "running"),
            ("2026-11-22", "Today is day 4 of 5", "running"),  # Sunday: nothing has passed since Friday
            ("2026-11-23", "Today is day 5 of 5", "running"),
            ("2026-11-24", "Today is day 6 of 5, 1 working day over", "overdue"),
            ("2026-11-25", "Today is day 7 of 5, 2 working days over", "overdue"),
        ],
    )
    def test_it_says_the_day_the_limit_and_how_far_over(self, today: str, words: str, state: str) -> None:
        clock = dispute_clock.of_stage(dispute(RAISED), 1, date.fromisoformat(today))
        assert (clock.words, clock.state) == (words, state)

    def test_a_saturday_behind_the_last_day_is_late_though_no_working_day_was_lost(self) -> None:
        clock = dispute_clock.of_stage(dispute(date(2026, 11, 13)), 1, date(2026, 11, 21))
        assert (clock.words, clock.overdue) == ("Today is day 5 of 5, after the due date", True)

    def test_an_answer_stops_it(self) -> None:
        assert dispute_clock.of_stage(answered(), 1, TODAY).words == "Answered on day 3 of 5"
        late = dispute_clock.of_stage(answered(on=TODAY), 1, TODAY)
        assert (late.words, late.state) == ("Answered on day 7 of 5, 2 working days over", "answered-late")

    def test_what_goes_on_without_an_answer_says_so(self) -> None:
        gone = escalated(dispute(RAISED))
        assert dispute_clock.of_stage(gone, 1, TODAY).words == "Left without an answer on day 4 of 5"
        assert dispute_clock.of_stage(gone, 2, TODAY).words == "Today is day 3 of 5"

    def test_an_end_without_an_answer_says_which(self) -> None:
        talked = Ending("resolved", date(2026, 11, 18), "explained", informal=True)
        settled = dispute_steps.resolve(dispute(RAISED), talked, RULES, today=TODAY)
        assert dispute_clock.of_stage(settled, 1, TODAY).words == "Settled in talks on day 2 of 5"
        withdrawn = dispute_steps.withdraw(dispute(RAISED), date(2026, 11, 17), "x", today=TODAY)
        assert dispute_clock.of_stage(withdrawn, 1, TODAY).words == "Withdrawn on day 1 of 5"

    @given(st.dates(date(2025, 1, 1), TODAY), st.integers(0, 60))
    def test_a_line_of_a_list_says_the_same(self, raised_on: date, later: int) -> None:
        given, today = dispute(raised_on), raised_on + timedelta(days=later)
        first = given.current
        line = dispute_clock.of_waiting(first.reached_on, first.limit, first.due_on, first.calendar, today)
        assert line == dispute_clock.of_stage(given, 1, today)
        assert line.day == CALENDAR.count(raised_on, today)
        assert line.overdue is (today > first.due_on)


class TestOfWhole:
    def test_it_counts_through_the_stages(self) -> None:
        clock = dispute_clock.of_whole(escalated(), TODAY)
        assert clock is not None
        assert (clock.words, clock.due_on) == ("Today is day 7 of 20", date(2026, 12, 14))

    def test_it_stops_when_the_dispute_ends(self) -> None:
        ending = Ending("resolved", date(2026, 11, 23), "explained")
        clock = dispute_clock.of_whole(dispute_steps.resolve(answered(), ending, RULES, today=TODAY), TODAY)
        assert clock is not None
        assert (clock.words, clock.state) == ("Ended on day 5 of 20", "ended-in-time")

    def test_it_begins_anew_when_the_dispute_is_opened_again(self) -> None:
        withdrawn = dispute_steps.withdraw(dispute(RAISED), date(2026, 11, 17), "x", today=TODAY)
        again = dispute_steps.reopen(withdrawn, RULES, None, date(2026, 11, 24), GROUP, "x", calendar=CALENDAR, today=TODAY)
        clock = dispute_clock.of_whole(again, TODAY)
        assert clock is not None
        assert clock.words == "Today is day 1 of 20"

    def test_without_a_limit_there_is_none(self) -> None:
        rules = RULES.model_copy(update={"limit_in_all": None})
        begun = dispute_steps.begin(dispute(), rules, GROUP, calendar=CALENDAR, today=TODAY)
        assert dispute_clock.of_whole(begun, TODAY) is None
