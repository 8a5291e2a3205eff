"""Who will be late: how often stages like this one were, that were still open on the same day. No model, a count.

What is counted are stages of the same procedure and number that the organisation answered in the last two years. Of fewer than
ten nothing is said: a share of so few would look like knowledge.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ENOUGH = 10

Answered = tuple[str, int, int, bool, int]
"""Procedure, stage, working days that it took, whether it was late, and how many such stages there were."""


@dataclass(frozen=True)
class Forecast:
    """`late` of `of` like it, still open on the same day, were answered late."""

    late: int
    of: int

    @property
    def likely(self) -> bool:
        """Whether more than half of them were."""
        return 2 * self.late > self.of

    @property
    def words(self) -> str:
        """As a person says it."""
        return f"{self.late} of {self.of} like it, still open on this day, were answered late"


class History:
    """What an organisation's stages took."""

    def __init__(self, answered: Iterable[Answered]) -> None:
        """Keep the counts by procedure and stage."""
        taken: Mapping[tuple[str, int], list[tuple[int, bool, int]]] = defaultdict(list)
        for procedure, stage, days, late, count in answered:
            taken[procedure, stage].append((days, late, count))
        self._taken = dict(taken)

    def forecast(self, procedure: str, stage: int, day: int) -> Forecast | None:
        """What became of those that were still open at the end of that working day; None where they were too few."""
        beyond = [(late, count) for days, late, count in self._taken.get((procedure, stage), []) if days > day]
        of = sum(count for _, count in beyond)
        return Forecast(sum(count for late, count in beyond if late), of) if of >= ENOUGH else None
