"""A completed audit as a document for the child's file.

What counts comes first (result, why, what has to be done), then what it rests on. Nothing that is empty is left out in silence
where a reader would look for it.
"""

from collections.abc import Iterator, Sequence

from audit.domain.printed import Account, PrintedAction, PrintedAudit, PrintedOverall, PrintedReview, PrintedSection
from chassis.days import day_words
from chassis.pdf.document import Block, Bullets, Callout, Column, Document, Facts, Heading, Table, Text
from chassis.pdf.printer import Printer

MARKING = "Confidential: about a child"
NOTHING = "Nothing was recorded."

_MOST_COLUMNS = 4
"""Of the grades side by side: with the section's name as many as can be read on an upright page."""


async def print_audit(printer: Printer, audit: PrintedAudit) -> bytes:
    """The PDF of a completed audit. Raises as `Printer.render`; call it when the transaction is over."""
    return await printer.render(audit_document(audit))


def file_name(audit: PrintedAudit) -> str:
    """The name under which it is saved: the reference, and nobody's name."""
    return f"audit-{''.join(letter if letter.isascii() and letter.isalnum() else '-' for letter in audit.reference)}.pdf"


def audit_document(audit: PrintedAudit) -> Document:
    """The document of a completed audit."""
    return Document(
        title=f"Audit {audit.reference}",
        subtitle=audit.tool,
        organisation=audit.organisation,
        marking=MARKING,
        reference=f"{audit.reference}, printed {day_words(audit.printed_on)}",
        made_on=audit.printed_on,
        blocks=tuple(_blocks(audit)),
    )


def _blocks(audit: PrintedAudit) -> Iterator[Block]:
    yield Facts(audit.facts)
    yield from _result(audit)
    yield from _actions(audit.actions)
    yield from _learning(audit)
    if audit.sections:
        yield Heading("Sections")
        yield _side_by_side(audit)
        for section in audit.sections:
            yield from _section(section)
    if audit.answers:
        yield Heading("Questions")
        for answer in audit.answers:
            yield Heading(answer.question, 3)
            yield Facts(
                ((answer.option or answer.who or "Answer", answer.words or ("" if answer.option else NOTHING)),), stacked=True
            )
    yield from _heard_and_seen(audit)
    yield from _afterwards(audit)
    yield Text(
        f"Made with version {audit.tool_version} of the tool. Printed on {day_words(audit.printed_on)} by {audit.printed_by}; "
        "the record in Learning Loop may have changed since.",
        quiet=True,
    )


def _result(audit: PrintedAudit) -> Iterator[Block]:
    for concern in audit.concerns:
        answer = f"\n\nAnswered: {concern.answer}" if concern.answer else ""
        words = f"{concern.words}\n\nRaised by {concern.who} on {day_words(concern.on)}.{answer}"
        yield Callout("This could not wait for the end of the audit", words)
    if audit.overall is not None:
        yield Heading("Result")
        yield from _overall(audit.overall)
    if audit.findings:
        yield Heading("Findings")
        yield Bullets(audit.findings)


def _overall(overall: PrintedOverall) -> Iterator[Block]:
    why = [("Why", overall.rationale or NOTHING)]
    suggested = [("Suggested by the sections", overall.suggested)] if overall.suggested else []
    yield Facts((("Overall", overall.result), *suggested))
    yield Facts(tuple(why), stacked=True)
    for account in overall.accounts:
        yield from _account(account, 3)


def _actions(actions: Sequence[PrintedAction]) -> Iterator[Block]:
    yield Heading("Actions")
    if not actions:
        yield Text("No actions were set.")
        return
    yield Table(
        f"Actions of the audit: {len(actions)}",
        (Column("Action", 6), Column("Who", 3), Column("Due", 3), Column("Status", 3)),
        tuple((_what(each), each.owner, day_words(each.due_on), _status(each)) for each in actions),
    )


def _what(action: PrintedAction) -> str:
    shown = f"\n\nWhat shows it: {action.evidence}" if action.evidence else ""
    return f"{action.code}: {action.what}{shown}"


def _status(action: PrintedAction) -> str:
    return f"{action.status}, {day_words(action.done_on)}" if action.done_on else action.status


def _learning(audit: PrintedAudit) -> Iterator[Block]:
    yield Heading("Learning")
    yield Text(audit.learning or NOTHING)
    if audit.themes:
        yield Facts((("Themes", ", ".join(audit.themes)),))


def _side_by_side(audit: PrintedAudit) -> Table:
    """The grades of all sections, the auditors' beside those that count where there are few enough of them."""
    graded = dict.fromkeys(account.who for section in audit.sections for account in section.accounts if account.grade)
    parts = list(graded) if len(graded) < _MOST_COLUMNS else []
    rows = []
    for section in audit.sections:
        given = {account.who: account.grade for account in section.accounts}
        rows.append((section.name, section.grade, *(given.get(part) or "–" for part in parts)))
    columns = (Column("Section", 4), Column("Grade", 3), *(Column(part, 3) for part in parts))
    return Table("Grades of the sections", columns, tuple(rows))


def _section(section: PrintedSection) -> Iterator[Block]:
    yield Heading(section.name, 3)
    yield Facts((("Grade", section.grade),))
    if section.reason:
        yield Facts((("Reason of the moderator", section.reason),), stacked=True)
    spoken = [account for account in section.accounts if not account.is_silent]
    for account in spoken:
        yield from _account(account, 4)
    if not spoken:
        yield Text(NOTHING)


def _account(account: Account, level: int) -> Iterator[Block]:
    yield Heading(f"{account.who}: {account.grade}" if account.grade else account.who, level)
    said = (
        ("Evidence", account.evidence),
        ("Strengths", account.strengths),
        ("Areas for improvement", account.areas),
        ("Why this grade", account.rationale),
    )
    rows = tuple((label, words) for label, words in said if words)
    yield Facts(rows, stacked=True) if rows else Text(NOTHING)


def _heard_and_seen(audit: PrintedAudit) -> Iterator[Block]:
    if audit.views:
        yield Heading("What people said")
    for views in audit.views:
        yield Heading(views.who, 3)
        asked = [("How they were asked", views.how)] if views.how else []
        survey = [("Questionnaire", views.questionnaire)] if views.questionnaire else []
        yield Facts((("In their words", views.words or NOTHING), *asked, *survey), stacked=True)
    if audit.visit is not None:
        yield Heading("Visit")
        yield Facts((("Day", audit.visit.on), ("Seen and heard", audit.visit.observed or NOTHING)), stacked=True)


def _afterwards(audit: PrintedAudit) -> Iterator[Block]:
    if audit.moderation:
        yield Heading("Moderation")
        for note in audit.moderation:
            yield Facts(
                ((f"{day_words(note.on)}, {note.who}", note.words), *([("Answer", note.answer)] if note.answer else [])),
                stacked=True,
            )
    if audit.discussion is not None:
        yield Heading("Discussed in supervision")
        note = audit.discussion
        yield Facts(((f"{day_words(note.on)}, {note.who}", note.words or NOTHING),), stacked=True)
    if audit.reviews:
        yield Heading("Reviews of the actions")
    for review in audit.reviews:
        yield from _review(review)


def _review(review: PrintedReview) -> Iterator[Block]:
    yield Heading(f"Review {review.number}", 3)
    held = day_words(review.held_on) if review.held_on else "Not yet"
    known = (("Due", day_words(review.due_on)), ("Held", held), ("By", review.by), ("Result", review.result))
    yield Facts(tuple((label, words) for label, words in known if words))
    if review.words:
        yield Facts(review.words, stacked=True)
