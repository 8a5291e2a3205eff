"""A workbook of several tables for people and their tools: a sheet of contents, then a sheet a table.

As the Government Analysis Function asks for ("Making spreadsheets accessible"): every sheet begins in A1 with what it is, a
table has one row of headings and a name, nothing is merged, frozen, hidden or told by colour alone, and what stands
for a missing figure is said.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from chassis.spreadsheet import looks
from chassis.spreadsheet.cells import BARRED, neutral
from chassis.spreadsheet.layout import letter


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to an address of ours."""

    words: str
    address: str


Value = str | int | float | date | Link | None

_ABOVE = 50  # letters: the least width of the first column where notes stand above, which wrap in it
_CONTENTS, _NUMBER = 80, 12  # of the contents
_LABEL, _VALUE, _PROSE, _LONG = 50, 30, 80, 120  # letters
_MISSING = re.compile(r"\[[a-z]+\]|–")  # what stands where a figure is missing


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
    looks.describe(book, title)
    contents = book.worksheets[0]
    contents.title = "Contents"
    contents.column_dimensions["A"].width, contents.column_dimensions["B"].width = _CONTENTS, _NUMBER
    _above(contents, title, about, _CONTENTS)
    first = contents.max_row + 1
    for cell in _row(contents, ("Table", "Sheet")):
        cell.font = looks.BOLD
    contents.cell(first, 2).alignment = looks.FIGURE_HEAD
    for number, table in enumerate(tables, 1):
        called, _ = _row(contents, (table.title, number))
        called.hyperlink = f"#'{number}'!A1"
        called.font, called.alignment = looks.LINK, looks.WRAPPED
        contents.row_dimensions[contents.max_row].height = looks.height((table.title,), (_CONTENTS,))
        _sheet(book.create_sheet(str(number)), number, table)
    _named(contents, "contents", first, 2)
    looks.to_print(contents, first, upright=True, ruled=False)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet(sheet: Worksheet, number: int, table: BookTable) -> None:
    columns = [[row[place] if place < len(row) else None for row in table.rows] for place in range(len(table.headings))]
    figures = [_is_of_figures(column) for column in columns]
    widths = [
        looks.wide_enough([_shown(each) for each in column], heading, least=least, most=_most(column, place))
        for place, (heading, column) in enumerate(zip(table.headings, columns, strict=True))
        for least in ((_ABOVE if table.notes else 20) if place == 0 else 13,)
    ]
    for place, width in enumerate(widths):
        sheet.column_dimensions[letter(place)].width = width
    _above(sheet, table.title, table.notes, widths[0] if widths else _ABOVE)
    first = sheet.max_row + 1
    for cell, of_figures in zip(_row(sheet, table.headings), figures, strict=True):
        cell.font, cell.alignment = looks.BOLD, looks.FIGURE_HEAD if of_figures else _left(cell)
    sheet.row_dimensions[first].height = looks.height(table.headings, widths)
    for row in table.rows:
        for cell, of_figures in zip(_row(sheet, row), figures, strict=False):
            cell.alignment = looks.FIGURE if of_figures else _left(cell)
        sheet.row_dimensions[sheet.max_row].height = looks.height([_shown(each) or "" for each in row], widths)
    if table.rows:
        _named(sheet, f"table_{number}", first, len(table.headings))
    looks.to_print(sheet, first, ruled=False)


def _most(column: Sequence[Value], place: int) -> int:
    """How wide a column may be: what is read as prose is narrower than a page and wider than a label."""
    longest = max((len(each) for each in map(_shown, column) if each), default=0)
    return _PROSE if longest > _LONG else _LABEL if place == 0 else _VALUE


def _is_of_figures(column: Sequence[Value]) -> bool:
    """Whether it holds figures; what stands for a missing one stands where the figure would."""
    held = [each for each in column if each is not None]
    return bool(held) and all(isinstance(each, int | float) or _MISSING.fullmatch(str(each)) for each in held)


def _left(cell: Cell) -> Alignment:
    return looks.WRAPPED if cell.column == 1 else looks.SET_IN


def _words(value: Value) -> str | float | date | None:
    return value.words if isinstance(value, Link) else value


def _shown(value: Value) -> str | None:
    """A value as a cell shows it."""
    words = f"{value:.1f}" if isinstance(value, float) else _words(value)
    return None if words is None else str(words)


def _named(sheet: Worksheet, name: str, first: int, width: int) -> None:
    sheet.add_table(Table(displayName=name, ref=f"A{first}:{letter(width - 1)}{sheet.max_row}"))


def _above(sheet: Worksheet, title: str, notes: Sequence[str], width: float) -> None:
    _line(sheet, title, width * looks.BOLD.size / looks.TITLE.size, looks.TITLE)
    for words in notes:
        _line(sheet, words, width)


def _line(sheet: Worksheet, words: str, width: float, font: Font | None = None) -> None:
    (cell,) = _row(sheet, (words,))
    cell.alignment = looks.WRAPPED
    if font:
        cell.font = font
    # A title stands in larger letters.
    sheet.row_dimensions[sheet.max_row].height = looks.height((words,), (width,)) * (1.3 if font else 1)


def _row(sheet: Worksheet, values: Sequence[Value]) -> list[Cell]:
    at = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    return [_written(cast("Cell", sheet.cell(at, place)), value) for place, value in enumerate(values, 1)]


def _written(cell: Cell, value: Value) -> Cell:
    words = _words(value)
    cell.value = BARRED.sub("?", neutral(words)) or None if isinstance(words, str) else words
    if isinstance(value, Link):
        cell.hyperlink, cell.font = value.address, looks.LINK
    elif isinstance(value, date):
        cell.number_format = looks.DAY
    elif isinstance(value, float):
        cell.number_format = "0.0"
    return cell
