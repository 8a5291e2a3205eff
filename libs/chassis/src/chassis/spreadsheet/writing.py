"""Writing sheets: templates that explain themselves, and rows that are given back with what is wrong with them.

Nothing that is written can run: a text that a spreadsheet program would take for a formula gets an apostrophe before it
(`cells.neutral`), and the reader takes it away again.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import Cell as WrittenCell
from openpyxl.styles import Font
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from chassis.spreadsheet import looks
from chassis.spreadsheet.cells import BARRED, TYPE_A_DAY, neutral
from chassis.spreadsheet.layout import EXAMPLE_MARK, REASON, Choice, Column, Layout, Limits, letter, tidy
from chassis.spreadsheet.workbook_source import CODES, GUIDANCE

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | date | None
_TEXT = "@"
_REASON_WIDE = 80  # letters
_TEXT_WIDE = 50  # letters
_ON_PAPER = 250  # letters; what is wider could not be read on a page
_FIRST_DAY = "32874"  # 1 January 1990 as Excel counts; a day before is a slip


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file with UTF-8's mark, by which Excel knows the letters."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in (headings, *rows):
        writer.writerow([_plain(cell) for cell in row])
    return target.getvalue().encode("utf-8-sig", "replace")


def write_xlsx(layout: Layout, rows: Iterable[Sequence[Cell]], limits: Limits | None = None) -> bytes:
    """A workbook with the columns of the template, its explanations and these rows."""
    return write_book([(layout, rows)], limits)


def write_book(sheets: Sequence[tuple[Layout, Iterable[Sequence[Cell]]]], limits: Limits | None = None) -> bytes:
    """A workbook with a sheet for each layout, and one explanation and list of codes for all of them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    everything = [column for layout, _ in sheets for column in _in_template(layout)]
    for layout, rows in sheets:
        columns, held = _in_template(layout), [list(row) for row in rows]
        sheet = book.create_sheet(layout.title)
        sheet.freeze_panes = "A2"
        widths = [_width(column, [row[place] for row in held if place < len(row)]) for place, column in enumerate(columns)]
        for place, column in enumerate(columns):
            dimension = sheet.column_dimensions[letter(place)]
            dimension.width = widths[place]
            # A column of text keeps leading zeros, and makes no days of references.
            dimension.number_format = {"text": _TEXT, "day": looks.DAY, "month": _TEXT, "whole": "0"}[column.kind]
        for validation in _validations(columns, everything, (limits or Limits()).rows + 1):
            sheet.add_data_validation(validation)
        if sum(widths) < _ON_PAPER:
            looks.to_print(sheet)
        sheet.append([_cell(sheet, column.name, font=looks.BOLD) for column in columns])
        for row in held:
            _append(sheet, row, widths)
    several = len(sheets) > 1
    _guidance(book, [(layout.title if several else "", column) for layout, _ in sheets for column in _in_template(layout)])
    _codes(book, everything)
    return _saved(book, sheets[0][0].title)


def _width(column: Column, values: Sequence[Cell]) -> float:
    """As wide as its heading, or as what stands in it as far as that can be read at a glance; the rest wraps."""
    least = max(looks.DAY_WIDE, len(column.name) + 4)
    return looks.wide_enough(values, column.name, least=least, most=max(least, _TEXT_WIDE))


def _append(sheet: Worksheet, row: Sequence[Cell], widths: Sequence[float]) -> None:
    """A row; where a text is longer than its column it wraps, and the row is as tall as that takes."""
    texts = [value if isinstance(value, str) else "" for value in row]
    wraps = any(looks.lines(text, width) > 1 for text, width in zip(texts, widths, strict=False))
    sheet.append([_cell(sheet, value, wrapped=wraps) for value in row])
    if wraps:
        sheet.row_dimensions[sheet.max_row].height = looks.height(texts, widths)


