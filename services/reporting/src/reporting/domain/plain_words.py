"""What people write beside figures: plain text with paragraphs and lists, and no other markup.

An empty line ends a paragraph. Lines that begin with a hyphen or a bullet are a list. Everything else is text, and what looks
like HTML or markup is shown as it was typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ITEM = re.compile(r"[-•*]\s+(.+)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph with its lines, or a list with its items."""

    lines: tuple[str, ...]
    is_list: bool = False


def passages(words: str) -> tuple[Passage, ...]:
    """The paragraphs and lists of a text, in their order."""
    return tuple(_passages(words))


def _passages(words: str) -> Iterator[Passage]:
    held: list[str] = []
    in_list = False
    for line in (each.strip() for each in words.split("\n")):
        item = _ITEM.fullmatch(line)
        if held and (not line or bool(item) != in_list):
            yield Passage(tuple(held), in_list)
            held = []
        in_list = bool(item)
        if line:
            held.append(item[1] if item else line)
    if held:
        yield Passage(tuple(held), in_list)
