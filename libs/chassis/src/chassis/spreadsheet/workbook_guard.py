"""A look at a workbook before it is opened: a file of some kilobytes can unpack to gigabytes, and XML to more in memory.

Source: the zip and XML bombs that CWE-409 and CWE-776 describe. What passes takes some hundred megabytes at worst.
"""

import zipfile
from typing import IO, BinaryIO
from xml.parsers import expat

from chassis.errors import DomainError
from chassis.spreadsheet.csv_source import unreadable
from chassis.spreadsheet.layout import MEBIBYTE, Limits

_MOST_PARTS = 2000
_MOST_ROW = 1_048_576  # Excel's last
_CHUNK = 64 * 1024
_XML = (b"<", b"\0<", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def check_workbook(file: BinaryIO, limits: Limits) -> None:
    """Raise `DomainError` unreadable-spreadsheet for a workbook that would take too much, or is no sound one."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked:
            raise _too_much()
        for part in parts:
            if part.file_size > MEBIBYTE and part.file_size > part.compress_size * limits.ratio:
                raise _too_much()
        counter = _Counter(limits)
        for part in parts:
            with archive.open(part) as content:
                begin = content.read(_CHUNK)
                # What does not begin like XML is none for the reader either: pictures, printer settings.
                if begin.lstrip().startswith(_XML):
                    counter.count(begin, content)


class _Counter:
    """Counts the elements of a workbook's parts: cells and strings are cheap for the reader, everything else is not."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cells = 0
        self._others = 0

    def count(self, begin: bytes, content: IO[bytes]) -> None:
        self._cheap = 0
        self._depth = 0
        self._in_row = 0
        self._row = 0
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse_doctype
        while begin:
            parser.Parse(begin, False)
            begin = content.read(_CHUNK)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition(" ")[2]
        if self._cheap:
            self._cells += 1
            self._in_row += 1
            if local == "row":
                self._check_order(attributes.get("r"))
            if local in {"row", "si"}:
                self._in_row = 0
        else:
            self._others += 1
            if local in {"sheetData", "sst"}:
                self._cheap = self._depth
        limits = self._limits
        if self._cells > limits.elements or self._others > limits.others or self._in_row > limits.in_row:
            raise _too_much()

    def _end(self, _: str) -> None:
        if self._depth == self._cheap:
            self._cheap = 0
        self._depth -= 1

    def _check_order(self, number: str | None) -> None:
        # Rows that do not go up are left out by the reader without a word.
        row = self._row + 1 if number is None else int(number)
        if not self._row < row <= _MOST_ROW:
            raise unreadable("Its rows are out of order. Open it in your spreadsheet program and save it anew.")
        self._row = row


def _refuse_doctype(*_: object) -> None:
    raise unreadable("It holds what no spreadsheet program writes (a document type).")


def _too_much() -> DomainError:
    return unreadable(
        "It holds far more than its rows. Copy the rows into the template, or save the sheet as “CSV UTF-8”, and send that."
    )
