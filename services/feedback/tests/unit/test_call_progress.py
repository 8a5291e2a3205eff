"""What callers owe a month, and how far they are."""

from dataclasses import replace
from datetime import date
from typing import Any

from feedback.domain.call_progress import Duty, Made, agreed, days_left, month_end, progress

NOVEMBER = date(2026, 11, 1)


KIMS = Duty("kim", "carers", date(2026, 9, 14), None, 2)


def duty(**more: Any) -> Duty:
    """Kim calls carers, two a month."""
    return replace(KIMS, **more)


class TestProgress:
    def test_who_owes_calls_and_made_none_is_shown(self) -> None:
        [kim] = progress([duty()], {}, NOVEMBER)
        assert (kim.minimum, kim.missing, kim.made.done) == (2, 2, 0)

    def test_only_calls_that_were_done_count(self) -> None:
        [kim] = progress([duty()], {("kim", "carers"): Made(attempts=5, done=1, declined=3)}, NOVEMBER)
        assert kim.missing == 1

    def test_more_than_owed_leaves_nothing_missing(self) -> None:
        assert progress([duty()], {("kim", "carers"): Made(3, 3)}, NOVEMBER)[0].missing == 0

    def test_who_called_without_being_on_duty_is_shown_and_owes_nothing(self) -> None:
        [lee] = progress([], {("lee", "carers"): Made(1, 1)}, NOVEMBER)
        assert (lee.minimum, lee.missing) == (None, 0)

    def test_a_duty_counts_in_every_month_of_which_it_held_a_day(self) -> None:
        held = duty(until_on=date(2026, 11, 1))
        assert [bool(progress([held], {}, date(2026, month, 1))) for month in (8, 9, 10, 11, 12)] == [
            False, True, True, True, False,
        ]  # fmt: skip


class TestMonths:
    def test_the_last_day_of_a_month(self) -> None:
        assert [month_end(date(2028, month, 5)).day for month in (1, 2, 4, 12)] == [31, 29, 30, 31]

    def test_days_left(self) -> None:
        assert days_left(NOVEMBER, date(2026, 11, 29)) == 2
        assert days_left(NOVEMBER, date(2026, 12, 1)) == 0
        assert days_left(NOVEMBER, date(2026, 10, 20)) == 30


class TestAgreed:
    TODAY = date(2026, 11, 20)

    def test_a_new_programme_begins_today(self) -> None:
        assert agreed([], "kim", {"carers": 2}, self.TODAY) == [duty(from_on=self.TODAY)]

    def test_what_goes_on_is_left(self) -> None:
        assert agreed([duty()], "kim", {"carers": 2}, self.TODAY) == []

    def test_another_minimum_holds_from_this_month_on(self) -> None:
        assert agreed([duty()], "kim", {"carers": 3}, self.TODAY) == [
            duty(until_on=date(2026, 10, 31)), duty(from_on=NOVEMBER, minimum=3),
        ]  # fmt: skip
        assert agreed([duty(from_on=NOVEMBER)], "kim", {"carers": 3}, self.TODAY) == [duty(from_on=NOVEMBER, minimum=3)]

    def test_what_is_taken_back_ends_yesterday_and_one_of_today_held_on_no_day(self) -> None:
        assert agreed([duty()], "kim", {}, self.TODAY) == [duty(until_on=date(2026, 11, 19))]
        [gone] = agreed([duty(from_on=self.TODAY)], "kim", {}, self.TODAY)
        assert progress([gone], {}, NOVEMBER) == []

    def test_another_persons_duty_is_left(self) -> None:
        assert agreed([duty(subject="lee")], "kim", {}, self.TODAY) == []
