"""The sheet for a translator: every wording in English beside its translation, out and back, checked cell by cell."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chassis.spreadsheet.layout import CellError, Column, Layout, Limits, Sheet, SheetRow
from feedback.domain.draft import Draft
from feedback.domain.translations import Translated, standing

KEY, WHERE, SOURCE, NOTE = "key", "where it stands", "English", "what to do"
LIMITS = Limits(rows=5000)
Status = Literal["new", "changed", "same", "empty", "refused"]


@dataclass(frozen=True, slots=True)
class SheetText:
    """A row as it was read, and what would become of it.

    `before` is the translation as it stands; `source` the sheet's English where the English is another by now.
    """

    row: int
    status: Status
    key: str
    where: str
    english: str
    before: str
    text: str
    source: str | None = None
    errors: tuple[CellError, ...] = ()


def translation_column(language: str) -> str:
    """The heading of the translations: it names the language, so that a sheet of another is not taken."""
    return f"translation ({language})"


def layout_of(language: str, title: str) -> Layout:
    """The sheet's columns for a language."""
    return Layout(
        title,
        (
            Column(name=KEY, help="Says which text it is. Leave it as it is.", required=True),
            Column(name=WHERE, help="Where families read the text. Leave it as it is."),
            Column(name=SOURCE, help="The text to translate. Leave it as it is.", required=True),
            Column(
                name=translation_column(language),
                help="Write the translation here. A cell that is left empty changes nothing.",
            ),
            Column(name=NOTE, help="What is still to be done. Nothing is read of it."),
        ),
    )


def rows(draft: Draft, code: str, language: str) -> Iterator[tuple[str, str, str, str, str]]:
    """The sheet's rows, in the order in which families meet the texts."""
    for each in standing(draft, language).all:
        note = "translate"
        if each.text:
            note = "the English has changed: translate again, or say that it still fits" if each.source else ""
        yield _key(code, each.wording.key), each.wording.where, each.wording.english, each.text, note


def read_sheet(sheet: Sheet, draft: Draft, code: str, language: str) -> list[SheetText]:
    """What would become of each row."""
    known = {each.wording.key: each for each in standing(draft, language).all}
    counted = Counter(row.text(KEY) for row in sheet.rows)
    found = []
    for row in sheet.rows:
        key, errors = row.text(KEY), list(row.errors)
        own, _, rest = key.partition(":")
        if key and own != code:
            words = f"This is a text of '{own[:80]}', and you translate '{code}'. Send the sheet of this questionnaire."
            errors.append(sheet.error(row.number, KEY, words))
        elif key and rest not in known:
            words = "This text is not there any more. Take the row out, or fetch the sheet again."
            errors.append(sheet.error(row.number, KEY, words))
        elif counted[key] > 1 and key:
            errors.append(sheet.error(row.number, KEY, "This text stands in the sheet twice. Keep one of the two rows."))
        found.append(_text(row, rest, known.get(rest) if own == code else None, language, tuple(errors)))
    return found


def _text(row: SheetRow, key: str, there: Translated | None, language: str, errors: tuple[CellError, ...]) -> SheetText:
    text, english = row.text(translation_column(language)), row.text(SOURCE)
    if errors or there is None:
        return SheetText(row.number, "refused", key, row.text(WHERE), english, "", text, errors=errors)
    status: Status = "new" if not there.text else "changed"
    if not text:
        status = "empty"
    elif text == there.text:
        status = "same"
    source = english if _plain(english) != _plain(there.wording.english) else None
    return SheetText(row.number, status, key, there.wording.where, there.wording.english, there.text, text, source)


def _key(code: str, key: str) -> str:
    return f"{code}:{key}"


def _plain(text: str) -> str:
    """A text as a spreadsheet program may leave it: white space apart."""
    return " ".join(text.split())
