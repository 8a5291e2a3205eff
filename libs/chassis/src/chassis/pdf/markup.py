"""A small markup for letters: paragraphs, headings, lists and bold, with fields that are filled in.

    # A heading
    ## A smaller heading below it
    - an item of a list
    **bold**, and {field} for what is filled in

An empty line ends a paragraph; a line that ends within one ends there in print too. Everything else is text. What is filled in
is text as well and is never read as markup, so that no name and no reason can change what a letter looks like.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

_HEADING = re.compile(r"(#+) +(.+)")
_ITEM = re.compile(r"[-•] +(.+)")
_PIECES = re.compile(r"(\*\*|\{[^{}\n]*\})")
_SMALLEST = 2


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one face; of a field that is not filled in yet, its name."""

    words: str
    bold: bool = False
    field: str = ""


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """A heading: of level 1, or of level 2 below one of level 1."""

    runs: Line
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with its lines."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose order says nothing."""

    items: tuple[Line, ...]


Block = Title | Paragraph | Items
Value = str | tuple[Block, ...]
"""What a field is filled with: words, or whole blocks where it stands on its own."""


class MarkupError(ValueError):
    """A text that is no such markup: in which line, counted from 1, and what was expected."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}")
        self.line = line
        self.detail = detail


def parse(text: str, fields: Collection[str], alone: Collection[str] = ()) -> tuple[Block, ...]:
    """The blocks of a text. `alone` are those of the fields that stand in a paragraph of their own.

    Raises `MarkupError` for a field that is not among `fields`, a brace around none, bold that does not end in its line, a
    heading of a third level, and one of the second without one of the first above it.
    """
    blocks: list[Block] = []
    held: list[Line] = []
    is_list = False

    def close() -> None:
        if held:
            blocks.append(Items(tuple(held)) if is_list else Paragraph(tuple(held)))
            held.clear()

    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        words = line.strip()
        heading, item = _HEADING.fullmatch(words), _ITEM.fullmatch(words)
        if not words or heading or bool(item) != is_list:
            close()
        is_list = bool(item)
        if heading:
            blocks.append(_title(heading, number, fields, blocks))
        elif item:
            held.append(_line(item[1], number, fields))
        elif words:
            held.append(_line(words, number, fields))
    close()
    _check_alone(text, blocks, alone)
    return tuple(blocks)


def fields_in(blocks: Collection[Block]) -> tuple[str, ...]:
    """The fields that are not filled in, each once, in the order in which they come."""
    return tuple(dict.fromkeys(run.field for line in _lines(blocks) for run in line if run.field))


def fill(blocks: Collection[Block], values: Mapping[str, Value]) -> tuple[Block, ...]:
    """The blocks with words in the place of fields; a field without a value stays."""
    return tuple(filled for block in blocks for filled in _filled(block, values))


def plain(blocks: Collection[Block]) -> str:
    """The words of blocks without markup, a line each."""
    return "\n".join("".join(run.words for run in line) for line in _lines(blocks))


def readable(blocks: Collection[Block]) -> str:
    """The words of blocks as a plain text: an empty line between them, a hyphen before each item of a list."""
    return "\n\n".join(
        "\n".join(f"{'- ' if isinstance(block, Items) else ''}{plain([Paragraph((line,))])}" for line in _lines([block]))
        for block in blocks
    )


def _title(found: re.Match[str], number: int, fields: Collection[str], above: list[Block]) -> Title:
    level = len(found[1])
    if level > _SMALLEST:
        raise MarkupError(number, "expected '# ' or '## ' before a heading: there are two levels")
    if level == _SMALLEST and not any(isinstance(each, Title) for each in above):
        raise MarkupError(number, "expected '# ': a smaller heading ('## ') stands below a larger one")
    return Title(_line(found[2], number, fields), level)


def _line(text: str, number: int, fields: Collection[str]) -> Line:
    runs: list[Run] = []
    bold = False
    for piece in _PIECES.split(text):
        if piece == "**":
            bold = not bold
        elif _PIECES.fullmatch(piece):
            runs.append(Run("", bold, _field(piece[1:-1].strip(), number, fields)))
        elif "{" in piece or "}" in piece:
            raise MarkupError(number, "expected the name of a field between { and }: they stand for nothing else")
        elif piece:
            runs.append(Run(piece, bold))
    if bold:
        raise MarkupError(number, "expected a second '**' in the same line: bold begins and ends with it")
    return tuple(runs)


def _field(name: str, number: int, fields: Collection[str]) -> str:
    if name in fields:
        return name
    near = get_close_matches(name, sorted(fields), 1)
    meant = f"; did you mean {{{near[0]}}}?" if near else f": {', '.join(sorted(fields))}"
    raise MarkupError(number, f"there is no field {{{name}}}{meant}")


def _check_alone(text: str, blocks: list[Block], alone: Collection[str]) -> None:
    fine = {block.lines[0][0].field for block in blocks if isinstance(block, Paragraph) and _is_field(block)}
    for name in fields_in(blocks):
        if name in alone and (name not in fine or text.count(f"{{{name}}}") > 1):
            number = next(at for at, line in enumerate(text.split("\n"), 1) if f"{{{name}}}" in line.replace(" ", ""))
            raise MarkupError(number, f"expected {{{name}}} once, on a line of its own with an empty line above and below it")


def _is_field(block: Paragraph) -> bool:
    return len(block.lines) == 1 and len(block.lines[0]) == 1 and bool(block.lines[0][0].field)


def _filled(block: Block, values: Mapping[str, Value]) -> Iterator[Block]:
    if isinstance(block, Paragraph):
        whole = values.get(block.lines[0][0].field) if _is_field(block) else None
        if isinstance(whole, tuple):
            yield from whole
        elif lines := tuple(each for line in block.lines for each in _lines_of(line, values) if _says(each)):
            yield Paragraph(lines)
    elif isinstance(block, Title):
        yield replace(block, runs=_in_one(block.runs, values))
    elif items := tuple(each for each in (_in_one(item, values) for item in block.items) if _says(each)):
        yield Items(items)


def _says(line: Line) -> bool:
    return any(run.field or run.words.strip() for run in line)


def _in_one(line: Line, values: Mapping[str, Value]) -> Line:
    return tuple(run for each in _lines_of(line, values) for run in ((*each, Run(" ")) if each else ()))[:-1]


def _lines_of(line: Line, values: Mapping[str, Value]) -> Iterator[Line]:
    """A line with its fields filled in; words of several lines make several."""
    runs: list[Run] = []
    for run in line:
        value = values.get(run.field) if run.field else None
        if value is None:
            runs.append(run)
            continue
        first, *further = (plain(value) if isinstance(value, tuple) else value).split("\n")
        runs.append(Run(first, run.bold))
        for words in further:
            yield tuple(runs)
            runs = [Run(words, run.bold)]
    yield tuple(runs)


def _lines(blocks: Collection[Block]) -> Iterator[Line]:
    for block in blocks:
        if isinstance(block, Title):
            yield block.runs
        else:
            yield from block.lines if isinstance(block, Paragraph) else block.items
