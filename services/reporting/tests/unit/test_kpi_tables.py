"""KPIs as tables of reports, and what of them the public may see."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting_kpis import AREA, kpi, number, observed, profile_with

from reporting.domain import evaluation, kpi_recipes
from reporting.domain.kpi_figures import Observation
from reporting.domain.kpis import Kpi
from reporting.domain.periods import Period
from reporting.domain.recipes import Report, Table
from reporting.domain.suppression import suppress_all
from reporting.domain.tables import State, TableView

TODAY = date(2026, 11, 30)
Q2 = Period.quarter(2026, 2)
SHOWS = ("numerator", "rest", "denominator", "value", "target", "rag")


def column(show: str, code: str = "", **period: int) -> dict[str, Any]:
    span = {"period": {"from": period["first"], "to": period["last"]}} if period else {}
    return {
        "code": code or show,
        "label": show.title(),
        "show": show,
        "unit": "percent" if show == "value" else "number",
        **span,
    }


def table(*kpis: str, columns: list[dict[str, Any]] | None = None, **more: Any) -> Table:
    rows = {"by": "kpi", "label": "Indicator", "kpis": list(kpis)}
    own = {"code": "kpis", "title": "KPIs", "filter": {}, "total": False, "chart": None, "notes": [], "rows": rows}
    return Table.model_validate({**own, "columns": columns or [column(show) for show in SHOWS], **more})


def filled(own: Table, kpis: list[Kpi], *found: Observation, areas: frozenset[str] = frozenset()) -> TableView:
    scope = evaluation.Scope(profile_with(*kpis), Q2, TODAY, areas, kpis=found)
    assert evaluation.tallies(own, scope) == set()
    return evaluation.fill(own, scope, {})


def months(n: int, of: int, *, code: str = "reviews", area: str = AREA) -> list[Observation]:
    """The same figure for each month of the second quarter."""
    return [observed(f"2026-0{month}", n, of, code=code, area=area) for month in (7, 8, 9)]


def words(view: TableView, row: int = 0) -> list[str]:
    return [cell.text or (str(cell.value) if cell.value is not None else cell.state.value) for cell in view.rows[row].cells]


class TestTable:
    def test_has_a_part_in_each_column(self) -> None:
        view = filled(table("reviews"), [kpi()], *months(19, 20))
        assert words(view) == ["57", "3", "60", "95", "95%", "Green"]
        assert view.rows[0].cells[3].n == 57

    def test_says_what_a_rounded_percentage_hides(self) -> None:
        view = filled(
            table("reviews"),
            [kpi()],
            observed("2026-07", 300, 300),
            observed("2026-08", 300, 300),
            observed("2026-09", 349, 400),
        )
        assert words(view)[3:] == ["95", "95%", "Amber"]
        assert any("Before rounding it lies just below 95%" in note for note in view.notes)

    def test_names_a_missing_month_and_judges_nothing(self) -> None:
        view = filled(table("reviews"), [kpi()], *months(19, 20)[:2])
        assert words(view)[-1] == "Not judged: months missing"
        assert "Reviews in time: September 2026 not collected; the figures are of what is there, and not judged." in view.notes

    def test_of_nothing_is_not_collected(self) -> None:
        view = filled(table("reviews"), [kpi()])
        assert [cell.state for cell in view.rows[0].cells] == [State.NOT_COLLECTED] * 4 + [State.VALUE, State.NOT_COLLECTED]

    def test_of_nothing_due_has_zeros_and_no_percentage(self) -> None:
        view = filled(table("reviews"), [kpi()], *months(0, 0))
        states = [cell.state for cell in view.rows[0].cells]
        assert states == [State.ZERO] * 3 + [State.NOT_COLLECTED, State.VALUE, State.NOT_COLLECTED]

    def test_has_of_a_number_its_value_only(self) -> None:
        own = number()
        found = [observed(f"2026-0{month}", 1000, code=own.code) for month in (7, 8, 9)]
        view = filled(table(own.code), [own], *found)
        not_in_use = State.NOT_IN_USE.value
        assert words(view) == [not_in_use, not_in_use, not_in_use, "3,000", not_in_use, not_in_use]

    def test_leaves_out_a_kpi_that_was_not_in_use(self) -> None:
        assert filled(table("reviews"), [kpi(**{"from": "2026-10-01"})]).rows == ()

    def test_shows_a_limited_reader_their_areas(self) -> None:
        own = kpi(service_areas=[AREA, "safeguarding"])
        found = [*months(19, 20), *months(10, 20, area="safeguarding")]
        assert words(filled(table("reviews"), [own], *found))[0] == "87"
        assert words(filled(table("reviews"), [own], *found, areas=frozenset({"safeguarding"})))[0] == "30"
        assert filled(table("reviews"), [own], *found, areas=frozenset({"send"})).rows == ()

    def test_judges_an_earlier_quarter_by_its_own_target(self) -> None:
        old = {"from": None, "until": "2026-06-30"}
        own = kpi(
            targets=[{**old, "value": 80}, {"from": "2026-07-01", "until": None, "value": 95}],
            rag=[{**old, "green": 80, "amber": 70}, {"from": "2026-07-01", "until": None, "green": 95, "amber": 85}],
        )
        before = {"first": -1, "last": -1}
        columns = [column("target"), column("rag"), column("target", "t", **before), column("rag", "r", **before)]
        found = [*months(9, 10), *(observed(f"2026-0{month}", 9, 10) for month in (4, 5, 6))]
        assert words(filled(table("reviews", columns=columns), [own], *found)) == ["95%", "Amber", "80%", "Green"]


class TestPublicTable:
    def test_withholds_all_that_a_small_part_could_be_read_off(self) -> None:
        (view,) = suppress_all([filled(table("reviews"), [kpi()], *months(19, 20))])
        assert words(view) == ["suppressed", "suppressed", "60", "suppressed", "95%", "suppressed"]

    def test_shows_what_is_large_enough(self) -> None:
        (view,) = suppress_all([filled(table("reviews"), [kpi()], *months(16, 20))])
        assert words(view) == ["48", "12", "60", "80", "95%", "Red"]

    def test_withholds_a_percentage_of_fewer_than_10(self) -> None:
        (view,) = suppress_all(
            [filled(table("reviews"), [kpi()], observed("2026-07", 0, 0), observed("2026-08", 0, 0), observed("2026-09", 9, 9))]
        )
        assert words(view)[:4] == ["9", "0", "9", "suppressed"]

    def test_withholds_a_longer_period_with_one_that_is_withheld(self) -> None:
        columns = [
            column("numerator"),
            column("numerator", "both", first=-1, last=0),
            column("numerator", "before", first=-1, last=-1),
        ]
        found = [*months(1, 20), *(observed(f"2026-0{month}", 10, 20) for month in (4, 5, 6))]
        (view,) = suppress_all([filled(table("reviews", columns=columns), [kpi()], *found)])
        assert words(view) == ["suppressed", "suppressed", "30"]

    def test_withholds_all_areas_where_one_is_withheld_in_another_table(self) -> None:
        own = kpi(service_areas=[AREA, "safeguarding"])
        found = [*months(1, 20), *months(10, 20, area="safeguarding")]
        one = filled(table("reviews", code="one", filter={"service_area": [AREA]}), [own], *found)
        whole = filled(table("reviews"), [own], *found)
        assert words(suppress_all([one, whole])[1])[0] == "suppressed"
        assert words(suppress_all([whole])[0])[0] == "33"

    @given(st.lists(st.integers(0, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), min_size=3, max_size=3))
    def test_never_shows_a_part_from_1_to_5(self, shares: list[tuple[int, int]]) -> None:
        found = [observed(f"2026-0{month}", n, of) for month, (n, of) in zip((7, 8, 9), shares, strict=True)]
        (view,) = suppress_all([filled(table("reviews"), [kpi()], *found)])
        n, of = sum(each[0] for each in shares), sum(each[1] for each in shares)
        cells = dict(zip(SHOWS, view.rows[0].cells, strict=True))
        small = any(0 < each <= 5 for each in (n, of - n, of))
        for name in ("numerator", "rest", "value", "rag"):
            assert (cells[name].state is State.SUPPRESSED) >= (small and cells[name].state is not State.NOT_COLLECTED)
        if 0 < of <= 5:
            assert cells["denominator"].state is State.SUPPRESSED


class TestRecipe:
    @pytest.mark.parametrize(
        ("more", "place", "expected"),
        [
            ({"rows": {"by": "kpi", "label": "x", "kpis": ["other"]}}, "/rows/kpis/0", "Known codes: reviews"),
            ({"rows": {"by": "kpi", "label": "x", "kpis": ["reviews", "reviews"]}}, "/rows/kpis/1", "again"),
            ({"columns": [column("count")]}, "/columns/0/show", "numerator, rest"),
            ({"columns": [{**column("value"), "measure": "audits_completed"}]}, "/columns/0/measure", "the rows are KPIs"),
            ({"columns": [{**column("value"), "filter": {"service_area": [AREA]}}]}, "/columns/0/filter", "as a whole"),
            ({"filter": {"procedure": ["send"]}}, "/filter/procedure", "service_area"),
            ({"chart": "bar"}, "/chart", "expected null"),
        ],
    )
    def test_is_refused_with_the_place(self, more: dict[str, Any], place: str, expected: str) -> None:
        (error,) = kpi_recipes.check(profile_with(kpi()), table("reviews", **more), "")
        assert error.pointer == place
        assert expected in error.detail

    def test_of_measures_has_no_parts_of_kpis(self) -> None:
        rows = {"by": "measure", "label": "x", "measures": [{"code": "a", "label": "a", "measure": "audits_completed"}]}
        (error,) = kpi_recipes.check(profile_with(kpi()), table("reviews", rows=rows, columns=[column("rag")]), "")
        assert error.pointer == "/columns/0/show"

    def test_is_counted_from_no_collection(self) -> None:
        report = Report(code="r", title="r", audience="public", period="quarter", tables=(table("reviews"),))
        assert evaluation.collections(report.tables) == set()
