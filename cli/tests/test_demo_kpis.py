"""The figures of KPIs of the demonstration: what is sent when, and their recount."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from loop_cli.compare_cells import Computed
from loop_cli.compare_facts import Period
from loop_cli.compare_kpis import kpi_cells
from loop_cli.compare_records import read_lines, read_records
from loop_cli.demo_kpis import BATCH, FILE, month_ago, of_today
from loop_cli.profile_files import SHIPPED, checkout, read_profile

RECORDS = checkout() / "demo" / "records"
SHARE = {"code": "a", "kind": "share"}


def table(*shows: str, **more: Any) -> dict[str, Any]:
    columns = [{"code": show, "show": show} for show in shows]
    return {"filter": {}, "rows": {"by": "kpi", "kpis": ["a"]}, "columns": columns, **more}


def observed(month: str, numerator: int, denominator: int | None = None, area: str = "x") -> dict[str, Any]:
    return {"kpi": "a", "month": month, "service_area": area, "numerator": numerator, "denominator": denominator}


def quarter(_: Any) -> Period:
    return Period(date(2022, 4, 1), date(2022, 6, 30))


class TestRecount:
    def test_adds_numerators_and_denominators_up(self) -> None:
        found = [observed("2022-04", 1, 1), observed("2022-05", 0, 99), observed("2022-07", 5, 5)]
        cells = kpi_cells(table("numerator", "rest", "denominator", "value", "target", "rag"), [SHARE], found, quarter)
        assert cells == {
            ("a", "numerator"): Computed("value", 1),
            ("a", "rest"): Computed("value", 99),
            ("a", "denominator"): Computed("value", 100),
            ("a", "value"): Computed("value", 1, 1, 100),
        }

    def test_takes_what_the_filter_lets_through(self) -> None:
        found = [observed("2022-04", 1, 1), observed("2022-04", 1, 3, area="y")]
        only = table("denominator", filter={"service_area": ["y"]})
        assert kpi_cells(only, [SHARE], found, quarter)["a", "denominator"].value == 3

    def test_of_what_stands_at_a_day_takes_the_last_month(self) -> None:
        found = [observed("2022-04", 250), observed("2022-06", 260)]
        kpi = {"code": "a", "kind": "number", "together": "last"}
        assert kpi_cells(table("value", "rest"), [kpi], found, quarter) == {
            ("a", "value"): Computed("value", 260),
            ("a", "rest"): Computed("not-in-use", None),
        }

    def test_of_nothing_is_not_collected(self) -> None:
        assert kpi_cells(table("value"), [SHARE], [], quarter)["a", "value"].state == "not-collected"
        zero = kpi_cells(table("value"), [SHARE], [observed("2022-04", 0, 0)], quarter)["a", "value"]
        assert (zero.state, zero.of) == ("not-collected", 0)


@pytest.mark.parametrize("organisation", SHIPPED)
class TestRecords:
    def test_are_of_kpis_of_the_profile_and_their_places(self, organisation: str) -> None:
        document: Any = read_profile(checkout() / "profiles" / organisation).document(["kpis", "organisation"])
        kpis = {each["code"]: each for each in document["kpis"]["kpis"]}
        teams = {each["code"]: each["service_area"] for each in document["organisation"]["teams"]}
        for each in read_lines(RECORDS / organisation / FILE):
            kpi = kpis[each["kpi"]]
            assert each["service_area"] in kpi["service_areas"]
            assert ("team" in each) == kpi.get("teams", False)
            assert teams.get(each.get("team")) in {None, each["service_area"]}
            assert ("denominator" in each) == (kpi["kind"] == "share")
            assert each["numerator"] <= each.get("denominator", each["numerator"])

    @pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31)])
    def test_have_one_figure_a_month_on_any_day(self, organisation: str, today: date) -> None:
        lines = read_lines(RECORDS / organisation / FILE)
        recent = of_today([each for each in lines if "months_ago" in each], today)
        assert 0 < len(recent) <= 1_000  # one batch, so that it is there or not
        found = [*read_records(RECORDS / organisation).kpis, *recent]
        keys = Counter((each["kpi"], each["month"], each["service_area"], each.get("team")) for each in found)
        assert max(keys.values()) == 1
        assert max(each["month"] for each in recent) == month_ago(today, 1)
        assert min(each["month"] for each in recent) <= month_ago(today, 15)
        assert BATCH <= 1_000
