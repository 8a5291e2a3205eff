"""Made-up public reports, and what a reader who has all of them can work out, by linear programming over the records.

The check knows nothing of how suppression finds its sums: its unknowns are how many complaints there are of each area, team,
channel and quarter, and every figure that is shown is an equation of them. `python reporting_disclosure.py 500` in this folder
prints how many small counts are exactly known, or within too few values, and how much is withheld.
"""

import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

from reporting_cross_tables import COUNT, cell

from reporting.domain.linear_bounds import Bounds
from reporting.domain.populations import Population, ShareOf, population
from reporting.domain.protection import Protection
from reporting.domain.published_before import Before, Known
from reporting.domain.statistics import percent_half_up
from reporting.domain.suppression import LIMIT, protect
from reporting.domain.tables import Cell, ColumnHead, Row, State, TableView
from reporting.domain.tallies import Tally

AREAS, TEAMS, WAYS, QUARTERS = ("a", "b", "c"), ("t1", "t2"), ("post", "web"), (0, 1, 2, 3)
DIMENSIONS = ("service_area", "team", "channel")
CELLS = tuple(product(AREAS, TEAMS, WAYS, QUARTERS))
STARTS = (date(2022, 4, 1), date(2022, 7, 1), date(2022, 10, 1), date(2023, 1, 1))
ENDS = (date(2022, 6, 30), date(2022, 9, 30), date(2022, 12, 31), date(2023, 3, 31))
SHARE = ColumnHead("web-share", "By web", "%", "share")

Records = dict[tuple[str, str, str, int], int]
Span = tuple[int, int]


def records(dice: random.Random) -> Records:
    """How many complaints there are of each area, team, channel and quarter: many small numbers, some none."""
    return {each: dice.choice((0, 0, 1, 2, 3, 4, 6, 9, 14)) for each in CELLS}


def of(figure: Population) -> tuple[int, ...]:
    """Which of the records a figure counts, as a row of an equation."""
    held = dict(figure.holds)
    return tuple(
        int(
            all(code in held.get(name, {code}) for name, code in zip(DIMENSIONS, key[:3], strict=True))
            and figure.first <= STARTS[key[3]]
            and ENDS[key[3]] <= figure.last
        )
        for key in CELLS
    )


def number(figure: Population, found: Records) -> int:
    """How many a figure counts."""
    return sum(n for n, there in zip((found[key] for key in CELLS), of(figure), strict=True) if there)


def _spans(quarter: int) -> dict[str, Span]:
    earlier = {"before": (quarter - 1, quarter - 1)} if quarter else {}
    return {"this": (quarter, quarter), **earlier, "so-far": (0, quarter)}


@dataclass(frozen=True)
class Recipe:
    """Which tables a report has, each with or without a total."""

    quarter: int
    tables: tuple[str, ...]
    totals: frozenset[str]
    columns: tuple[str, ...]


def recipe(dice: random.Random, quarter: int) -> Recipe:
    """A report of a quarter, of some of the tables there are."""
    every = ("areas", *(f"teams-{area}" for area in AREAS), "channels", "channels-a", "crossed", "shares")
    chosen = tuple(each for each in every if dice.random() < 0.75)
    totals = frozenset(each for each in every if dice.random() < 0.6)
    columns = tuple(each for each in _spans(quarter) if each == "this" or dice.random() < 0.7)
    return Recipe(quarter, chosen or ("areas",), totals, columns)


def report(made: Recipe, found: Records) -> list[TableView]:
    """Its tables."""
    return [_table(each, made, found) for each in made.tables]


def _table(code: str, made: Recipe, found: Records) -> TableView:
    if code == "crossed":
        return _crossed(made, found)
    name, _, area = code.partition("-")
    by, codes = {"areas": (DIMENSIONS[0], AREAS), "shares": (DIMENSIONS[0], AREAS), "teams": (DIMENSIONS[1], TEAMS)}.get(
        name, (DIMENSIONS[2], WAYS)
    )
    filters = (("service_area", (area,)),) if area else ()
    rows: list[tuple[str, tuple[str, ...]]] = [(each, (each,)) for each in codes]
    rows += [("total", ())] if code in made.totals and name != "shares" else []
    lines = []
    for row, members in rows:
        figures: list[Population | ShareOf] = []
        for column in made.columns:
            first, last = _spans(made.quarter)[column]
            whole = Tally("complaints_received", STARTS[first], ENDS[last], filters)
            tally = replace(whole, by=by, members=codes) if members else whole
            counted = population(tally, members, None)
            figures.append(
                ShareOf(counted.limited("channel", frozenset({"web"})), counted, "share") if name == "shares" else counted
            )
        lines.append(Row(row, row.upper(), tuple(_cell(each, found) for each in figures), tuple(figures)))
    heads = tuple(replace(SHARE if name == "shares" else COUNT, code=each, label=each) for each in made.columns)
    return TableView(code, code.capitalize(), "Rows", heads, tuple(lines))


def _crossed(made: Recipe, found: Records) -> TableView:
    """Areas by channel, with every total."""
    whole = Tally("complaints_received", STARTS[made.quarter], ENDS[made.quarter])
    tally = replace(whole, by="service_area", members=AREAS, across="channel", across_members=WAYS)
    lines = []
    for row in (*AREAS, "total"):
        chosen = () if row == "total" else (row,)
        plain = replace(whole, by="service_area", members=AREAS) if chosen else whole
        if chosen:
            ways = [population(tally, chosen, way) for way in WAYS]
        else:
            ways = [population(replace(whole, by="channel", members=WAYS), (way,), None) for way in WAYS]
        figures = (*ways, population(plain, chosen, None))
        lines.append(Row(row, row.upper(), tuple(_cell(each, found) for each in figures), figures))
    heads = [replace(COUNT, code=way, label=way, across=True) for way in WAYS]
    return TableView("crossed", "Crossed", "Rows", (*heads, replace(COUNT, code="all", label="all", margin=True)), tuple(lines))


