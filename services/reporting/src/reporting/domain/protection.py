"""What is withheld in a public report and why, cell by cell, for the person who checks it before it is issued.

Why a cell is withheld says something of what is in it, so this is for those who write reports: it stands on no page for readers
and in no file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from reporting.domain.counts import KPI, counts
from reporting.domain.populations import Population
from reporting.domain.published_before import Known
from reporting.domain.tables import FIGURES, Place, TableView


class Why(StrEnum):
    """Why a cell is withheld."""

    SMALL = "small"
    FEW = "few"
    LINE = "line"
    TOGETHER = "together"
    BEFORE = "before"


REASONS: Mapping[Why, str] = {
    Why.SMALL: "a count of 1 to 5",
    Why.FEW: "a percentage of fewer than 10, or with 1 to 5 on one side",
    Why.LINE: "a row, column or count beside it would give a small number away",
    Why.TOGETHER: "tables of this report, or what was issued before, would give a small number away",
    Why.BEFORE: "an earlier version withheld it",
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """A cell that is withheld."""

    table: str
    row: str
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Given:
    """A small count that is told whatever is withheld; `by` what was published, empty where it is its own report that tells."""

    figure: Population
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenAway:
    """The same in words: where it stands, or what it is the rest of."""

    where: str
    by: tuple[str, ...]
    figure: str = field(default="", repr=False, compare=False)  # what is counted, for whoever looks closer


@dataclass(frozen=True, slots=True)
class Corrected:
    """A published figure that this version shows otherwise, by 1 to 5."""

    where: str
    before: str
    now: int


@dataclass(frozen=True, slots=True)
class Against:
    """A version that was issued before, by id and name."""

    id: str
    name: str


@dataclass(frozen=True)
class Protection:
    """The tables as they may be shown, and what was done for it. `cells` is how many figures there were."""

    tables: tuple[TableView, ...] = field(default_factory=tuple, repr=False)
    cells: int = 0
    withheld: tuple[Withheld, ...] = ()
    given_away: tuple[GivenAway, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    against: tuple[Against, ...] = ()

    @classmethod
    def of(
        cls,
        tables: Sequence[TableView],
        shown: tuple[TableView, ...],
        reasons: Sequence[Mapping[Place, Why]],
        given: Sequence[Given],
        before: Known,
    ) -> Self:
        """From what suppression found."""
        withheld = [
            Withheld(table.title, table.rows[r].label, table.columns[c].label, why.value)
            for table, found in zip(tables, reasons, strict=True)
            for (r, c), why in sorted(found.items())
        ]
        cells = sum(cell.state in FIGURES for table in tables for row in table.rows for cell in row.cells)
        places = {part: where for table in tables for part, where, _ in _parts(table)}
        away = tuple(
            GivenAway(places.get(each.figure) or rest_words(each.figure), each.by, repr(each.figure)) for each in given
        )
        return cls(shown, cells, tuple(withheld), away, tuple(_corrected(tables, reasons, before)))

    def data(self) -> dict[str, Any]:
        """As JSON, without the tables."""
        held = asdict(self)
        del held["tables"]
        return held

    @classmethod
    def load(cls, body: Mapping[str, Any]) -> Self:
        """Read it back."""
        away = tuple(GivenAway(each["where"], tuple(each["by"]), each["figure"]) for each in body["given_away"])
        corrected = tuple(Corrected(**each) for each in body["corrected"])
        withheld = tuple(Withheld(**each) for each in body["withheld"])
        return cls((), body["cells"], withheld, away, corrected, tuple(Against(**each) for each in body["against"]))

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """How many cells are withheld for each reason, in words."""
        counted = [(REASONS[why], sum(each.why == why for each in self.withheld)) for why in Why]
        return [(words, n) for words, n in counted if n]

    @property
    def by_table(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """The cells of each table: row, column, why in words."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for each in self.withheld:
            found.setdefault(each.table, []).append((each.row, each.column, REASONS[Why(each.why)]))
        return list(found.items())


def rest_words(figure: Population) -> str:
    """A count that stands in no table: what is left between two that do."""
    limited = ", ".join("/".join(sorted(codes)) for _, codes in sorted(figure.holds)) or "all"
    days = f"{figure.first.day} {figure.first:%B %Y} to {figure.last.day} {figure.last:%B %Y}"
    name = (
        f"KPI {figure.measure.removeprefix(KPI)}"
        if figure.measure.startswith(KPI)
        else figure.measure.replace("_", " ").capitalize()
    )
    return f"{name} ({limited}), {days}"


def _corrected(
    tables: Sequence[TableView], reasons: Sequence[Mapping[Place, Why]], before: Known, limit: int = 5
) -> Iterator[Corrected]:
    told = set()
    for table, found in zip(tables, reasons, strict=True):
        for part, where, (place, value) in _parts(table):
            source = before.corrected.get(part)
            if source is None or place in found or part in told or not 0 < abs(source.value - value) <= limit:
                continue
            told.add(part)
            yield Corrected(where, source.words, value)


def _parts(table: TableView) -> Iterator[tuple[Population, str, tuple[Place, int]]]:
    for r, row in enumerate(table.rows):
        for c, (cell, figure) in enumerate(zip(row.cells, row.figures, strict=False)):
            where = f"{table.title}: {row.label}, {table.columns[c].label}"
            for part, value in counts(figure, cell) if cell.state in FIGURES else ():
                yield part, where, ((r, c), value)
