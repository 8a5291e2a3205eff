"""British days, by rule."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chassis.days import british_day, british_time


class TestBritishDay:
    @given(st.datetimes(datetime(1996, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - made aware below
    def test_it_is_that_of_the_time_zone_files(self, moment: datetime) -> None:
        aware = moment.replace(tzinfo=UTC)
        expected = aware.astimezone(ZoneInfo("Europe/London"))
        assert british_day(aware) == expected.date()
        assert british_time(aware).replace(tzinfo=None) == expected.replace(tzinfo=None)

    def test_an_hour_after_midnight_in_summer_is_the_new_day(self) -> None:
        assert british_day(datetime(2022, 6, 30, 23, 30, tzinfo=UTC)) == date(2022, 7, 1)
        assert british_day(datetime(2022, 12, 31, 23, 30, tzinfo=UTC)) == date(2022, 12, 31)
        change = datetime(2022, 10, 30, 1, tzinfo=UTC)
        assert british_day(change - timedelta(seconds=1)) == british_day(change) == date(2022, 10, 30)
