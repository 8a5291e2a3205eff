"""The rules of deploy/prometheus: each says how bad it is and what to do, asks for what there is, and fires when it should."""

import subprocess
from typing import Any

import pytest
import yaml
from tools import proxies

from tests.architecture.metrics_of_code import NAMES, ROOT, series

FOLDER = ROOT / "deploy" / "prometheus"
SEVERITIES = {"page", "ticket", "office"}
SECURITY = {"LoopTrailBroken", "LoopTrailNotChecked", "LoopOperatorRefused", "LoopManyRefused", "LoopForged"}
RULES = [rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
OF_OTHERS = ("up{", "loop:consumer_lag:events")
"""What an expression asks for beside metrics of ours: Prometheus' own, and what a rule records."""


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
class TestEachAlert:
    def test_it_says_how_bad_it_is_and_names_a_runbook_that_is_about_it(self, rule: dict[str, Any]) -> None:
        assert rule["labels"]["severity"] in SEVERITIES
        assert rule["annotations"]["summary"].endswith(".")
        runbook = ROOT / rule["annotations"]["runbook"]
        assert runbook.parent == ROOT / "docs" / "runbooks"
        assert f"`{rule['alert']}`" in runbook.read_text()

    def test_it_asks_for_what_there_is(self, rule: dict[str, Any]) -> None:
        named = set(NAMES.findall(rule["expr"]))
        assert named <= series()
        assert named or any(each in rule["expr"] for each in OF_OTHERS)

    def test_it_is_seen_to_be_silent_and_to_fire(self, rule: dict[str, Any]) -> None:
        tests = yaml.safe_load((FOLDER / "alerts-test.yaml").read_text())["tests"]
        asked = [each for test in tests for each in test["promql_expr_test"] if f'"{rule["alert"]}"' in each["expr"]]
        assert {bool(each["exp_samples"]) for each in asked} == {False, True}


def test_what_rules_record_is_made_of_what_there_is() -> None:
    recorded = [rule["expr"] for rule in RULES if "record" in rule]
    assert recorded
    assert {name for expr in recorded for name in NAMES.findall(expr)} <= series()


def test_what_concerns_security_says_so() -> None:
    assert {rule["alert"] for rule in ALERTS if rule["labels"].get("security") == "yes"} == SECURITY


def test_every_alert_has_a_name_of_its_own() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


@pytest.mark.parametrize(
    "command",
    [("check", "rules", "alerts.yaml"), ("check", "config", "prometheus.yaml"), ("test", "rules", "alerts-test.yaml")],
    ids=" ".join,
)
def test_prometheus_reads_them_and_each_fires_when_it_should(command: tuple[str, ...]) -> None:
    promtool = proxies.found("promtool")
    if promtool is None:
        pytest.skip("there is no promtool here: make proxies")
    done = subprocess.run([promtool, *command], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
