"""Reading an uploaded sheet: what sort of file it is, its headings, and its rows with what is wrong in each cell."""

import asyncio
import threading
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, Literal

from chassis.errors import DomainError, Kind
from chassis.spreadsheet.cells import NOTHING, CellRefusal, Shown, value_of
from chassis.spreadsheet.csv_source import Row, read_csv
from chassis.spreadsheet.layout import (
    EXAMPLE_MARK,
    PASSED_OVER,
    CellError,
    Column,
    Layout,
    Limits,
    Sheet,
    SheetRow,
    Value,
    letter,
    tidy,
)
from chassis.spreadsheet.workbook_source import read_workbook, read_workbook_sheets

DEFAULT_LIMITS = Limits()
MOST_ERRORS = 20
"""Wrong cells that are named of one row."""

_STRAY = "This stands in a column without a heading. Give the column one, or empty the cell."

_ONE_AT_A_TIME = ThreadPoolExecutor(1, thread_name_prefix="spreadsheet")
_SILENCE = threading.Lock()

# What people send that is no spreadsheet, by how it begins; and what they can do.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "It is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password."),
    (b"%PDF", "It is a PDF. Send the spreadsheet that it was made of."),
    (b"\x89PNG", "It is a picture. Send the spreadsheet itself."),
    (b"\xff\xd8\xff", "It is a picture. Send the spreadsheet itself."),
    (b"{\\rtf", "It is a text document. Copy its table into the template."),
    (b"<", "It is a web page, whatever its name says. Open it in your spreadsheet program and save it as .xlsx."),
)


async def read_apart(file: BinaryIO, layout: Layout, limits: Limits = DEFAULT_LIMITS) -> Sheet:
    """`read`, in a thread of its own, so that other requests are answered meanwhile.

    One file at a time in each process: two cores are not taken by sheets, and memory is that of one.
    """
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, read, file, layout, limits)


def read(file: BinaryIO, layout: Layout, limits: Limits = DEFAULT_LIMITS) -> Sheet:
    """Read a CSV file or a workbook (.xlsx), told apart by content.

    What is wrong with a cell stands in its row. Raises `DomainError`, and nothing else, for what is wrong with the whole:
    spreadsheet-too-large, not-a-spreadsheet, unreadable-spreadsheet, empty-spreadsheet, wrong-columns, too-many-columns,
    too-many-rows.
    """
    _assert_size(file, limits)
    if _is_workbook(file):
        with _quietly():
            title, rows = read_workbook(file, layout, limits)
            return _sheet("xlsx", title, rows, layout, limits)

    def score(headings: Sequence[str]) -> int:
        return sum(layout.find(heading) is not None for heading in headings)

    return _sheet("csv", None, read_csv(file.read(), score, limits), layout, limits)


async def read_several_apart(file: BinaryIO, layouts: Sequence[Layout], limits: Limits = DEFAULT_LIMITS) -> dict[str, Sheet]:
    """`read_several`, as `read_apart`."""
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, read_several, file, layouts, limits)


def read_several(file: BinaryIO, layouts: Sequence[Layout], limits: Limits = DEFAULT_LIMITS) -> dict[str, Sheet]:
    """Read the sheets of a workbook that have the titles of the layouts, by these titles; empty ones are left out.

    A CSV file, or a workbook without such a sheet, is read as the layout that knows most of its headings. Raises as `read`.
    """
    _assert_size(file, limits)
    found: dict[str, Sheet] = {}
    if not _is_workbook(file):

        def score(headings: Sequence[str]) -> int:
            return max(_known(layout, headings) for layout in layouts)

        rows = iter(read_csv(file.read(), score, limits))
        return _by_headings("csv", None, rows, layouts, limits)
    with _quietly():
        sheets = list(read_workbook_sheets(file, [layout.title for layout in layouts], limits))
        if not sheets:
            title, rows = read_workbook(file, layouts[0], limits)
            return _by_headings("xlsx", title, rows, layouts, limits)
        for layout in layouts:
            rows = next((own for title, own in sheets if title == layout.title), iter(()))
            read_ = _sheet_or_none("xlsx", layout.title, rows, layout, limits)
            if read_ is not None:
                found[layout.title] = read_
    if not found:
        raise _empty()
    return found


def _known(layout: Layout, headings: Sequence[str]) -> int:
    return sum(layout.find(heading) is not None for heading in headings)


def _by_headings(
    kind: Literal["csv", "xlsx"], title: str | None, rows: Iterator[Row], layouts: Sequence[Layout], limits: Limits
) -> dict[str, Sheet]:
    first = next((row for row in rows if any(map(_is_filled, row[1]))), None)
    if first is None:
        raise _empty()
    headings = [cell.text for cell in first[1]]
    layout = max(layouts, key=lambda each: _known(each, headings))
    return {layout.title: _sheet(kind, title, chain([first], rows), layout, limits)}


