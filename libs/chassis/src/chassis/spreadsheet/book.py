"""A workbook of several tables for people and their tools: a sheet of contents, then a sheet a table.

As the Government Analysis Function asks for ("Making spreadsheets accessible"): every sheet begins in A1 with what it is, a
table has one row of headings and a name, nothing is merged, hidden or told by colour alone, and what stands
for a missing figure is said.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from chassis.spreadsheet.cells import BARRED, neutral
from chassis.spreadsheet.layout import letter

Value = str | int | None

_TITLE, _BOLD = Font(bold=True, size=14), Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDE, _NARROW = 50, 14  # letters


@dataclass(frozen=True)
class BookTable:
    """A table with what stands above it. The headings differ from one another."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()


def write_book(title: str, about: Sequence[str], tables: Sequence[BookTable]) -> bytes:
    """The workbook. Sheets are called Contents, then 1, 2 and so on, as the contents say."""
    book = Workbook()
    book.properties.title = title
    contents = book.worksheets[0]
    contents.title = "Contents"
    contents.column_dimensions["A"].width, contents.column_dimensions["B"].width = _NARROW, 90
    _line(contents, title, font=_TITLE)
    for words in about:
        _line(contents, words)
    first = contents.max_row + 1
    _row(contents, ("Sheet", "Table"), font=_BOLD)
    for number, table in enumerate(tables, 1):
        _row(contents, (number, table.title))
        contents.cell(contents.max_row, 1).hyperlink = f"#'{number}'!A1"
        _sheet(book.create_sheet(str(number)), number, table)
    _named(contents, "contents", first, 2)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet(sheet: Worksheet, number: int, table: BookTable) -> None:
    _line(sheet, table.title, font=_TITLE)
    for note in table.notes:
        _line(sheet, note)
    first = sheet.max_row + 1
    _row(sheet, table.headings, font=_BOLD)
    for row in table.rows:
        _row(sheet, row)
    for place in range(len(table.headings)):
        sheet.column_dimensions[letter(place)].width = _WIDE if place == 0 else _NARROW
    for cell in sheet[first]:
        cell.alignment = _WRAPPED
    if table.rows:
        _named(sheet, f"table_{number}", first, len(table.headings))


def _named(sheet: Worksheet, name: str, first: int, width: int) -> None:
    sheet.add_table(Table(displayName=name, ref=f"A{first}:{letter(width - 1)}{sheet.max_row}"))


def _line(sheet: Worksheet, words: str, *, font: Font | None = None) -> None:
    _row(sheet, (words,), font=font)


def _row(sheet: Worksheet, values: Sequence[Value], *, font: Font | None = None) -> None:
    at = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for place, value in enumerate(values, 1):
        cell = sheet.cell(at, place, BARRED.sub("?", neutral(value)) or None if isinstance(value, str) else value)
        if font:
            cell.font = font
