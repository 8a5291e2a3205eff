"""What a time tells of the shorter ones in it: figures that are alike, and of quarters, halves and a year."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from reporting_disclosure import ENDS, STARTS

from reporting.domain.joint_times import adds_up, by_times, elsewhere, holds, left_over, proves, stretches, timed, untimed
from reporting.domain.populations import Population, Sum

ALL = Population("complaints_received", "n", STARTS[0], ENDS[3], frozenset())


def span(first: int, last: int, of: Population = ALL) -> Population:
    """A figure from one quarter to another, counted from nought."""
    return timed(of, (STARTS[first], ENDS[last]))


def area(code: str) -> Population:
    return ALL.limited("service_area", frozenset({code}))


class TestStretches:
    def test_a_quarter_in_the_middle_bounds_what_is_left_on_both_sides(self) -> None:
        values = {span(0, 3): 20, span(1, 1): 18}
        (sum_,) = stretches(by_times(values), ())
        assert sum_ == Sum(span(0, 3), (span(0, 0), span(1, 1), span(2, 3)))
        assert left_over([sum_], values) == {}
        assert holds(sum_, values)

    def test_the_only_one_without_a_value_gets_it(self) -> None:
        values = {span(0, 2): 20, span(1, 1): 9, span(2, 2): 8}
        sums = list(stretches(by_times(values), ()))
        assert left_over(sums, values) == {span(0, 0): 3}

    def test_above_the_line_of_a_share_is_no_more_than_below_it_in_each(self) -> None:
        web, rest = (ALL.limited("channel", frozenset({each})) for each in ("web", "rest"))
        values = {span(0, 2): 20, span(1, 1): 9}
        values |= {span(0, 2, web): 12, span(1, 1, web): 5, span(0, 2, rest): 8, span(1, 1, rest): 4}
        found = list(stretches(by_times(values), [(untimed(ALL), untimed(web), untimed(rest))]))
        assert Sum(span(0, 0), (span(0, 0, web), span(0, 0, rest))) in found

    def test_times_that_follow_one_another_tell_nothing_new(self) -> None:
        assert list(stretches(by_times({span(n, n): 7 for n in range(4)}), ())) == []

    def test_how_things_stood_on_a_day_does_not_add_up(self) -> None:
        stock = replace(ALL, measure="complaints_open")
        assert not adds_up(stock)
        assert by_times({stock: 3}) == {}

    @given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))))
    def test_are_right_whatever_was_counted(self, quarters: list[int], spans: set[tuple[int, int]]) -> None:
        values = {span(first, last): sum(quarters[first : last + 1]) for first, last in spans if first <= last}
        sums = list(stretches(by_times(values), ()))
        left = left_over(sums, values)
        for each, value in left.items():
            assert value == sum(quarters[STARTS.index(each.first) : ENDS.index(each.last) + 1])
        assert all(holds(each, values | left) for each in sums)
        for sum_ in sums:
            days = [part.first for part in sum_.parts] + [sum_.parts[-1].last + timedelta(days=1)]
            assert (days[0], days[-1]) == (sum_.whole.first, sum_.whole.last + timedelta(days=1))
            assert days == sorted(set(days))


class TestWhatIsProved:
    def test_by_times_one_after_the_other_or_by_the_rest_of_a_longer_one(self) -> None:
        known = by_times({span(0, 0): 4, span(1, 1): 5, span(0, 3): 30, span(2, 2): 7})[untimed(ALL)]
        assert proves(known, (STARTS[0], ENDS[1]), 9)
        assert proves(known, (STARTS[3], ENDS[3]), 14)
        assert not proves(known, (STARTS[3], ENDS[3]), 13)
        assert not proves({}, (STARTS[0], ENDS[1]), 9)

    def test_nothing_by_itself(self) -> None:
        known = by_times({span(0, 1): 9})[untimed(ALL)]
        assert not proves(known, (STARTS[0], ENDS[1]), 9)

    def test_a_sum_of_one_time_is_one_of_another_where_its_numbers_are_right(self) -> None:
        values = {span(0, 0): 9, span(1, 1): 8, span(2, 2): 7}
        values |= {span(n, n, area(code)): number for n in range(3) for code, number in (("a", 5), ("b", 4 - min(n, 1)))}
        found = elsewhere([Sum(span(0, 0), (span(0, 0, area("a")), span(0, 0, area("b"))))], by_times(values))
        assert {each.whole.first for each in found} == {STARTS[0], STARTS[1]}

    def test_numbers_that_contradict_one_another_hold_nothing(self) -> None:
        sum_ = Sum(span(0, 1), (span(0, 0), span(1, 1)))
        assert not holds(sum_, {span(0, 1): 3, span(0, 0): 5, span(1, 1): -2})
        assert not holds(sum_, {span(0, 1): 3, span(0, 0): 2, span(1, 1): 2})
        assert holds(sum_, {span(0, 1): 3, span(0, 0): 2})
        assert date.min == untimed(ALL).first
