"""What a line chart shows, drawn and in words."""

import re
from typing import Any

from reporting.adapters.line_chart import lines
from reporting.domain.recipes import Table
from reporting.domain.tables import NOT_COLLECTED, Cell, ColumnHead, Row, State, TableView, Trend
from reporting.domain.trend import series, trend_description, trend_of

BACK = [0, -1, -2]


def recipe(rows: dict[str, Any], columns: list[dict[str, Any]]) -> Table:
    return Table.model_validate(
        {
            "code": "t",
            "title": "T",
            "filter": {},
            "rows": rows,
            "columns": columns,
            "total": False,
            "chart": "line",
            "notes": [],
        }
    )


def column(code: str, at: int = 0, **more: Any) -> dict[str, Any]:
    of = {"code": code, "label": "{period}", "measure": "complaints_received", "show": "count", "unit": "complaints"}
    return {**of, "period": {"from": at, "to": at}, **more}


AREAS = {"by": "dimension", "label": "Area", "dimension": "service_area", "members": ["send"]}


def view(*rows: tuple[str, list[int | None]], by_rows: bool = False, show: str = "count") -> TableView:
    wide = len(rows[0][1])
    heads = tuple(ColumnHead(f"c{n}", f"Q{wide - n}", "complaints", show) for n in range(wide))
    cells = [
        Row(code, code.title(), tuple(NOT_COLLECTED if n is None else Cell(State.VALUE if n else State.ZERO, n) for n in found))
        for code, found in rows
    ]
    places = tuple(reversed(range(len(rows) if by_rows else wide)))
    return TableView("t", "T", "Area", heads, tuple(cells), (), "line", Trend(by_rows, places))


class TestTrendOf:
    def test_columns_of_one_measure_run_from_the_oldest(self) -> None:
        columns = [column(f"c{n}", n) for n in BACK] + [column("share", show="share")]
        assert trend_of(recipe(AREAS, columns)) == Trend(by_rows=False, places=(2, 1, 0))

    def test_rows_by_period_run_from_the_oldest(self) -> None:
        rows = {
            "by": "period",
            "label": "P",
            "periods": [{"code": f"p{n}", "label": "{period}", "from": n, "to": n} for n in BACK],
        }
        assert trend_of(recipe(rows, [column("n")])) == Trend(by_rows=True, places=(2, 1, 0))

    def test_one_period_is_no_line(self) -> None:
        assert trend_of(recipe(AREAS, [column("n")])) is None
        assert trend_of(recipe(AREAS, [column("a"), column("b")])) is None


class TestSeries:
    def test_a_total_is_the_one_line(self) -> None:
        found = series(view(("send", [3, 2, 1]), ("total", [30, 20, 10])))
        assert [(each.label, [point.value for point in each.points]) for each in found] == [("Total", [10, 20, 30])]

    def test_without_one_the_first_rows_are(self) -> None:
        rows: list[tuple[str, list[int | None]]] = [(name, [1, 2]) for name in ("a", "b", "c", "d")]
        assert [each.label for each in series(view(*rows))] == ["A", "B", "C"]

    def test_what_has_no_figure_is_a_gap_and_no_zero(self) -> None:
        found = series(view(("total", [3, None, 1])))
        assert [point.value for point in found[0].points] == [1, None, 3]
        assert series(view(("total", [3, None]))) == ()

    def test_rows_of_periods_have_a_line_a_column(self) -> None:
        found = series(view(("now", [5, 6]), ("before", [3, 4]), by_rows=True))
        assert [(each.label, [(point.period, point.value) for point in each.points]) for each in found] == [
            ("Q2", [("Before", 3), ("Now", 5)]), ("Q1", [("Before", 4), ("Now", 6)]),
        ]  # fmt: skip


class TestDescription:
    def test_says_every_figure_of_few_and_claims_no_change(self) -> None:
        assert (
            trend_description(view(("total", [30, None, 10])))
            == "Total (complaints): 10 in Q1, 30 in Q3. 1 period has no figure."
        )

    def test_says_ends_and_extremes_of_many(self) -> None:
        words = trend_description(view(("total", [7, 1, 5, 9, 2, 4, 3])))
        assert words == "Total (complaints): 3 in Q1 and 7 in Q7; lowest 1 in Q6, highest 9 in Q4."

    def test_says_when_there_is_nothing(self) -> None:
        assert trend_description(view(("total", [None, None]))) == "There is nothing to show over these periods."


class TestDrawing:
    async def test_is_the_same_for_the_same_figures_and_none_for_none(self) -> None:
        drawn = await lines(view(("a", [3, 2, 1]), ("b", [1, 2, 3])))
        assert drawn is not None
        assert drawn == await lines(view(("a", [3, 2, 1]), ("b", [1, 2, 3])))
        assert ">A<" in drawn
        assert await lines(view(("total", [None, 1]))) is None

    async def test_of_few_it_counts_in_whole_steps_and_names_each_once(self) -> None:
        for figures, ticks in (([0, 0, 0], ["0", "1"]), ([3, 2, 1], ["0", "1", "2", "3"])):
            drawn = await lines(view(("total", list(figures))))
            assert drawn is not None
            axis = drawn[drawn.index("role-axis-label") :]
            axis = axis[: axis.index("</g>")] if "Q" not in axis[:200] else axis[axis.index("role-axis-label", 20) :]
            assert re.findall(r">(\d+)</text>", axis[: axis.index("</g>")]) == ticks
