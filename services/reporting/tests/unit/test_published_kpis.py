"""Public versions of KPIs held against one another: no small number is told by a later one, and what is told is said."""

import random
from datetime import date
from typing import Any

import pytest
from reporting_disclosure import Found
from reporting_kpi_versions import AREAS, Council, Filter, by_area, by_team, table, versions
from reporting_kpis import AREA, kpi, observed, profile_with

from reporting.domain import kpi_tables
from reporting.domain.kpi_figures import Observation
from reporting.domain.kpis import Kpi
from reporting.domain.periods import Period
from reporting.domain.protection import Protection, Why
from reporting.domain.published_before import Before, Known
from reporting.domain.suppression import protect
from reporting.domain.tables import State, TableView

TODAY = date(2027, 6, 30)
PARTS = ["numerator", "rest", "denominator", "value"]
Q1, Q2, HALF = (1, [(0, 0)]), (2, [(0, 0)]), (2, [(-1, 0)])
WHOLE = kpi(service_areas=list(AREAS), every="quarter")


def view(of: tuple[int, list[tuple[int, int]]], *found: Observation, areas: tuple[str, ...] = (), **own: Any) -> TableView:
    """A table of quarters of 2026, by their numbers before and after, of what stands."""
    quarter, spans = of
    profile = own.get("profile") or profile_with(own.get("kpi", WHOLE))
    filter_: Filter = own.get("filter") or ({"service_area": list(areas)} if areas else {})
    given = kpi_tables.Given(profile, Period.quarter(2026, quarter), TODAY, frozenset(), found)
    return kpi_tables.fill(table("kpis", filter_, spans, own.get("shows", PARTS)), given, ())


def quarters(first: tuple[int, int], second: tuple[int, int], *, area: str = AREA) -> list[Observation]:
    return [observed("2026-06", *first, area=area), observed("2026-09", *second, area=area)]


def issued(today: TableView, was: TableView | None = None, name: str = "version 1 of KPIs") -> Before:
    """A version, by itself; `was` where figures were otherwise then."""
    return Before(name, (today,), protect([was or today]).tables)


def shown(found: Protection, at: int = 0) -> list[object]:
    """The cells of the only row of a table: a number, or how it is."""
    cells = found.tables[at].rows[0].cells
    return [cell.state.value if cell.state is State.SUPPRESSED else cell.value for cell in cells]


HIDDEN = "suppressed"


class TestOtherTimes:
    def test_a_half_year_less_a_published_quarter_would_be_the_small_number(self) -> None:
        found = quarters((10, 40), (3, 20))
        assert shown(protect([view(HALF, *found)])) == [13, 47, 60, 22]
        later = protect([view(HALF, *found)], Known([issued(view(Q1, *found))]))
        assert shown(later)[0] == HIDDEN
        assert shown(later)[3] == HIDDEN
        assert later.given_away == ()
        assert Why.TOGETHER in {each.why for each in later.withheld}

    def test_a_quarter_that_was_withheld_is_not_told_by_the_half_and_the_other_quarter(self) -> None:
        found = quarters((10, 40), (3, 20))
        before = Known([issued(view(Q2, *found))])
        later = protect([view(HALF, *found), view(Q1, *found)], before)
        assert HIDDEN in {shown(later)[0], shown(later, 1)[0]}

    def test_what_is_told_by_published_figures_alone_is_said(self) -> None:
        found = quarters((10, 40), (3, 20))
        one, half = view(Q1, *found), view(HALF, *found)
        # As if neither had known of the other.
        before = Known([issued(one, name="version 1, Q1"), issued(half, name="version 1, the half")])
        later = protect([view(Q2, *found)], before)
        assert shown(later)[0] == HIDDEN
        (away,) = later.given_away
        assert away.where.startswith("kpis: Reviews in time, ")
        assert {each.partition(" ")[0] for each in away.by} == {"10", "13"}
        assert any("version 1, Q1" in each for each in away.by)

    def test_a_level_is_not_the_sum_of_its_quarters(self) -> None:
        own: Kpi = kpi(service_areas=list(AREAS), every="quarter", together="last")
        found = quarters((10, 40), (13, 60))
        later = protect([view(HALF, *found, kpi=own)], Known([issued(view(Q1, *found, kpi=own))]))
        assert HIDDEN not in shown(later)


