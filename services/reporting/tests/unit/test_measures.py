"""The catalogue and the statements that compute it are one list."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from reporting_records import document

from reporting.adapters.facts import TABLES, VIEWS
from reporting.adapters.sources import SOURCES
from reporting.adapters.tally_repository import SHARED, compose
from reporting.domain.evaluation import Scope, tallies
from reporting.domain.measure import Until
from reporting.domain.measures import MEASURES
from reporting.domain.periods import parse
from reporting.domain.profile import Profile
from reporting.domain.recipes import Band, Table
from reporting.domain.tallies import Tally

QUARTER = parse("2022-23-q1")
HOSTILE = "x'); drop table fact_point; --"


class TestCatalogue:
    def test_every_measure_has_a_source_and_every_source_a_measure(self) -> None:
        assert MEASURES.keys() == SOURCES.keys()

    def test_both_name_the_same_dimensions(self) -> None:
        for code, measure in MEASURES.items():
            assert set(measure.dimensions) == set(SOURCES[code].dimensions), code

    def test_only_ratios_count_what_they_are_of(self) -> None:
        for code, measure in MEASURES.items():
            assert measure.is_ratio == (SOURCES[code].of != "0"), code

    def test_sources_read_facts_only(self) -> None:
        known = {*TABLES, *VIEWS, *SHARED, "favourable"}
        for name, query in SHARED.items():
            assert set(re.findall(r"\b(?:from|join)\s+([a-z_]+)\b", query)) <= {*TABLES, *VIEWS}, name
        for code, source in SOURCES.items():
            # Whatever is read from, but for functions.
            named = re.findall(r"\b(?:from|join)\s+([a-z_]+)\b(?!\()", f"from {source.tables}")
            assert set(named) - {"lateral"} <= known, code


class TestLastDay:
    END = QUARTER.last

    @pytest.mark.parametrize(
        ("until", "today", "expected"),
        [
            (Until.PERIOD, date(2022, 5, 5), END),
            (Until.TODAY, date(2022, 5, 5), date(2022, 5, 5)),
            (Until.TODAY, date(2022, 8, 1), END),
            (Until.YESTERDAY, date(2022, 5, 5), date(2022, 5, 4)),
            (Until.YESTERDAY, END, date(2022, 6, 29)),  # what is due on the last day is not late before it is over
            (Until.YESTERDAY, date(2022, 7, 1), END),
        ],
    )
    def test_is_the_periods_or_the_last_that_can_be_counted(self, until: Until, today: date, expected: date) -> None:
        measure = replace(MEASURES["audits_allocated"], until=until)
        assert measure.last_day(QUARTER.last, today) == expected

    def test_what_is_due_or_open_is_never_counted_ahead(self) -> None:
        ahead = {code for code, each in MEASURES.items() if each.until is Until.PERIOD}
        assert not {code for code in ahead if code.endswith("_in_time") or code.startswith("actions_")}

    def test_a_table_asks_for_the_days_until_today(self) -> None:
        profile = Profile.model_validate(document("worcestershire"))
        columns = [{"code": "n", "label": "n", "show": "count", "unit": "n"}]
        measures = [{"code": each.replace("_", "-"), "label": each, "measure": each} for each in MEASURES]
        rows = {"by": "measure", "label": "Measure", "measures": measures}
        plain: dict[str, Any] = {"code": "t", "title": "t", "filter": {}, "total": False, "chart": None, "notes": []}
        table = Table.model_validate({**plain, "rows": rows, "columns": columns})
        asked = tallies(table, Scope(profile, QUARTER, date(2022, 5, 5)))
        assert {each.measure: each.last for each in asked} == {
            code: each.last_day(QUARTER.last, date(2022, 5, 5)) for code, each in MEASURES.items()
        }


class TestStatements:
    def test_what_a_request_brings_is_bound_and_never_written(self) -> None:
        band = Band.model_validate({"code": "x", "label": HOSTILE, "from": 0, "to": 3, "open": False})
        asked = [
            Tally("complaint_points", QUARTER.first, QUARTER.last, (("team", (HOSTILE,)),), "category", (HOSTILE,)),
            Tally("stage1_responses", QUARTER.first, QUARTER.last, (), "band", ("x",), (band,)),
        ]
        statement, parameters = compose(asked, ())
        assert "drop table" not in statement
        assert [HOSTILE] in parameters.values()

    def test_equal_values_are_bound_once(self) -> None:
        asked = [Tally(code, QUARTER.first, QUARTER.last) for code in MEASURES]
        _, parameters = compose(asked, ())
        assert len(parameters) == 3  # first, last, and what is favourable
