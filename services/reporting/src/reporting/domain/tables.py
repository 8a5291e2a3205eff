"""Tables as they are shown: every cell holds a figure or says which of three reasons there is for none."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from reporting.domain.periods import Period

if TYPE_CHECKING:
    from reporting.domain.protection import Protection  # which is made of tables


class State(StrEnum):
    """What a cell is. Four different things that look different: a zero is none of the others."""

    VALUE = "value"
    ZERO = "zero"
    NOT_IN_USE = "not-in-use"  # the member did not exist in the period
    NOT_COLLECTED = "not-collected"  # there is nothing that the figure could be made of
    SUPPRESSED = "suppressed"  # the figure is so small that it could point to a child


FIGURES = frozenset({State.VALUE, State.ZERO})
"""States of a cell that has a number."""
Place = tuple[int, int]
"""Row and column of a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; `n` and `of` stand beside every share. `text` is shown in place of the figure: a target, a judgement."""

    state: State
    value: int | None = None
    n: int | None = None
    of: int | None = None
    text: str | None = None


SUPPRESSED = Cell(State.SUPPRESSED)
NOT_IN_USE = Cell(State.NOT_IN_USE)
NOT_COLLECTED = Cell(State.NOT_COLLECTED)


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A column: `show` is count, share or words."""

    code: str
    label: str
    unit: str
    show: str
    across: bool = False  # for a member of a second dimension; such columns exclude each other
    margin: bool = False  # the whole of what those are parts of


@dataclass(frozen=True, slots=True)
class Row:
    """A row with a cell for each column; `figures` say which cells, in whichever table, show the same figure."""

    code: str
    label: str
    cells: tuple[Cell, ...]
    figures: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """Which rows or columns of a table follow one another in time: their places, the oldest first."""

    by_rows: bool
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """A table of a report, filled."""

    code: str
    title: str
    rows_label: str
    columns: tuple[ColumnHead, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    chart: str | None = None
    trend: Trend | None = None  # what a line is drawn along

    @property
    def says_something(self) -> bool:
        """Whether anything was counted for any of its cells."""
        return any(cell.value or cell.of for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report for a period, filled."""

    code: str
    title: str
    audience: str
    period: Period
    tables: tuple[TableView, ...] = field(default_factory=tuple)
    only: str | None = None  # the part of the organisation that it is for, in words
    notes: tuple[str, ...] = ()
    protection: "Protection | None" = None  # what is withheld and why, for those who write reports; of a public one
