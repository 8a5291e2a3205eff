"""The bounds that the totals of a cross table set to a withheld count, and what to withhold besides to widen them.

Withheld counts of a table with two sides are a flow in a network: each leads from its row to its column, and what a total
leaves over is what has to flow. So the least and the greatest value of a count are found exactly, by the most that can be
moved round it (D. Gusfield, "A graph theoretic approach to statistical data security", SIAM Journal on Computing 17, 1988);
what else to withhold lies on the cheapest ways that move enough (J. Castro, "A shortest-paths heuristic for statistical data
protection in positive tables", INFORMS Journal on Computing 19, 2007). The reader is taken to know that a count is a whole
number and not below nought, and every figure that is shown.
"""

import heapq
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from reporting.domain.tables import Place

Node = Hashable
_Step = tuple[Place, int]
"""An edge and the direction in which it is gone along: 1 adds to the count, -1 takes away from it."""


@dataclass(frozen=True)
class Network:
    """Counts by place, each with the two lines that it stands in: the one that it leaves and the one that it enters."""

    edges: Mapping[Place, tuple[Node, Node]]
    values: Mapping[Place, int]
    reluctance: Mapping[Place, int] = field(default_factory=dict)
    """What it costs to withhold a count that is shown; at least 1."""


def bounds(network: Network, hidden: set[Place], at: Place) -> tuple[int, int | None]:
    """The least and the greatest value that a withheld count may have; None where nothing limits it."""
    more = _moved(network, hidden, at, 1)
    return network.values[at] - (_moved(network, hidden, at, -1) or 0), None if more is None else network.values[at] + more


def to_widen(network: Network, hidden: set[Place], at: Place, needed: int) -> set[Place]:
    """Counts to withhold besides, so that this one could be `needed` more than it is; none where that cannot be had."""
    flow = _Flow(network, hidden, at, 1)
    used: set[Place] = set()
    while needed > 0:
        way = flow.way(network.edges)
        if way is None:
            return set()
        needed -= flow.move(way, needed)
        used |= {place for place, _ in way}
        flow.open |= used
    return used - hidden


def _moved(network: Network, hidden: set[Place], at: Place, sign: int) -> int | None:
    """The most by which a count can grow (1) or shrink (-1); None where nothing limits it."""
    most = network.values[at] if sign < 0 else None
    flow = _Flow(network, hidden, at, sign)
    total = 0
    while most is None or total < most:
        way = flow.way(hidden)
        if way is None:
            return total
        step = flow.move(way, None if most is None else most - total)
        if not step:
            return None
        total += step
    return total


class _Flow:
    """What has been moved round a count so far."""

    def __init__(self, network: Network, hidden: set[Place], at: Place, sign: int) -> None:
        self.network = network
        self.open = set(hidden)
        self.at = at
        tail, head = network.edges[at]
        self.source, self.sink = (head, tail) if sign > 0 else (tail, head)
        self.left = dict(network.values)

    def way(self, places: Iterable[Place]) -> list[_Step] | None:
        """The cheapest way from the one line to the other over these places; None where there is none."""
        beside: dict[Node, list[tuple[Node, _Step]]] = {}
        for place in places:
            if place == self.at:
                continue
            tail, head = self.network.edges[place]
            beside.setdefault(tail, []).append((head, (place, 1)))
            if self.left[place]:
                beside.setdefault(head, []).append((tail, (place, -1)))
        return self._cheapest(beside)

    def _cheapest(self, beside: Mapping[Node, list[tuple[Node, _Step]]]) -> list[_Step] | None:
        cost: dict[Node, int] = {self.source: 0}
        came: dict[Node, tuple[Node, _Step]] = {}
        waiting: list[tuple[int, int, Node]] = [(0, 0, self.source)]
        number = 0
        while waiting:
            so_far, _, node = heapq.heappop(waiting)
            if node == self.sink:
                return self._back(came)
            if so_far > cost[node]:
                continue
            for near, step in beside.get(node, ()):
                further = so_far + (0 if step[0] in self.open else self.network.reluctance.get(step[0], 1))
                if near not in cost or further < cost[near]:
                    cost[near] = further
                    came[near] = (node, step)
                    number += 1
                    heapq.heappush(waiting, (further, number, near))
        return None

    def _back(self, came: Mapping[Node, tuple[Node, _Step]]) -> list[_Step]:
        way: list[_Step] = []
        node = self.sink
        while node != self.source:
            node, step = came[node]
            way.append(step)
        return way

    def move(self, way: list[_Step], most: int | None) -> int:
        """Move as much as the way lets through, `most` at most; 0 where nothing limits it."""
        limits = [self.left[place] for place, sign in way if sign < 0]
        limits += [most] if most is not None else []
        if not limits:
            return 0
        amount = min(limits)
        for place, sign in way:
            self.left[place] += sign * amount
        return amount
