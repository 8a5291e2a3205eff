"""Counts of a quarter, and quarters."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.dispute import Phase
from audit.domain.dispute_counts import AnswerRow, RaisedRow, count
from chassis.errors import DomainError
from chassis.quarters import Quarter

codes = st.sampled_from(["a", "b", "c"])
raised_rows = st.lists(st.builds(RaisedRow, codes, codes, codes, st.sampled_from(list(Phase)), st.integers(1, 9)))


class TestCount:
    def test_nothing_is_nothing(self) -> None:
        counts = count([], [])
        assert (counts.total.raised, counts.by_service_area, counts.all_stages.answered) == (0, (), 0)
        assert counts.all_stages.median_days is None

    def test_days_are_those_of_answers_and_each_row_counts_as_often_as_it_says(self) -> None:
        rows = [
            AnswerRow("team-manager", "team-manager", 5, 2, answered=True, late=False, number=3),
            AnswerRow("team-manager", "director", 10, 12, answered=True, late=True, number=1),
            AnswerRow("team-manager", None, 5, 90, answered=False, late=True, number=2),
        ]
        (stage,) = count([], rows).by_stage
        assert (stage.in_time, stage.late, stage.left, stage.answered) == (3, 1, 2, 4)
        assert (stage.median_days, stage.longest_days, stage.limits) == (2.0, 12, (5, 10))
        assert [each.code for each in count([], rows).by_answered_by] == ["director", "team-manager"]

    @given(raised_rows)
    def test_every_table_adds_up_to_the_total(self, rows: list[RaisedRow]) -> None:
        counts = count(rows, [])
        total = sum(row.number for row in rows)
        for table in (counts.by_service_area, counts.by_category, counts.by_raised_by):
            assert sum(tally.raised for tally in table) == total
            assert all(tally.raised == tally.open + tally.resolved + tally.withdrawn for tally in table)
        assert counts.total.raised == total


class TestQuarter:
    @given(st.dates(date(1990, 4, 1), date(2099, 3, 31)))
    def test_every_day_is_in_one_quarter_that_its_code_names(self, day: date) -> None:
        quarter = Quarter.of(day)
        assert quarter.first <= day <= quarter.last
        assert Quarter.parse(quarter.code) == quarter
        assert quarter.moved(1).first == quarter.last + timedelta(days=1)
        assert quarter.moved(5).moved(-5) == quarter

    def test_a_financial_year_begins_in_april(self) -> None:
        assert (Quarter.of(date(2026, 11, 25)).code, Quarter.of(date(2027, 2, 1)).code) == ("2026-27-q3", "2026-27-q4")
        assert Quarter.parse("2026-27-q4").first == date(2027, 1, 1)

    @pytest.mark.parametrize("code", ["", "2026-27", "2026-28-q1", "2026-27-q0", "2026-27-q5", "1066-67-q1", "２026-27-q1"])
    def test_what_is_none_is_refused(self, code: str) -> None:
        with pytest.raises(DomainError, match="malformed-quarter"):
            Quarter.parse(code)
