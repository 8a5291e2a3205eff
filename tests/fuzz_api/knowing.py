"""What exists: ids and codes that answers told, so that a request made of random values meets records now and then."""

import random
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

_MOST = 40
_MOST_TOGETHER = 600


class Known:
    """Values by service and name, and which of them belong together (a point and its complaint)."""

    def __init__(self, chance: random.Random) -> None:
        self._values: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
        self._together: defaultdict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=_MOST_TOGETHER))
        self._chance = chance

    def learn(self, path: str, body: Any, named: Mapping[str, Any] | None = None) -> None:
        """Remember every code and id of a document that a path took or gave; `named` are the parameters of the path."""
        self._walk(service_of(urlsplit(path).path), body, dict(named or {}))

    def _walk(self, service: str, node: Any, around: dict[str, Any], called: str = "", depth: int = 0) -> None:
        if isinstance(node, list):
            for each in node[:30]:
                self._walk(service, each, around, called, depth + 1)
        elif isinstance(node, dict) and depth < 8:
            own = {name: value for name, value in node.items() if isinstance(value, str | int) and not isinstance(value, bool)}
            for name, value in own.items():
                self._keep(service, name, value)
            named = {called.removesuffix("s"): own["code"]} if called and "code" in own else {}
            here = around | named | {name: value for name, value in own.items() if name not in around or name.endswith("_id")}
            self._together[service].append(here)
            for name, value in node.items():
                if isinstance(value, dict | list):
                    self._walk(service, value, here, name, depth + 1)

    def _keep(self, service: str, name: str, value: Any) -> None:
        kept = self._values[service, name]
        if value not in kept:
            kept.append(value)
            if len(kept) > _MOST:
                del kept[self._chance.randrange(_MOST)]

    def of(self, service: str, name: str) -> Any:
        """A value of this name, or None."""
        kept = self._values.get((service, name))
        return self._chance.choice(kept) if kept else None

    def together(self, service: str, names: Collection[str]) -> dict[str, Any]:
        """Values of as many of these names as were ever told in one place."""
        found = [{name: each[name] for name in names if name in each} for each in self._together[service]]
        most = max(map(len, found), default=0)
        return self._chance.choice([each for each in found if len(each) == most]) if most else {}

    def graft(self, service: str, node: Any, share: float) -> Any:
        """A copy of a body in which a share of the codes and ids exist."""
        if isinstance(node, list):
            return [self.graft(service, each, share) for each in node]
        if not isinstance(node, dict):
            return node
        grafted = {}
        for name, value in node.items():
            known = self.of(service, name) if isinstance(value, str | int) and self._chance.random() < share else None
            grafted[name] = known if type(known) is type(value) else self.graft(service, value, share)
        return grafted


def service_of(path: str) -> str:
    """The first part of a path: each service has words of its own."""
    return path.split("/")[1]
