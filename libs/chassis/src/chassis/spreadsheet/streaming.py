"""Long lists as sheets to download, written while they are read: neither the rows nor the sheet is ever held as a whole.

A service gives headings and pages of rows; what stands in a cell cannot run, as everywhere (`cells.neutral`).
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from tempfile import SpooledTemporaryFile
from typing import IO, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell as WrittenCell
from openpyxl.worksheet.worksheet import Worksheet
from starlette.responses import StreamingResponse

from chassis.pages.headers import PAGE_HEADERS
from chassis.spreadsheet import looks
from chassis.spreadsheet.cells import BARRED, neutral
from chassis.spreadsheet.layout import letter
from chassis.spreadsheet.writing import CSV_TYPE, XLSX_TYPE, Cell

Kind = Literal["csv", "xlsx"]
Rows = Sequence[Sequence[Cell]]

_IN_MEMORY = 1024 * 1024  # bytes of a workbook; a larger one is kept in a file until it has gone out
_CHUNK = 64 * 1024
_WIDEST = 60  # letters; longer texts wrap


async def sheet_download(kind: Kind, name: str, headings: Sequence[str], pages: AsyncIterator[Rows]) -> StreamingResponse:
    """Answer with a sheet to be saved as `name`.csv or .xlsx. `pages` is an asynchronous generator of pages of rows.

    The first page is read before the answer begins, so that a refusal is still answered as one.
    """
    first = await anext(pages, ())
    chunks = _csv(headings, first, pages) if kind == "csv" else _workbook(name, headings, first, pages)
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return StreamingResponse(chunks, media_type=CSV_TYPE if kind == "csv" else XLSX_TYPE, headers=headers)


async def _csv(headings: Sequence[str], first: Rows, pages: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _lines([headings, *first])
    async with aclosing(pages) as rest:  # type: ignore[type-var]  # a generator, which is closed when nobody reads any more
        async for rows in rest:
            yield _lines(rows)


async def _workbook(name: str, headings: Sequence[str], first: Rows, pages: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    looks.describe(book, name)
    looks.to_print(sheet)
    sheet.freeze_panes = "A2"
    # Widths stand before the rows in the file, so the first page speaks for the others.
    columns = [[row[place] for row in first if place < len(row)] for place in range(len(headings))]
    widths = [
        looks.wide_enough(column, heading, least=looks.DAY_WIDE, most=_WIDEST)
        for heading, column in zip(headings, columns, strict=True)
    ]
    for place, width in enumerate(widths):
        sheet.column_dimensions[letter(place)].width = width
    sheet.row_dimensions[1].height = looks.height(headings, widths)

    def write(rows: Rows, above: int) -> None:
        for number, row in enumerate(rows, above + 1):
            _append(sheet, number, row, widths)

    # In a thread, page by page: the process goes on serving others meanwhile.
    sheet.append([_heading(sheet, heading) for heading in headings])
    await asyncio.to_thread(write, first, 1)
    written = 1 + len(first)
    async with aclosing(pages) as rest:  # type: ignore[type-var]  # as above
        async for rows in rest:
            await asyncio.to_thread(write, rows, written)
            written += len(rows)
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        await asyncio.to_thread(book.save, file)
        file.seek(0)
        while chunk := await asyncio.to_thread(_read, file):
            yield chunk


def _read(file: IO[bytes]) -> bytes:
    return file.read(_CHUNK)


def _lines(rows: Rows) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else "" if cell is None else str(cell) for cell in row])
    return target.getvalue().encode("utf-8", "replace")


def _heading(sheet: Worksheet, words: str) -> WrittenCell:
    cell = WrittenCell(sheet, 1, 1, _plain(words))
    cell.font, cell.alignment = looks.BOLD, looks.WRAPPED
    return cell


def _append(sheet: Worksheet, number: int, row: Sequence[Cell], widths: Sequence[int]) -> None:
    cells = [_plain(cell) if isinstance(cell, str) else cell for cell in row]
    if not any(isinstance(cell, str) and len(cell) > _WIDEST for cell in cells):
        sheet.append(cells)
        return
    sheet.row_dimensions[number].height = looks.height([str(cell or "") for cell in row], widths)
    sheet.append([_on_top(sheet, cell) for cell in cells])
    sheet.row_dimensions.pop(number, None)  # it stands in the file


def _on_top(sheet: Worksheet, value: Cell) -> WrittenCell:
    cell = WrittenCell(sheet, 1, 1, value)
    cell.alignment = looks.WRAPPED
    return cell


def _plain(text: str) -> str | None:
    return BARRED.sub("?", neutral(text)) or None
