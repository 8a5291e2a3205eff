"""What a figure of a report counts, so that figures of different tables can be recognised as the same, or as parts of another.

Two tables show the same number where one has a row for a service area and the other is filtered to it; a table by team adds up
to the row of its area in another. A population says what is counted and of whom, however a table came to it.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from reporting.domain.tallies import Key, Tally

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Population:
    """What is counted, when, and of which members of each dimension; `besides` is of none of those that are listed.

    `tally` and `keys` say where a cell's count came from, and by them its records are found; they do not make it another.
    """

    measure: str
    part: str
    first: date
    last: date
    holds: frozenset[tuple[str, Codes]]
    besides: frozenset[tuple[str, Codes]] = frozenset()
    bands: Hashable = ()
    tally: Tally | None = field(default=None, compare=False, repr=False)
    keys: tuple[Key, ...] = field(default=(), compare=False, repr=False)

    def codes(self, dimension: str) -> Codes | None:
        """The members of a dimension that it is limited to; None where it is not."""
        return dict(self.holds).get(dimension)

    def limited(self, dimension: str, codes: Codes | None) -> "Population":
        """The same of other members of a dimension, or of all."""
        rest = frozenset(each for each in self.holds if each[0] != dimension)
        return replace(
            self,
            holds=rest | {(dimension, codes)} if codes is not None else rest,
            besides=frozenset(each for each in self.besides if each[0] != dimension),
        )

    @property
    def dimensions(self) -> frozenset[str]:
        """Those that it is limited in."""
        return frozenset(each[0] for each in (*self.holds, *self.besides))


@dataclass(frozen=True, slots=True)
class ShareOf:
    """A share, by what stands above and below its line."""

    n: Population
    of: Population
    show: str


@dataclass(frozen=True)
class Sum:
    """A figure that is the sum of others."""

    whole: Population
    parts: tuple[Population, ...]

    def __iter__(self) -> Iterator[tuple[Population, int]]:
        yield self.whole, -1
        for each in self.parts:
            yield each, 1


def population(tally: Tally, members: tuple[str, ...], across: str | None, part: str = "n") -> Population:
    """What a cell of a tally counts: members of the rows' dimension and one of the second (none: what is in none of them)."""
    holds: dict[str, Codes] = {dimension: frozenset(codes) for dimension, codes in tally.filters}
    besides: dict[str, Codes] = {}
    _limit(holds, besides, tally, tally.by, tally.members, members)
    _limit(holds, besides, tally, tally.across, tally.across_members, () if across is None else (across,))
    keys = tuple(tally.key(member, across) for member in members or (None,))
    limits = frozenset(holds.items()), frozenset(besides.items())
    return Population(tally.measure, part, tally.first, tally.last, *limits, tally.bands, tally, keys)


def _limit(
    holds: dict[str, Codes],
    besides: dict[str, Codes],
    tally: Tally,
    dimension: str | None,
    listed: tuple[str, ...],
    chosen: tuple[str, ...],
) -> None:
    if dimension is None:
        return
    codes = _with_those_that_became(tally.became, dimension, chosen or listed)
    if not chosen:
        besides[dimension] = codes
    else:
        holds[dimension] = codes & holds.get(dimension, codes)


def _with_those_that_became(became: tuple[tuple[str, str, str], ...], dimension: str, codes: tuple[str, ...]) -> Codes:
    return frozenset({*codes, *(was for of, was, now in became if of == dimension and now in codes)})