class TestOtherAreas:
    def test_all_areas_less_a_published_one_would_be_the_small_number(self) -> None:
        found = [*quarters((10, 40), (0, 0)), *quarters((4, 30), (0, 0), area=AREAS[1])]
        before = Known([issued(view(Q1, *found, areas=(AREAS[0],)))])
        later = protect([view(Q1, *found)], before)
        assert shown(protect([view(Q1, *found)])) == [14, 56, 70, 20]
        assert shown(later)[0] == HIDDEN

    def test_a_table_of_targets_and_judgements_bounds_nothing_that_is_withheld(self) -> None:
        found = quarters((18, 20), (20, 20))
        before = Known([issued(view(Q1, *found))])
        later = protect([view(Q1, *found, shows=["target", "rag"])], before)
        assert shown(later) == [None, HIDDEN]


class TestTeams:
    """A service area less some of its teams, where that rest is in no table."""

    FOUND = (
        observed("2026-06", 10, 40, area="send", team="send-north"),
        observed("2026-06", 9, 30, area="send", team="send-south"),
        observed("2026-06", 4, 30, area="send", team="send-post-16"),
    )

    def of(self, filter_: Filter) -> TableView:
        return view(Q1, *self.FOUND, filter=filter_, profile=by_team().profile)

    def test_an_area_less_its_published_teams_would_be_the_small_number(self) -> None:
        area = self.of({"service_area": ["send"]})
        before = Known([issued(self.of({"team": ["send-north", "send-south"]}))])
        assert shown(protect([area])) == [23, 77, 100, 23]
        later = protect([area], before)
        assert shown(later)[0] == HIDDEN
        assert later.given_away == ()

    def test_teams_are_not_published_where_the_area_less_them_would_be_it(self) -> None:
        teams = [self.of({"team": [team]}) for team in ("send-north", "send-south")]
        later = protect(teams, Known([issued(self.of({}))]))
        assert HIDDEN in {shown(later, at)[0] for at in (0, 1)}
        assert shown(protect(teams), 0) == [10, 30, 40, 25]

    def test_what_is_told_by_published_figures_alone_is_said(self) -> None:
        before = [issued(self.of({"team": [team]})) for team in ("send-north", "send-south")]
        later = protect([self.of({"team": ["send-post-16"]})], Known([*before, issued(self.of({"service_area": ["send"]}))]))
        assert shown(later)[0] == HIDDEN
        assert {each.partition(" ")[0] for away in later.given_away for each in away.by} >= {"10", "9", "23"}


class TestCorrections:
    def test_are_named_with_both_numbers(self) -> None:
        was, now = view(Q1, *quarters((10, 40), (0, 0))), view(Q1, *quarters((12, 42), (0, 0)))
        later = protect([now], Known([issued(now, was)]))
        assert HIDDEN not in shown(later)
        told = {(each.where, each.before.partition(" ")[0], each.now) for each in later.corrected}
        assert ("kpis: Reviews in time, numerator 0 to 0", "10", 12) in told
        assert ("kpis: Reviews in time, denominator 0 to 0", "40", 42) in told

    def test_what_was_withheld_stays_withheld_though_it_grew(self) -> None:
        was, now = view(Q1, *quarters((3, 40), (0, 0))), view(Q1, *quarters((8, 40), (0, 0)))
        later = protect([now], Known([issued(now, was)]))
        assert shown(protect([now])) == [8, 32, 40, 20]
        assert shown(later) == [HIDDEN, HIDDEN, 40, HIDDEN]
        assert Why.BEFORE in {each.why for each in later.withheld}

    def test_and_is_not_told_by_what_was_corrected_beside_it(self) -> None:
        was, now = quarters((3, 40), (10, 60)), quarters((8, 40), (12, 60))
        before = Known([issued(view(Q1, *now), view(Q1, *was)), issued(view(Q2, *now), view(Q2, *was))])
        later = protect([view(HALF, *now), view(Q2, *now)], before)
        assert HIDDEN in {shown(later)[0], shown(later, 1)[0]}


@pytest.mark.parametrize(("council", "rounds"), [(by_area(), 120), (by_team(), 50)], ids=["areas", "teams"])
def test_linear_programming_over_the_postings_finds_no_small_number(council: Council, rounds: int) -> None:
    """As a reader with a computer would, of many made-up versions one after the other."""
    found = Found()
    for n in range(rounds):
        versions(random.Random(f"k/{n}"), found, council)
    assert found.small > 400
    assert (found.exactly, found.few) == (0, 0), found.examples
    assert found.withheld < 0.75 * found.cells


@pytest.mark.parametrize("seed", ["k/141", "k/375", "k/517"])
def test_what_takes_a_rest_of_times_and_of_areas_is_found(seed: str) -> None:
    found = Found()
    versions(random.Random(seed), found, by_area())
    assert (found.exactly, found.few) == (0, 0), found.examples
