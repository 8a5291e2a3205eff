"""What is different between two states of a report: cell by cell, in words that stand in a list of changes."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from reporting.domain.tables import Cell, ColumnHead, TableView
from reporting.domain.wording import SHORTHAND, too_few

NONE = "–"
"""What stands for a table, row or column that was not there."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is different: where it stands, what it was and what it is."""

    table: str
    title: str
    row: str
    column: str
    before: str
    after: str

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def figure(cell: Cell, column: ColumnHead) -> str:
    """A cell in one line: 1,234; 26% (10 of 39); 3 of 6; [c]; or its words."""
    if cell.state in SHORTHAND:
        return SHORTHAND[cell.state]
    if cell.text is not None:
        return cell.text
    if column.show == "count":
        return f"{cell.value or 0:,}"
    numbers = f"{cell.n or 0:,} of {cell.of or 0:,}"
    return numbers if too_few(cell, column) else f"{cell.value or 0}% ({numbers})"


def changes(before: Iterable[TableView], after: Iterable[TableView]) -> tuple[Change, ...]:
    """Every figure that differs, in the order of the tables as they are now; what is gone comes last in its table.

    Tables, rows and columns are the same by their codes: a new label alone changes no figure.
    """
    earlier, later = ({table.code: table for table in tables} for tables in (before, after))
    gone = [table for code, table in earlier.items() if code not in later]
    pairs = [(earlier.get(code), table) for code, table in later.items()] + [(table, None) for table in gone]
    return tuple(change for old, new in pairs for change in _of_table(old, new))


def _of_table(old: TableView | None, new: TableView | None) -> Iterator[Change]:
    shown = new or old
    if shown is None:  # pragma: no cover - one of the two is there
        return
    was, now = _cells(old), _cells(new)
    rows, columns = _labels(old, new)
    for row, column in dict.fromkeys((*now, *was)):
        before, after = was.get((row, column), NONE), now.get((row, column), NONE)
        if before != after:
            yield Change(shown.code, shown.title, rows[row], columns[column], before, after)


def _cells(table: TableView | None) -> dict[tuple[str, str], str]:
    if table is None:
        return {}
    return {
        (row.code, column.code): figure(cell, column)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    }


def _labels(old: TableView | None, new: TableView | None) -> tuple[dict[str, str], dict[str, str]]:
    rows: dict[str, str] = {}
    columns: dict[str, str] = {}
    for table in (old, new):
        if table is not None:
            rows |= {row.code: row.label for row in table.rows}
            columns |= {column.code: column.label for column in table.columns}
    return rows, columns


def in_words(found: Iterable[Change], most: int = 3) -> str:
    """Figures that changed since something was written: "Audits, Overall, Good: written when this said 26%, now 27%"."""
    listed = list(found)
    said = [
        f"{each.title}, {each.row}, {each.column}: written when this said {each.before}, now {each.after}."
        for each in listed[:most]
    ]
    if (rest := len(listed) - most) > 0:
        said.append(f"{rest} more {'figure' if rest == 1 else 'figures'} changed.")
    return " ".join(said)
