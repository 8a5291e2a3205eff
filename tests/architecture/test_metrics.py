"""docs/guides/metrics.md and the dashboard name the metrics that there are, and none has a label that could hold a person."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import chassis.figures
import chassis.middleware
import gateway.access_log
from tests.architecture.metrics_of_code import NAMES, ROOT, Metric, metrics, series

IMPORTED = (chassis.figures, chassis.middleware, gateway.access_log)
PAGE = ROOT / "docs" / "guides" / "metrics.md"
ROW = re.compile(r"^\| `(loop_\w+)` \| (counter|gauge|histogram) \| ([^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
LABELS = frozenset({
    # of which there are few, and which the code chooses: parts, codes of a list, templates of routes
    "service", "method", "route", "status", "consumer", "source", "verdict", "kind", "reason", "page", "channel", "outcome",
    "look", "which", "what",
    # the code of an organisation
    "org",
})  # fmt: skip
DASHBOARDS = sorted((ROOT / "deploy" / "grafana").glob("*.json"))


def test_the_page_says_of_each_what_the_code_says() -> None:
    told = {
        name: Metric(name, kind, tuple(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, _, _ in ROW.findall(PAGE.read_text())
    }
    assert told == metrics()


def test_no_label_could_hold_a_person_or_words() -> None:
    assert {label for each in metrics().values() for label in each.labels} <= LABELS


def test_what_the_code_says_is_what_is_exposed() -> None:
    exposed = {f"{each.name}_total" if each.type == "counter" else each.name for each in REGISTRY.collect()}
    ours = {name for name in exposed if name.startswith("loop_")}
    assert len(ours) > 10
    assert ours <= set(metrics())


def test_runbooks_and_the_page_name_no_metric_that_is_not_there() -> None:
    known = series() | set(metrics())
    pages = [PAGE, *(ROOT / "docs" / "runbooks").glob("*.md")]
    named = {(path.name, name) for path in pages for name in re.findall(r"`(loop_\w+)", path.read_text())}
    assert {each for each in named if each[1] not in known} == set()


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_what_there_is_and_says_what_each_panel_shows(path: Path) -> None:
    board = json.loads(path.read_text())
    panels = [each for each in board["panels"] if each["type"] != "row"]
    named = {name for panel in panels for target in panel["targets"] for name in NAMES.findall(target["expr"])}
    assert named <= series()
    assert len(named) > 15
    assert all(panel["description"] for panel in panels)
    assert len({each["id"] for each in board["panels"]}) == len(board["panels"])


def test_there_is_a_dashboard() -> None:
    assert DASHBOARDS


def test_each_metric_has_a_panel_or_a_reason_for_none() -> None:
    part = PAGE.read_text().partition("## Without a panel")[2].partition("\n## ")[0]
    without = dict(re.findall(r"^\| `(loop_\w+)` \| (.+) \|$", part, re.MULTILINE))
    boards = [json.loads(path.read_text()) for path in DASHBOARDS]
    asked = {
        name for board in boards for panel in board["panels"] for target in panel.get("targets", ())
        for name in NAMES.findall(target["expr"])
    }  # fmt: skip
    shown = {each.name for each in metrics().values() if each.series & asked}
    assert shown | set(without) == set(metrics())
    assert shown & set(without) == set()
