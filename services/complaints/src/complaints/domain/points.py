"""The points of a complaint as they stand: what each is about, where it came from, and what became of it. Pure.

Nothing is deleted. Points stand as they came in, and after each change of theirs that was not taken back: `book` works that
out, so that the same changes always give the same points. The changes themselves are made in `point_changes`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import count, islice
from typing import Literal

Kind = Literal["add", "correct", "split", "merge", "duplicate"]
Became = Literal["split", "merged", "duplicate", "taken-back"]
"""What became of a point that is no longer answered and counted. Taken back: the change that made it was an error."""


@dataclass(frozen=True)
class PointFacts:
    """What a point is about, in codes of the profile; without a team or need of its own it is of the complaint's.

    `desired` is what the complainant wants. `words` and `wanted` stand for what was said of it and of what is wanted: keyed
    hashes by which words are compared and found. The words themselves are sealed, and nowhere here.
    """

    category: str = ""
    service_area: str = ""
    team: str | None = None
    need: str | None = None
    desired: str | None = None
    words: str | None = None
    wanted: str | None = None


@dataclass(frozen=True)
class NewPoint:
    """A point as a change makes it, or leaves it."""

    reference: str
    facts: PointFacts = PointFacts()


@dataclass(frozen=True)
class PointChange:
    """A change of points. `number` is the version of the complaint that it led to, and names it.

    `of` are the points that it is about; `points` those that it makes, or (a correction) how it leaves the one. A duplicate is
    the `same_as` another point of the complaint, or as a point `elsewhere`, named by its id.
    """

    number: int
    kind: Kind
    on: date
    of: tuple[str, ...] = ()
    points: tuple[NewPoint, ...] = ()
    same_as: str | None = None
    elsewhere: str | None = None
    taken_back_on: date | None = None

    @property
    def made(self) -> tuple[str, ...]:
        """The points that were not there before it."""
        return () if self.kind == "correct" else tuple(each.reference for each in self.points)

    @property
    def stands(self) -> bool:
        """Whether it was not taken back."""
        return self.taken_back_on is None

    def says_as(self, other: "PointChange") -> bool:
        """Whether it says the same as another one, whenever that was."""
        return replace(self, number=0, on=date.min, taken_back_on=None) == replace(
            other, number=0, on=date.min, taken_back_on=None
        )


@dataclass(frozen=True)
class Point:
    """A point as it stands. `made_by` and `ended_by` number the changes that made it and superseded it.

    `origins` are the points that it was split from or merged of; `into` what became of it in this complaint, `elsewhere` the
    point of another complaint that it is the same as.
    """

    reference: str
    facts: PointFacts
    made_by: int | None = None
    origins: tuple[str, ...] = ()
    became: Became | None = None
    ended_by: int | None = None
    into: tuple[str, ...] = ()
    elsewhere: str | None = None

    @property
    def live(self) -> bool:
        """Whether it is answered and counted."""
        return self.became is None


@dataclass(frozen=True)
class Book:
    """The points of a complaint in the order in which they were made."""

    points: Mapping[str, Point]

    @cached_property
    def live(self) -> tuple[str, ...]:
        """The points that are answered and counted."""
        return tuple(reference for reference, point in self.points.items() if point.live)

    def next_number(self) -> str:
        """A reference for a new point: the number after the highest that there is or was."""
        numbers = [int(each) for each in self.points if each.isascii() and each.isdecimal()]
        return str(max(numbers, default=0) + 1)

    def next_parts(self, reference: str, many: int) -> tuple[str, ...]:
        """References for the parts of a point: 2a, 2b, …, without those that there are or were."""
        letters = (f"{reference}{chr(ord('a') + each % 26)}{each // 26 or ''}" for each in count())
        return tuple(islice((each for each in letters if each not in self.points), many))

    def ancestors(self, reference: str) -> tuple[str, ...]:
        """The points that one was split from or merged of, and theirs, the nearest first, each once."""
        found: dict[str, None] = {}
        nearest = list(self.points[reference].origins)
        while nearest:
            found |= dict.fromkeys(nearest)
            nearest = [origin for each in nearest for origin in self.points[each].origins if origin not in found]
        return tuple(found)

    def heirs(self, reference: str) -> tuple[str, ...]:
        """The live points of this complaint that stand for a point: itself, or what became of it in the end."""
        point = self.points[reference]
        if point.live:
            return (reference,)
        return tuple(dict.fromkeys(heir for each in point.into for heir in self.heirs(each)))


def book(first: Sequence[NewPoint], changes: Sequence[PointChange]) -> Book:
    """The points that came in, after changes."""
    points = {each.reference: Point(each.reference, each.facts) for each in first}
    for change in changes:
        points |= dict(_made(change))
        if change.stands:
            points |= {point.reference: point for point in _left(change, points)}
    return Book(points)


def _made(change: PointChange) -> Iterator[tuple[str, Point]]:
    if change.kind == "correct":
        return
    ended: Became | None = None if change.stands else "taken-back"
    for each in change.points:
        yield (
            each.reference,
            Point(each.reference, each.facts, change.number, change.of, ended, None if change.stands else change.number),
        )


def _left(change: PointChange, points: Mapping[str, Point]) -> Iterator[Point]:
    """The points that a change is about, as it leaves them."""
    for reference in change.of:
        point = points[reference]
        match change.kind:
            case "correct":
                yield replace(point, facts=change.points[0].facts)
            case "split":
                yield replace(point, became="split", ended_by=change.number, into=change.made)
            case "merge":
                yield replace(point, became="merged", ended_by=change.number, into=change.made)
            case _:
                into = () if change.same_as is None else (change.same_as,)
                ended = replace(point, became="duplicate", ended_by=change.number, into=into)
                yield replace(ended, elsewhere=change.elsewhere)