def refused_xlsx(sheets: Sequence[tuple[str, Sequence[str], Iterable[tuple[Sequence[str], str]]]]) -> bytes:
    """Rows as they stood, as `refused_csv` gives them back, a sheet for each title with its headings and its rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, headings, refused in sheets:
        own = [place for place, heading in enumerate(headings) if tidy(heading) != REASON]
        sheet = book.create_sheet(title)
        looks.to_print(sheet)
        sheet.freeze_panes = "A2"
        for place in range(len(own) + 1):
            sheet.column_dimensions[letter(place)].width = 18 if place < len(own) else _REASON_WIDE
        sheet.append([_cell(sheet, text, font=looks.BOLD) for text in (*(headings[place] for place in own), REASON)])
        for texts, reason in refused:
            row = [_cell(sheet, texts[place]) for place in own]
            sheet.append([*row, _cell(sheet, reason, wrapped=True)])
            sheet.row_dimensions[sheet.max_row].height = looks.height([reason], [_REASON_WIDE])
    return _saved(book, sheets[0][0])


def _saved(book: Workbook, title: str) -> bytes:
    looks.describe(book, title)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def template_csv(layout: Layout) -> bytes:
    """A template with the headings and an example row, which the reader passes over."""
    columns = _in_template(layout)
    example = [EXAMPLE_MARK, *(column.example for column in columns[1:])]
    return write_csv([column.name for column in columns], [example])


def template_xlsx(layout: Layout, limits: Limits | None = None) -> bytes:
    """A template with lists to choose from, and a second sheet that says how to fill it in."""
    return write_xlsx(layout, [], limits)


def refused_csv(headings: Sequence[str], refused: Iterable[tuple[Sequence[str], str]]) -> bytes:
    """Rows as they stood (`SheetRow.texts`) with the reason in a last column: to be put right and sent again as they are."""
    own = [place for place, heading in enumerate(headings) if tidy(heading) != REASON]
    rows = ([*(texts[place] for place in own), reason] for texts, reason in refused)
    return write_csv([*(headings[place] for place in own), REASON], rows)


def _in_template(layout: Layout) -> list[Column]:
    return [column for column in layout.columns if column.in_template]


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return neutral(cell)
    return "" if cell is None else str(cell)


def _cell(sheet: Worksheet, value: Cell, *, font: Font | None = None, wrapped: bool = False) -> WrittenCell:
    # An empty text would be a cell that holds nothing and says it is text, which Excel takes for damage.
    cell = WrittenCell(sheet, 1, 1, value=_storable(neutral(value)) or None if isinstance(value, str) else value)
    if isinstance(value, date):
        cell.number_format = looks.DAY
    elif isinstance(value, str):
        cell.number_format = _TEXT
    if font:
        cell.font = font
    if wrapped:
        cell.alignment = looks.WRAPPED
    return cell


def _storable(text: str) -> str:
    return BARRED.sub("?", text)


def _validations(columns: Sequence[Column], everything: Sequence[Column], last: int) -> Iterator[DataValidation]:
    for place, column in enumerate(columns):
        cells = f"{letter(place)}2:{letter(place)}{last}"
        if column.choices and not column.several:
            listed = letter(2 * _place_of_codes(everything, column))
            formula = f"{quote_sheetname(CODES)}!${listed}$2:${listed}${len(column.choices) + 1}"
            # A warning, not a bar: a label is taken as well as its code.
            yield DataValidation(
                type="list", formula1=formula, allow_blank=True, sqref=cells, errorStyle="warning", showErrorMessage=True,
                errorTitle=column.name[:32], error="This is not one of the codes in the list. Keep it all the same?",
            )  # fmt: skip
        elif column.kind == "day":
            yield DataValidation(
                type="date", operator="greaterThanOrEqual", formula1=_FIRST_DAY, allow_blank=True, sqref=cells,
                showErrorMessage=True, errorTitle=column.name[:32], error=TYPE_A_DAY,
            )  # fmt: skip


def _with_codes(columns: Sequence[Column]) -> list[Column]:
    """Those that take codes; where several take the same ones, the first of them."""
    first: dict[tuple[Choice, ...], Column] = {}
    for column in columns:
        if column.choices:
            first.setdefault(column.choices, column)
    return list(first.values())


def _place_of_codes(columns: Sequence[Column], column: Column) -> int:
    return next(place for place, each in enumerate(_with_codes(columns)) if each.choices == column.choices)


def _guidance(book: Workbook, columns: Sequence[tuple[str, Column]]) -> None:
    sheet = book.create_sheet(GUIDANCE)
    looks.to_print(sheet)
    sheet.freeze_panes = "A2"
    widths = (28, 12, 80, 28, 60)
    for name, width in zip("ABCDE", widths, strict=True):
        sheet.column_dimensions[name].width = width
    headings = ("Column", "Must it be filled in?", "What to write", "Example", "Known codes")
    sheet.append([_cell(sheet, heading, font=looks.BOLD, wrapped=True) for heading in headings])
    sheet.row_dimensions[1].height = looks.height(headings, widths)
    for title, column in columns:
        codes = ", ".join(choice.code for choice in column.choices)
        name = f"{title}: {column.name}" if title else column.name
        row = (name, "yes" if column.required else "no", column.help, column.example, codes)
        sheet.append([_cell(sheet, text, wrapped=True) for text in row])
        sheet.row_dimensions[sheet.max_row].height = looks.height(row, widths)


def _codes(book: Workbook, columns: Sequence[Column]) -> None:
    listed = _with_codes(columns)
    if not listed:
        return
    sheet = book.create_sheet(CODES)
    looks.to_print(sheet)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(listed):
        codes, labels = zip(*((choice.code, choice.label) for choice in column.choices), strict=True)
        sheet.column_dimensions[letter(2 * place)].width = looks.wide_enough(codes, column.name)
        sheet.column_dimensions[letter(2 * place + 1)].width = looks.wide_enough(labels, "which is", most=60)
    sheet.append([_cell(sheet, name, font=looks.BOLD) for column in listed for name in (column.name, "which is")])
    for number in range(max(len(column.choices) for column in listed)):
        row: list[str] = []
        for column in listed:
            choice = column.choices[number] if number < len(column.choices) else None
            row += [choice.code, choice.label] if choice else ["", ""]
        sheet.append([_cell(sheet, text) for text in row])
