"""Teams and service areas that became part of others: what is counted under what, and what a table says of it."""

from datetime import date
from typing import Any

import pytest
from reporting_records import document

from reporting.domain import evaluation, merges
from reporting.domain.evaluation import Scope
from reporting.domain.measures import Collection
from reporting.domain.periods import parse
from reporting.domain.profile import Organisation, Profile
from reporting.domain.recipe_check import check
from reporting.domain.tables import State, TableView
from reporting.domain.tallies import Count, Key, Tally

BEGUN = dict.fromkeys(Collection, date(2020, 1, 1))
JULY = date(2022, 7, 1)


def team(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": name, "service_area": "send", "from": None, "until": None, **more}


TEAMS = [
    team("east", "East Team", until="2022-06-30", merged_into={"code": "north", "from": "2022-07-01"}),
    team(
        "north",
        "North and East Team",
        until="2023-03-31",
        former_names=[{"name": "North Team", "until": "2022-06-30"}],
        merged_into={"code": "all", "from": "2023-04-01"},
    ),
    team("all", "Assessment Team"),
    team("south", "South Team"),
]
AREA: dict[str, Any] = {"used_for": {"complaints": {"from": None, "until": None}}}
AREAS = [{"code": "send", "name": "SEND", "short_name": "SEND", **AREA}]


def organisation(teams: list[dict[str, Any]] | None = None, areas: list[dict[str, Any]] | None = None) -> Organisation:
    return Organisation.model_validate(
        {"code": "org", "name": "Org", "service_areas": areas or AREAS, "teams": TEAMS if teams is None else teams}
    )


def profile(merged: str = "as-it-was", audience: str = "internal", **table: Any) -> Profile:
    rows = {"by": "dimension", "label": "Team", "dimension": "team", "members": ["east", "north", "all", "south"]}
    column = {"label": "n", "measure": "complaints_received", "show": "count", "unit": "complaints"}
    columns = [{**column, "code": "before", "period": {"from": -1, "to": -1}}, {**column, "code": "now"}]
    whole = {
        "code": "t", "title": "T", "filter": {}, "rows": rows, "columns": columns, "total": True, "chart": None, "notes": [],
        "merged": merged, **table,
    }  # fmt: skip
    report = {"code": "r", "title": "R", "audience": audience, "period": "quarter", "tables": [whole]}
    return Profile(organisation=organisation(), reports={"reports": [report]})  # type: ignore[arg-type]  # validated


def asked(held: Profile, period: str, **more: Any) -> set[Tally]:
    return evaluation.tallies(
        held.reports.reports[0].tables[0], Scope(held, parse(period), date(2024, 1, 1), begun=BEGUN, **more)
    )


def filled(held: Profile, period: str, counts: dict[str, int], **more: Any) -> TableView:
    """The table, where every quarter has these counts by the team as it was."""
    table = held.reports.reports[0].tables[0]
    scope = Scope(held, parse(period), date(2024, 1, 1), begun=BEGUN, **more)
    answers: dict[Tally, dict[Key, Count]] = {}
    for tally in evaluation.tallies(table, scope):
        now = {was: new for _, was, new in tally.became}
        found: dict[Key, Count] = {}
        for code, n in counts.items():
            key = now.get(code, code) if tally.by else None
            found[key] = Count(n + found.get(key, Count()).n)
        answers[tally] = found
    return evaluation.fill(table, scope, answers)


def states(view: TableView) -> dict[str, list[str | int | None]]:
    return {row.code: [cell.value if cell.value is not None else cell.state.value for cell in row.cells] for row in view.rows}


class TestBecomes:
    @pytest.mark.parametrize(
        ("on", "expected"),
        [
            (date(2022, 6, 30), {}),
            (JULY, {"east": "north"}),
            (date(2023, 4, 1), {"east": "all", "north": "all"}),
            (None, {"east": "all", "north": "all"}),
        ],
    )
    def test_follows_mergers_up_to_a_day(self, on: date | None, expected: dict[str, str]) -> None:
        assert merges.becomes(organisation(), "team", on) == expected

    def test_ends_even_where_an_old_profile_goes_round_in_a_circle(self) -> None:
        day = {"from": "2022-07-01"}
        circle = [team("a", "A", merged_into={"code": "b", **day}), team("b", "B", merged_into={"code": "a", **day})]
        assert merges.becomes(organisation(circle), "team") == {"a": "b", "b": "a"}


class TestCheck:
    def test_what_fits_together_is_let_through(self) -> None:
        assert list(merges.check(organisation())) == []

    @pytest.mark.parametrize(
        ("change", "pointer", "words"),
        [
            ({"until": None}, "/organisation/teams/0/until", "expected 2022-06-30"),
            ({"until": "2022-07-31"}, "/organisation/teams/0/until", "the day before it became part of 'north'"),
            (
                {"merged_into": {"code": "nowhere", "from": "2022-07-01"}},
                "/organisation/teams/0/merged_into/code",
                "(north, all",
            ),
            ({"merged_into": {"code": "east", "from": "2022-07-01"}}, "/organisation/teams/0/merged_into/code", "found 'east'"),
            (
                {"until": "2023-03-31", "merged_into": {"code": "north", "from": "2023-04-01"}},
                "/organisation/teams/0/merged_into/from",
                "expected a day before 2023-04-01: then 'north' became part of another",
            ),
        ],
    )
    def test_what_does_not_is_named_with_its_place(self, change: dict[str, Any], pointer: str, words: str) -> None:
        wrong = list(merges.check(organisation([TEAMS[0] | change, *TEAMS[1:]])))
        assert [each.pointer for each in wrong] == [pointer]
        assert words in wrong[0].detail

    def test_an_area_that_is_still_counted_under_cannot_have_merged(self) -> None:
        gone = {
            "code": "old",
            "name": "Old",
            "short_name": "Old",
            "merged_into": {"code": "send", "from": "2022-07-01"},
            **AREA,
        }
        (wrong,) = merges.check(organisation([], [gone, *AREAS]))
        assert wrong.pointer == "/organisation/service_areas/0/used_for/complaints/until"
        gone["used_for"] = {"complaints": {"from": None, "until": "2022-06-30"}}
        assert not list(merges.check(organisation([], [gone, *AREAS])))

    def test_the_profile_that_is_applied_is_looked_at(self) -> None:
        whole = document("worcestershire")
        whole["organisation"]["teams"][0]["merged_into"] = {"code": "send-north", "from": "2022-07-01"}
        assert [each.pointer for each in check(Profile.model_validate(whole))] == ["/organisation/teams/0/until"]

    def test_a_table_without_teams_or_areas_has_nothing_to_roll_up(self) -> None:
        held = profile("rolled-up", rows={"by": "dimension", "label": "F", "dimension": "procedure", "members": []} | {
            "members": ["x"]
        })  # fmt: skip
        assert "/reports/reports/0/tables/0/merged" in [each.pointer for each in check(held)]

    def test_tables_of_a_public_report_count_mergers_alike(self) -> None:
        held = profile(audience="public")
        report = held.reports.reports[0]
        both = report.model_copy(
            update={"tables": (report.tables[0], report.tables[0].model_copy(update={"code": "u", "merged": "rolled-up"}))}
        )
        reports = held.reports.model_copy(update={"reports": (both,)})
        wrong = [each for each in check(held.model_copy(update={"reports": reports})) if each.pointer.endswith("merged")]
        assert [each.pointer for each in wrong] == ["/reports/reports/0/tables/1/merged"]
        assert "small counts" in wrong[0].detail


class TestTables:
    COUNTS = {"east": 3, "north": 5, "south": 2}  # noqa: RUF012 - read only

    def test_count_each_team_as_it_was_on_the_day_and_say_so(self) -> None:
        found = filled(profile(), "2022-23-q2", self.COUNTS)
        assert states(found) == {"east": [3, 3], "north": [5, 5], "all": [0, 0], "south": [2, 2], "total": [10, 10]}
        assert found.notes == (
            "East Team became part of North and East Team on 1 July 2022. Each is counted as it was on the day.",
            "North and East Team was called North Team until 30 June 2022.",
        )

    def test_a_team_that_merged_is_not_in_use_afterwards_and_no_zero(self) -> None:
        found = filled(profile(), "2022-23-q2", {"north": 5})
        assert states(found)["east"] == [0, State.NOT_IN_USE.value]
        assert "east" not in states(filled(profile(), "2023-24-q1", {"south": 1}))

    def test_rolled_up_they_count_under_what_they_had_become_by_the_end_of_the_period(self) -> None:
        found = filled(profile("rolled-up"), "2022-23-q2", self.COUNTS)
        assert states(found) == {"north": [8, 8], "all": [0, 0], "south": [2, 2], "total": [10, 10]}
        assert found.notes == (
            "East Team became part of North and East Team on 1 July 2022, and is counted under North and East Team throughout.",
            "North and East Team was called North Team until 30 June 2022.",
        )
        later = filled(profile("rolled-up"), "2023-24-q1", self.COUNTS)
        assert states(later) == {"all": [8, 8], "south": [2, 2], "total": [10, 10]}

    def test_before_the_merger_nothing_is_rolled_up_and_nothing_said(self) -> None:
        found = filled(profile("rolled-up"), "2022-23-q1", self.COUNTS)
        assert states(found)["east"] == [3, 3]
        assert found.notes == ()

    def test_a_successor_that_began_with_the_merger_is_in_use_before_through_its_predecessors(self) -> None:
        teams = [team("east", "East", until="2022-06-30", merged_into={"code": "new", "from": "2022-07-01"})]
        held = profile("rolled-up").model_copy(
            update={"organisation": organisation([*teams, team("new", "New Team", **{"from": "2022-07-01"})])}
        )
        table = held.reports.reports[0].tables[0]
        rows = table.rows.model_copy(update={"members": ("new",)})
        report = held.reports.reports[0].model_copy(update={"tables": (table.model_copy(update={"rows": rows}),)})
        held = held.model_copy(update={"reports": held.reports.model_copy(update={"reports": (report,)})})
        assert states(filled(held, "2022-23-q2", {}))["new"] == [0, 0]

    def test_filters_let_the_predecessors_through_only_where_rolled_up(self) -> None:
        wanted: dict[str, Any] = {"filter": {"team": ["north"]}}
        assert {tally.filters for tally in asked(profile(**wanted), "2022-23-q2")} == {(("team", ("north",)),)}
        assert {tally.filters for tally in asked(profile("rolled-up", **wanted), "2022-23-q2")} == {
            (("team", ("north", "east")),)
        }

    def test_a_merger_widens_no_readers_limit(self) -> None:
        gone = {
            "code": "old", "name": "Old", "short_name": "Old", "merged_into": {"code": "send", "from": "2022-07-01"},
            "used_for": {"complaints": {"from": None, "until": "2022-06-30"}},
        }  # fmt: skip
        rows = {"by": "dimension", "label": "Area", "dimension": "service_area", "members": ["old", "send"]}
        held = profile("rolled-up", rows=rows).model_copy(update={"organisation": organisation([], [gone, *AREAS])})
        limited = asked(held, "2022-23-q2", areas=frozenset({"send"}))
        assert {tally.filters for tally in limited} == {(("service_area", ("send",)),)}
