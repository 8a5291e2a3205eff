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
from datetime import timedelta

from reporting.domain.linear_bounds import Bounds
from reporting.domain.measure import Until
from reporting.domain.measures import MEASURES
from reporting.domain.populations import Population, ShareOf
from reporting.domain.published_before import NOTHING_BEFORE, Known
from reporting.domain.sums import Row, bounds_in_turn, determined
from reporting.domain.tables import FIGURES, Cell, Place, TableView

OTHERS = "others"
_RINGS, _TRIES = 3, 12  # how far from a count, and among how many, what hides it is looked for


@dataclass(frozen=True)
class Sum:
    """A figure that is the sum of others."""

    whole: Population
    parts: tuple[Population, ...]

    def __iter__(self) -> Iterator[tuple[Population, int]]:
        yield self.whole, -1
        for each in self.parts:
            yield each, 1


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
        self._all = [*tables, *before.tables]
        self._values = {each: number for table in self._all for _, _, parts in _cells(table) for each, number in parts}
        self._rests: dict[Population, int] = {}
        self._wide: set[Population] = set()  # found wide enough once: the more is withheld, the wider it is
        shares = {figure for table in self._all for _, figure, _ in _cells(table) if isinstance(figure, ShareOf)}
        self._sums = tuple(dict.fromkeys((*self._of_shares(shares), *self._found())))
        self._near: dict[Population, dict[Population, None]] = {}  # with which others each stands in a sum, in their order
        for sum_ in self._sums:
            members = dict.fromkeys(each for each, _ in sum_)
            for each in members:
                self._near.setdefault(each, {}).update(members)

    def look(self, hidden: Sequence[set[Place]], limit: int) -> Look:
        """What to withhold besides, for one step; and where that is nothing, what is told all the same."""
        told = self._told(hidden)
        more: list[set[Place]] = [set() for _ in self._tables]
        for each in (told.secret.keys() & told.known.keys()) - self._before.values.keys() - self._rests.keys():
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
        told = self._told(hidden)
        rows = self._equations(told)
        found = dict.fromkeys((*self._told_in_turn(rows, told, limit), *self._told_at_once(rows, told, limit)))
        return self._named(found, told, limit)

    def _named(self, found: Iterable[Population], told: _Told, limit: int) -> dict[Population, tuple[Population, ...]]:
        told_by = {each: self._beside_it(each) for each in found}
        out = {each: (each,) for each in told.secret.keys() & self._before.values.keys() if 0 < told.secret[each] <= limit}
        return {**told_by, **out}

    def _beside_it(self, secret: Population) -> tuple[Population, ...]:
        return tuple(each for each in self._near.get(secret, ()) if each in self._before.values)

    def _told(self, hidden: Sequence[set[Place]]) -> _Told:
        told = _Told(
            known=dict(self._before.values),
            secret={each: value for each, value in self._rests.items() if each not in self._values},
        )
        for number, (table, places) in enumerate(zip(self._tables, hidden, strict=True)):
            for place, figure, parts in _cells(table):
                is_count = isinstance(figure, Population)
                if place not in places:
                    for each, value in parts:
                        told.known[each] = value
                        (told.counts if is_count else told.shares).setdefault(each, []).append((number, place))
                else:
                    told.secret.update(parts)
                    if isinstance(figure, ShareOf) and (others := _others(figure)) in self._rests:
                        told.secret.setdefault(others, self._rests[others])
        for table in self._before.tables:
            for _, _, parts in _cells(table):
                told.secret.update((each, value) for each, value in parts if each not in told.known)
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
        return [row for each in self._sums if (row := _equation(each, told)) is not None]

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

    def _found(self) -> Iterator[Sum]:
        wholes: dict[tuple[Population, int], list[tuple[Population, ...]]] = {}
        for table in self._all:
            for line in (each for each in _lines(table) if all(one in self._values for one in each)):
                for whole in _wholes(line):
                    yield from self._checked(whole, line)
                    if whole not in self._values:
                        wholes.setdefault((whole, sum(self._values[each] for each in line)), []).append(line)
        # Nobody shows this whole, and yet two tables that add up to it tell of one another.
        for (whole, _), lines in wholes.items():
            if len(set(lines)) > 1:
                yield from (Sum(whole, line) for line in lines)
        for each in self._values:
            yield from self._of_a_group(each)
        yield from self._of_spans()

    def _of_shares(self, shares: Iterable[ShareOf]) -> Iterator[Sum]:
        """What is below the line is what is above it, and the others; so it is of a total, where that is known as counts."""
        for share in sorted(shares, key=repr):
            above, below = (dict(_keyed(one)) for one in (share.n, share.of))
            wholes = [ShareOf(above[each], below[each], share.show) for each in above.keys() & below.keys()]
            for each in (share, *wholes):
                value = self._values.get(each.of, -1) - self._values.get(each.n, 0)
                if each.n in self._values and value >= 0:
                    self._rests[_others(each)] = self._values[_others(each)] = value
                    yield Sum(each.of, (each.n, _others(each)))

    def _checked(self, whole: Population, parts: tuple[Population, ...]) -> Iterator[Sum]:
        """A sum, where it is one: what has several themes stands in several rows, and they add up to more than the whole."""
        if whole in self._values and whole not in parts and self._values[whole] == sum(self._values[each] for each in parts):
            yield Sum(whole, parts)

    def _of_a_group(self, whole: Population) -> Iterator[Sum]:
        for dimension, codes in whole.holds:
            if len(codes) > 1:
                parts = tuple(whole.limited(dimension, frozenset({code})) for code in sorted(codes))
                if all(each in self._values for each in parts):
                    yield from self._checked(whole, parts)

    def _of_spans(self) -> Iterator[Sum]:
        """A time and the shorter ones that it is made of, one after the other."""
        alike: dict[Population, list[Population]] = {}
        for each in self._values:
            alike.setdefault(replace(each, first=each.first.min, last=each.last.min), []).append(each)
        for group in alike.values():
            yield from self._of_rests(group)
            by_first: dict[object, list[Population]] = {}
            for each in group:
                by_first.setdefault(each.first, []).append(each)
            for whole in group if len(group) > 2 else ():  # noqa: PLR2004 - two cannot be one and its parts
                parts: list[Population] = []
                at = whole.first
                while at <= whole.last:
                    nexts = [each for each in by_first.get(at, ()) if each is not whole and each.last <= whole.last]
                    if not nexts:
                        break
                    parts.append(min(nexts, key=lambda each: each.last))
                    at = parts[-1].last + timedelta(days=1)
                else:
                    yield from self._checked(whole, tuple(parts))

    def _of_rests(self, group: Sequence[Population]) -> Iterator[Sum]:
        """Of two times that begin or end on one day, the longer is the shorter and the rest, whether or not a table has it."""
        measure = MEASURES.get(group[0].measure)
        if measure is not None and measure.until is not Until.PERIOD:
            return  # how things stood on a day does not add up over days
        for whole in group:
            for part in group:
                begins, ends = part.first == whole.first, part.last == whole.last
                if begins == ends or part.first < whole.first or part.last > whole.last:
                    continue
                if begins:
                    rest = replace(whole, first=part.last + timedelta(days=1), tally=None, keys=())
                else:
                    rest = replace(whole, last=part.first - timedelta(days=1), tally=None, keys=())
                value = self._values[whole] - self._values[part]
                if rest not in self._values and value >= 0:
                    self._rests.setdefault(rest, value)
                if self._values.get(rest, self._rests.get(rest)) == value:
                    yield Sum(whole, (part, rest))


