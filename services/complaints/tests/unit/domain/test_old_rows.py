"""Rows of a sheet to old complaints: those of one complaint together, codes and names of the day, and faults in their cells."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from services.complaints.tests.support import profile_document

from chassis.calendar import WorkingDays
from chassis.spreadsheet import read_several, write_csv
from complaints.domain.old_preview import Prepared, prepare
from complaints.domain.old_sheet import LIMITS, layouts_of, reading
from complaints.domain.profile import Profile

ROW = {
    "reference": "C-1", "received": "2022-04-01", "procedure": "send", "service area": "send",
    "point 1 nature": "send-communication",
}  # fmt: skip
PRAISE = {
    "reference": "P-1", "received": "2022-04-01", "service area": "send", "source": "parent-or-carer", "external": "Yes",
}  # fmt: skip


def profile() -> Profile:
    document = {name: each for name, each in profile_document("worcestershire").items() if name != "version"}
    for category in document["complaints"]["categories"]:
        if category["code"] == "send-transport":
            category["former_names"] = [{"name": "School buses", "until": "2020-03-31"}]
        if category["code"] == "send-standard-of-service":
            category["name"] = "Communication"  # as one of the statutory procedure is named
            category["until"] = "2022-03-31"
    for area in document["organisation"]["service_areas"]:
        if area["code"] == "send":
            area["former_names"] = [{"name": "Special needs", "until": "2020-03-31"}]
    return Profile.model_validate(document)


PROFILE = profile()


def checked(*rows: dict[str, Any]) -> Prepared:
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = BytesIO(write_csv(names, [[row.get(name) for name in names] for row in rows]))
    sheets = read_several(file, reading(layouts_of(PROFILE)), LIMITS)
    return prepare(sheets, PROFILE, WorkingDays.load(), date(2022, 7, 29))


def faults(*rows: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.detail) for each in checked(*rows).faults]


class TestTogether:
    def test_a_row_a_point_and_points_beside_one_another_are_the_same(self) -> None:
        beside = checked({**ROW, "point 2 nature": "send-transport"})
        below = checked(ROW, {"reference": "C-1", "point 1 nature": "send-transport"})
        assert beside.cases[0].points == below.cases[0].points
        assert [point.category for point in below.cases[0].points] == ["send-communication", "send-transport"]

    def test_findings_of_a_row_are_those_of_its_points(self) -> None:
        first = {**ROW, "stage 1 response": "2022-04-10", "stage 1 finding": "upheld"}
        found = checked(first, {"reference": "C-1", "point 1 nature": "send-transport", "stage 1 finding": "Not upheld"})
        assert [point.findings for point in found.cases[0].points] == [{1: "upheld"}, {1: "not-upheld"}]

    def test_rows_that_contradict_one_another_or_repeat_are_faults(self) -> None:
        other = {**ROW, "received": "2022-04-02", "point 1 nature": "send-transport"}
        assert faults(ROW, other) == [(3, "received", "Row 2 of the same complaint says something else here.")]
        [(row, column, detail)] = faults(ROW, ROW)
        assert (row, column, detail.partition(".")[0]) == (3, "reference", "This row is the same as row 2")

    def test_all_rows_of_a_complaint_with_a_fault_are_given_back(self) -> None:
        found = checked(ROW, {**ROW, "point 1 nature": "nonsense"}, {**ROW, "reference": "C-2"})
        assert set(found.wrong["Complaints"]) == {2, 3}
        assert [case.reference for case in found.cases] == ["C-2"]


class TestCodes:
    @pytest.mark.parametrize("name", ["send-transport", "Transport (relating to SEND)", "school buses", " SCHOOL  BUSES "])
    def test_codes_names_and_former_names_are_understood(self, name: str) -> None:
        assert checked({**ROW, "point 1 nature": name}).cases[0].points[0].category == "send-transport"

    def test_a_service_area_by_its_former_name(self) -> None:
        assert checked({**ROW, "service area": "Special needs"}).cases[0].service_area == "send"

    def test_a_name_that_several_have_is_told_apart_by_the_procedure(self) -> None:
        other = {**ROW, "procedure": "childrens-statutory", "service area": "safeguarding", "point 1 nature": "Communication"}
        assert checked(other).cases[0].points[0].category == "communication"
        old = checked({**ROW, "received": "2021-04-01", "point 1 nature": "Communication"})
        assert old.cases[0].points[0].category == "send-standard-of-service"

    def test_a_code_that_was_not_in_use_on_the_day_is_a_fault(self) -> None:
        [(row, column, detail)] = faults({**ROW, "point 1 nature": "send-standard-of-service"})
        assert (row, column) == (2, "point 1 nature")
        assert "not in use on 2022-04-01" in detail

    def test_a_team_of_another_area_is_a_fault(self) -> None:
        [(_, column, detail)] = faults({**ROW, "service area": "safeguarding", "team": "send-north"})
        assert (column, detail.partition(".")[0]) == ("team", "This team is not known here")


class TestCells:
    @pytest.mark.parametrize(
        ("changes", "column"),
        [
            ({"reference": "Mrs Smith"}, "reference"),
            ({"reference": ""}, "reference"),
            ({"received": "1999-04-01"}, "received"),
            ({"received": "soon"}, "received"),
            ({"procedure": ""}, "procedure"),
            ({"point 2 service area": "send"}, "point 2 nature"),
            ({"ombudsman reference": "L-1"}, "ombudsman accepted"),
            ({"ombudsman accepted": "2022-05-01"}, "ombudsman reference"),
            ({"ombudsman reference": "L-1", "ombudsman accepted": "2022-03-01"}, "ombudsman accepted"),
            ({"ombudsman reference": "L-1", "ombudsman accepted": "2022-05-01", "ombudsman outcome": "upheld"},
             "ombudsman decided"),
            ({"ombudsman reference": "L-1", "ombudsman accepted": "2030-05-01"}, "ombudsman accepted"),
            ({"closed as": "lost"}, "closed as"),
            ({"stage 1 days": "ten"}, "stage 1 days"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_a_fault_in_its_cell(self, changes: dict[str, Any], column: str) -> None:
        assert [found for _, found, _ in faults({**ROW, **changes})] == [column]

    def test_an_ombudsman_case_stands_once(self) -> None:
        case = {**ROW, "ombudsman reference": "L-1", "ombudsman accepted": "2022-05-01"}
        assert faults(case, {**case, "reference": "C-2"}) == [
            (3, "ombudsman reference", "This Ombudsman case stands in row 2 already.")
        ]

    def test_compliments_have_a_sheet_of_their_own(self) -> None:
        found = checked(PRAISE, PRAISE, {**PRAISE, "reference": "P-2", "external": "perhaps"}, {**PRAISE, "reference": "P-3",
                        "received": "2030-01-01"})  # fmt: skip
        assert [(each.reference, each.external) for each in found.compliments] == [("P-1", True)]
        assert [(each.row, each.column) for each in found.faults] == [(3, "reference"), (4, "external"), (5, "received")]
