"""Working days, by the vectors of the procedures and against a slow count that shares no code with the calendar."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import calendar
from chassis.calendar import JURISDICTIONS, OutsideCalendarError, UnknownCalendarError, WorkingDays
from chassis.calendar_data import generate

CALENDAR = WorkingDays.load()
SUBDIVISIONS = {"england-and-wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}
REFERENCE = {
    name: holidays.country_holidays("GB", subdiv=subdiv, years=range(2019, 2031)) for name, subdiv in SUBDIVISIONS.items()
}

# 120 working days either way, with their weekends and holidays, stay within the data.
days = st.dates(date(2019, 7, 15), date(2030, 5, 31))
any_day = st.dates(date(2019, 1, 1), date(2030, 12, 31))
jurisdictions = st.sampled_from(JURISDICTIONS)


def works(day: date, jurisdiction: str = "england-and-wales") -> bool:
    """The slow reference: ask the library about one day."""
    return day.strftime("%A") not in {"Saturday", "Sunday"} and day not in REFERENCE[jurisdiction]


class TestAdd:
    @pytest.mark.parametrize(
        ("day", "n", "expected"),
        [
            (date(2022, 5, 27), 10, date(2022, 6, 14)),
            (date(2022, 5, 27), 20, date(2022, 6, 28)),
            (date(2022, 9, 5), 10, date(2022, 9, 20)),
            (date(2023, 4, 28), 10, date(2023, 5, 16)),
            (date(2022, 4, 29), 5, date(2022, 5, 9)),
            (date(2024, 8, 29), 65, date(2024, 11, 28)),
        ],
    )
    def test_vectors_of_the_complaint_procedures(self, day: date, n: int, expected: date) -> None:
        assert CALENDAR.add(day, n) == expected
        assert CALENDAR.count(day, expected) == n

    def test_day_0_may_be_a_weekend_and_is_returned_for_zero(self) -> None:
        sunday = date(2022, 5, 29)
        assert CALENDAR.add(sunday, 0) == sunday
        assert CALENDAR.add(sunday, 1) == date(2022, 5, 30)
        assert CALENDAR.add(sunday, -1) == date(2022, 5, 27)

    @given(day=days, n=st.integers(-120, 120), jurisdiction=jurisdictions)
    def test_agrees_with_counting_day_by_day(self, day: date, n: int, jurisdiction: str) -> None:
        expected, left = day, abs(n)
        while left:
            expected += timedelta(days=1 if n > 0 else -1)
            left -= works(expected, jurisdiction)
        assert WorkingDays.load(jurisdiction=jurisdiction).add(day, n) == expected

    @given(day=days, n=st.integers(-120, 120))
    def test_is_undone_by_count(self, day: date, n: int) -> None:
        assert CALENDAR.count(day, CALENDAR.add(day, n)) == n

    @given(day=days, m=st.integers(1, 60), n=st.integers(1, 60))
    def test_an_extension_lands_where_the_whole_limit_lands(self, day: date, m: int, n: int) -> None:
        assert CALENDAR.add(CALENDAR.add(day, m), n) == CALENDAR.add(day, m + n)

    def test_leaving_the_data_is_an_error_at_both_ends(self) -> None:
        with pytest.raises(OutsideCalendarError, match="2019-01-01 to 2030-12-31"):
            CALENDAR.add(date(2030, 12, 20), 20)
        with pytest.raises(OutsideCalendarError):
            CALENDAR.add(date(2019, 1, 4), -20)


class TestCount:
    @given(one=days, length=st.integers(0, 250), jurisdiction=jurisdictions)
    def test_agrees_with_counting_day_by_day(self, one: date, length: int, jurisdiction: str) -> None:
        other = min(one + timedelta(days=length), date(2030, 12, 31))
        passed = (one + timedelta(days=i) for i in range(1, (other - one).days + 1))
        assert WorkingDays.load(jurisdiction=jurisdiction).count(one, other) == sum(works(day, jurisdiction) for day in passed)

    @given(one=days, length=st.integers(1, 250))
    def test_backwards_is_negative_and_leaves_day_0_out(self, one: date, length: int) -> None:
        other = max(one - timedelta(days=length), date(2019, 1, 1))
        passed = (one - timedelta(days=i) for i in range(1, (one - other).days + 1))
        assert CALENDAR.count(one, other) == -sum(works(day) for day in passed)

    def test_the_day_of_the_event_is_day_0(self) -> None:
        assert CALENDAR.count(date(2022, 9, 5), date(2022, 9, 5)) == 0
        assert CALENDAR.count(date(2022, 9, 5), date(2022, 9, 6)) == 1


class TestIsWorkingDay:
    @given(day=any_day, jurisdiction=jurisdictions)
    def test_agrees_with_the_library(self, day: date, jurisdiction: str) -> None:
        assert WorkingDays.load(jurisdiction=jurisdiction).is_working_day(day) is works(day, jurisdiction)

    @pytest.mark.parametrize(
        ("day", "works_on_it", "why"),
        [
            (date(2020, 5, 4), True, "the early May holiday moved to VE day"),
            (date(2020, 5, 8), False, "VE day"),
            (date(2022, 5, 30), True, "the spring holiday moved to the Jubilee"),
            (date(2022, 6, 2), False, "spring holiday"),
            (date(2022, 6, 3), False, "Platinum Jubilee"),
            (date(2022, 9, 19), False, "state funeral"),
            (date(2023, 5, 8), False, "coronation"),
            (date(2019, 1, 1), False, "the first day of the data"),
            (date(2030, 12, 31), True, "the last day of the data"),
        ],
    )
    def test_one_off_holidays_and_the_ends_of_the_data(self, day: date, works_on_it: bool, why: str) -> None:
        assert CALENDAR.is_working_day(day) is works_on_it, why

    def test_nations_differ(self) -> None:
        easter_monday, boyne, st_andrew = date(2023, 4, 10), date(2023, 7, 12), date(2023, 11, 30)
        observed = {
            name: [WorkingDays.load(jurisdiction=name).is_working_day(day) for day in (easter_monday, boyne, st_andrew)]
            for name in JURISDICTIONS
        }
        assert observed == {
            "england-and-wales": [False, True, True],
            "scotland": [True, True, False],
            "northern-ireland": [False, False, True],
        }

    @pytest.mark.parametrize("day", [date(2018, 12, 31), date(2031, 1, 1)])
    def test_outside_the_years_is_an_error_that_names_them(self, day: date) -> None:
        with pytest.raises(OutsideCalendarError, match=f"{day} is outside .* 2019-01-01 to 2030-12-31"):
            CALENDAR.is_working_day(day)

    def test_a_moment_is_refused_because_its_date_depends_on_the_time_zone(self) -> None:
        with pytest.raises(TypeError, match="time zone"):
            CALENDAR.is_working_day(datetime(2022, 5, 27, 23, 30, tzinfo=UTC))

    def test_a_holiday_has_its_name(self) -> None:
        assert CALENDAR.holiday(date(2022, 9, 19)) == "State Funeral of Queen Elizabeth II"
        assert CALENDAR.holiday(date(2022, 9, 20)) is None


class TestLastOfMonth:
    @given(year=st.integers(2019, 2030), month=st.integers(1, 12))
    def test_is_a_working_day_with_none_after_it_in_the_month(self, year: int, month: int) -> None:
        last = CALENDAR.last_of_month(year, month)
        assert (last.year, last.month) == (year, month)
        assert works(last)
        after = last + timedelta(days=1)
        while after.month == month:
            assert not works(after)
            after += timedelta(days=1)


class TestVersions:
    def test_the_newest_is_loaded_unless_another_is_named(self) -> None:
        newest = calendar.versions()[-1]
        assert CALENDAR.version == newest
        assert WorkingDays.load(newest) is CALENDAR

    def test_every_published_version_can_still_be_read(self) -> None:
        for version in calendar.versions():
            for jurisdiction in JURISDICTIONS:
                assert WorkingDays.load(version, jurisdiction).version == version

    def test_an_unknown_version_or_jurisdiction_is_named(self) -> None:
        with pytest.raises(UnknownCalendarError, match="2001-01-01-00000000"):
            WorkingDays.load("2001-01-01-00000000")
        with pytest.raises(UnknownCalendarError, match="atlantis"):
            WorkingDays.load(jurisdiction="atlantis")

    def test_data_are_current_with_the_library(self) -> None:
        newest = calendar.read(calendar.versions()[-1])
        assert generate.same_days(generate.from_library(), newest), "run python -m chassis.calendar_data.generate"

    def test_an_edited_version_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "calendar_data").mkdir()
        data = replace(calendar.read(CALENDAR.version), version="")
        path = generate.write(data, tmp_path / "calendar_data", date(2020, 1, 1))
        monkeypatch.setattr(calendar, "files", lambda _package: tmp_path)
        calendar.versions.cache_clear()
        try:
            assert calendar.read(path.stem).holidays == data.holidays
            content = json.loads(path.read_text("utf-8"))
            del content["jurisdictions"]["scotland"]["2023-11-30"]
            path.write_text(json.dumps(content), "utf-8")
            calendar.read.cache_clear()
            with pytest.raises(UnknownCalendarError, match="edited"):
                calendar.read(path.stem)
        finally:
            calendar.versions.cache_clear()
            calendar.read.cache_clear()
