"""Every route of the installation, and which of them an address belongs to.

The services' stand in docs/access.md, which `make check` holds against what the applications themselves declare; the gateway's
own are taken from its routers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gateway.bootstrap import OWN_ROUTERS
from gateway.domain.scopes import ROLES

_ROOT = Path(__file__).resolve().parents[3]
_ROW = re.compile(r"^\| `(/[^`]*)` \| ([A-Z]+) \| (.*) \|$", re.MULTILINE)
_PART = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Route:
    """A method and the template of its path. `grants`: with which one may come in; none where anybody may."""

    method: str
    template: str
    grants: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def service(self) -> str:
        """Whose it is."""
        return service_of(self.template)

    @property
    def parts(self) -> list[str]:
        """Names of what stands in braces."""
        return [name for name, _ in _PART.findall(self.template)]

    @property
    def is_api(self) -> bool:
        """Whether machines call it."""
        return bool(re.match(r"/\w+/v1(/|$)|/reporting/(odata|exports)", self.template))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What its addresses look like, with a group for each part."""
        pieces = _PART.split(self.template)
        found = ""
        for place, piece in enumerate(pieces):
            if place % 3 == 0:
                found += re.escape(piece)
            elif place % 3 == 1:
                kind = pieces[place + 1]
                found += f"(?P<{piece}>{'.*' if kind == 'path' else '[0-9]+' if kind == 'int' else '[^/]+'})"
        return re.compile(found)

    def filled(self, values: dict[str, str]) -> str:
        """Its path with these values."""
        return _PART.sub(lambda found: values[found[1]], self.template)


_BELOW = {"s": "feedback", "c": "complaints", **{each: each for each in ("audit", "feedback", "complaints", "reporting")}}


def service_of(path: str) -> str:
    """The service that answers below a path; the gateway for what belongs to none."""
    return _BELOW.get(path.partition("?")[0].split("/")[1], "gateway")


def all_routes() -> list[Route]:
    """The routes of the services and of the gateway, those without braces first: `new` is no identifier."""
    words = {words.partition(",")[0]: f"role:{code}" for code, words in ROLES.items()}
    found: list[Route] = []
    for path, method, who in _ROW.findall((_ROOT / "docs" / "access.md").read_text()):
        asked = {each.strip().strip("`") for each in re.split(r" or | and ", who)} - {"Anybody"}
        found.append(Route(method, path, frozenset(words.get(each, each) for each in asked)))
    known = {(each.method, each.template) for each in found}
    each: Any
    for each in (route for router in OWN_ROUTERS for route in router.routes):
        methods = sorted((each.methods or {"GET"}) - {"HEAD"})
        found += [Route(method, each.path) for method in methods if (method, each.path) not in known]
    return sorted(set(found), key=lambda each: (len(each.parts), -len(each.template)))


def match(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of an address, with what stands in its parts."""
    for route in routes:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, found.groupdict()
    return None


def templates(routes: list[Route]) -> Iterator[str]:
    """Each once, as lists of them are written."""
    yield from dict.fromkeys(f"{route.method} {route.template}" for route in routes)
