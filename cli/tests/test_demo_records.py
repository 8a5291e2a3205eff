"""demo/: every printed cell has a mapping, and the records give every printed figure or the right one that a reason names."""

import importlib
import itertools
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from loop_cli.compare_cells import Computed, PrintedCell, Table, judge, load_cells, load_rules
from loop_cli.compare_facts import Period
from loop_cli.compare_records import read_lines
from loop_cli.compare_recount import Recount, month_span
from loop_cli.profile_files import SHIPPED, checkout, read_profile

DEMO = checkout() / "demo"
CELLS = load_cells(DEMO / "published", load_rules(DEMO / "mapping.yaml"))


@pytest.fixture(scope="module")
def recounts() -> dict[str, Recount]:
    """Both organisations, counted from the files."""
    profiles = checkout() / "profiles"
    return {name: Recount.of(read_profile(profiles / name), DEMO / "records" / name) for name in SHIPPED}


@pytest.fixture(scope="module")
def tables(recounts: dict[str, Recount]) -> dict[Table, dict[tuple[str, str], Computed]]:
    """Every table that was printed, counted once."""
    return {
        table: recounts[table.organisation].table(table.report, table.period, table.table) for table in {c.table for c in CELLS}
    }


class TestPrintedCells:
    def test_every_printed_line_has_its_cell(self) -> None:
        lines = sum(len(path.read_text().splitlines()) - 1 for path in (DEMO / "published").glob("*.csv"))
        assert len(CELLS) == lines == 269

    def test_no_two_printed_lines_are_the_same_cell(self) -> None:
        assert max(Counter((cell.table, cell.row, cell.column) for cell in CELLS).values()) == 1

    def test_print_is_wrong_only_where_it_is_known_to_be(self) -> None:
        wrong = Counter((cell.printed, cell.right) for cell in CELLS if cell.reason and cell.printed != "-")
        assert wrong == {("85", 86): 4, ("4", 5): 1, ("25", 21): 1, ("20", 19): 1, ("25", 26): 1}

    def test_a_dash_is_zero_except_for_an_area_that_did_not_exist(self) -> None:
        dashes = Counter(cell.right for cell in CELLS if cell.printed == "-")
        assert dashes == {"zero": 21, "not-in-use": 4}