def _cell(figure: Population | ShareOf, found: Records) -> Cell:
    if isinstance(figure, Population):
        return cell(number(figure, found))
    n, whole = number(figure.n, found), number(figure.of, found)
    return Cell(State.VALUE if n else State.ZERO, percent_half_up(n, whole), n, whole) if whole else Cell(State.NOT_COLLECTED)


@dataclass
class Reader:
    """What somebody knows who has every version: figures that are shown, and those that are withheld."""

    shown: dict[Population, int] = field(default_factory=dict)
    secret: set[Population] = field(default_factory=set)

    def read(self, today: Sequence[TableView], issued: Sequence[TableView]) -> None:
        """Another version; a figure that is no longer what it was tells nothing of today."""
        for table, seen in zip(today, issued, strict=True):
            for row, left in zip(table.rows, seen.rows, strict=True):
                for now, was, figure in zip(row.cells, left.cells, row.figures, strict=True):
                    self._take(now, was, figure)

    def _take(self, now: Cell, was: Cell, figure: object) -> None:
        if isinstance(figure, Population):
            if was.state is State.SUPPRESSED:
                self.secret.add(figure)
            elif was.value == now.value:
                self.shown[figure] = now.value or 0
        elif isinstance(figure, ShareOf) and was.state is State.SUPPRESSED:
            self.secret.add(figure.n)
        elif isinstance(figure, ShareOf) and was.n is not None:
            parts = ((figure.n, now.n, was.n), (figure.of, now.of, was.of))
            self.shown |= {each: n for each, n, then in parts if n == then and n is not None}

    def wanted(self) -> set[Population]:
        """What may not be found: what is withheld, and what is left between two times that are shown."""
        rests = {
            replace(one, first=STARTS[ENDS.index(other.last) + 1])
            for one, other in product(self.shown, repeat=2)
            if one.holds == other.holds and one.first == other.first and other.last < one.last
        }
        return self.secret | rests


@dataclass
class Found:
    """What a round found."""

    small: int = 0
    exactly: int = 0
    few: int = 0
    owned_up: int = 0
    withheld: int = 0
    cells: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, reader: Reader, found: Records, confessed: Iterable[str] = ()) -> None:
        """What a reader can work out of small counts. What suppression itself says is told is counted apart."""
        known = set(confessed)
        exact = Bounds([(_row(each), value) for each, value in reader.shown.items()])
        for each in sorted(reader.wanted(), key=repr):
            value = number(each, found)
            if not 0 < value <= LIMIT:
                continue
            self.small += 1
            low, high = exact.of_all(_row(each))
            if high is None or (high - low >= LIMIT and high > LIMIT):
                continue
            if repr(each) in known:
                self.owned_up += 1
                continue
            self.exactly += low == high
            self.few += low != high
            self.examples.append(f"{value} within {low} to {high}: {each!r}")


def _row(figure: Population) -> dict[tuple[str, str, str, int], int]:
    return {key: 1 for key, there in zip(CELLS, of(figure), strict=True) if there}


def told(protection: Protection) -> set[str]:
    """What suppression says is told, however much is withheld."""
    return {each.figure for each in protection.given_away}


def alone(dice: random.Random, found: Found) -> None:
    """One report by itself."""
    there, made = records(dice), recipe(dice, dice.choice(QUARTERS[1:]))
    tables, reader = report(made, there), Reader()
    protection = protect(tables)
    reader.read(tables, protection.tables)
    _count(found, protection)
    found.add(reader, there, told(protection))


def pair(dice: random.Random, found: Found) -> None:
    """A report, and then its re-issue after some records came late, with other tables perhaps; or the next quarter's."""
    there, first = records(dice), recipe(dice, dice.choice(QUARTERS[1:3]))
    issued = protect(report(first, there)).tables
    late = dict(there)
    for each in dice.sample(CELLS, dice.choice((0, 0, 1, 2))):
        late[each] += 1
    second = (
        recipe(dice, first.quarter + 1) if dice.random() < 0.5 else replace(recipe(dice, first.quarter), columns=first.columns)
    )
    today, tables = report(first, late), report(second, late)
    before = Known([Before("version 1", tuple(today), issued)])
    protection, reader = protect(tables, before), Reader()
    reader.read(today, issued)
    reader.read(tables, protection.tables)
    _count(found, protection)
    found.add(reader, late, told(protection))


def _count(found: Found, protection: Protection) -> None:
    found.withheld += len(protection.withheld)
    found.cells += protection.cells


def main(rounds: int, seed: int = 1) -> None:
    """Print what is found over many rounds."""
    for name, one in (("alone", alone), ("pairs", pair)):
        found = Found()
        for n in range(rounds):
            one(random.Random(f"{seed}/{n}"), found)
        print(  # noqa: T201 - for a person
            f"{name}: {rounds} rounds, {found.small} small counts: {found.exactly} exactly known, {found.few} within too few "
            f"values, {found.owned_up} said to be told; withheld {found.withheld} of {found.cells} cells"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
