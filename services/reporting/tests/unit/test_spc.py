"""Control charts: by a published example, each signal by itself, and what holds for any points."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.spc import RUN, Limits, Signal, chart, limits

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2, individuals control charts: ten batches.
NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# Twelve points with a mean of 50 and a mean moving range of 2: limits at 44.68 and 55.32, outer thirds beyond 46.45 and 53.55.
BASE = [49, 51] * 6
measured = st.integers(-1000, 1000).map(lambda each: each / 10)
points = st.lists(st.none() | measured, min_size=1, max_size=40)


def signals(values: Sequence[float], place: int) -> frozenset[Signal]:
    return chart([*BASE, *values])[len(BASE) + place].signals


class TestLimits:
    def test_are_those_of_the_handbook(self) -> None:
        found = limits(NIST)
        assert found is not None
        # The handbook divides by 1.128 and multiplies by 3, where Wheeler has 2.66.
        assert (found.mean, found.low, found.high) == pytest.approx((50.81, 45.8159, 55.8041), abs=0.002)
        assert found.provisional

    def test_are_locked_by_the_twelfth_point(self) -> None:
        assert limits(BASE[:11]) != limits(BASE)
        assert limits(BASE) == limits([*BASE, 90, 10, 70]) == Limits(50.0, 44.68, 55.32, provisional=False)

    def test_a_missing_month_is_no_point_and_no_range_spans_it(self) -> None:
        assert limits([1, None, 9]) is None
        found = limits([1, 2, None, 9])
        assert found == Limits(4.0, 1.34, 6.66, provisional=True)
        gap = limits([*BASE[:4], None, *BASE[4:], 90])
        assert gap is not None
        assert (gap.mean, gap.low, gap.high) == pytest.approx((50.0, 44.68, 55.32))
        assert not gap.provisional

    def test_do_not_pass_what_is_possible(self) -> None:
        found = limits([98, 90, 99, 91], lowest=0, highest=100)
        assert found is not None
        assert found.high == 100
        assert found.low == pytest.approx(94.5 - 2.66 * 25 / 3)

    def test_begin_anew_where_somebody_says_so(self) -> None:
        found = chart([*BASE, *(each + 20 for each in BASE)], anew=[12])
        assert found[0].limits == Limits(50.0, 44.68, 55.32, provisional=False)
        assert found[12].limits == Limits(70.0, 64.68, 75.32, provisional=False)
        assert not any(each.signals for each in found)

    def test_begin_anew_at_a_point_only(self) -> None:
        with pytest.raises(ValueError, match="one of the points"):
            chart(BASE, anew=[12])


class TestSignals:
    def test_a_point_beyond_a_limit(self) -> None:
        assert signals([55.4], 0) == {Signal.OUTSIDE}
        assert signals([44.6], 0) == {Signal.OUTSIDE}
        assert not signals([53.5], 0)

    def test_seven_on_one_side_and_not_six(self) -> None:
        # The twelfth point lies above the mean too.
        six, seven = [52, 51, 52, 51, 52], [52, 51, 52, 51, 52, 51]
        assert not signals(six, 4)
        assert all(signals(seven, place) == {Signal.ONE_SIDE} for place in range(6))

    def test_a_point_on_the_mean_belongs_to_no_side(self) -> None:
        assert not signals([52, 51, 50, 51, 52, 51], 5)

    def test_seven_rising_or_falling_and_not_six(self) -> None:
        rising = [49.0, 49.2, 49.5, 50.5, 51.5, 52.5, 53.0]
        assert all(Signal.RISING in signals(rising, place) for place in range(RUN))
        assert not any(Signal.RISING in signals(rising[:-1], place) for place in range(RUN - 1))
        falling = [100 - each for each in [48.5, *rising]]
        assert all(Signal.FALLING in signals(falling, place) for place in range(1, RUN + 1))
        assert not any(Signal.RISING in signals([49, 49.2, 49.5, 49.5, 51.5, 52.5, 53], place) for place in range(RUN))

    def test_two_of_three_near_the_same_limit(self) -> None:
        assert [bool(signals([54, 50, 54], place)) for place in range(3)] == [True, False, True]
        assert signals([54, 50, 54], 0) == {Signal.NEAR_A_LIMIT}
        assert not signals([54, 50, 50, 54], 3)
        assert not signals([54, 46, 50], 1)  # near one limit each

    def test_where_a_limit_is_cut_the_uncut_one_says_what_is_near(self) -> None:
        found = chart([97, 99] * 6 + [99.9, 99.9, 99.9], lowest=0, highest=100)
        assert not any(Signal.NEAR_A_LIMIT in each.signals for each in found)


class TestAnyPoints:
    @given(points)
    def test_every_value_comes_back_in_its_place(self, values: list[float | None]) -> None:
        assert [each.value for each in chart(values)] == values

    @given(measured, st.integers(1, 40))
    def test_what_never_changes_signals_nothing(self, value: float, many: int) -> None:
        assert not any(each.signals for each in chart([value] * many))

    @given(points)
    def test_upside_down_the_same_points_signal(self, values: list[float | None]) -> None:
        turned = {Signal.RISING: Signal.FALLING, Signal.FALLING: Signal.RISING}
        other = chart([None if each is None else -each for each in values])
        assert [{turned.get(signal, signal) for signal in each.signals} for each in chart(values)] == [
            set(each.signals) for each in other
        ]

    @given(points, st.lists(measured, max_size=5))
    def test_points_that_follow_move_no_limit_and_silence_no_signal(
        self, values: list[float | None], more: list[float]
    ) -> None:
        before = chart(values)
        after = chart([*values, *more])
        if before[0].limits is not None and not before[0].limits.provisional:
            assert after[0].limits == before[0].limits
            assert all(new.signals >= old.signals for old, new in zip(before, after, strict=False))
