"""What an uploaded sheet may hold: its columns, its limits, and what was read of it."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from chassis.errors import DomainError, Kind

MEBIBYTE = 1024 * 1024
EXAMPLE_MARK = "EXAMPLE - this row is not read"
"""What stands in the first column of a template's example row; a row that begins so is passed over."""

REASON = "why it was refused"
"""Heading of the last column of rows that are given back. Nothing is read of it, so that they can be sent again as they are."""

_MOST_WRONG = 10  # headings that are named

Value = str | int | date | tuple[str, ...] | None
"""What a cell holds once it was read: text, a whole number, a day, several codes; None where it is empty."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A code that a column takes, its label, and what else people write for it. Case and spaces do not matter."""

    code: str
    label: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `name` is its heading in templates; a heading is found whatever its case and spaces, and by an alias.

    `required`: it must be there and every row must have something in it. `choices`: the codes that it takes; their labels are
    taken too, and the code is what is read. `several`: any number of choices, between semicolons or commas. `lenient`: of a
    column of days, those of old lists too: 28 Apr 22, 28.4.2022, and the bare numbers that Excel counts days by. A `month`
    is read as its first day, from 2026-10, October 2026, Oct-26, 10/2026 or any day of it.
    """

    name: str
    help: str
    kind: Literal["text", "day", "month", "whole"] = "text"
    required: bool = False
    example: str = ""
    choices: tuple[Choice, ...] = ()
    several: bool = False
    lenient: bool = False
    aliases: tuple[str, ...] = ()
    in_template: bool = True


PASSED_OVER = Column(name=REASON, help="")
"""The column of the heading `REASON`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read of one file. Beyond `file_bytes` … `unpacked` the whole file is refused; beyond `cell` a cell."""

    file_bytes: int = 4 * MEBIBYTE
    rows: int = 1000
    columns: int = 200
    cell: int = 2000  # characters
    unpacked: int = 32 * MEBIBYTE  # bytes of all parts of a workbook
    ratio: int = 100  # of a part's size unpacked to packed; real sheets stay below 40, a zip bomb has a thousand
    elements: int = 1_000_000  # XML elements of a workbook's cells and strings
    others: int = 60_000  # XML elements of everything else: styles, merged cells, validations
    in_row: int = 50_000  # XML elements of one row; Excel has 16,384 columns


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong in one cell. `row` is the number that the sheet shows; `letter` is empty for a column that is not there."""

    row: int
    column: str
    letter: str
    detail: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that is not blank. `texts` are its cells as they stood, in the order of the sheet's headings."""

    number: int
    values: Mapping[str, Value]
    errors: tuple[CellError, ...]
    texts: tuple[str, ...]

    def text(self, name: str) -> str:
        """A text, or the code of a choice; empty where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def day(self, name: str) -> date | None:
        """A day."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def several(self, name: str) -> tuple[str, ...]:
        """The codes of a column that takes several."""
        value = self.values.get(name)
        return value if isinstance(value, tuple) else ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read.

    `title` is the name of the workbook's sheet, `letters` the place of each column, `examples` the template's rows that were
    passed over.
    """

    kind: Literal["csv", "xlsx"]
    title: str | None
    headings: tuple[str, ...]
    letters: Mapping[str, str]
    rows: tuple[SheetRow, ...]
    examples: tuple[int, ...]

    def error(self, row: int, column: str, detail: str) -> CellError:
        """An error in a column of a row, also one that the sheet does not have."""
        return CellError(row, column, self.letters.get(column, ""), detail)


@dataclass(frozen=True)
class Layout:
    """The columns that a sheet may have, in the order of the template. `title` is the name of the template's sheet."""

    title: str
    columns: tuple[Column, ...]

    @cached_property
    def _known(self) -> dict[str, Column]:
        known: dict[str, Column] = {}
        for column in self.columns:
            if known.setdefault(tidy(column.name), column) is not column:
                msg = f"two columns are named '{column.name}'"
                raise ValueError(msg)
        for column in self.columns:
            for alias in column.aliases:
                known.setdefault(tidy(alias), column)
        for name, column in list(known.items()):
            known.setdefault(name.replace(" ", ""), column)
        return known

    def find(self, heading: str) -> Column | None:
        """The column of a heading."""
        name = tidy(heading)
        return self._known.get(name) or self._known.get(name.replace(" ", ""))

    def read_headings(self, headings: Sequence[str], limits: Limits) -> list[Column | None]:
        """The column of each heading, None where there is none.

        Raises `DomainError` wrong-columns with the headings that are unknown, stand twice or are missing, and all `expected`.
        """
        if len(headings) > limits.columns:
            raise too_many_columns(limits)
        found = [PASSED_OVER if tidy(heading) == REASON else self.find(heading) for heading in headings]
        wrong = list(self._wrong(headings, found))
        if wrong:
            more = f" … and {len(wrong) - _MOST_WRONG} more." if len(wrong) > _MOST_WRONG else ""
            expected = [f"{column.name} (required)" if column.required else column.name for column in self.columns]
            raise DomainError(
                "wrong-columns",
                f"{' '.join(wrong[:_MOST_WRONG])}{more} Nothing was stored. The columns that it can have: `expected`.",
                Kind.MALFORMED,
                extra={"expected": expected},
            )
        return found

    def _wrong(self, headings: Sequence[str], found: Sequence[Column | None]) -> Iterator[str]:
        first: dict[str, int] = {}
        for place, (heading, column) in enumerate(zip(headings, found, strict=True)):
            if column is None:
                if heading:
                    yield f"Column {letter(place)} has the heading '{heading[:80]}', which is not known."
            elif column.name in first:
                yield f"Column '{column.name}' stands twice, in {letter(first[column.name])} and {letter(place)}."
            else:
                first[column.name] = place
        for column in self.columns:
            if column.required and column.name not in first:
                yield f"Column '{column.name}' is missing."


def tidy(name: str) -> str:
    """A name as it is compared: without case, with single spaces, an underscore being one."""
    return " ".join(unicodedata.normalize("NFKC", name).replace("_", " ").replace("\u200b", "").casefold().split())


def letter(place: int) -> str:
    """The letters of a column by its place from 0: A to Z, then AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def too_many_columns(limits: Limits) -> DomainError:
    """The refusal of a sheet that is too wide."""
    detail = f"The sheet has more than {limits.columns} columns. Nothing was read. Take out those that are not in the template."
    return DomainError("too-many-columns", detail, Kind.MALFORMED)
