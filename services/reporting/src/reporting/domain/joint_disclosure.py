"""What the tables of one report tell together of a count that each of them withholds.

A reader has all tables at once. They hang together where a figure of one is the sum of figures of another: the rows of a table
by team, or its total, and the row of their area; a group and its members; a year and its quarters; a share and the counts that
it is made of. From these sums, and from every figure that is shown, the bounds of each withheld count are drawn as tight as
going round the sums makes them; and whatever the sums as a whole leave one value for is found by elimination. What is left
too narrow has something more withheld beside it.

Figures that were published before are known besides, and cannot be withheld any more (`published_before`). Of two times that
begin or end on one day and are both known the rest is told, whether or not a table has it; so are those below the line of a
share that are not above it.

Going round the sums finds no bound that is not there, but not every bound that there is: so what it leaves wide is looked at
once more by linear programming over all sums at once (`linear_bounds`), which misses none but what follows from counts being
whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from reporting.domain.counts import kept_back, made_of, others_of, share_of
from reporting.domain.joint_sums import Sums, cells
from reporting.domain.kpi_tables import Part
from reporting.domain.linear_bounds import Bounds
from reporting.domain.populations import Population, Sum
from reporting.domain.published_before import NOTHING_BEFORE, Known
from reporting.domain.sums import Row, bounds_in_turn, determined
from reporting.domain.tables import Place, TableView

_RINGS, _TRIES = 3, 12  # how far from a count, and among how many, what hides it is looked for


@dataclass
class _Told:
    """What a reader knows of each population, what is withheld, and where it could be withheld besides."""

    known: dict[Population, int] = field(default_factory=dict)
    secret: dict[Population, int] = field(default_factory=dict)
    counts: dict[Population, list[tuple[int, Place]]] = field(default_factory=dict)
    shares: dict[Population, list[tuple[int, Place]]] = field(default_factory=dict)

    def without(self, figure: Population) -> "_Told":
        """The same when one more is withheld."""
        known = {each: value for each, value in self.known.items() if each != figure}
        return replace(self, known=known, secret={**self.secret, figure: self.known[figure]})

    def where(self, figure: Population) -> list[tuple[int, Place]]:
        """The cells that show it, alone or below or above a line."""
        return [*self.counts.get(figure, ()), *self.shares.get(figure, ())]


@dataclass(frozen=True)
class Look:
    """What to withhold besides, by table; where that is nothing, the small counts that are told all the same, and by what."""

    more: list[set[Place]]
    left: dict[Population, tuple[Population, ...]]


class Joint:
    """The sums that hold among the figures of several tables."""

    def __init__(self, tables: Sequence[TableView], before: Known = NOTHING_BEFORE) -> None:
        self._tables = tables
        self._before = before
        self._wide: set[Population] = set()  # found wide enough once: the more is withheld, the wider it is
        self._sums = Sums([*tables, *before.tables])
        self._near: dict[Population, dict[Population, None]] = {}  # with which others each stands in a sum, in their order
        for sum_ in self._sums.all:
            members = dict.fromkeys(each for each, _ in sum_)
            for each in members:
                self._near.setdefault(each, {}).update(members)

    def look(self, hidden: Sequence[set[Place]], limit: int) -> Look:
        """What to withhold besides, for one step; and where that is nothing, what is told all the same."""
        told = self._told(hidden, limit)
        more: list[set[Place]] = [set() for _ in self._tables]
        for each in (told.secret.keys() & told.known.keys()) - self._before.values.keys() - self._sums.rests.keys():
            for number, place in (*told.counts.get(each, ()), *told.shares.get(each, ())):
                more[number].add(place)
        found: dict[Population, None] = {}
        rows = [] if any(more) else self._equations(told)
        for look in (self._told_in_turn, self._told_at_once):
            if any(more):
                return Look(more, {})
            for each in look(rows, told, limit):
                found[each] = None
                for number, place in self._beside(each, told, limit):
                    more[number].add(place)
        return Look(more, {} if any(more) else self._named(found, told, limit))

    def left(self, hidden: Sequence[set[Place]], limit: int) -> dict[Population, tuple[Population, ...]]:
        """The small counts that are told when this is withheld, and by which published figures of the same sums."""
        told = self._told(hidden, limit)
        rows = self._equations(told)
        found = dict.fromkeys((*self._told_in_turn(rows, told, limit), *self._told_at_once(rows, told, limit)))
        return self._named(found, told, limit)

    def _named(self, found: Iterable[Population], told: _Told, limit: int) -> dict[Population, tuple[Population, ...]]:
        told_by = {each: self._beside_it(each) for each in found}
        out = {each: (each,) for each in told.secret.keys() & self._before.values.keys() if 0 < told.secret[each] <= limit}
        return {**told_by, **out}

    def _beside_it(self, secret: Population) -> tuple[Population, ...]:
        return tuple(each for each in self._near.get(secret, ()) if each in self._before.values)

    def _told(self, hidden: Sequence[set[Place]], limit: int) -> _Told:
        told = _Told(
            known=dict(self._before.values),
            secret={each: value for each, value in self._sums.rests.items() if each not in self._sums.values},
        )
        for number, (table, places) in enumerate(zip(self._tables, hidden, strict=True)):
            for place, figure, parts in cells(table):
                is_count = isinstance(figure, Population)
                if place not in places:
                    for each, value in parts:
                        told.known[each] = value
                        (told.counts if is_count else told.shares).setdefault(each, []).append((number, place))
                elif isinstance(figure, Part):
                    # A percentage of few is withheld beside its numbers, which are not small.
                    small = [each for each in kept_back(figure) if 0 < each[1] <= limit or self._before.guards(each[0])]
                    told.secret.update(small or (() if kept_back(figure) else parts))
                else:
                    told.secret.update(parts)
                    share = share_of(figure)
                    if share is not None and (others := others_of(share)) in self._sums.rests:
                        told.secret.setdefault(others, self._sums.rests[others])
        for table in self._before.tables:
            for _, figure, parts in cells(table):
                told.secret.update((each, value) for each, value in (*parts, *made_of(figure)) if each not in told.known)
        return told

    def _told_in_turn(self, rows: Sequence[Row], told: _Told, limit: int) -> list[Population]:
        """The small counts that are withheld, and told by one sum after the other, or by elimination."""
        ends, fixed = bounds_in_turn(rows), determined(rows)
        return [each for each, most in self._wanted(told, limit) if each in fixed or _narrow(ends.get(each, (0, None)), most)]

    def _told_at_once(self, rows: Sequence[Row], told: _Told, limit: int) -> list[Population]:
        """Those that all sums together tell."""
        exact = Bounds(rows)
        found = []
        for each, most in self._wanted(told, limit):
            if each not in self._wide and _narrow(exact.of(each), most):
                found.append(each)
            else:
                self._wide.add(each)
        return found

    def _wanted(self, told: _Told, limit: int) -> Iterator[tuple[Population, int]]:
        """What must not be told, and to how many values it may not be bound: what was withheld before only not to one."""
        for each, value in told.secret.items():
            if each not in told.known and value and (value <= limit or self._before.guards(each)):
                yield each, limit if value <= limit else 0

    def _equations(self, told: _Told) -> list[Row]:
        return [row for each in self._sums.all if (row := _equation(each, told)) is not None]

    def _hides(self, secret: Population, told: _Told, limit: int) -> bool:
        """Whether a small count is free enough now."""
        return not _narrow(Bounds(self._equations(told)).of(secret), limit if told.secret[secret] <= limit else 0)

    def _beside(self, secret: Population, told: _Told, limit: int) -> Iterable[tuple[int, Place]]:
        """Where to withhold more: the smallest figure near it that hides it, or the nearest where none does alone."""
        reached, seen = {secret}, {secret}
        shown: list[Population] = []
        for _ in range(_RINGS):
            reached = {near for each in reached for near in self._near.get(each, ())} - seen
            seen |= reached
            here = (
                each for each in reached if (each in told.counts or each in told.shares) and each not in self._before.values
            )
            shown += sorted(here, key=lambda each: _reluctance(each, told))
        for each in sorted(shown, key=lambda each: _reluctance(each, told))[:_TRIES]:
            if self._hides(secret, told.without(each), limit):
                return told.where(each)
        return told.where(shown[0]) if shown else ()


def _narrow(ends: tuple[int, int | None], limit: int) -> bool:
    """Whether a count is bound to fewer values than it may be: by a limit of nought, to one."""
    low, high = ends
    return high is not None and (high - low < max(limit, 1) or high <= limit)


def _reluctance(figure: Population, told: _Told) -> tuple[bool, int, str]:
    """The smallest first, zeros last: hiding one protects, but says less."""
    return not told.known[figure], told.known[figure], repr(figure)


def _equation(sum_: Sum, told: _Told) -> Row | None:
    unknown: dict[Population, int] = {}
    rest = 0
    for each, sign in sum_:
        if each in told.known:
            rest -= sign * told.known[each]
        else:
            unknown[each] = unknown.get(each, 0) + sign
    unknown = {each: sign for each, sign in unknown.items() if sign}
    return (unknown, rest) if unknown else None
