"""What is wrong in kpis.yaml, and what a new profile may not change of months that were judged."""

from datetime import date
from typing import Any

import pytest
from reporting_kpis import AREA, kpi, number, profile_with

from reporting.domain.kpi_check import check_kpis, judged_otherwise

APRIL = {"reviews": [date(2026, 4, 1)]}
OLD = {"from": None, "until": "2026-03-31"}
NEW = {"from": "2026-04-01", "until": None}


class TestCheck:
    @pytest.mark.parametrize(
        ("more", "place", "expected"),
        [
            ({"service_areas": ["nowhere"]}, "/service_areas/0", AREA),
            ({"themes": ["weather"]}, "/themes/0", "timeliness"),
            ({"denominator": None}, "/denominator", "what it is a share of"),
            ({"together": "none"}, "/together", "expected sum or last"),
            ({"from": "2026-01-01", "until": "2025-01-01"}, "/until", "not before"),
            ({"teams": True}, "/service_areas/0", "has no teams"),
            ({"better": "neither"}, "/rag", "nothing is green or red"),
            ({"rag": [{**NEW, "green": 80, "amber": 90}]}, "/rag/0/amber", "80 or less"),
            ({"better": "lower", "rag": [{**NEW, "green": 20, "amber": 10}]}, "/rag/0/amber", "20 or more"),
            ({"targets": [{**NEW, "value": 101}]}, "/targets/0/value", "100 at most"),
            ({"targets": [{**OLD, "value": 90}, {**OLD, "value": 95}]}, "/targets/1/from", "end that one with `until`"),
            ({"rag": [{"from": "2026-02-01", "until": "2026-01-01", "green": 1, "amber": 1}]}, "/rag/0/until", "not before"),
        ],
    )
    def test_names_the_place_and_what_was_expected(self, more: dict[str, Any], place: str, expected: str) -> None:
        errors = list(check_kpis(profile_with(kpi(**more))))
        assert [each.pointer for each in errors] == [f"/kpis/kpis/0{place}"]
        assert expected in errors[0].detail

    def test_of_a_number_wants_no_share(self) -> None:
        errors = list(check_kpis(profile_with(number(denominator="x", rest="y"))))
        assert [each.pointer for each in errors] == ["/kpis/kpis/0/denominator", "/kpis/kpis/0/rest"]

    def test_finds_a_code_that_stands_twice(self) -> None:
        assert "stands 2 times" in next(iter(check_kpis(profile_with(kpi(), kpi())))).detail

    def test_takes_what_follows_on(self) -> None:
        targets = [{**OLD, "value": 90}, {**NEW, "value": 95.5}]
        assert list(check_kpis(profile_with(kpi(targets=targets)))) == []


class TestJudgedOtherwise:
    def errors(self, old: Any, new: Any, months: Any = APRIL) -> list[str]:
        return [each.pointer for each in judged_otherwise(profile_with(old), profile_with(new), months)]

    def test_a_target_of_a_judged_month_stays(self) -> None:
        assert self.errors(kpi(), kpi(targets=[{"from": None, "until": None, "value": 90}])) == ["/kpis/kpis/0/targets/0/value"]
        assert self.errors(kpi(), kpi(targets=[])) == ["/kpis/kpis/0/targets"]

    def test_thresholds_of_a_judged_month_stay(self) -> None:
        assert self.errors(kpi(), kpi(rag=[{"from": None, "until": None, "green": 95, "amber": 80}])) == ["/kpis/kpis/0/rag/0"]
        assert self.errors(kpi(), kpi(rag=[])) == ["/kpis/kpis/0/rag"]

    def test_a_reason_lets_a_slip_be_put_right(self) -> None:
        right = [{"from": None, "until": None, "value": 90, "restated": "A slip"}]
        assert self.errors(kpi(), kpi(targets=right)) == []

    def test_months_to_come_may_be_judged_anew(self) -> None:
        later = [{"from": None, "until": "2026-04-30", "value": 95}, {"from": "2026-05-01", "until": None, "value": 98}]
        assert self.errors(kpi(), kpi(targets=later)) == []

    def test_months_without_figures_may_be_judged_anew(self) -> None:
        assert self.errors(kpi(), kpi(targets=[]), {}) == []

    @pytest.mark.parametrize("more", [{"better": "lower", "rag": []}, {"teams": True}, {"every": "quarter"}])
    def test_what_is_counted_stays(self, more: dict[str, Any]) -> None:
        assert self.errors(kpi(), kpi(**more))[0] == f"/kpis/kpis/0/{next(iter(more))}"

    def test_a_kpi_with_figures_stays(self) -> None:
        assert self.errors(kpi(), kpi("other")) == ["/kpis/kpis"]
