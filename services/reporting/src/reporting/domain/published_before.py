"""What the public has already: the figures of versions that were issued, beside what is about to be.

Two figures that are both right, and both published, tell their difference. So a version is held against all public versions
before it: a figure that they show counts as known, whether or not the new one shows it; what they withheld stays withheld. An
earlier version is counted anew for that, since a figure that was corrected meanwhile is no longer what was published: that it
was corrected is told to whoever checks the version, and the old number fixes nothing.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from reporting.domain.counts import counts, kept_back
from reporting.domain.populations import Population, ShareOf
from reporting.domain.tables import FIGURES, Cell, State, TableView


@dataclass(frozen=True)
class Before:
    """A version that was issued: what it is called, its tables as they are counted today, and as they were issued."""

    name: str
    today: tuple[TableView, ...]
    issued: tuple[TableView, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the public has a figure from."""

    version: str
    table: str
    row: str
    column: str
    value: int

    @property
    def words(self) -> str:
        """In one line."""
        return f"{self.value:,} ({self.table}: {self.row}, {self.column}; {self.version})"


class Known:
    """What all earlier versions together tell: `values` by what is counted, and where each stands in `sources`."""

    def __init__(self, before: Sequence[Before] = ()) -> None:
        self.tables: list[TableView] = [table for each in before for table in each.today]
        self.values: dict[Population, int] = {}
        self.sources: dict[Population, Source] = {}
        self.corrected: dict[Population, Source] = {}
        self.figures: set[Hashable] = set()
        """Figures of which the public has what they are today."""
        self.withheld: set[Hashable] = set()
        """Figures that a version withheld, and none shows."""
        for each in before:
            self._read(each)
        self.withheld = {each for each in self.withheld if each not in self.figures and each not in self.values}
        self.corrected = {each: source for each, source in self.corrected.items() if each not in self.values}
        self.revised = frozenset(each.measure for each in self.corrected)
        """Measures of which a published figure was corrected."""

    def has(self, figure: Hashable) -> bool:
        """Whether the public has a figure as it is today."""
        if isinstance(figure, ShareOf):
            return figure.n in self.values and figure.of in self.values
        return figure in self.values if isinstance(figure, Population) else figure in self.figures

    def guards(self, figure: Population) -> bool:
        """Whether a figure was withheld beside others that were corrected since: what it was could be read off what it is."""
        return figure in self.withheld and figure.measure in self.revised

    def _read(self, version: Before) -> None:
        today = {table.code: table for table in version.today}
        for issued in version.issued:
            if (table := today.get(issued.code)) is not None:
                for row, column, cell, was, figure in _pairs(table, issued):
                    self._take(Source(version.name, issued.title, row, column, 0), cell, was, figure)

    def _take(self, source: Source, cell: Cell, was: Cell, figure: Hashable) -> None:
        if cell.state not in FIGURES:
            return
        if was.state is State.SUPPRESSED:
            self.withheld |= {figure, *(part for part, _ in kept_back(figure))}
            return
        for part, now, then in _parts(figure, cell, was):
            at = Source(source.version, source.table, source.row, source.column, then)
            if now == then:
                self.values[part] = now
                self.sources.setdefault(part, at)
            else:
                self.corrected.setdefault(part, at)
        if cell == was:
            self.figures.add(figure)


def _pairs(table: TableView, issued: TableView) -> Iterator[tuple[str, str, Cell, Cell, Hashable]]:
    """The cells of a table that stand in both, with what the figure is."""
    columns = {each.code: n for n, each in enumerate(table.columns)}
    rows = {each.code: each for each in table.rows}
    for was in issued.rows:
        row = rows.get(was.code)
        for head, cell in zip(issued.columns, was.cells, strict=True):
            at = columns.get(head.code)
            if row is not None and at is not None and at < len(row.figures):
                yield was.label, head.label, row.cells[at], cell, row.figures[at]


def _parts(figure: Hashable, cell: Cell, was: Cell) -> Iterator[tuple[Population, int, int]]:
    """Each count that a cell shows, as it is and as it was."""
    if was.state not in FIGURES:
        return
    then = dict(counts(figure, was))
    yield from ((part, now, then[part]) for part, now in counts(figure, cell) if part in then)


NOTHING_BEFORE = Known()
