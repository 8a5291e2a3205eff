"""The short form of `tests.fuzz_api`: every operation through the gateway as callers of every kind, the same in every run."""

from typing import Any

import pytest
import requests

from loop_cli.operator import Operator
from loop_cli.stack.embedded import EmbeddedStack
from tests.fuzz_api import generating
from tests.fuzz_api.running import LEFT_OUT, Budget, Run
from tests.fuzz_api.world import world

pytestmark = pytest.mark.stack
SERVICES = ("audit", "feedback", "complaints", "reporting")


@pytest.fixture(scope="module")
def document(stack: EmbeddedStack) -> dict[str, Any]:
    stack.wait_ready()
    return generating.described(stack.url)


def operations(document: dict[str, Any]) -> set[str]:
    return {f"{method.upper()} {path}" for path, each in document["paths"].items() for method in each}


class TestDescriptions:
    def test_the_gathered_one_is_openapi_and_holds_every_operation_of_each_service(
        self, stack: EmbeddedStack, document: dict[str, Any]
    ) -> None:
        generating.schema_of(document, 0).validate()
        for service in SERVICES:
            own = requests.get(f"{stack.url}/{service}/v1/openapi.json", timeout=60).json()
            generating.schema_of(own, 0).validate()
            gathered = {each for each in operations(document) if each.split("/")[1] == service}
            assert operations(own) == gathered

    def test_no_operation_is_left_out_that_is_not_there(self, document: dict[str, Any]) -> None:
        assert set(LEFT_OUT) <= operations(document)

    def test_every_answer_is_described_and_allowed_and_none_is_a_fault(
        self, stack: EmbeddedStack, document: dict[str, Any]
    ) -> None:
        with Operator.of(stack.layout.root) as operator, world(stack.url, operator) as made:
            run = Run(made, seed=2026)
            run.over(document, Budget(boundaries=4, fitting=0, wrong=0, hostile=6, every_caller=False))
        assert not run.findings, "\n".join(run.report())
        assert set(run.by_operation) == operations(document)
