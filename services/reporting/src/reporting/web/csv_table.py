"""A table as CSV: UTF-8 without a byte-order mark, RFC 4180, and harmless in a spreadsheet."""

import csv
import io

from chassis.spreadsheet.cells import neutral
from reporting.domain.tables import Cell, TableView
from reporting.domain.wording import SHORTHAND


def guarded(words: str) -> str:
    """Words that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV injection)."""
    return neutral(words)


def render(table: TableView) -> bytes:
    """A line a row: code, label, then each column; a share is followed by the two numbers that it is made of."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    heads = ["code", table.rows_label]
    for column in table.columns:
        heads.append(f"{column.label} ({column.unit})" if column.show != "words" else column.label)
        if column.show == "share":
            heads += [f"{column.label}: n", f"{column.label}: of"]
    writer.writerow([guarded(head) for head in heads])
    for row in table.rows:
        line = [guarded(row.code), guarded(row.label)]
        for column, cell in zip(table.columns, row.cells, strict=True):
            line.append(_figure(cell))
            if column.show == "share":
                line += [_number(cell.n), _number(cell.of)]
        writer.writerow(line)
    return out.getvalue().encode()


def _figure(cell: Cell) -> str:
    if cell.value is None and cell.text is not None:
        return guarded(cell.text)
    return SHORTHAND.get(cell.state) or _number(cell.value)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
