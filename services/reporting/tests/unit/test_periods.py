"""Financial quarters and years, months, and steps between them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.periods import Kind, Period, UnknownPeriodError, containing, parse

days = st.dates(date(1995, 1, 1), date(2090, 12, 31))
kinds = st.sampled_from([Kind.QUARTER, Kind.HALF, Kind.YEAR, Kind.MONTHS])


class TestParse:
    @pytest.mark.parametrize(
        ("code", "first", "last", "short"),
        [
            ("2022-23-q1", date(2022, 4, 1), date(2022, 6, 30), "Q1 22/23"),
            ("2021-22-q4", date(2022, 1, 1), date(2022, 3, 31), "Q4 21/22"),
            ("2022-23-h1", date(2022, 4, 1), date(2022, 9, 30), "H1 22/23"),
            ("2022-23-h2", date(2022, 10, 1), date(2023, 3, 31), "H2 22/23"),
            ("2022-23", date(2022, 4, 1), date(2023, 3, 31), "22/23"),
            ("1999-00-q3", date(1999, 10, 1), date(1999, 12, 31), "Q3 99/00"),
            ("2022-06..2022-07", date(2022, 6, 1), date(2022, 7, 31), "June and July 2022"),
            ("2022-06", date(2022, 6, 1), date(2022, 6, 30), "June 2022"),
            ("2023-12..2024-02", date(2023, 12, 1), date(2024, 2, 29), "December 2023 to February 2024"),
        ],
    )
    def test_every_kind_of_code(self, code: str, first: date, last: date, short: str) -> None:
        found = parse(code)
        assert (found.first, found.last, found.short) == (first, last, short)

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "2022",
            "2022-23-q5",
            "2022-23-q0",
            "2022-23-h3",
            "2022-24-h1",
            "2022-24",
            "2022-24-q1",
            "2022-13",
            "2022-07..2022-06",
            "1066-67",
            "２０２２-23",
            "x",
        ],
    )
    def test_what_is_no_period_is_refused(self, code: str) -> None:
        with pytest.raises(UnknownPeriodError):
            parse(code)

    @given(day=days, kind=kinds)
    def test_reads_every_code_that_it_writes(self, day: date, kind: Kind) -> None:
        period = containing(day, kind)
        assert parse(period.code) == period
        assert period.first <= day <= period.last


class TestShift:
    @given(day=days, kind=kinds)
    def test_neighbours_touch(self, day: date, kind: Kind) -> None:
        period = containing(day, kind)
        assert period.shift(1).first == period.last + timedelta(days=1)
        assert period.shift(-1).last == period.first - timedelta(days=1)
        assert period.shift(-3).shift(3) == period

    def test_several_together_go_under_the_label_of_the_last(self) -> None:
        found = parse("2022-23-q2").span(-2, 0)
        assert (found.first, found.last, found.short) == (date(2022, 1, 1), date(2022, 9, 30), "Q2 22/23")

    def test_a_named_period_has_no_neighbours(self) -> None:
        named = Period("summer", Kind.NAMED, date(2022, 6, 1), date(2022, 8, 31), "Summer", "Summer")
        assert named.span(0, 0) == named
        with pytest.raises(UnknownPeriodError):
            named.shift(-1)

    def test_nobody_leaves_the_calendar(self) -> None:
        with pytest.raises(UnknownPeriodError):
            parse("2022-23-q1").shift(-1000)
