"""Rows of a CSV file: UTF-8, UTF-16, or what Excel on Windows writes, between commas, semicolons or tabs."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from chassis.errors import DomainError, Kind
from chassis.spreadsheet.cells import Shown, cleaned
from chassis.spreadsheet.layout import Limits, too_many_columns

Row = tuple[int, Sequence[Shown]]
"""The number of a row as a spreadsheet program shows it, and its cells."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t"
# A first line by which Excel is told the delimiter; it shows no row for it.
_TOLD = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
FORMULA = "This cell holds a formula. Only what was typed is read: copy the column and paste it as values."


def read_csv(content: bytes, score: Callable[[Sequence[str]], int], limits: Limits) -> Iterator[Row]:
    """The rows, blank ones too. `score` says how many of a row's cells are headings that are known, which tells the delimiter.

    Raises `DomainError` unreadable-spreadsheet or too-many-columns, at once or on the way.
    """
    text = _decoded(content)
    told = _TOLD.match(text)
    if told:
        return _rows(text[told.end() :], told[1], limits)
    return _rows(text, max(_DELIMITERS, key=lambda mark: _fit(text, mark, score)), limits)


def _decoded(content: bytes) -> str:
    encodings = next(([name] for mark, name in _BOMS if content.startswith(mark)), None)
    if encodings is None:
        # A letter and a NUL: UTF-16 by a program that writes no mark. Else Excel's Windows-1252, which says nothing of itself.
        pair = content[:2]
        wide = {b"\0": "utf-16-be"}.get(pair[:1]) or {b"\0": "utf-16-le"}.get(pair[1:])
        encodings = [wide] if wide else ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unreadable("Its letters cannot be read. Save it as “CSV UTF-8” or as an Excel workbook (.xlsx).")


def _fit(text: str, delimiter: str, score: Callable[[Sequence[str]], int]) -> tuple[int, int]:
    try:
        cells = next((row for row in _reader(text, delimiter) if any(map(cleaned, row))), [])
    except csv.Error:
        return (-1, 0)
    return score([cleaned(cell) for cell in cells]), len(cells)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    # Strict: a quotation mark that is not closed would swallow all that follows into one cell.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _rows(text: str, delimiter: str, limits: Limits) -> Iterator[Row]:
    number = 0
    try:
        for number, cells in enumerate(_reader(text, delimiter), 1):
            if any(cells[limits.columns + 1 :]):
                raise too_many_columns(limits)
            yield number, [_shown(cell) for cell in cells[: limits.columns + 1]]
    except csv.Error as error:
        if "field larger" in str(error):
            detail = f"Row {number + 1} has a cell that is too long. Perhaps a quotation mark before it is not closed."
        else:
            detail = (
                f"The quotation marks of row {number + 1} do not fit. Save the sheet as CSV again, or as a workbook (.xlsx)."
            )
        raise unreadable(detail) from None


def _shown(cell: str) -> Shown:
    text = cleaned(cell)
    return Shown(text, problem=FORMULA if cell.lstrip().startswith("=") else None)


def unreadable(detail: str) -> DomainError:
    """The refusal of a file that is a spreadsheet and cannot be read."""
    return DomainError(
        "unreadable-spreadsheet", f"The file could not be read, and nothing was stored. {detail}", Kind.MALFORMED
    )
