"""Sharing work out fairly among those who may do it: a matching that gives everything to somebody whenever that is possible.

Successive augmenting paths, each to the person with the least load that can be reached by moving what was given before. That
finds a complete allocation whenever there is one, and among them one whose loads are as even as they can be (Harvey, Ladner,
Lovász and Tamir, "Semi-matchings for bipartite graphs and load balancing", 2003; a limit is a load that costs too much).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NO_LIMIT = 10**9


@dataclass
class Matching:
    """Slots given to people. `load` is what each had before, `room` how much more each may take (missing: without limit).

    `order` decides between those with the same load.
    """

    load: Mapping[str, int]
    room: Mapping[str, int]
    order: Callable[[str], Any]
    holder: dict[int, str] = field(default_factory=dict)
    """Who was given each slot, by its number."""

    _may: list[tuple[str, ...]] = field(default_factory=list)
    _held: dict[str, list[int]] = field(default_factory=dict)

    def give(self, candidates: Sequence[str]) -> bool:
        """Give a new slot to one of the candidates, moving earlier ones where that helps; False where nobody has room."""
        slot = len(self._may)
        self._may.append(tuple(candidates))
        reached = self._reach(slot)
        free = [person for person in reached if len(self._held.get(person, ())) < self.room.get(person, NO_LIMIT)]
        if not free:
            return False
        person = min(free, key=lambda each: (self._now(each), self.order(each)))
        self._move(person, reached)
        return True

    def _now(self, person: str) -> int:
        return self.load.get(person, 0) + len(self._held.get(person, ()))

    def _reach(self, slot: int) -> dict[str, int]:
        """Everybody who can be reached from a slot, with the slot through which: breadth first, so the paths are short."""
        reached: dict[str, int] = {}
        seen: set[tuple[str, ...]] = set()
        queue = [slot]
        for each in queue:
            may = self._may[each]
            if may in seen:  # slots with the same candidates lead nowhere new
                continue
            seen.add(may)
            for person in may:
                if person not in reached:
                    reached[person] = each
                    queue.extend(self._held.get(person, ()))
        return reached

    def _move(self, person: str, reached: Mapping[str, int]) -> None:
        """Give a person the slot through which they were reached, its holder the one before, and so on to the new slot."""
        taker: str | None = person
        while taker is not None:
            slot = reached[taker]
            before = self.holder.get(slot)
            if before is not None:
                self._held[before].remove(slot)
            self.holder[slot] = taker
            self._held.setdefault(taker, []).append(slot)
            taker = before
