"""Recipes become tables: every state of a cell, totals, rows that nobody listed. Tallies are answered by hand here."""

from datetime import date
from typing import Any

import pytest

from reporting.domain import evaluation
from reporting.domain.evaluation import Scope
from reporting.domain.measures import Collection
from reporting.domain.periods import parse
from reporting.domain.profile import Profile
from reporting.domain.tables import State, TableView
from reporting.domain.tallies import Count, Key, Tally, both

TODAY = date(2023, 1, 1)
BEGUN = dict.fromkeys(Collection, date(2021, 1, 1))
AREAS: list[dict[str, Any]] = [
    {
        "code": "north",
        "name": "North",
        "short_name": "North",
        "former_names": [{"name": "Old North", "until": "2021-12-31"}],
        "used_for": {"complaints": {"from": None, "until": None}},
    },
    {
        "code": "south",
        "name": "South",
        "short_name": "South",
        "used_for": {"complaints": {"from": "2022-04-01", "until": None}},
    },
    {"code": "gone", "name": "Gone", "short_name": "Gone", "used_for": {"complaints": {"until": "2020-01-01"}}},
]


def column(code: str = "n", **more: Any) -> dict[str, Any]:
    return {"code": code, "label": "{period}", "measure": "complaints_received", "show": "count", "unit": "complaints", **more}


def profile(rows: dict[str, Any] | None = None, audience: str = "internal", **table: Any) -> Profile:
    by_area = {
        "by": "dimension",
        "label": "Service area",
        "dimension": "service_area",
        "members": ["north", "south", "gone"],
    }
    whole = {
        "code": "t",
        "title": "T",
        "filter": {},
        "rows": rows or by_area,
        "columns": [column()],
        "total": True,
        "chart": None,
        "notes": [],
        **table,
    }
    report = {"code": "r", "title": "R", "audience": audience, "period": "quarter", "tables": [whole]}
    document = {
        "organisation": {"code": "org", "name": "Org", "service_areas": AREAS},
        "reports": {"bands": [], "periods": [], "reports": [report]},
    }
    return Profile.model_validate(document)


def scope(held: Profile, code: str = "2022-23-q1", **more: Any) -> Scope:
    return Scope(held, parse(code), TODAY, **{"begun": BEGUN, **more})


def fill(scope_: Scope, counts: dict[str | None, int]) -> TableView:
    """The table, where every tally by members is answered with the counts, and every other with their sum."""
    report = scope_.profile.reports.reports[0]
    answers: dict[Tally, dict[Key, Count]] = {}
    for tally in evaluation.tallies(report.tables[0], scope_):
        total: dict[Key, Count] = {None: Count(sum(counts.values()))}
        answers[tally] = {key: Count(n) for key, n in counts.items()} if tally.by else total
    return evaluation.view(report, scope_, answers).tables[0]


def rows(table: TableView) -> dict[str, list[tuple[str, int | None]]]:
    return {row.code: [(cell.state.value, cell.value) for cell in row.cells] for row in table.rows}


class TestStates:
    def test_value_and_zero_differ_and_a_member_that_is_never_in_use_is_left_out(self) -> None:
        assert rows(fill(scope(profile()), {"north": 3})) == {
            "north": [("value", 3)],
            "south": [("zero", 0)],
            "total": [("value", 3)],
        }

    def test_before_it_began_a_member_is_not_in_use(self) -> None:
        held = profile(columns=[column(), column("before", period={"from": -1, "to": -1})])
        assert rows(fill(scope(held), {"north": 3}))["south"] == [("zero", 0), ("not-in-use", None)]

    def test_what_is_there_is_shown_even_where_it_should_not_be(self) -> None:
        assert rows(fill(scope(profile()), {"gone": 2}))["gone"] == [("value", 2)]

    def test_what_is_in_no_row_is_shown_as_not_listed(self) -> None:
        found = fill(scope(profile()), {"north": 1, None: 4})
        assert rows(found)["other"] == [("value", 4)]
        assert rows(found)["total"] == [("value", 5)]

    @pytest.mark.parametrize("begun", [{}, {Collection.COMPLAINTS: date(2022, 7, 1)}])
    def test_before_the_first_record_nothing_was_collected(self, begun: dict[Collection, date]) -> None:
        assert rows(fill(scope(profile(), begun=begun), {}))["north"] == [("not-collected", None)]

    def test_what_has_not_happened_yet_is_not_zero(self) -> None:
        assert rows(fill(scope(profile(), "2023-24-q1"), {}))["north"] == [("not-collected", None)]

    def test_a_share_of_nothing_is_not_collected(self) -> None:
        held = profile(columns=[column(show="share", unit="%")])
        assert rows(fill(scope(held), {}))["north"] == [("not-collected", None)]

    def test_a_public_report_withholds_small_counts(self) -> None:
        found = fill(scope(profile(audience="public")), {"north": 3, "south": 40})
        assert {cell.state for row in found.rows[:2] for cell in row.cells} == {State.SUPPRESSED}
        assert found.notes[-1].startswith("[c]")


def crossed(**more: Any) -> dict[str, Any]:
    """A cross table of natures by service area, with the whole beside it."""
    across = {
        "dimension": "service_area",
        "members": ["north", "south", "gone"],
        "measure": "complaint_points",
        "unit": "points",
    }
    rows_ = {"by": "dimension", "label": "Nature", "dimension": "category", "members": ["x"]}
    return {
        "rows": rows_,
        "across": across,
        "columns": [column("all", label="All", measure="complaint_points", unit="points")],
        **more,
    }


