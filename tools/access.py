"""Write docs/access.md, who may call which route, from what the routes themselves declare (`chassis.access.requires`).

python tools/access.py            write it
python tools/access.py --check    compare
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from chassis.access import grants_of
from gateway.domain.scopes import ROLES, SCOPES

_TOOL = importlib.import_module("openapi")  # beside this file
ROOT: Path = _TOOL.ROOT
TARGET = ROOT / "docs" / "access.md"
_HEAD = """# Who may call what

Made by `python tools/access.py` from what each route declares; `make check` says when it is not current. The tests
`services/*/tests/integration/test_access.py` call every route and hold it against a table of their own, so that a declaration
that changes is seen twice. A role or scope only lets somebody come in: whose record it is, and in which service area,
each service decides further on, and the database besides (ADR 0027; `services/*/tests/integration/test_limited_areas.py` asks
every route that names a record for one of another area). Between roles stands "or". "Anybody" means without signing in.

Not listed: what a service's health is asked by (`/livez`, `/readyz`, `/metrics`) and what it tells an operator of itself
(`/operating`, by an identity that the gateway signed for one), which the gateway does not pass on.
"""
_OTHERS = {
    "operator": "The operator of the installation, with the operator's key",
    "profile:write": "Whoever applies an organisation's profile: the operator",
    "events:read": "Another service of the installation, for its event log",
}
_HEALTH = {"/livez", "/readyz", "/metrics", "/operating"}


def routes(app: FastAPI) -> Iterator[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    """Path, method and what is asked for, of every route of an application."""
    for context in iter_route_contexts(app.router.routes):
        route: Any = context
        original: Any = route.original_route
        asked = tuple(dict.fromkeys(grants_of(route.dependant))) if hasattr(original, "dependant") else ()
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            if route.path not in _HEALTH:
                yield route.path, method, asked


def _words(grant: str) -> str:
    if grant.startswith("role:"):
        return ROLES.get(grant[5:], grant[5:]).partition(",")[0]
    return f"`{grant}`"


def _asked(asked: tuple[tuple[str, ...], ...]) -> str:
    return " and ".join(" or ".join(sorted(_words(each) for each in group)) for group in asked) or "Anybody"


def section(service: str) -> list[str]:
    """The part of the page about one service."""
    bootstrap, settings = importlib.import_module(f"{service}.bootstrap"), importlib.import_module(f"{service}.settings")
    app = bootstrap.build_app(getattr(settings, f"{service.capitalize()}Settings").load())
    lines = [f"\n## {service.capitalize()}\n", "| route | | who |", "|---|---|---|"]
    return [*lines, *(f"| `{path}` | {method} | {_asked(asked)} |" for path, method, asked in sorted(set(routes(app))))]


def section_of_gateway() -> list[str]:
    """The part about the gateway's own routes that ask for a grant; the others (sign-in, health, …) stand in its README."""
    app = _TOOL.gateway_app()
    lines = [
        "\n## Gateway\n",
        "Own routes that ask for a grant; the others stand in [its README](../gateway/README.md).\n",
        "| route | | who |", "|---|---|---|",
    ]  # fmt: skip
    return [
        *lines,
        *(f"| `{path}` | {method} | {_asked(asked)} |" for path, method, asked in sorted(set(routes(app))) if asked),
    ]


def document() -> str:
    """The whole page."""
    roles = [f"| {_words(f'role:{code}')} | `role:{code}` | {words} |" for code, words in ROLES.items()]
    scopes = [f"| `{code}` | {words} |" for code, words in (*SCOPES.items(), *_OTHERS.items())]
    lines = [_HEAD, "## Roles of staff\n", "| role | grant | in words |", "|---|---|---|", *roles]
    lines += ["\n## Scopes of systems\n", "| scope | in words |", "|---|---|", *scopes]
    for service in _TOOL.SERVICES:
        lines += section(service)
    lines += section_of_gateway()
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    code: int = _TOOL.write_or_check(arguments, lambda: {TARGET: document()})
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
