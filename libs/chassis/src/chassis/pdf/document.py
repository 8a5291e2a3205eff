"""What a document consists of. Plain values without any markup; `document.typ` says how they look.

A text may hold several lines, and paragraphs with an empty line between them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.pdf.words import paragraphs, tidied

TITLE_LEVEL = 1
WHOLE = 14
"""Rows of figures that are not torn apart: as many as a page holds that lies on its side."""
SHORT = 450
"""Letters of notes that stay with such a table; more of them would push it to the next page."""
SENTENCE = 45
FEW_COLUMNS = 3
LETTERS = 9
"""Letters of a word that a heading of a column has room for."""
DEEPEST_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title, which is the one of level 1."""

    text: str
    level: int = 2

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "heading", "text": tidied(self.text), "level": self.level}


@dataclass(frozen=True, slots=True)
class Text:
    """Running text; `quiet` is smaller, for what explains rather than says."""

    words: str
    quiet: bool = False

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "text", "words": paragraphs(self.words), "quiet": self.quiet}


@dataclass(frozen=True, slots=True)
class Facts:
    """A definition list: what it is, and its words. `stacked` puts long words below what they belong to."""

    rows: tuple[tuple[str, str], ...]
    stacked: bool = False

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        rows = [{"term": tidied(term), "words": paragraphs(words)} for term, words in self.rows]
        return {"kind": "facts", "rows": rows, "stacked": self.stacked}


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list whose order says nothing."""

    items: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "bullets", "items": [paragraphs(item) for item in self.items]}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and its share of the width beside the others'."""

    label: str
    share: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each column, which is repeated on every page that the table goes on to."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if not self.columns or any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row of a table has a cell for each column")

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {
            "kind": "table",
            "caption": tidied(self.caption),
            "columns": [{"label": tidied(column.label), "share": column.share} for column in self.columns],
            "rows": [[paragraphs(cell) for cell in row] for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row of figures below its heading; `total` sets it apart."""

    label: str
    cells: tuple[str, ...]
    total: bool = False


def share_of(label: str) -> float:
    """How wide a column of figures is beside others: more than 1 where a word of its heading needs it."""
    return max(1.0, max(map(len, label.split()), default=0) / LETTERS)


def first_share(rows: Sequence[FigureRow], columns: int) -> float:
    """How wide the names of the rows are beside the columns: whole sentences, such as questions, get what there is."""
    is_long = max((len(row.label) for row in rows), default=0) > SENTENCE
    if columns <= FEW_COLUMNS:
        return 3.0 if is_long else 1.4
    return 2.2


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of figures: what the rows are stands on the left, the figures on the right of their columns.

    A cell may hold a second line, such as the numbers that a percentage is made of. A table of up to `WHOLE` rows stays
    together on a page, with its notes where those are short.
    """

    caption: str
    rows_label: str
    columns: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns or any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError("a row of a table has a cell for each column")

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {
            "kind": "figures",
            "caption": tidied(self.caption),
            "rows_label": tidied(self.rows_label),
            "whole": len(self.rows) <= WHOLE,
            "columns": [tidied(label) for label in self.columns],
            "first": first_share(self.rows, len(self.columns)),
            "shares": [share_of(label) for label in self.columns],
            "kept": len(self.rows) <= WHOLE and sum(map(len, self.notes)) <= SHORT,
            "notes": [paragraphs(note) for note in self.notes],
            "rows": [
                {
                    "label": tidied(row.label),
                    "cells": [[tidied(line) for line in cell.split("\n")] for cell in row.cells],
                    "total": row.total,
                }
                for row in self.rows
            ],
        }


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of ours as SVG.

    `alt` says what it is to those who do not see it; `words` say to everybody what it shows, stand above it and stay with it.
    `share` is of the width, in per cent.
    """

    svg: str
    alt: str
    words: str = ""
    share: int = 75

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a picture says in words what it shows")

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {
            "kind": "picture",
            "svg": self.svg,
            "alt": tidied(self.alt),
            "words": paragraphs(self.words),
            "share": self.share,
        }


@dataclass(frozen=True, slots=True)
class Landscape:
    """Blocks on pages of their own that lie on their side, for tables of many columns."""

    blocks: "tuple[Heading | Text | Facts | Bullets | Table | Figures | Picture | Callout, ...]"

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "landscape", "blocks": [block.data() for block in self.blocks]}


@dataclass(frozen=True, slots=True)
class Callout:
    """Something that must not be passed over, set apart."""

    title: str
    words: str

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "callout", "title": tidied(self.title), "words": paragraphs(self.words)}


@dataclass(frozen=True, slots=True)
class Choices:
    """Boxes to tick by hand, in a row."""

    label: str
    options: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "choices", "label": tidied(self.label), "options": [tidied(option) for option in self.options]}


@dataclass(frozen=True, slots=True)
class Lines:
    """Room to write by hand."""

    label: str
    count: int

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {"kind": "lines", "label": tidied(self.label), "count": self.count}


Block = Heading | Text | Facts | Bullets | Table | Figures | Picture | Landscape | Callout | Choices | Lines


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `made_on` is the only day in it that is not content: the same document gives the same bytes.

    `marking` says on every page how it is to be handled ("Confidential"), `reference` which record it is of.
    Raises ValueError where a heading skips a level, which a reader who goes from heading to heading would stumble over.
    """

    title: str
    organisation: str
    made_on: date
    blocks: tuple[Block, ...]
    subtitle: str = ""
    marking: str = ""
    reference: str = ""
    language: str = "en"

    def __post_init__(self) -> None:
        above = TITLE_LEVEL
        for block in _flat(self.blocks):
            if isinstance(block, Heading):
                if not TITLE_LEVEL < block.level <= min(above + 1, DEEPEST_LEVEL):
                    raise ValueError(f"a heading of level {block.level} below one of level {above}")
                above = block.level

    def data(self) -> Mapping[str, Any]:
        """As the template takes it: JSON."""
        return {
            "title": tidied(self.title),
            "subtitle": tidied(self.subtitle),
            "organisation": tidied(self.organisation),
            "marking": tidied(self.marking),
            "reference": tidied(self.reference),
            "language": self.language,
            "made_on": [self.made_on.year, self.made_on.month, self.made_on.day],
            "blocks": [block.data() for block in self.blocks],
        }


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield from block.blocks if isinstance(block, Landscape) else (block,)
