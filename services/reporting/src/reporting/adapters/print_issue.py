"""A version of a report as a document to print: what changed first, then texts, figures with their commentary, and quotes."""

from collections.abc import Iterator

from chassis.days import british_day
from chassis.pdf.document import Block, Bullets, Callout, Column, Document, Facts, Heading, Table, Text
from reporting.adapters import print_report
from reporting.adapters.issue_repository import Issue, Signed
from reporting.domain.commentary import AFTER_TABLES, OF_TABLE
from reporting.domain.frozen_report import Frozen, Quoted, Written
from reporting.domain.plain_words import passages
from reporting.domain.stamp import stamp

QUOTES_TITLE = "In people's own words"
QUOTES_NOTE = (
    "Words of children, families and carers that two people made fit to be shown. Square brackets stand for what was taken out."
)


def document(issue: Issue, number: int | None, issued: Signed | None) -> Document:
    """The version as it is issued; without a number, as a draft that waits to be checked."""
    content = issue.content
    view = content.view
    blocks = (
        Facts(stamp(content, number, issue.prepared, issue.checked, issued)),
        *_changes(content, number),
        *(block for each in content.texts if _stands_above(each) for block in _section(each)),
        Heading("The figures"),
        *print_report.about(view),
        *print_report.tables(view, content.charts, {each.section[len(OF_TABLE) :]: _words(each) for each in _beside(content)}),
        *(_quotes(content.quotes) if content.quotes else ()),
        *(block for each in content.texts if each.section in AFTER_TABLES for block in _section(each)),
    )
    marking = "Draft for checking" if number is None else "Internal" if view.audience == "internal" else ""
    subtitle = ", ".join(part for part in (view.period.label, content.area) if part)
    day = british_day(issued.at) if issued else british_day(issue.prepared.at)
    reference = f"Version {number}" if number else "Not issued"
    return Document(view.title, content.organisation, day, blocks, subtitle=subtitle, marking=marking, reference=reference)


def _stands_above(text: Written) -> bool:
    return not text.section.startswith(OF_TABLE) and text.section not in AFTER_TABLES


def _beside(content: Frozen) -> Iterator[Written]:
    return (each for each in content.texts if each.section.startswith(OF_TABLE))


def _changes(content: Frozen, number: int | None) -> Iterator[Block]:
    """Why it was issued again and everything that is different."""
    if not content.reason:
        return
    yield Heading("What changed since the version before" if number is None else f"What changed since version {number - 1}")
    yield Callout("Why it was issued again", content.reason)
    if content.changes:
        columns = (Column("Table", 3), Column("Row", 3), Column("Column", 2), Column("Before", 2), Column("Now", 2))
        rows = tuple((each.title, each.row, each.column, each.before, each.after) for each in content.changes)
        yield Table("Figures that changed", columns, rows)
    else:
        yield Text("No figure changed.")
    if content.words_changed:
        yield Heading("Texts and quotes that changed", 3)
        yield Bullets(tuple(f"{each.title}: {each.how}" for each in content.words_changed))
    else:
        yield Text("No text and no quote changed.")


def _section(text: Written) -> Iterator[Block]:
    yield Heading(text.title)
    yield from _words(text)


def _words(text: Written) -> tuple[Text | Bullets, ...]:
    return tuple(Bullets(each.lines) if each.is_list else Text("\n".join(each.lines)) for each in passages(text.words))


def _quotes(quotes: tuple[Quoted, ...]) -> Iterator[Block]:
    yield Heading(QUOTES_TITLE)
    yield Text(QUOTES_NOTE, quiet=True)
    for each in quotes:
        yield Callout(f"{each.source}, {each.service_area}", f"“{each.words}”")
