"""Rows of an Excel workbook (.xlsx), by openpyxl in its reading mode, which keeps one row at a time."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from openpyxl import load_workbook

from chassis.errors import DomainError
from chassis.spreadsheet.cells import NOTHING, Shown, cleaned
from chassis.spreadsheet.csv_source import FORMULA, Row, unreadable
from chassis.spreadsheet.layout import Layout, Limits, too_many_columns
from chassis.spreadsheet.workbook_guard import check_workbook

GUIDANCE = "How to fill this in"
CODES = "Known codes"
_MOST_ROWS = 1_048_576  # Excel's last
_ZEROS = re.compile(r"0+")
_EXACT = 10**15  # Excel keeps 15 digits
_BROKEN = "It is no sound Excel workbook (.xlsx). Open it in your spreadsheet program and save it anew, or as “CSV UTF-8”."


def read_workbook(file: BinaryIO, layout: Layout, limits: Limits) -> tuple[str, Iterator[Row]]:
    """The name of the sheet that is read, and its rows, blank ones too.

    It is the one with the layout's title, else the first that is not hidden. Raises `DomainError` unreadable-spreadsheet or
    too-many-columns, at once or on the way.
    """
    try:
        open_ = _open(file, limits)
        own = [sheet for sheet in open_ if sheet.title == layout.title]
        others = [sheet for sheet in open_ if sheet.title not in {GUIDANCE, CODES}]
        if not own + others:
            raise unreadable("It has no sheet that is not hidden.")
        sheet = (own + others)[0]
    except DomainError:
        raise
    except Exception as error:
        # openpyxl says in a dozen ways that a file is broken, KeyError and TypeError among them.
        raise unreadable(_BROKEN) from error
    return sheet.title, _rows(sheet, limits)


def read_workbook_sheets(file: BinaryIO, titles: Sequence[str], limits: Limits) -> list[tuple[str, Iterator[Row]]]:
    """The sheets that are not hidden and have one of the titles, each with its rows. Raises as `read_workbook`."""
    try:
        return [(sheet.title, _rows(sheet, limits)) for sheet in _open(file, limits) if sheet.title in titles]
    except DomainError:
        raise
    except Exception as error:
        raise unreadable(_BROKEN) from error


def _open(file: BinaryIO, limits: Limits) -> list[Any]:
    check_workbook(file, limits)
    book = load_workbook(file, read_only=True, keep_links=False)
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    # What a sheet says of its own size is often wrong, and would cut it off.
    sheet.reset_dimensions()
    try:
        for number, cells in enumerate(sheet.iter_rows(max_row=_MOST_ROWS), 1):
            if any(cell.value is not None for cell in cells[limits.columns + 1 :]):
                raise too_many_columns(limits)
            yield number, [_shown(cell) for cell in cells[: limits.columns + 1]]
    except DomainError:
        raise
    except Exception as error:
        raise unreadable(_BROKEN) from error


def _shown(cell: Any) -> Shown:
    value = cell.value
    if value is None:
        return NOTHING
    problem = _problem(cell)
    if problem:
        # A formula over several cells is an object with a text.
        return Shown(cleaned(str(getattr(value, "text", value))), problem=problem)
    if isinstance(value, bool):
        return Shown(str(value).upper())
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return Shown(day.isoformat(), day=day)
    return _number(value, cell.number_format) if isinstance(value, int | float) else Shown(cleaned(value))


def _problem(cell: Any) -> str | None:
    if cell.data_type == "f":
        return FORMULA
    if cell.data_type == "e":
        return f"This cell shows {cell.value}. Put right what it is computed from, or type the value."
    if isinstance(cell.value, time | timedelta):
        return "This is a time of day, or a length of time. Give the cell the format Text and type it again."
    return None


def _number(value: float, form: str) -> Shown:
    if abs(value) >= _EXACT:
        problem = "The spreadsheet program keeps 15 digits of a number. Give the cell the format Text and type it again."
        return Shown(f"{value:.15g}", number=True, problem=problem)
    text = str(int(value)) if value == int(value) else f"{value:.15g}"
    # A number that is shown with leading zeros is a reference: 00417.
    return Shown(text.zfill(len(form)) if _ZEROS.fullmatch(form) else text, number=True)
