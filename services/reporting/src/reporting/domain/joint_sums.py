"""The sums among the figures of several tables: found by what each counts, and each of them checked by its numbers.

A figure is the sum of others where it counts the same of more: rows and their total, a group and its members, what is below the
line of a share and what is not above it, a time and the shorter ones that it is made of. What stands in no table has a value
too where others leave one for it: the rest of two times, or the whole of a line that other figures bear out. All numbers
fulfil all sums, so that linear programming always finds a solution.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from reporting.domain.counts import KPI, Counts, counts, made_of, others_of, share_of
from reporting.domain.joint_times import (
    Time,
    adds_up,
    by_times,
    elsewhere,
    holds,
    left_over,
    paving,
    proves,
    stretches,
    timed,
    untimed,
)
from reporting.domain.populations import Population, ShareOf, Sum
from reporting.domain.tables import FIGURES, Cell, Place, TableView

_MOST_PLACES = 100
"""Of one KPI and time that are set against one another: teams of an area are a dozen."""


class Sums:
    """The sums (`all`) among the figures of tables; `values` of those that stand in them, `rests` of what they leave."""

    def __init__(self, tables: Sequence[TableView]) -> None:
        self._tables = tables
        self.values = {each: number for table in tables for _, _, parts in cells(table) for each, number in parts}
        self.rests: dict[Population, int] = {}
        self._related: list[tuple[Population, Population, Population]] = []  # below the line of a share, above it, the others
        figures = dict.fromkeys(figure for table in tables for _, figure, _ in cells(table))
        for each, number in (part for figure in figures for part in made_of(figure)):
            self.values.setdefault(each, number)  # of a KPI all parts are there, whether or not a cell shows them
        shares = {share for each in figures if (share := share_of(each)) is not None}
        self.all = tuple(dict.fromkeys((*self._of_shares(shares), *self._found())))

    def value(self, figure: Population) -> int | None:
        """What a figure is, in a table or as what others leave."""
        return self.values.get(figure, self.rests.get(figure))

    def _found(self) -> Iterator[Sum]:
        spans = tuple(self._of_spans())  # first, since a line may add up to what they leave
        lines: list[Sum] = []
        wholes: dict[Population, dict[tuple[Population, ...], int]] = {}
        for table in self._tables:
            for line in (each for each in _lines(table) if all(one in self.values for one in each)):
                for whole in _wholes(line):
                    lines += self._checked(whole, line)
                    if self.value(whole) is None:
                        wholes.setdefault(whole, {})[line] = sum(self.values[each] for each in line)
        yield from lines
        yield from self._of_wholes_unseen(wholes, lines)
        for each in self.values:
            yield from self._of_a_group(each)
        yield from self._of_places()
        yield from spans
        yield from self._of_stretches()

    def _of_wholes_unseen(
        self, wholes: Mapping[Population, Mapping[tuple[Population, ...], int]], lines: Sequence[Sum]
    ) -> Iterator[Sum]:
        """The sums of lines whose wholes nobody shows, and that tell of others all the same.

        Two tables that add up to one do; so does a line that other times or wholes bear out, for whoever takes what a line
        lists in one time to be all there is in another.
        """
        maybe: dict[Population, int] = {}
        for whole, found in wholes.items():
            same = [line for line in found if list(found.values()).count(found[line]) > 1]
            yield from (Sum(whole, line) for line in same)
            if not same and adds_up(whole):
                maybe[whole] = next(iter(found.values()))
        values = {**self.rests, **self.values, **maybe}
        known = by_times(values)
        proved = {each for each, value in maybe.items() if proves(known[untimed(each)], (each.first, each.last), value)}
        again = [each for each in elsewhere(lines, known) if any(one in maybe for one, _ in each)]
        proved |= {one for each in again for one, _ in each if one in maybe}
        for whole, value in maybe.items():
            if whole in proved:
                self.rests[whole] = value
                yield Sum(whole, next(iter(wholes[whole])))
        yield from again

    def _of_stretches(self) -> Iterator[Sum]:
        """What times tell of the stretches that they are made of."""
        values = {**self.rests, **self.values}
        found = list(stretches(by_times(values), self._related))
        left = left_over(found, values)
        values |= left
        self.rests |= {each: value for each, value in left.items() if value >= 0}
        # Numbers that contradict one another bind nothing.
        yield from (each for each in found if holds(each, values))

    def _of_shares(self, shares: Iterable[ShareOf]) -> Iterator[Sum]:
        """What is below the line is what is above it, and the others; so it is of a total, where that is known as counts."""
        for share in sorted(shares, key=repr):
            above, below = (dict(_keyed(one)) for one in (share.n, share.of))
            wholes = [ShareOf(above[each], below[each], share.show) for each in above.keys() & below.keys()]
            for each in (share, *wholes):
                value = self.values.get(each.of, -1) - self.values.get(each.n, 0)
                if each.n in self.values and value >= 0:
                    self.rests[others_of(each)] = self.values[others_of(each)] = value
                    self._related.append((untimed(each.of), untimed(each.n), untimed(others_of(each))))
                    yield Sum(each.of, (each.n, others_of(each)))

    def _checked(self, whole: Population, parts: tuple[Population, ...]) -> Iterator[Sum]:
        """A sum, where it is one: what has several themes stands in several rows, and they add up to more than the whole."""
        if whole not in parts and self.value(whole) == sum(self.values[each] for each in parts):
            yield Sum(whole, parts)

    def _of_a_group(self, whole: Population) -> Iterator[Sum]:
        for dimension, codes in whole.holds:
            if len(codes) > 1:
                parts = tuple(whole.limited(dimension, frozenset({code})) for code in sorted(codes))
                if all(each in self.values for each in parts):
                    yield from self._checked(whole, parts)

    def _of_places(self) -> Iterator[Sum]:
        """Of a KPI in some places, and in fewer of them: what is left, whether or not a table has it."""
        groups: dict[tuple[str, Population], dict[Population, dict[Time, int]]] = {}
        for each, times in by_times({**self.rests, **self.values}).items():
            if each.measure.startswith(KPI):
                by = next(iter(each.dimensions))  # a KPI is of service areas, or of teams
                groups.setdefault((by, replace(each.limited(by, None), besides=frozenset())), {})[each] = times
        for (by, _), found in groups.items():
            every = {time for times in found.values() for time in times}
            for each, times in found.items():
                paved = {time: value for time in every - times.keys() if (value := paving(times, *time)) is not None}
                self.rests |= {timed(each, time): value for time, value in paved.items()}
                times.update(paved)
            for time in sorted(every):
                yield from self._of_fewer(by, [timed(each, time) for each, times in found.items() if time in times])

    def _of_fewer(self, by: str, known: list[Population]) -> Iterator[Sum]:
        """What some places less others leave, and what that less others leaves again: an area without two of its teams."""
        pairs = list(permutations(known, 2))
        for whole, part in pairs:  # which grows by what is found
            more, less = whole.codes(by), part.codes(by)
            value = (self.value(whole) or 0) - (self.value(part) or 0)
            if more is None or less is None or not less < more or value < 0:
                continue
            rest = whole.limited(by, more - less)
            if whole.besides:
                rest = replace(rest, besides=rest.holds)
            if self.value(rest) is None:
                self.rests[rest] = value
                if len(known) < _MOST_PLACES:
                    pairs += [pair for each in known for pair in ((each, rest), (rest, each))]
                    known.append(rest)
            if self.value(rest) == value:
                yield Sum(whole, (part, rest))

    def _of_spans(self) -> Iterator[Sum]:
        """A time and the shorter ones that it is made of, one after the other."""
        alike: dict[Population, list[Population]] = {}
        for each in self.values:
            alike.setdefault(untimed(each), []).append(each)
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
        if not adds_up(group[0]):
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
                value = self.values[whole] - self.values[part]
                if rest not in self.values and value >= 0:
                    self.rests.setdefault(rest, value)
                if self.values.get(rest, self.rests.get(rest)) == value:
                    yield Sum(whole, (part, rest))


def cells(table: TableView) -> Iterator[tuple[Place, Hashable, Counts]]:
    """Each cell that has a figure, with the counts that it shows."""
    for r, row in enumerate(table.rows):
        for c, (cell, figure) in enumerate(zip(row.cells, row.figures, strict=False)):
            if cell.state in FIGURES and (found := counts(figure, cell)):
                yield (r, c), figure, found


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
                yield from (tuple(part(each) for each in found) for part in (_above, _below, others_of))
    crossed = [c for c, column in enumerate(table.columns) if column.across]
    for row in table.rows if crossed else ():
        yield from _line((row.cells[c], row.figures[c]) for c in crossed if len(row.figures) > c)


def _above(share: ShareOf) -> Population:
    return share.n


def _below(share: ShareOf) -> Population:
    return share.of


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
