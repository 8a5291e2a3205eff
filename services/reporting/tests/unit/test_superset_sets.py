"""The dashboard for Superset that ships: that it counts as the reports do, and names nothing that is not there."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from reporting.adapters.direct_views import name_of
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.superset_sets import FACTS, fact, metrics, query, view_of

BUNDLE = Path(__file__).parents[2] / "superset" / "learning_loop"
ALIAS = re.compile(r"(\w+)\.(\w+)")


def read(kind: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((BUNDLE / kind).rglob("*.yaml"))]


SETS = {each["table_name"]: each for each in read("datasets")}
VIEWS = {view_of(name): entities for name, entities in ENTITY_SETS.items()}


class TestQueries:
    def test_read_views_and_columns_that_there_are(self) -> None:
        assert {name_of(each) for each in ENTITY_SETS.values()} == VIEWS.keys()
        for name in FACTS:
            words = query(fact(name))
            of = dict(re.findall(r"(?:from|join) (\w+) (\w+)", words))
            views = {alias: VIEWS[view] for view, alias in of.items()}
            for alias, column in ALIAS.findall(words):
                views[alias].property(column)


@pytest.mark.parametrize("name", FACTS)
class TestDataSets:
    def test_ask_and_count_as_is_declared(self, name: str) -> None:
        entities = fact(name)
        kept = SETS[view_of(name)]
        assert (kept["schema"], kept["catalog"]) == ("reporting_bi", None)
        assert kept["sql"].split() == query(entities).split()
        assert kept["description"] == entities.description
        found = {
            each["metric_name"]: (each["verbose_name"], each["expression"], each["description"]) for each in kept["metrics"]
        }
        assert {each.code: (each.name, each.sql, each.said) for each in metrics(entities)} == {
            code: found[code] for code in found if code != "count"
        }

    def test_have_the_columns_of_the_view_with_what_they_mean(self, name: str) -> None:
        said = {each["column_name"]: each["description"] for each in SETS[view_of(name)]["columns"]}
        assert {each.name: each.description for each in fact(name).properties}.items() <= said.items()


class TestDashboard:
    def test_charts_show_columns_and_measures_of_their_data_set(self) -> None:
        by_id = {each["uuid"]: each for each in SETS.values()}
        charts = read("charts")
        for chart in charts:
            kept = by_id[chart["dataset_uuid"]]
            shown = chart["params"]
            columns = {*shown.get("groupby", ()), *([shown["x_axis"]] if "x_axis" in shown else [])}
            assert columns <= {each["column_name"] for each in kept["columns"]}, chart["slice_name"]
            assert set(shown["metrics"]) <= {each["metric_name"] for each in kept["metrics"]}, chart["slice_name"]
        (dashboard,) = read("dashboards")
        on_it = [
            each["meta"]["uuid"]
            for each in dashboard["position"].values()
            if isinstance(each, dict) and each["type"] == "CHART"
        ]
        assert sorted(on_it) == sorted(each["uuid"] for each in charts)

    def test_what_a_chart_is_cut_by_has_a_name_that_people_read(self) -> None:
        by_id = {each["uuid"]: each for each in SETS.values()}
        for chart in read("charts"):
            named = {each["column_name"]: each["verbose_name"] for each in by_id[chart["dataset_uuid"]]["columns"]}
            for column in chart["params"].get("groupby", ()):
                assert named[column], (chart["slice_name"], column)

    def test_holds_neither_an_address_nor_a_credential(self) -> None:
        (database,) = read("databases")
        assert database["sqlalchemy_uri"] == "postgresql+psycopg2://ROLE:XXXXXXXXXX@HOST:5432/loop?sslmode=require"
        assert not re.search(
            r"127\.0\.0\.1|localhost|bi_[a-z0-9]{12}", "".join(p.read_text("utf-8") for p in BUNDLE.rglob("*.yaml"))
        )
