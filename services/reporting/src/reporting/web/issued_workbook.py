"""A version of a report as a workbook: what changed, the texts, and a sheet a table with what was written beside it.

Quotes are in the PDF and on the page alone: a workbook is passed on and cut up, and a quote that is withdrawn cannot be called
back from there.
"""

from dataclasses import replace
from datetime import datetime

from chassis.days import moment_words
from chassis.spreadsheet.book import BookTable, write_book
from reporting.domain.commentary import OF_TABLE
from reporting.domain.frozen_report import Frozen
from reporting.domain.plain_words import Passage, passages
from reporting.web.workbook import about, table_sheet


def render(content: Frozen, number: int, issued_at: datetime) -> bytes:
    """The workbook of a version."""
    beside = {each.section[len(OF_TABLE) :]: each.words for each in content.texts if each.section.startswith(OF_TABLE)}
    sheets = [
        replace(each, notes=(*_lines(beside.get(table.code, "")), *each.notes))
        for table in content.view.tables
        for each in (table_sheet(table),)
    ]
    of = [content.organisation, *([content.area] if content.area else [])]
    version = [f"Version {number}, issued {moment_words(issued_at)}.", f"Figures as at {moment_words(content.as_of)}."]
    quotes = ["Quotes are in the PDF alone."] if content.quotes else []
    lines = [*of, *version, *quotes, *about(content.view)]
    return write_book(content.view.title, lines, [*_changed(content, number), *_texts(content), *sheets])


def _changed(content: Frozen, number: int) -> list[BookTable]:
    if not content.reason:
        return []
    figures = [(each.title, each.row, each.column, each.before, each.after) for each in content.changes]
    words = [(each.title, "", "", "", each.how) for each in content.words_changed]
    headings = ("Table or text", "Row", "Column", "Before", "Now")
    notes = (f"Why it was issued again: {' '.join(content.reason.split())}",)
    return [BookTable(f"What changed since version {number - 1}", headings, (*figures, *words), notes)]


def _texts(content: Frozen) -> list[BookTable]:
    # A row a paragraph: no program shows a row that is taller than a third of a page.
    whole = [each for each in content.texts if not each.section.startswith(OF_TABLE)]
    rows = tuple((each.title, "\n".join(_of_passage(one))) for each in whole for one in passages(each.words))
    return [BookTable("Commentary", ("Section", "Text"), rows)] if rows else []


def _lines(words: str) -> tuple[str, ...]:
    return tuple(line for each in passages(words) for line in _of_passage(each))


def _of_passage(passage: Passage) -> tuple[str, ...]:
    return tuple(f"- {line}" if passage.is_list else line for line in passage.lines)
