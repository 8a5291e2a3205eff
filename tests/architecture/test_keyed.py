"""Every purpose for which a key is derived is declared: `loop keys split` takes these with it, and leaves all others behind."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from chassis import sealed
from chassis.sealed import Sealed

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("audit", "feedback", "complaints", "reporting")
HANDED_OVER = {"chassis.secrets", "chassis.resealing"}
"""Where the purpose is a parameter, or stands in the declaration itself."""


def modules(source: Path, package: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((source / package).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text())


def purposes(source: Path, package: str) -> dict[str, str]:
    """Purposes by the place that derives a key for one."""
    found = {}
    for name, tree in modules(source, package):
        if name in HANDED_OVER or ".testing" in name:
            continue
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            function = call.func
            if not isinstance(function, ast.Attribute) or function.attr not in {"key", "pseudonym"} or len(call.args) < 2:
                continue
            if not ast.unparse(function.value).removesuffix("()").endswith(("secrets", "read")):
                continue
            found[f"{name}:{call.lineno}"] = said(importlib.import_module(name), call.args[1])
    return found


def said(module: ModuleType, expression: ast.expr) -> str:
    value = eval(ast.unparse(expression), vars(module))
    assert isinstance(value, str), f"{module.__name__}: the purpose {ast.unparse(expression)} must be a constant of the module"
    return value


@pytest.mark.parametrize("service", SERVICES)
def test_every_purpose_of_a_derived_key_is_declared(service: str) -> None:
    declared: Sealed = importlib.import_module(f"{service}.sealed").SEALED
    own = purposes(ROOT / "services" / service / "src", service)
    shared = purposes(ROOT / "libs/chassis/src", "chassis")
    missing = {place: purpose for place, purpose in (own | shared).items() if purpose not in declared.derived}
    assert not missing
    assert {each.purpose for each in declared.hashes} <= declared.derived
    assert not set(declared.keyed) - set(own.values()), "declared, and nobody derives a key for it"


def test_the_purposes_of_the_mechanisms_are_declared_once() -> None:
    assert {"idempotency", *purposes(ROOT / "libs/chassis/src", "chassis").values()} == set(sealed.KEYED)
