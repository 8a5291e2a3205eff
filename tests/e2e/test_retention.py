"""Retention of a running installation, by the command: the roles are there, and the workers do as they are asked."""

import time

import pytest
from typer.testing import CliRunner

from loop_cli.retention import app
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.services import RETAINING
from tests.chaos.load import ORG
from tests.conftest import Outside

pytestmark = pytest.mark.stack
PATIENCE = 90.0


def retention(stack: EmbeddedStack, command: str, *arguments: str) -> tuple[int, str]:
    """Run a command of `loop retention`."""
    result = CliRunner().invoke(app, [command, "--org", ORG, *arguments, "--data", str(stack.layout.root)])
    return result.exit_code, result.output


def test_a_run_is_asked_for_done_and_shown_and_the_chains_of_proofs_hold(stack: EmbeddedStack, outside: Outside) -> None:
    code, shown = retention(stack, "status")
    assert code == 0, shown
    # What ships decides for nobody: until a council sets periods everything is kept.
    assert "Complaints and enquiries: kept for good: no period is set" in shown
    assert "complaints   The trail: kept for good: no period is set; begins with its first entry" in shown
    code, shown = retention(stack, "dry-run", "--service", "complaints")
    assert "complaints   Complaints and enquiries: 0 go, 0 are held (nothing)" in shown
    assert retention(stack, "run")[0] == 0
    deadline = time.monotonic() + PATIENCE
    for service in RETAINING:
        while True:
            [last, *_] = outside.operator.call("GET", f"/{service}/v1/retention", org=ORG)["runs"]
            if last["ended_at"]:
                break
            assert time.monotonic() < deadline, service
            time.sleep(0.2)
        assert (last["reduced"], last["failed"]) == ({}, 0)
    code, shown = retention(stack, "verify")
    assert code == 0, shown
    assert "feedback     holds, from the first proof to number 0" in shown
    code, shown = retention(stack, "status", "--service", "gateway")
    assert code != 0
