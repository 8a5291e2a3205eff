from datetime import date

import pytest

from chassis.calendar import WorkingDays
from chassis.subject.clock import clock_of, due_on, months_after

CALENDAR = WorkingDays.load()


class TestMonth:
    @pytest.mark.parametrize(
        ("received", "due"),
        [
            ("2026-09-03", "2026-10-05"),  # the ICO's own example is of 3 September: 3 October; here that is a Saturday
            ("2025-09-03", "2025-10-03"),
            ("2026-03-31", "2026-04-30"),  # April has no 31st
            ("2026-01-31", "2026-03-02"),  # 28 February is a Saturday
            ("2024-01-31", "2024-02-29"),
            ("2025-11-25", "2025-12-29"),  # Christmas, Boxing Day, a weekend
            ("2026-12-02", "2027-01-04"),
            ("2025-12-31", "2026-02-02"),
        ],
    )
    def test_it_ends_on_the_corresponding_day_or_the_next_working_one(self, received: str, due: str) -> None:
        assert due_on(date.fromisoformat(received), CALENDAR).isoformat() == due

    def test_it_is_extended_to_three_months_from_the_first_day_not_from_the_end_of_the_first(self) -> None:
        assert due_on(date(2026, 1, 31), CALENDAR, extended=True) == date(2026, 4, 30)
        assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)


class TestClock:
    @pytest.mark.parametrize(
        ("today", "words", "state"),
        [
            (date(2026, 6, 1), "9 days left", "open"),
            (date(2026, 6, 9), "1 day left", "soon"),
            (date(2026, 6, 10), "Due today", "soon"),
            (date(2026, 6, 11), "1 day overdue", "overdue"),
            (date(2026, 6, 12), "2 days overdue", "overdue"),
        ],
    )
    def test_it_says_how_many_days_are_left(self, today: date, words: str, state: str) -> None:
        found = clock_of(date(2026, 6, 10), today, closed=False)
        assert (found.words, found.state) == (words, state)
        assert clock_of(date(2026, 6, 10), today, closed=True).words == "Closed"
