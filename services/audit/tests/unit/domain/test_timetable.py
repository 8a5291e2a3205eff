"""The days of a round. The year 2026: bank holidays on 6 April, 4 and 25 May, 31 August, 25 and 28 December."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.programme import Rhythm, TimetableRules
from audit.domain.timetable import Period, months_before, period, period_on, periods_around, timetable
from chassis.calendar import WorkingDays
from chassis.errors import DomainError

CALENDAR = WorkingDays.load()
RHYTHMS = st.sampled_from(["monthly", "quarterly"])
DAYS = st.dates(date(1995, 1, 1), date(2034, 12, 31))
COUNTED = st.dates(CALENDAR.first, CALENDAR.last - timedelta(days=200))


class TestPeriod:
    @pytest.mark.parametrize(
        ("rhythm", "code", "first", "last"),
        [
            ("monthly", "2026-11", date(2026, 11, 1), date(2026, 11, 30)),
            ("monthly", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
            ("monthly", "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
            ("quarterly", "2026-27-q1", date(2026, 4, 1), date(2026, 6, 30)),
            ("quarterly", "2026-27-q3", date(2026, 10, 1), date(2026, 12, 31)),
            ("quarterly", "2026-27-q4", date(2027, 1, 1), date(2027, 3, 31)),
            ("quarterly", "1999-00-q4", date(2000, 1, 1), date(2000, 3, 31)),
        ],
    )
    def test_a_code_names_its_days(self, rhythm: Rhythm, code: str, first: date, last: date) -> None:
        assert period(rhythm, code) == Period(code, first, last)

    @pytest.mark.parametrize(
        ("rhythm", "code"),
        [
            ("monthly", "2026-13"),
            ("monthly", "2026-00"),
            ("monthly", "2026-1"),
            ("monthly", "2026-27-q3"),
            ("monthly", "٢٠٢٦-11"),
            ("monthly", "0000-01"),
            ("monthly", "9999-12"),
            ("quarterly", "2026-11"),
            ("quarterly", "2026-28-q3"),
            ("quarterly", "2026-27-q5"),
            ("quarterly", ""),
        ],
    )
    def test_any_other_is_refused_with_an_example(self, rhythm: Rhythm, code: str) -> None:
        with pytest.raises(DomainError) as refused:
            period(rhythm, code)
        assert refused.value.slug == "malformed-period"

    @given(rhythm=RHYTHMS, day=DAYS)
    def test_every_day_lies_in_one_and_neighbours_join_without_a_gap(self, rhythm: Rhythm, day: date) -> None:
        around = periods_around(rhythm, day, before=3, after=3)
        assert len(around) == 7
        assert around[3] == period_on(rhythm, day)
        assert around[3].first <= day <= around[3].last
        for earlier, later in pairwise(around):
            assert (later.first - earlier.last).days == 1
            assert period(rhythm, later.code) == later


class TestTimetable:
    def test_november_is_circulated_on_its_first_though_it_is_a_sunday(self) -> None:
        found = timetable(TimetableRules(), period("monthly", "2026-11"), CALENDAR)
        assert found.circulate_on == date(2026, 11, 1)
        assert not CALENDAR.is_working_day(found.circulate_on)
        assert (found.submit_by, found.moderate_by) == (date(2026, 11, 30), date(2026, 12, 7))
        assert found.calendar == CALENDAR.version

    def test_the_last_working_day_is_not_the_last_day_and_bank_holidays_do_not_count(self) -> None:
        found = timetable(TimetableRules(), period("monthly", "2026-05"), CALENDAR)
        assert found.submit_by == date(2026, 5, 29)
        december = timetable(TimetableRules(), period("monthly", "2026-12"), CALENDAR)
        # New Year's Day does not count.
        assert (december.submit_by, december.moderate_by) == (date(2026, 12, 31), date(2027, 1, 8))

    def test_the_review_is_eight_weeks_after_moderation_or_completion_or_not_at_all(self) -> None:
        span = period("monthly", "2026-11")
        assert timetable(TimetableRules(), span, CALENDAR).review_by == date(2027, 2, 1)
        send = TimetableRules(review_counts_from="completion", reviewed_by="peer")
        assert timetable(send, span, CALENDAR).review_by == date(2027, 1, 25)
        assert timetable(TimetableRules(review_after_weeks=None), span, CALENDAR).review_by is None

    def test_a_quarter_is_submitted_in_the_month_of_circulation_or_by_its_end(self) -> None:
        span = period("quarterly", "2026-27-q3")
        assert timetable(TimetableRules(), span, CALENDAR).submit_by == date(2026, 10, 30)
        rules = TimetableRules(submit_by="last-working-day-of-period", circulate_on_day=12)
        found = timetable(rules, span, CALENDAR)
        assert (found.circulate_on, found.submit_by) == (date(2026, 10, 12), date(2026, 12, 31))

    def test_beyond_the_known_bank_holidays_nothing_is_counted(self) -> None:
        with pytest.raises(DomainError) as refused:
            timetable(TimetableRules(), period("monthly", f"{CALENDAR.last.year}-12"), CALENDAR)
        assert refused.value.slug == "outside-calendar"

    @given(rhythm=RHYTHMS, day=COUNTED, within=st.integers(1, 20), on=st.integers(1, 20))
    def test_the_days_are_in_order_and_all_but_the_first_are_working_days(
        self, rhythm: Rhythm, day: date, within: int, on: int
    ) -> None:
        span = period_on(rhythm, day)
        found = timetable(TimetableRules(moderate_within=within, circulate_on_day=on), span, CALENDAR)
        assert span.first <= found.circulate_on <= found.submit_by <= span.last
        assert CALENDAR.is_working_day(found.submit_by)
        assert CALENDAR.is_working_day(found.moderate_by)
        assert CALENDAR.count(found.submit_by, found.moderate_by) == within


class TestMonthsBefore:
    @pytest.mark.parametrize(
        ("day", "months", "expected"),
        [
            (date(2026, 11, 1), 6, date(2026, 5, 1)),
            (date(2026, 8, 31), 6, date(2026, 2, 28)),
            (date(2026, 1, 15), 1, date(2025, 12, 15)),
            (date(2026, 12, 31), 12, date(2025, 12, 31)),
        ],
    )
    def test_it_is_the_same_day_or_the_last_of_a_shorter_month(self, day: date, months: int, expected: date) -> None:
        assert months_before(day, months) == expected
