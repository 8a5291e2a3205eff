"""A letter: who writes, to whom, about what, and what it says. `letter.typ` says how it looks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.pdf.markup import Block, Items, Line, Paragraph, Title
from chassis.pdf.words import runs_from_right, shown, tidied

FIRST_LEVEL = 2
"""Of a heading in a letter: what it is about is the heading of level 1."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter on the paper of an organisation.

    `sender` are the lines below the organisation's name (address, telephone), `to` name and address as they stand in the window
    of an envelope, `facts` what stands above the text, each with its label ("Our reference"). `made_on` is the day of the file;
    the same letter gives the same bytes. `marking` says on every page how it is to be handled. Fields that were not filled in
    are shown in square brackets.
    """

    title: str
    organisation: str
    made_on: date
    sender: tuple[str, ...]
    to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    marking: str = ""
    language: str = "en"

    def data(self) -> Mapping[str, Any]:
        """As the template takes it: JSON."""
        return {
            "template": "letter",
            "title": tidied(self.title),
            "organisation": tidied(self.organisation),
            "sender": [tidied(line) for line in self.sender if line.strip()],
            "to": [tidied(line) for line in self.to if line.strip()],
            "facts": [[tidied(label), tidied(words)] for label, words in self.facts if words],
            "marking": tidied(self.marking),
            "language": self.language,
            "made_on": [self.made_on.year, self.made_on.month, self.made_on.day],
            "blocks": [_data(block) for block in self.blocks],
        }


def _data(block: Block) -> dict[str, Any]:
    if isinstance(block, Title):
        return {"kind": "heading", "level": block.level + FIRST_LEVEL - 1, "line": _line(block.runs)}
    if isinstance(block, Paragraph):
        return {"kind": "text", "lines": [_line(line) for line in block.lines], "rtl": _rtl(block.lines)}
    return {"kind": "bullets", "items": [{"line": _line(item), "rtl": _rtl([item])} for item in _items(block)]}


def _items(block: Items) -> Collection[Line]:
    return block.items


def _line(line: Line) -> list[dict[str, Any]]:
    return [{"words": f"[{run.field}]" if run.field else shown(run.words), "bold": run.bold} for run in line]


def _rtl(lines: Collection[Line]) -> bool:
    return runs_from_right("".join(run.words for line in lines for run in line))
