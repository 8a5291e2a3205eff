"""Every declared event has a stream that takes it, a service that tells of it, and a consumer that keeps it."""

import ast
from functools import cache
from pathlib import Path

import pytest

from chassis import jetstream
from contracts import BY_SUBJECT, SERVICES, Event
from reporting.events.projection import HANDLERS

ROOT = Path(__file__).resolve().parents[2]


@cache
def calls_in(service: str) -> set[str]:
    """Names that the service's code calls, aliases of imports resolved."""
    found: set[str] = set()
    for path in (ROOT / "services" / service / "src").rglob("*.py"):
        tree = ast.parse(path.read_text())
        aliases = {
            name.asname: name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contracts")
            for name in node.names
            if name.asname
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                target = node.func
                # A model is made by its name, or by one of its own ways (model_construct, model_validate).
                while isinstance(target, ast.Attribute) and target.attr.startswith("model_"):
                    target = target.value
                name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
                found.add(aliases.get(name, name))
    return found


CASES = [(service, event) for service, events in SERVICES.items() for event in events]


@pytest.mark.parametrize(("service", "event"), CASES, ids=[event.__name__ for _, event in CASES])
class TestEveryEvent:
    def test_its_stream_takes_it(self, service: str, event: type[Event]) -> None:
        prefix = jetstream.subjects(service).removesuffix(">")
        assert event.subject.startswith(prefix)
        assert jetstream.stream_config(service).subjects == [f"{prefix}>"]

    def test_its_service_tells_of_it(self, service: str, event: type[Event]) -> None:
        assert event.__name__ in calls_in(service)

    def test_reporting_keeps_it(self, service: str, event: type[Event]) -> None:
        assert event in HANDLERS


def test_nothing_is_kept_that_nobody_declares() -> None:
    assert set(HANDLERS) == set(BY_SUBJECT.values())
