"""A blank tool as a document: to read before one begins, with room for notes."""

from collections.abc import Iterator, Sequence
from datetime import date

from audit.domain.profile import Question, Scale, Section, Tool
from chassis.pdf.document import Block, Bullets, Callout, Choices, Column, Document, Facts, Heading, Lines, Table, Text

_LINES = 4
"""Room to write under each heading: what fits beside the text of most sections on one page."""

_RATINGS = ("Red", "Amber", "Green")


def blank_tool(tool: Tool, scale: Scale | None, facts: Sequence[tuple[str, str]], organisation: str, made_on: date) -> Document:
    """The document. `facts` are labels and words that stand first."""
    return Document(
        title=tool.name,
        subtitle="Blank tool, to read beforehand",
        organisation=organisation,
        reference=f"{tool.name}, version {tool.version}",
        made_on=made_on,
        blocks=tuple(_blocks(tool, scale, tuple(facts))),
    )


def _blocks(tool: Tool, scale: Scale | None, facts: tuple[tuple[str, str], ...]) -> Iterator[Block]:
    if tool.purpose:
        yield Text(tool.purpose)
    yield Facts(facts)
    if tool.before_you_begin:
        yield Callout("Before you begin", tool.before_you_begin)
    if scale is not None:
        yield Heading("The grades")
        yield _meanings("What each grade means", [(grade.label, grade.definition) for grade in scale.grades])
    for section in tool.sections:
        yield from _section(section, scale)
    if tool.questions:
        yield Heading("Prompts" if tool.discussion else "Questions")
        for number, question in enumerate(tool.questions, 1):
            yield from _question(number, question)
    yield from _overall(tool, scale)


def _section(section: Section, scale: Scale | None) -> Iterator[Block]:
    yield Heading(section.name)
    yield Text(section.guidance)
    if section.look_for:
        yield Heading("What to look for", 3)
        yield Bullets(section.look_for)
    if scale is not None:
        yield Heading("What the grades mean in this section", 3)
        yield _meanings(section.name, [(grade.label, section.meaning(grade)) for grade in scale.grades])
        yield Choices("Grade", (*(grade.label for grade in scale.grades), "Not applicable"))
    for label in ("Evidence", "Strengths", "Areas for improvement"):
        yield Lines(label, _LINES)


def _question(number: int, question: Question) -> Iterator[Block]:
    yield Heading(f"{number}. {question.text}", 3)
    if hint := " ".join(filter(None, (question.hint, "" if question.required else "May be left out."))):
        yield Text(hint, quiet=True)
    if question.options:
        yield Choices("Answer", tuple(option.label for option in question.options))
    else:
        yield Lines("Answer", _LINES)


def _overall(tool: Tool, scale: Scale | None) -> Iterator[Block]:
    if tool.discussion:
        return
    yield Heading("Overall")
    if scale is not None:
        yield Choices("Overall grade", tuple(grade.label for grade in scale.grades))
        yield Lines("Why this grade", _LINES)
    if tool.rag:
        yield Choices("Rating", _RATINGS)
    yield Lines("Learning", _LINES)
    yield Lines("Actions: what, who, by when", _LINES)


def _meanings(caption: str, meanings: Sequence[tuple[str, str]]) -> Table:
    return Table(caption, (Column("Grade"), Column("What it means", 3)), tuple(meanings))
