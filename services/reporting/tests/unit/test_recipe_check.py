"""A recipe that cannot work is refused when it is applied, with the place and what would do."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from reporting_records import document

from reporting.domain.profile import Profile
from reporting.domain.recipe_check import check

Change = Callable[[dict[str, Any]], None]


def worcestershire(change: Change | None = None) -> dict[str, Any]:
    held = copy.deepcopy(document("worcestershire"))
    if change:
        change(held["reports"])
    return held


def table(reports: dict[str, Any], number: int = 0, report: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = reports["reports"][report]["tables"][number]
    return found


CHANGES: dict[str, tuple[Change, str]] = {
    "/reports/reports/0/tables/0/columns/0/measure": (lambda r: table(r)["columns"][0].update(measure="nothing"), "nothing"),
    "/reports/reports/0/tables/0/filter/grade": (lambda r: table(r)["filter"].update(grade=["good"]), "grade"),
    "/reports/reports/0/tables/0/filter/procedure/0": (lambda r: table(r)["filter"].update(procedure=["x"]), "x"),
    "/reports/reports/0/tables/0/rows/dimension": (lambda r: table(r)["rows"].update(dimension="grade"), "grade"),
    "/reports/reports/0/tables/0/rows/members/0": (lambda r: table(r)["rows"].update(members=["x"]), "x"),
    "/reports/reports/0/tables/5/rows/bands": (lambda r: table(r, 5)["rows"].update(bands="x"), "x"),
    "/reports/reports/0/tables/0/rows/bands": (lambda r: table(r)["rows"].update(bands="stage-1"), "band"),
    "/reports/reports/0/tables/6/columns/0/measure": (
        lambda r: table(r, 6)["columns"][0].update(measure="complaints_received"),
        "rows name the measures",
    ),
    "/reports/reports/2/tables/1/columns/0/period": (
        lambda r: table(r, 1, 2)["columns"][0].update(period={"from": -1, "to": -1}),
        "any period",
    ),
    "/reports/reports/0/tables": (lambda r: table(r).update(code="stage-1-by-need"), "2 times"),
    "/reports/reports/0/tables/6/total": (lambda r: table(r, 6).update(total=True), "dimension"),
    "/reports/reports/0/tables/0/compare": (
        lambda r: table(r).update(
            compare=2, rows={"by": "period", "label": "x", "periods": [{"code": "x", "label": "x", "from": 0, "to": 0}]}
        ),
        "no earlier ones",
    ),
    "/reports/reports/0/tables/0/each/dimension": (
        lambda r: table(r).update(each={"dimension": "grade", "members": "all"}),
        "grade",
    ),
    "/reports/reports/0/tables/0/each/members/0": (
        lambda r: table(r).update(each={"dimension": "team", "members": ["x"]}),
        "x",
    ),
    "/reports/reports/0/tables/2/rows/groups": (
        lambda r: table(r, 2)["rows"].update(
            members=[], groups=[{"code": "g", "label": "g", "members": ["send-other", "send-request"]}]
        ),
        "more than once",
    ),
    "/reports/reports/1/tables/3/across/members": (
        lambda r: (table(r, 3, 1)["across"].update(members="all"), table(r, 3, 1)["columns"][0].update(code="send"))[0],
        "'send' is the code of another column",
    ),
    "/reports/periods/0/to": (lambda r: r["periods"][0].update(to="2022-01-01"), "before"),
    "/reports/periods/0/code": (lambda r: r["periods"][0].update(code="2022-23"), "already"),
}


class TestCheck:
    @pytest.mark.parametrize("org", ["worcestershire", "telford-wrekin"])
    def test_both_profiles_are_right(self, org: str) -> None:
        assert check(Profile.model_validate(document(org))) == []

    @pytest.mark.parametrize("pointer", CHANGES)
    def test_a_wrong_place_is_named(self, pointer: str) -> None:
        change, words = CHANGES[pointer]
        errors = check(Profile.model_validate(worcestershire(change)))
        assert pointer in {error.pointer for error in errors}
        assert words in next(error.detail for error in errors if error.pointer == pointer)

    def test_an_unknown_key_of_a_recipe_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="colour"):
            Profile.model_validate(worcestershire(lambda r: table(r).update(colour="red")))