class TestRecords:
    @pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.table.table}/{cell.row}/{cell.column}")
    def test_give_the_printed_figure_or_the_right_one_that_is_named(
        self, cell: PrintedCell, tables: dict[Table, dict[tuple[str, str], Computed]]
    ) -> None:
        computed = tables[cell.table][cell.row, cell.column]
        assert judge(cell, computed) == ("named" if cell.reason else "agrees"), f"computed {computed}, right {cell.right}"

    def test_come_from_32_families_of_whom_no_question_has_more_answers_than_families(
        self, recounts: dict[str, Recount]
    ) -> None:
        families = [each for each in recounts["worcestershire"].records.responses if each["questionnaire"] == "new-ehcp"]
        assert len(families) == 32
        table = recounts["worcestershire"].table("send-quality-assurance", "2022-23-q2", "new-ehcp-responses")
        assert [table[row, "families"].value for row in ("minus-2", "minus-1", "this")] == [19, 7, 6]

    def test_give_no_total_that_differs_from_its_rows(self, recounts: dict[str, Recount]) -> None:
        for table in ("complaints-received", "compliments-received"):
            cells = recounts["worcestershire"].table("social-care-complaints", "2022-23-q1", table)
            for column in {column for _, column in cells}:
                rows = sum(cell.value or 0 for (row, each), cell in cells.items() if each == column and row != "total")
                assert cells["total", column].value == rows

    def test_use_every_reference_once(self) -> None:
        for organisation in SHIPPED:
            folder = DEMO / "records" / organisation
            # A figure of a KPI is known by its month and place (test_demo_kpis), an issued report by its period.
            without = {"kpi-observations.jsonl", "issued-reports.jsonl"}
            files = (path for path in folder.glob("*.jsonl") if path.name not in without)
            lines = itertools.chain.from_iterable(read_lines(path) for path in files)
            bodies = [line.get("complaint") or line.get("invitation") or line.get("case") or line for line in lines]
            # What has no reference of its own is known by another name: a case of a list, a person, a star, a change, a plan.
            named = ("reference", "case_reference", "code", "person", "said", "title")
            known = [next(body[name] for name in named if name in body) for body in bodies]
            versions = (body.get("version") for body in bodies)
            assert max(Counter(zip(known, versions, strict=True)).values()) == 1

    def test_are_what_the_generator_writes(self) -> None:
        done = subprocess.run([sys.executable, DEMO / "generate.py", "--check"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


class TestGenerator:
    def test_working_days_leave_out_easter_the_jubilee_and_both_may_holidays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(DEMO)
        days = importlib.import_module("generators.days")
        assert days.add_working_days(date(2022, 5, 27), 10) == date(2022, 6, 14)
        assert days.add_working_days(date(2022, 9, 5), 10) == date(2022, 9, 20)
        assert days.add_working_days(date(2022, 4, 29), 5) == date(2022, 5, 9)
        assert days.add_working_days(date(2022, 6, 14), -10) == date(2022, 5, 27)
        assert days.quarter("2021-22-q4") == (date(2022, 1, 1), date(2022, 3, 31))
        assert days.quarter("2022-23-q3") == (date(2022, 10, 1), date(2022, 12, 31))


class TestPeriods:
    def test_quarters_and_years_move_over_the_turn_of_the_year(self) -> None:
        assert month_span(2022, 1, 3) == Period(date(2022, 1, 1), date(2022, 3, 31))
        assert month_span(2022, -2, 3) == Period(date(2021, 10, 1), date(2021, 12, 31))
        assert month_span(2022, 13, 12) == Period(date(2023, 1, 1), date(2023, 12, 31))


class TestJudge:
    @pytest.mark.parametrize(
        ("right", "reason", "computed", "outcome"),
        [
            (5, None, Computed("value", 5), "agrees"),
            (0, None, Computed("zero", 0), "agrees"),
            (5, None, Computed("value", 6), "differs"),
            (5, None, Computed("suppressed", None), "differs"),
            (0, None, Computed("not-in-use", None), "differs"),
            (5, None, None, "differs"),
            (26, "25.6 rounds up", Computed("value", 26), "named"),
            (26, "25.6 rounds up", Computed("value", 25), "differs"),
            ("zero", "a dash", Computed("zero", 0), "named"),
            ("zero", "a dash", Computed("not-in-use", None), "differs"),
            ("not-in-use", "a dash", Computed("not-in-use", None), "named"),
            ("not-in-use", "a dash", Computed("zero", 0), "differs"),
        ],
    )
    def test_a_figure_agrees_is_named_or_differs(
        self, right: object, reason: str | None, computed: Computed, outcome: str
    ) -> None:
        cell = CELLS[0]
        values = {name: getattr(cell, name) for name in PrintedCell.__slots__}
        assert judge(PrintedCell(**{**values, "right": right, "reason": reason}), computed) == outcome


def test_a_file_without_rules_and_rules_without_cells_are_named(tmp_path: Path) -> None:
    rules = load_rules(DEMO / "mapping.yaml")
    for path in (DEMO / "published").glob("*.csv"):
        text = path.read_text()
        (tmp_path / path.name).write_text(
            text.replace("North Team", "Northern Team") if "send-complaints" in path.name else text
        )
    (tmp_path / "new.csv").write_text("report,table,row,column,printed,unit\n")
    with pytest.raises(Exception, match="no rules for this file") as raised:
        load_cells(tmp_path, rules)
    assert "row 'Northern Team'" in str(raised.value)
    assert "row 'North Team' of 'stage 1 by area team' is used by no printed cell" in str(raised.value)


class TestEveryRecipe:
    @pytest.mark.parametrize("name", SHIPPED)
    def test_is_read_by_the_recount_too(self, recounts: dict[str, Recount], name: str) -> None:
        counted = recounts[name]
        for report in counted.profile["reports"]["reports"]:
            period = {"year": "2022-23", "half-year": "2022-23-h1"}.get(report["period"], "2022-23-q2")
            for table in counted.tables(report):
                assert counted.table(report["code"], period, table["code"])

    def test_sections_are_counted_tool_by_tool(self, recounts: dict[str, Recount]) -> None:
        cells = recounts["worcestershire"].table("case-file-audit-summary", "2022-23-q2", "sections-social-care-case-file")
        assert {cells[row, "all"].value for row, column in cells if column == "all"} == {9, 11}
        share = cells["plans", "good-or-better"]
        assert share.of == cells["plans", "all"].value
        assert share.n == sum(cells["plans", grade].value or 0 for grade in ("outstanding", "good"))

    def test_a_headline_is_the_cell_that_it_names(self, recounts: dict[str, Recount]) -> None:
        counted = recounts["worcestershire"]
        pack = counted.table("scrutiny-pack", "2022-23-q2", "audit-quality")["good", "this"]
        assert pack == counted.table("case-file-audit-summary", "2022-23-q2", "grades-by-tool")["total", "good-or-better"]
        assert (pack.n, pack.of) == (8, 17)
