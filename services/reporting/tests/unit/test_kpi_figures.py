"""Figures of KPIs: how months and places add up, what is missing, and the edges of red, amber and green."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting_kpis import AREA, kpi, number, observed, profile_with

from reporting.domain.kpi_figures import (
    Figure,
    Judgement,
    Observation,
    Place,
    Within,
    figure,
    judge,
    meets,
    months_of,
    value,
)
from reporting.domain.kpis import Kpi

TODAY = date(2026, 11, 30)
QUARTER = date(2026, 7, 1), date(2026, 9, 30)
ALL = Within()


def of(own: Kpi, *found: Observation, first: date = QUARTER[0], last: date = QUARTER[1], today: date = TODAY) -> Figure:
    return figure(own, profile_with(own), found, first, last, today, ALL)


class TestAQuarter:
    def test_is_the_sum_of_its_months_and_no_average_of_percentages(self) -> None:
        found = of(kpi(), observed("2026-07", 1, 1), observed("2026-08", 0, 99), observed("2026-09", 50, 100))
        assert (found.n, found.of, found.complete) == (51, 200, True)
        assert value(kpi(), found) == pytest.approx(25.5)

    def test_names_the_months_that_are_missing(self) -> None:
        found = of(kpi(), observed("2026-07", 9, 10), observed("2026-09", 9, 10))
        assert (found.n, found.of) == (18, 20)
        assert found.missing == ((date(2026, 8, 1), Place(AREA)),)

    def test_without_any_month_is_not_collected_and_not_a_zero(self) -> None:
        found = of(kpi())
        assert found.n is None
        assert found.in_use
        assert len(found.missing) == 3

    def test_expects_no_month_that_is_not_over(self) -> None:
        days = {"first": date(2026, 10, 1), "last": date(2026, 12, 31)}
        assert of(kpi(), observed("2026-10", 9, 10), **days).missing == ()
        assert of(kpi(), observed("2026-10", 9, 10), **days, today=date(2026, 12, 1)).missing_months == (date(2026, 11, 1),)

    def test_before_the_kpi_began_is_not_in_use(self) -> None:
        assert not of(kpi(**{"from": "2026-10-01"})).in_use
        assert of(kpi(**{"from": "2026-09-01"})).missing_months == (date(2026, 9, 1),)

    def test_of_a_kpi_that_ended_expects_nothing_after(self) -> None:
        assert of(kpi(until="2026-08-31")).missing_months == (date(2026, 7, 1), date(2026, 8, 1))


class TestANumber:
    def test_that_adds_up_is_a_sum(self) -> None:
        own = number()
        assert of(own, *(observed(f"2026-0{month}", 10, code=own.code) for month in (7, 8, 9))).n == 30

    def test_that_stands_at_a_day_is_that_of_the_last_month(self) -> None:
        own = number(together="last")
        found = of(own, observed("2026-07", 250, code=own.code), observed("2026-09", 255, code=own.code))
        assert (found.n, found.missing) == (255, ())

    def test_that_stands_at_a_day_is_missing_without_its_last_month(self) -> None:
        own = number(together="last")
        found = of(own, observed("2026-07", 250, code=own.code))
        assert found.n is None
        assert found.missing_months == (date(2026, 9, 1),)

    def test_that_is_an_average_is_never_added_up(self) -> None:
        own = number(together="none", every="quarter")
        assert of(own, observed("2026-09", 121, code=own.code)).n == 121
        year = of(own, observed("2026-09", 121, code=own.code), first=date(2026, 4, 1), last=date(2027, 3, 31))
        assert year.n is None
        assert year.apart


class TestTeams:
    own = kpi(service_areas=["send"], teams=True)

    def test_of_an_area_are_added_up_and_one_that_is_missing_is_named(self) -> None:
        teams = ("send-assessment", "send-north", "send-south", "send-post-16")
        found = of(
            self.own,
            *(observed("2026-09", 1, 2, area="send", team=team) for team in teams),
            first=date(2026, 9, 1),
        )
        assert (found.n, found.of) == (4, 8)
        assert found.missing == ((date(2026, 9, 1), Place("send", "send-review-and-monitoring")),)

    def test_and_areas_can_be_looked_at_alone(self) -> None:
        rows = [
            observed("2026-09", 1, 2, area="send", team="send-north"),
            observed("2026-09", 5, 5, area="send", team="send-south"),
        ]
        one = figure(
            self.own,
            profile_with(self.own),
            rows,
            date(2026, 9, 1),
            date(2026, 9, 30),
            TODAY,
            Within(teams=frozenset({"send-north"})),
        )
        assert (one.n, one.of, one.missing) == (1, 2, ())

    def test_of_an_area_that_a_reader_may_not_see_do_not_count(self) -> None:
        rows = [observed("2026-09", 1, 2, area="send", team="send-north")]
        limited = ALL.limited(frozenset({"safeguarding"}))
        found = figure(self.own, profile_with(self.own), rows, date(2026, 9, 1), date(2026, 9, 30), TODAY, limited)
        assert not found.in_use


class TestQuarterlyKpis:
    def test_are_expected_for_the_last_month_of_each_quarter(self) -> None:
        own = kpi(every="quarter")
        assert [each.month for each in months_of(own, date(2026, 4, 1), date(2027, 3, 31))] == [6, 9, 12, 3]


class TestRedAmberGreen:
    @pytest.mark.parametrize(
        ("n", "whole", "is_"),
        [
            (95, 100, Judgement.GREEN),
            (949, 1000, Judgement.AMBER),  # 94.9% is shown as 95%, and is less than 95
            (85, 100, Judgement.AMBER),
            (849, 1000, Judgement.RED),
            (0, 10, Judgement.RED),
            (9, 9, Judgement.TOO_FEW),
            (10, 10, Judgement.GREEN),
            (0, 0, Judgement.NOTHING),
        ],
    )
    def test_is_decided_by_the_exact_figure(self, n: int, whole: int, is_: Judgement) -> None:
        assert judge(kpi(), Figure(n, whole), TODAY) is is_

    @pytest.mark.parametrize(
        ("n", "is_"), [(20, Judgement.GREEN), (21, Judgement.AMBER), (24, Judgement.AMBER), (25, Judgement.RED)]
    )
    def test_turns_round_where_lower_is_better(self, n: int, is_: Judgement) -> None:
        own = kpi(better="lower", rag=[{"from": None, "until": None, "green": 20, "amber": 24}], targets=[])
        assert judge(own, Figure(n, 100), TODAY) is is_

    def test_of_a_number_has_no_least_size(self) -> None:
        own = number(better="lower", rag=[{"from": None, "until": None, "green": 121.5, "amber": 160}])
        assert [judge(own, Figure(each), TODAY) for each in (121, 122, 161)] == [
            Judgement.GREEN,
            Judgement.AMBER,
            Judgement.RED,
        ]

    def test_is_not_said_where_a_month_is_missing(self) -> None:
        missing = ((date(2026, 8, 1), Place(AREA)),)
        assert judge(kpi(), Figure(100, 100, missing), TODAY) is Judgement.INCOMPLETE

    def test_is_not_said_without_thresholds(self) -> None:
        assert judge(kpi(rag=[]), Figure(100, 100), TODAY) is Judgement.NONE

    def test_is_that_of_the_thresholds_of_the_day(self) -> None:
        old = {"from": None, "until": "2026-03-31", "green": 80, "amber": 70}
        new = {"from": "2026-04-01", "until": None, "green": 95, "amber": 85}
        own = kpi(rag=[old, new])
        found = Figure(90, 100)
        assert judge(own, found, date(2026, 3, 31)) is Judgement.GREEN
        assert judge(own, found, date(2026, 4, 30)) is Judgement.AMBER

    def test_says_whether_the_target_is_met(self) -> None:
        assert meets(kpi(), Figure(95, 100), TODAY) is True
        assert meets(kpi(), Figure(94, 100), TODAY) is False
        assert meets(kpi(better="neither", rag=[]), Figure(94, 100), TODAY) is None
        assert meets(kpi(), Figure(None), TODAY) is None

    @given(st.integers(10, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
    def test_never_gets_worse_when_one_more_is_in_time(self, share: tuple[int, int]) -> None:
        n, whole = share
        order = [Judgement.RED, Judgement.AMBER, Judgement.GREEN]
        more = judge(kpi(), Figure(min(n + 1, whole), whole), TODAY)
        assert order.index(more) >= order.index(judge(kpi(), Figure(n, whole), TODAY))
