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
from starlette.responses import StreamingResponse

from chassis.pages.headers import PAGE_HEADERS
from chassis.spreadsheet.cells import BARRED, neutral
from chassis.spreadsheet.writing import CSV_TYPE, XLSX_TYPE, Cell

Kind = Literal["csv", "xlsx"]
Rows = Sequence[Sequence[Cell]]

_IN_MEMORY = 1024 * 1024  # bytes of a workbook; a larger one is kept in a file until it has gone out
_CHUNK = 64 * 1024


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
    sheet.freeze_panes = "A2"

    def write(rows: Rows) -> None:
        for row in rows:
            sheet.append([_stored(cell) for cell in row])

    # In a thread, page by page: the process goes on serving others meanwhile.
    await asyncio.to_thread(write, [headings, *first])
    async with aclosing(pages) as rest:  # type: ignore[type-var]  # as above
        async for rows in rest:
            await asyncio.to_thread(write, rows)
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


def _stored(cell: Cell) -> Cell:
    return BARRED.sub("?", neutral(cell)) or None if isinstance(cell, str) else cell
