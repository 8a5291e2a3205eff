"""The same-day clock: when somebody reads, by when a worry is to be triaged, and who is called when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import WorkingDays
from chassis.days import british_time
from feedback.domain.worry_clock import british_moment, calls, is_late, start
from feedback.domain.worry_mails import due_words, moment_words
from feedback.domain.worry_profile import ReadingHours

CALENDAR = WorkingDays.load()
HOURS = ReadingHours()
ALWAYS = ReadingHours.model_validate({"days": "every", "from": "08:00", "until": "20:00"})
moments = st.datetimes(datetime(2022, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds it


def at(text: str) -> datetime:
    """A moment by British clocks: '2026-12-04 16:59'."""
    day, _, time = text.partition(" ")
    naive = datetime.fromisoformat(f"{day}T{time}")
    return british_moment(naive.date(), naive.time())


class TestStart:
    @pytest.mark.parametrize(
        ("opened", "read_from", "due"),
        [
            ("2026-12-04 10:00", "2026-12-04 10:00", "2026-12-05 00:00"),  # a Friday
            ("2026-12-04 16:59", "2026-12-04 16:59", "2026-12-05 00:00"),
            ("2026-12-04 07:00", "2026-12-04 09:00", "2026-12-05 00:00"),  # before anybody is there
            ("2026-12-04 17:00", "2026-12-07 09:00", "2026-12-08 00:00"),  # after: on Monday
            ("2026-12-05 12:00", "2026-12-07 09:00", "2026-12-08 00:00"),
            ("2026-12-24 20:00", "2026-12-29 09:00", "2026-12-30 00:00"),  # Christmas, Boxing Day in lieu on Monday
            ("2026-07-03 23:30", "2026-07-06 09:00", "2026-07-07 00:00"),  # summer time
        ],
    )
    def test_it_is_due_by_the_end_of_the_day_on_which_somebody_reads(self, opened: str, read_from: str, due: str) -> None:
        clock = start(at(opened), HOURS, CALENDAR)
        assert (clock.read_from, clock.due_at) == (at(read_from), at(due))
        assert clock.came_in_while_nobody_reads == (opened != read_from)

    def test_where_somebody_reads_every_day_a_saturday_is_like_another(self) -> None:
        assert start(at("2026-12-05 12:00"), ALWAYS, CALENDAR).due_at == at("2026-12-06 00:00")

    def test_a_year_without_a_calendar_stops_no_worry(self) -> None:
        assert start(at("2090-01-02 12:00"), HOURS, CALENDAR).due_at == at("2090-01-03 00:00")

    @given(moments, st.sampled_from([HOURS, ALWAYS]))
    def test_it_runs_forward_and_ends_with_a_british_day_on_which_somebody_reads(
        self, now: datetime, hours: ReadingHours
    ) -> None:
        clock = start(now, hours, CALENDAR)
        assert clock.opened_at == now <= clock.read_from < clock.due_at
        assert f"{british_time(clock.due_at):%H:%M}" == "00:00"
        assert british_time(clock.due_at - timedelta(seconds=1)).date() == british_time(clock.read_from).date()
        assert hours.begins <= british_time(clock.read_from).time() < hours.ends


class TestCalls:
    OPENED = at("2026-12-04 10:00")

    def due(self, hours: float, *, acknowledged: bool = False, triaged: bool = False) -> tuple[str, ...]:
        clock = start(self.OPENED, HOURS, CALENDAR)
        return calls(clock, self.OPENED + timedelta(hours=hours), acknowledged=acknowledged, triaged=triaged)

    def test_the_duty_address_is_called_again_after_an_hour_and_somebody_else_after_four(self) -> None:
        assert self.due(0.99) == ()
        assert self.due(1) == ("reminder",)
        assert self.due(4) == ("reminder", "escalation")
        assert self.due(14) == ("late",)

    def test_one_that_somebody_looks_at_is_left_alone_until_the_day_is_over(self) -> None:
        assert self.due(5, acknowledged=True) == ()
        assert self.due(14, acknowledged=True) == ("late",)
        assert self.due(100, acknowledged=True, triaged=True) == ()

    def test_at_night_others_are_called_all_the_same(self) -> None:
        opened = at("2026-12-05 02:00")
        clock = start(opened, HOURS, CALENDAR)
        assert calls(clock, opened + timedelta(hours=4), acknowledged=False, triaged=False) == ("reminder", "escalation")

    @given(moments, st.floats(0, 300))
    def test_nothing_is_called_about_what_is_triaged_and_nothing_late_goes_without(
        self, opened: datetime, hours: float
    ) -> None:
        clock = start(opened, HOURS, CALENDAR)
        now = opened + timedelta(hours=hours)
        assert calls(clock, now, acknowledged=True, triaged=True) == ()
        assert ("late" in calls(clock, now, acknowledged=True, triaged=False)) == is_late(clock.due_at, None, now)


def test_the_words_of_a_day_are_those_of_british_clocks() -> None:
    clock = start(at("2026-07-03 23:30"), HOURS, CALENDAR)
    assert moment_words(clock.opened_at) == "Friday 3 July, 23:30"
    assert due_words(clock.due_at) == "the end of Monday 6 July"
