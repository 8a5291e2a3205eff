"""A report as a workbook: a sheet a table, with the numbers of every share in columns of their own."""

from collections import Counter

from chassis.spreadsheet.book import BookTable, Value, write_book
from reporting.domain.tables import Cell, ReportView, TableView
from reporting.domain.wording import FEW, SHORTHAND, STATES, TOO_FEW, too_few


def render(view: ReportView, organisation: str) -> bytes:
    """The workbook. Cells without a figure hold the shorthand that the contents explain; shares are whole per cent."""
    return write_book(view.title, [organisation, *about(view)], [table_sheet(table) for table in view.tables])


def about(view: ReportView) -> list[str]:
    """What stands above the contents: the period, and how figures are to be read."""
    return [
        view.period.label,
        f"From {view.period.first} to {view.period.last}, both included.",
        "Shares are whole per cent, half up; the numbers that they are made of stand in the two columns behind them.",
        *((view.only,) if view.only else ()),
        *view.notes,
        *(f"{SHORTHAND[state]} {words}" for state, words in STATES.items()),
        f"{TOO_FEW} {FEW}",
    ]


def table_sheet(table: TableView) -> BookTable:
    """A table with the numbers of its shares."""
    headings = [table.rows_label]
    for column in table.columns:
        headings.append(f"{column.label} ({column.unit})" if column.show != "words" else column.label)
        if column.show == "share":
            headings += [f"{column.label}: n", f"{column.label}: of"]
    rows = []
    for row in table.rows:
        line: list[Value] = [row.label]
        for column, cell in zip(table.columns, row.cells, strict=True):
            line.append(TOO_FEW if too_few(cell, column) else _figure(cell))
            if column.show == "share":
                line += [cell.n, cell.of]
        rows.append(tuple(line))
    return BookTable(table.title, _apart(headings), tuple(rows), table.notes)


def _figure(cell: Cell) -> Value:
    if cell.value is None and cell.text is not None:
        return cell.text
    return SHORTHAND.get(cell.state, cell.value or 0)


def _apart(headings: list[str]) -> tuple[str, ...]:
    """Headings that differ, as a table of a workbook needs them."""
    seen: Counter[str] = Counter()
    apart = []
    for heading in headings:
        seen[heading.casefold()] += 1
        apart.append(heading if seen[heading.casefold()] == 1 else f"{heading} {seen[heading.casefold()]}")
    return tuple(apart)
