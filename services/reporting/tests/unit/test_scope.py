"""What a report that is cut to a part of the organisation shows, and what it says that it cannot."""

from datetime import date
from typing import Any

import pytest
from reporting_records import document

from reporting.domain import evaluation
from reporting.domain.cut import Cut, UnknownPartError, narrowed
from reporting.domain.measures import Collection
from reporting.domain.periods import parse
from reporting.domain.profile import Profile
from reporting.domain.recipes import Report
from reporting.domain.scope import Scope
from reporting.domain.tables import State, TableView
from reporting.domain.tallies import Count, Key, Tally

PROFILE = Profile.model_validate(document("worcestershire"))
BEGUN = dict.fromkeys(Collection, date(2021, 1, 1))
EVERYTHING = frozenset[str]()


def scope(*areas: str, teams: tuple[str, ...] = (), period: str = "2022-23-q1") -> Scope:
    return Scope(PROFILE, parse(period), date(2023, 1, 1), frozenset(areas), BEGUN, frozenset(teams))


def filled(held: Scope, measure: str, count: int = 0, **changes: Any) -> tuple[TableView, set[Tally]]:
    """A table of one measure for every row of which the same is counted; and what was asked."""
    rows = {"by": "measure", "label": "x", "measures": [{"code": "m", "label": "m", "measure": measure}]}
    columns = [
        {"code": "n", "label": "n", "show": "count", "unit": "n", **({} if "rows" not in changes else {"measure": measure})}
    ]
    plain = {
        "code": "t",
        "title": "T",
        "filter": {},
        "rows": rows,
        "total": False,
        "chart": None,
        "notes": [],
        "columns": columns,
    }
    table = {**plain, **changes}
    recipe = {"code": "r", "title": "r", "audience": "internal", "period": "quarter", "tables": [table]}
    report = Report.model_validate(recipe)
    asked = evaluation.needed(report, held)
    answers: dict[Tally, dict[Key, Count]] = {tally: dict.fromkeys((None, *tally.members), Count(count)) for tally in asked}
    return evaluation.view(report, held, answers).tables[0], asked


class TestNarrowed:
    def test_without_a_wish_the_reader_sees_what_they_may(self) -> None:
        assert narrowed(PROFILE, EVERYTHING, Cut()) == (EVERYTHING, frozenset())
        assert narrowed(PROFILE, frozenset({"send"}), Cut()) == (frozenset({"send"}), frozenset())

    def test_a_limited_reader_is_cut_further_and_never_wider(self) -> None:
        limited = frozenset({"send", "safeguarding"})
        assert narrowed(PROFILE, limited, Cut(areas=("send",))) == (frozenset({"send"}), frozenset())
        for cut in (Cut(areas=("through-care",)), Cut(areas=("send", "through-care"))):
            with pytest.raises(UnknownPartError, match="through-care"):
                narrowed(PROFILE, limited, cut)

    def test_a_team_has_to_be_one_that_the_reader_may_see(self) -> None:
        assert narrowed(PROFILE, EVERYTHING, Cut(teams=("send-north",))) == (EVERYTHING, frozenset({"send-north"}))
        with pytest.raises(UnknownPartError, match="there is none"):
            narrowed(PROFILE, frozenset({"safeguarding"}), Cut(teams=("send-north",)))
        with pytest.raises(UnknownPartError, match="not of the service areas"):
            narrowed(PROFILE, EVERYTHING, Cut(areas=("safeguarding",), teams=("send-north",)))


class TestCells:
    def test_every_count_is_cut(self) -> None:
        table, asked = filled(scope("send", teams=("send-north",)), "complaints_received", 3)
        assert {tally.filters for tally in asked} == {(("service_area", ("send",)), ("team", ("send-north",)))}
        assert table.rows[0].cells[0].value == 3
        assert table.notes == ("Only what concerns North Team; Special Educational Needs and Disabilities.",)

    def test_what_is_not_recorded_by_area_is_not_shown_and_says_so(self) -> None:
        table, asked = filled(scope("send"), "representations_received", 3)
        assert asked == set()
        assert table.rows[0].cells[0].state is State.NOT_COLLECTED
        assert "Not recorded by service area" in table.notes[-1]

    def test_what_has_no_team_is_not_shown_for_a_team(self) -> None:
        table, asked = filled(scope(teams=("send-north",)), "ombudsman_accepted", 3)
        assert asked == set()
        assert "by team" in table.notes[-1]

    def test_a_table_about_other_areas_says_so(self) -> None:
        table, asked = filled(scope("send"), "complaints_received", 3, filter={"service_area": ["safeguarding"]})
        assert asked == set()
        assert table.rows[0].cells[0].state is State.NOT_IN_USE
        assert "other service areas" in table.notes[-1]

    def test_an_area_that_did_not_exist_yet_is_not_zero(self) -> None:
        began_later = "supporting-families-first"
        assert filled(scope(began_later), "complaints_received")[0].rows[0].cells[0].state is State.NOT_IN_USE
        assert filled(scope(began_later, period="2022-23-q2"), "complaints_received")[0].rows[0].cells[0].state is State.ZERO

    def test_rows_of_other_areas_and_teams_are_left_out(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "service_area", "members": ["send", "safeguarding"]}
        table, _ = filled(scope(teams=("send-north",)), "complaints_received", 1, rows=rows)
        assert [row.code for row in table.rows] == ["send", "other"]
        teams = {"by": "dimension", "label": "x", "dimension": "team", "members": ["send-north", "send-south"]}
        table, _ = filled(scope("send", teams=("send-north",)), "complaints_received", 1, rows=teams)
        assert [row.code for row in table.rows] == ["send-north", "other"]


class TestGroups:
    GROUPS = (
        {"code": "young", "label": "Young", "members": ["iro-survey", "early-help-closure-13-18"]},
        {"code": "carers", "label": "Carers", "members": ["foster-carers"]},
    )

    def test_members_of_a_group_are_one_row(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "questionnaire", "groups": list(self.GROUPS)}
        table, asked = filled(scope(), "responses_received", 5, rows=rows)
        assert len(asked) == 1
        assert [(row.code, row.cells[0].value) for row in table.rows] == [("young", 10), ("carers", 5), ("other", 5)]

    def test_a_share_of_the_row_is_of_what_the_row_counts(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "questionnaire", "groups": list(self.GROUPS)}
        column = {"code": "s", "label": "s", "measure": "responses_received", "show": "share-of-row", "unit": "%"}
        columns = [{**column, "filter": {"channel": ["call"]}}]
        table, asked = filled(scope(), "responses_received", 5, rows=rows, columns=columns)
        assert len(asked) == 2
        cell = table.rows[0].cells[0]
        assert (cell.value, cell.n, cell.of) == (100, 10, 10)
        assert table.columns[0].show == "share"
