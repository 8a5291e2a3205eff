"""Commentary: which sections a report has, and what a text has to be like to be saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.errors import DomainError, FieldError, Kind
from reporting.domain.contact_details import marked
from reporting.domain.frozen_report import WordsChanged, Written, tables_of
from reporting.domain.report_changes import Change, changes
from reporting.domain.tables import ReportView, TableView

OF_TABLE = "table-"
MOST = 10_000
"""Characters of a text."""

WHOLE: Mapping[str, tuple[str, str]] = {
    "key-messages": ("Key messages", "What the panel should take away, in a few sentences or a list."),
    "works-well": ("What works well", "Strengths that the figures show, and where."),
    "to-learn": ("Areas for learning", "What should be better, and how you know."),
    "response": ("What was done in response", "What changed since the last report, and who did it. Roles rather than names."),
}
"""Sections of every report by code: heading, and what belongs there."""
AFTER_TABLES = ("response",)
"""Sections that stand below the tables; the others stand above."""


@dataclass(frozen=True, slots=True)
class Section:
    """A place for commentary: beside one table, or of the whole report."""

    code: str
    title: str
    hint: str
    table: str | None = None


@dataclass(frozen=True)
class Saved:
    """A version of a section's text: who wrote it when, and the figures that stood beside it."""

    section: str
    version: int
    words: str = field(repr=False)
    by: str
    name: str
    at: datetime
    tables: tuple[TableView, ...] = field(default=(), repr=False)
    brought_back: int | None = None

    @classmethod
    def beside(cls, figures: Sequence[Mapping[str, Any]], **of: Any) -> "Saved":
        """With the figures as they are kept."""
        return cls(tables=tables_of(figures), **of)

    def changed_since(self, now: Sequence[TableView]) -> tuple[Change, ...]:
        """The figures that it was written beside and that are different now; none for a text that was taken out."""
        if not self.words:
            return ()
        mine = {table.code for table in self.tables}
        return changes(self.tables, [table for table in now if table.code in mine])

    def written(self, title: str) -> Written:
        """As it stands in a frozen report."""
        return Written(self.section, title, self.words, self.version, self.name, self.at)


def sections(tables: Sequence[tuple[str, str]]) -> tuple[Section, ...]:
    """The sections of a report with these tables (code, title), in the order in which they stand."""
    whole = [Section(code, title, hint) for code, (title, hint) in WHOLE.items()]
    above = [each for each in whole if each.code not in AFTER_TABLES]
    hint = "What the reader should see in this table. The figures themselves stand beside it."
    beside = [Section(f"{OF_TABLE}{code}", title, hint, code) for code, title in tables]
    return (*above, *beside, *(each for each in whole if each.code in AFTER_TABLES))


def sections_of(view: ReportView) -> tuple[Section, ...]:
    """The sections of a report as it is filled."""
    return sections([(table.code, table.title) for table in view.tables])


def texts_of(sections: Sequence[Section], saved: Mapping[str, Saved]) -> tuple[Written, ...]:
    """The texts of a report in the order of its sections; empty ones are left out."""
    return tuple(saved[each.code].written(each.title) for each in sections if each.code in saved and saved[each.code].words)


def checked(words: str, *, looked: bool) -> str:
    """A text as it is kept.

    Raises DomainError `unfit-text` (malformed, with the field) where it is too long, or where it may hold a name or a contact
    detail and nobody has said that they looked.
    """
    text = "\n".join(line.rstrip() for line in words.strip().split("\n"))
    if len(text) > MOST:
        detail = f"Shorten it: {len(text):,} characters, and {MOST:,} fit."
        raise DomainError("unfit-text", detail, Kind.MALFORMED, (FieldError("/words", detail),))
    if not looked and (found := marked(text)):
        listed = ", ".join(f"“{part}” ({kind})" for kind, part in found[:5])
        detail = (
            f"A report names nobody. Look at what may be a name or a contact detail: {listed}. Take it out, or tick the box"
        )
        raise DomainError("unfit-text", detail, Kind.MALFORMED, (FieldError("/looked", detail),))
    return text


def words_changed(before: Sequence[Written], after: Sequence[Written]) -> tuple[WordsChanged, ...]:
    """Texts that differ between two versions of a report."""
    was, now = ({each.section: each for each in texts} for texts in (before, after))
    found = []
    for section in dict.fromkeys((*now, *was)):
        old, new = was.get(section), now.get(section)
        if old is None and new is not None:
            found.append(WordsChanged(section, new.title, "added"))
        elif old is not None and new is None:
            found.append(WordsChanged(section, old.title, "left out"))
        elif old is not None and new is not None and old.words != new.words:
            found.append(WordsChanged(section, new.title, "changed"))
    return tuple(found)
