"""Write docs/fields.md, who reads and writes which field of the API, from the models and grants that the routes declare.

python tools/fields.py            write it
python tools/fields.py --check    compare
"""

import importlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI

_ACCESS = importlib.import_module("access")  # beside this file
_TOOL = importlib.import_module("openapi")
ROOT: Path = _TOOL.ROOT
TARGET = ROOT / "docs" / "fields.md"
_HEAD = """# Who reads and writes which field of the API

Made by `python tools/fields.py` from the models of what comes in and goes out and from what each route asks for; `make check`
says when it is not current. Models are strict: a field that is not here is refused, and none goes out. Whose record it is,
and in which service area, is decided besides ([access.md](access.md)). An object within another is read and written with it.
Where names and words are kept from some who may call the route, the field is null:
[security/sealed-fields.md](security/sealed-fields.md) says for whom, and who writes them on pages.
"""
_OURS = {"Problem", "FieldProblem", "HTTPValidationError", "ValidationError"}
_JSON = "application/json"


@dataclass
class Use:
    """What is asked of who sends an object, and of who gets it."""

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


def references(part: Any) -> Iterator[str]:
    """Names of the models that a part of a description names."""
    if isinstance(part, dict):
        if isinstance(named := part.get("$ref"), str) and named.startswith("#/components/schemas/"):
            yield named.rsplit("/", 1)[-1]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def whole(part: Any, schemas: dict[str, Any]) -> set[str]:
    """The same with what stands within them."""
    found: set[str] = set()
    left = list(references(part))
    while left:
        name = left.pop()
        if name not in found and name in schemas:
            found.add(name)
            left += references(schemas[name])
    return found


def uses(app: FastAPI, document: dict[str, Any]) -> dict[str, Use]:
    """By model, what the routes ask for that take it or give it."""
    asked = {(path, method.lower()): grants for path, method, grants in _ACCESS.routes(app)}
    schemas = document.get("components", {}).get("schemas", {})
    found: dict[str, Use] = defaultdict(Use)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            who = _ACCESS._asked(asked.get((path, method), ()))  # noqa: SLF001 - the tool beside
            taken = [each.get("schema") for each in operation.get("requestBody", {}).get("content", {}).values()]
            given = [
                content.get("schema")
                for status, answer in operation.get("responses", {}).items()
                if status.startswith("2")
                for content in answer.get("content", {}).values()
            ]
            for name in whole(taken, schemas):
                found[name].written.add(who)
            for name in whole(given, schemas):
                found[name].read.add(who)
    return {name: use for name, use in found.items() if name not in _OURS}


def section(title: str, app: FastAPI, document: dict[str, Any]) -> list[str]:
    """The part of the page about one service."""
    schemas = document.get("components", {}).get("schemas", {})
    lines = [f"\n## {title}\n", "| object | fields | read by | written by |", "|---|---|---|---|"]
    for name, use in sorted(uses(app, document).items()):
        fields = ", ".join(f"`{each}`" for each in schemas[name].get("properties", {})) or "(a code)"
        lines.append(f"| `{name}` | {fields} | {_words(use.read)} | {_words(use.written)} |")
    return lines


def _words(found: set[str]) -> str:
    single = sorted({each for one in found for each in one.split(" or ")})
    return ", ".join(single) or "–"


def document() -> str:
    """The whole page."""
    lines = [_HEAD]
    for service in _TOOL.SERVICES:
        bootstrap, settings = importlib.import_module(f"{service}.bootstrap"), importlib.import_module(f"{service}.settings")
        app = bootstrap.build_app(getattr(settings, f"{service.capitalize()}Settings").load())
        lines += section(service.capitalize(), app, app.openapi())
    gateway = _TOOL.gateway_app()
    return "\n".join([*lines, *section("Gateway", gateway, gateway.openapi())]) + "\n"


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    code: int = _TOOL.write_or_check(arguments, lambda: {TARGET: document()})
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
