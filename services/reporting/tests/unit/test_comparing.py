"""Which earlier periods a table shows beside its own, by its recipe and by what a reader asks for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.comparing import MOST, WIDEST, CannotCompareError, compared, steps_of
from reporting.domain.periods import FIRST_YEAR, Kind, Period, parse
from reporting.domain.recipes import Report

Q1 = parse("2022-23-q1")


def column(code: str = "this", **more: Any) -> dict[str, Any]:
    return {"code": code, "label": "{period}", "measure": "complaints_received", "show": "count", "unit": "n", **more}


def report(*columns: dict[str, Any], **table: Any) -> Report:
    rows = {"by": "dimension", "label": "Area", "dimension": "service_area", "members": ["a", "b"]}
    plain = {"code": "t", "title": "t", "filter": {}, "rows": rows, "total": False, "chart": None, "notes": []}
    tables = [{**plain, "columns": list(columns), **table}]
    return Report.model_validate({"code": "r", "title": "r", "audience": "internal", "period": "quarter", "tables": tables})


def shown(made: Report) -> list[tuple[str, int, str]]:
    return [(each.code, each.period.to, each.label) for each in made.tables[0].columns]


class TestWhatIsAskedFor:
    @pytest.mark.parametrize(
        ("asked", "steps"),
        [
            ([], None),
            ([""], None),
            (["0"], ()),
            (["3"], (1, 2, 3)),
            (["year-before"], (4,)),
            (["1", "year-before"], (1, 4)),
            (["2021-22-q2"], (3,)),
            (["2", "2021-22-q4"], (1, 2)),
        ],
    )
    def test_is_read_as_steps_back(self, asked: list[str], steps: tuple[int, ...] | None) -> None:
        assert steps_of(Q1, asked) == steps

    @pytest.mark.parametrize(
        ("period", "asked"),
        [
            ("2022-23-q1", "2022-23-q1"),  # itself
            ("2022-23-q1", "2022-23-q2"),  # later
            ("2022-23-q1", "2021-22"),  # of another kind
            ("2022-23-q1", "12"),
            ("2022-23-q1", "yesterday"),
            ("2022-04..2022-08", "year-before"),  # five months do not make a year
            (f"{FIRST_YEAR}-91-q1", "999"),
        ],
    )
    def test_what_cannot_be_compared_with_is_refused(self, period: str, asked: str) -> None:
        with pytest.raises(CannotCompareError):
            steps_of(parse(period), [asked])

    def test_a_named_period_has_no_earlier_ones(self) -> None:
        named = Period("summer", Kind.NAMED, Q1.first, Q1.last, "Summer", "Summer")
        with pytest.raises(CannotCompareError, match="name of its own"):
            steps_of(named, ["1"])
        assert steps_of(named, ["0"]) == ()

    @given(code=st.sampled_from(["2022-23-q3", "2022-23-h2", "2022-23", "2022-03..2022-04"]), step=st.integers(1, 30))
    def test_every_earlier_period_is_found_by_its_code(self, code: str, step: int) -> None:
        period = parse(code)
        assert steps_of(period, [period.shift(-step).code]) == (step,)


class TestColumns:
    def test_a_recipe_compares_itself(self) -> None:
        made = compared(report(column(), compare=2), None)
        assert shown(made) == [("this", 0, "{period}"), ("minus-1", -1, "{period}"), ("minus-2", -2, "{period}")]

    def test_what_is_asked_for_comes_in_place_of_it(self) -> None:
        assert [each[1] for each in shown(compared(report(column(), compare=2), (4,)))] == [0, -4]
        assert [each[1] for each in shown(compared(report(column(), compare=2), ()))] == [0]

    def test_columns_that_the_recipe_wrote_out_keep_their_code_and_go_when_not_asked_for(self) -> None:
        before, far = ({"from": -step, "to": -step} for step in (1, 4))
        written = report(column(), column("before", period=before), column("far", period=far))
        assert compared(written, None) == written
        assert [each[0] for each in shown(compared(written, (1,)))] == ["this", "before"]
        assert [each[0] for each in shown(compared(written, (2, 4)))] == ["this", "minus-2", "far"]

    def test_each_column_gets_its_own_earlier_ones_with_the_period_in_its_words(self) -> None:
        made = compared(report(column("n", label="Complaints"), column("s", label="Share", show="share")), (1,))
        assert shown(made) == [
            ("n", 0, "Complaints, {period}"),
            ("n-minus-1", -1, "Complaints, {period}"),
            ("s", 0, "Share, {period}"),
            ("s-minus-1", -1, "Share, {period}"),
        ]

    def test_a_span_of_periods_stays_as_it_is(self) -> None:
        made = compared(report(column(), column("year", period={"from": -3, "to": 0})), (1,))
        assert [each[0] for each in shown(made)] == ["this", "minus-1", "year"]

    def test_rows_that_are_periods_get_those_that_are_not_there(self) -> None:
        periods = [{"code": code, "label": "x", "from": step, "to": step} for code, step in (("minus-1", -1), ("this", 0))]
        made = compared(report(column(), rows={"by": "period", "label": "Period", "periods": periods}), (1, 3))
        rows = made.tables[0].rows
        assert rows.by == "period"
        assert [each.code for each in rows.periods] == ["minus-3", "minus-1", "this"]

    @given(columns=st.integers(1, 8), steps=st.integers(0, MOST))
    def test_a_table_stays_readable_and_says_what_it_left_out(self, columns: int, steps: int) -> None:
        asked = tuple(range(1, steps + 1))
        made = compared(report(*(column(f"c{n}", filter={"team": [f"t{n}"]}) for n in range(columns))), asked).tables[0]
        codes = [each.code for each in made.columns]
        assert len(codes) == len(set(codes)) <= WIDEST
        assert len(codes) == columns * (steps + 1) or "could not be read" in made.notes[-1]