def _assert_size(file: BinaryIO, limits: Limits) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    if size > limits.file_bytes:
        most = limits.file_bytes // 1024
        detail = (
            f"The file has {size // 1024:,} KB; at most {most:,} KB are read. Nothing was stored. Send it in several parts."
        )
        raise DomainError("spreadsheet-too-large", detail, Kind.TOO_LARGE)
    if not size:
        raise _empty()


def _is_workbook(file: BinaryIO) -> bool:
    """Whether it is a workbook and not CSV. Raises `DomainError` not-a-spreadsheet for anything else that is known."""
    begin = file.read(4096)
    file.seek(0)
    if begin.startswith(b"PK\x03\x04"):
        _assert_excel(file)
        return True
    foreign = next((words for mark, words in _FOREIGN if begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark)), None)
    utf_16 = begin.startswith((b"\xff\xfe", b"\xfe\xff")) or begin[:1] == b"\0" or begin[1:2] == b"\0"
    if foreign is None and b"\0" in begin and not utf_16:
        foreign = "It is neither CSV nor an Excel workbook (.xlsx)."
    if foreign:
        raise _not_a_spreadsheet(foreign)
    return False


def _assert_excel(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RecursionError):
        names = {"[content_types].xml"}  # a damaged workbook, which its reader says better
    file.seek(0)
    if "[content_types].xml" not in names:
        raise _not_a_spreadsheet("It is another sort of file. Save the sheet as an Excel workbook (.xlsx) or as “CSV UTF-8”.")
    if "xl/workbook.bin" in names:
        raise _not_a_spreadsheet("It is a binary workbook (.xlsb). Save it as .xlsx.")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise _not_a_spreadsheet("It is a document. Copy its table into the template.")


@contextmanager
def _quietly() -> Iterator[None]:
    """Without openpyxl's warnings about what it does not take over from a workbook, which concern nobody who only reads.

    One at a time, since Python's list of filters is one for all threads.
    """
    with _SILENCE, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")
        yield


def _sheet(kind: Literal["csv", "xlsx"], title: str | None, rows: Iterable[Row], layout: Layout, limits: Limits) -> Sheet:
    found = _sheet_or_none(kind, title, rows, layout, limits)
    if found is None:
        raise _empty()
    return found


def _sheet_or_none(
    kind: Literal["csv", "xlsx"], title: str | None, rows: Iterable[Row], layout: Layout, limits: Limits
) -> Sheet | None:
    filled = ((number, cells) for number, cells in rows if any(map(_is_filled, cells)))
    first = next(filled, None)
    if first is None:
        return None
    headings = _without_tail([cell.text for cell in first[1]])
    columns = layout.read_headings(headings, limits)
    places = {column.name: letter(place) for place, column in enumerate(columns) if column not in {None, PASSED_OVER}}
    found: list[SheetRow] = []
    examples: list[int] = []
    for number, cells in filled:
        if tidy(cells[0].text) == tidy(EXAMPLE_MARK):
            examples.append(number)
        elif len(found) == limits.rows:
            detail = f"The sheet has more than {limits.rows:,} rows. Nothing was read. Send it in several parts."
            raise DomainError("too-many-rows", detail, Kind.MALFORMED)
        else:
            found.append(_row(number, cells, columns, places, limits))
    if not found:
        return None
    return Sheet(kind, title, tuple(headings), places, tuple(found), tuple(examples))


def _without_tail(headings: list[str]) -> list[str]:
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _row(
    number: int, cells: Sequence[Shown], columns: Sequence[Column | None], places: Mapping[str, str], limits: Limits
) -> SheetRow:
    own = list(cells[: len(columns)])
    own += [NOTHING] * (len(columns) - len(own))
    values: dict[str, Value] = {}
    errors: list[CellError] = []
    for column, cell in zip(columns, own, strict=True):
        if column is None or column is PASSED_OVER:
            continue
        try:
            values[column.name] = value_of(cell, column, limits)
        except CellRefusal as refusal:
            errors.append(CellError(number, column.name, places[column.name], str(refusal)))
    stray = (
        place for place, cell in enumerate(cells) if _is_filled(cell) and (place >= len(columns) or columns[place] is None)
    )
    errors += [CellError(number, "", letter(place), _STRAY) for place in stray]
    if len(errors) > MOST_ERRORS:
        more = CellError(number, "", "", f"… and {len(errors) - MOST_ERRORS} more cells of this row.")
        errors = [*errors[:MOST_ERRORS], more]
    return SheetRow(number, values, tuple(errors), tuple(cell.text[: limits.cell] for cell in own))


def _is_filled(cell: Shown) -> bool:
    return bool(cell.text or cell.problem)


def _empty() -> DomainError:
    detail = "There are no rows in it. Fill in the template below its headings, save it, and send it again."
    return DomainError("empty-spreadsheet", detail, Kind.MALFORMED)


def _not_a_spreadsheet(detail: str) -> DomainError:
    return DomainError("not-a-spreadsheet", f"This file cannot be taken, and nothing was stored. {detail}", Kind.MALFORMED)