def cross(scope_: Scope, counts: dict[tuple[str | None, str | None], int]) -> TableView:
    """A cross table whose every pair of members has a count; columns and rows without the second dimension have their sums."""
    report = scope_.profile.reports.reports[0]
    answers: dict[Tally, dict[Key, Count]] = {}
    for tally in evaluation.tallies(report.tables[0], scope_):
        found: dict[Key, Count] = {}
        for (row, across), n in counts.items():
            key = tally.key(row if tally.by else None, across)
            found[key] = Count(found.get(key, Count()).n + n)
        answers[tally] = found
    return evaluation.view(report, scope_, answers).tables[0]


class TestCrossTables:
    def test_have_a_column_for_each_member_that_existed_under_its_short_name(self) -> None:
        found = cross(scope(profile(**crossed())), {("x", "north"): 3, ("x", "south"): 0})
        assert [(head.code, head.label) for head in found.columns] == [("north", "North"), ("south", "South"), ("all", "All")]
        assert rows(found) == {
            "x": [("value", 3), ("zero", 0), ("value", 3)],
            "total": [("value", 3), ("zero", 0), ("value", 3)],
        }

    def test_before_it_began_a_column_is_not_in_use_and_with_nothing_else_left_out(self) -> None:
        found = cross(scope(profile(**crossed()), "2021-22-q4"), {("x", "north"): 3})
        assert [head.code for head in found.columns] == ["north", "all"]

    def test_what_is_in_no_column_is_shown_as_not_listed(self) -> None:
        found = cross(scope(profile(**crossed())), {("x", "north"): 3, ("x", None): 2, (None, "north"): 1})
        assert [head.label for head in found.columns] == ["North", "South", "Not listed above", "All"]
        assert rows(found)["x"] == [("value", 3), ("zero", 0), ("value", 2), ("value", 5)]
        assert rows(found)["other"] == [("value", 1), ("zero", 0), ("zero", 0), ("value", 1)]

    def test_a_limited_reader_has_the_columns_of_their_areas(self) -> None:
        found = cross(scope(profile(**crossed()), areas=frozenset({"south"})), {("x", "south"): 3})
        assert [head.code for head in found.columns] == ["south", "all"]

    def test_the_public_sees_no_small_count_in_a_cell_or_its_margins(self) -> None:
        found = cross(scope(profile(audience="public", **crossed())), {("x", "north"): 3, ("x", "south"): 40})
        assert {cell.state for row in found.rows for cell in row.cells[:2]} == {State.SUPPRESSED}

    def test_one_table_of_a_public_report_hides_what_another_hides(self) -> None:
        held = profile(audience="public", **crossed())
        report = held.reports.reports[0]
        whole = evaluation.needed(report, scope(held))
        assert evaluation.needed(report, scope(held), "another") == whole


class TestShares:
    def test_are_of_all_that_the_tables_filter_lets_through(self) -> None:
        held = profile(columns=[column(show="share", unit="%", filter={"need": ["autism"]})], filter={"procedure": ["send"]})
        found = fill(scope(held), {"north": 1, "south": 7})
        north = found.rows[0].cells[0]
        assert (north.value, north.n, north.of) == (13, 1, 8)
        whole = [tally for tally in evaluation.tallies(held.reports.reports[0].tables[0], scope(held)) if not tally.by]
        assert {tally.filters for tally in whole} >= {(("procedure", ("send",)),)}

    def test_a_ratio_divides_what_the_measure_says(self) -> None:
        rows_ = {"by": "period", "label": "Period", "periods": [{"code": "this", "label": "{period}", "from": 0, "to": 0}]}
        held = profile(rows_, total=False, columns=[column(measure="answers_favourable", show="share", unit="%")])
        report = held.reports.reports[0]
        (tally,) = evaluation.tallies(report.tables[0], scope(held))
        table = evaluation.view(report, scope(held), {tally: {None: Count(9, 22)}}).tables[0]
        assert (table.rows[0].label, table.rows[0].cells[0].value) == ("Q1 22/23", 41)


class TestLabels:
    def test_columns_carry_the_short_label_of_their_own_period(self) -> None:
        held = profile(columns=[column(), column("span", period={"from": -2, "to": -1})])
        assert [head.label for head in fill(scope(held), {}).columns] == ["Q1 22/23", "Q4 21/22"]

    def test_a_member_is_called_what_it_was_called_then(self) -> None:
        assert fill(scope(profile(), "2021-22-q2"), {}).rows[0].label == "Old North"
        assert fill(scope(profile(), "2022-23-q1"), {}).rows[0].label == "North"


class TestLimitedReaders:
    def test_see_rows_and_counts_of_their_service_areas_only(self) -> None:
        limited = scope(profile(), areas=frozenset({"south"}))
        found = fill(limited, {"south": 2})
        assert set(rows(found)) == {"south", "total"}
        assert found.notes == ("Only what concerns South.",)
        needed = evaluation.tallies(limited.profile.reports.reports[0].tables[0], limited)
        assert all(("service_area", ("south",)) in tally.filters for tally in needed)


class TestBoth:
    def test_a_dimension_named_twice_lets_through_what_both_do(self) -> None:
        assert both([("a", ("x", "y"))], [("a", ("y", "z")), ("b", ("q",))]) == (("a", ("y",)), ("b", ("q",)))

    def test_equal_tallies_are_one(self) -> None:
        first = Tally("m", TODAY, TODAY, both([("b", ("q",)), ("a", ("y",))]))
        assert first == Tally("m", TODAY, TODAY, both([("a", ("y",))], [("b", ("q",))]))
