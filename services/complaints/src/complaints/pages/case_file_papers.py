"""What a case file tells of the letters that were sent about a complaint, and of the files that belong to it."""

from collections.abc import Iterator

from chassis.days import british_day, moment_words
from chassis.pdf.document import Block, Column, Facts, Heading, Table, Text
from complaints.adapters.attachments import Attachment
from complaints.adapters.letters import Sent
from complaints.pages.files_view import scan_tag, size_words
from complaints.pages.labels import day_words
from complaints.pages.letter_forms import MAIL_WORDS, WAY_WORDS, did
from complaints.pages.letter_list import letter_name
from complaints.use_cases.case_file import CaseFile

FORM = "public-form"
"""Who adds what comes with the public form."""


def papers(found: CaseFile) -> Iterator[Block]:
    """Letters with their words, then files by their names: what they hold is saved from the record."""
    yield Heading("Letters")
    if not found.letters:
        yield Text("None were sent from this record, or recorded in it.")
    for sent in found.letters:
        yield from _letter(found, sent)
    yield Heading("Files")
    if not found.files:
        yield Text("None belong to it.")
        return
    rows = tuple(
        (each.file.name, f"{each.file.kind.words}, {size_words(each.file.size)}", _added(each)) for each in found.files
    )
    yield Table("Files, in the order in which they came", (Column("Name", 6), Column("What it is", 4), Column("Kept", 8)), rows)


def letter_words(found: CaseFile, sent: Sent) -> str:
    """A letter in a line: what it was, of which stage, and how it went."""
    return f"{letter_name(found.view.profile, sent.about)}, stage {sent.about.stage}, {WAY_WORDS[sent.about.way]}"


def _letter(found: CaseFile, sent: Sent) -> Iterator[Block]:
    content = sent.content
    yield Heading(letter_words(found, sent), 3)
    rows = (
        ("Sent", day_words(sent.sent_on) + (", made elsewhere" if sent.elsewhere else "")),
        ("To", "\n".join(part for part in (content.to_name, content.to_address, content.to_email) if part) if content else ""),
        ("What it did", did(sent.how, sent.about.kind)),
        ("The mail", MAIL_WORDS.get(sent.mail or "", "")),
        ("Note", content.note if content else ""),
        ("Subject", content.subject if content else ""),
    )
    yield Facts(tuple((label, words) for label, words in rows if words))
    for part in (content.body if content else "").replace("**", "").split("\n\n"):
        if part.strip():
            yield Text(part.strip())


def added_by(each: Attachment) -> str:
    """Who added a file; the public form knows nobody's name."""
    return "the sender, on the public form" if each.added_by == FORM else each.added_by_name


def _added(each: Attachment) -> str:
    added = f"Added {moment_words(each.added_at)} by {added_by(each)}"
    if each.removed_at is None:
        return f"{added}. {scan_tag(each.file)[0]}"
    return f"{added}. Removed {day_words(british_day(each.removed_at))} by {each.removed_by_name}: {each.removed_reason}"