def _narrow(ends: tuple[int, int | None], limit: int) -> bool:
    """Whether a count is bound to fewer values than it may be: by a limit of nought, to one."""
    low, high = ends
    return high is not None and (high - low < max(limit, 1) or high <= limit)


def _reluctance(figure: Population, told: _Told) -> tuple[bool, int, str]:
    """The smallest first, zeros last: hiding one protects, but says less."""
    return not told.known[figure], told.known[figure], repr(figure)


def _cells(table: TableView) -> Iterator[tuple[Place, Population | ShareOf, list[tuple[Population, int]]]]:
    for r, row in enumerate(table.rows):
        for c, (cell, figure) in enumerate(zip(row.cells, row.figures, strict=False)):
            if cell.state not in FIGURES:
                continue
            if isinstance(figure, Population):
                yield (r, c), figure, [(figure, cell.value or 0)]
            elif isinstance(figure, ShareOf) and cell.n is not None and cell.of is not None:
                yield (r, c), figure, [(figure.n, cell.n), (figure.of, cell.of)]


def _lines(table: TableView) -> Iterator[tuple[Population, ...]]:
    """The counts of each column but for its total, and those of each row over the second dimension."""
    inner = [row for row in table.rows if row.code != "total"]
    for c, column in enumerate(table.columns):
        if column.show == "count":
            yield from _line((row.cells[c], row.figures[c]) for row in inner if len(row.figures) > c)
        else:
            shares = [row.figures[c] for row in inner if len(row.figures) > c and row.cells[c].of is not None]
            found = [each for each in shares if isinstance(each, ShareOf)]
            if len(found) > 1:
                yield from (tuple(part(each) for each in found) for part in (_above, _below, _others))
    crossed = [c for c, column in enumerate(table.columns) if column.across]
    for row in table.rows if crossed else ():
        yield from _line((row.cells[c], row.figures[c]) for c in crossed if len(row.figures) > c)


def _above(share: ShareOf) -> Population:
    return share.n


def _below(share: ShareOf) -> Population:
    return share.of


def _others(share: ShareOf) -> Population:
    """What is below the line of a share and not above it."""
    return replace(share.n, part=OTHERS, besides=share.of.holds, tally=None, keys=())


def _wholes(line: tuple[Population, ...]) -> Iterator[Population]:
    """What the counts of a line could add up to: all of the members of what they differ in, or those that are listed."""
    for dimension in sorted(frozenset.intersection(*(each.dimensions for each in line))):
        wholes = {replace(each.limited(dimension, None), bands=()) for each in line}
        if len(wholes) != 1:
            continue
        (whole,) = wholes
        codes = [each.codes(dimension) for each in line]
        yield whole
        yield whole.limited(dimension, frozenset().union(*(each for each in codes if each is not None)))


def _keyed(figure: Population) -> Iterator[tuple[str, Population]]:
    """The same of all members of a dimension, by the dimension."""
    yield from ((each, figure.limited(each, None)) for each in figure.dimensions)


def _line(cells: Iterable[tuple[Cell, object]]) -> Iterator[tuple[Population, ...]]:
    found = tuple(figure for cell, figure in cells if cell.state in FIGURES and isinstance(figure, Population))
    if found:
        yield found


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
