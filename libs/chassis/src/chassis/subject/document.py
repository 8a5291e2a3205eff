"""What is handed out, in words: an accessible page that can be printed, and the same as JSON (UK GDPR, Articles 15 and 20).

Both are written piece by piece, so that they may be of any length. Whatever is kept back stands there with its reason.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from chassis.attachments.kinds import KINDS
from chassis.days import day_words, moment_words
from chassis.subject.declaring import ROLES, KindOf, Subject, Whose
from chassis.subject.reading import Line, Piece, Section, Ticked
from chassis.subject.store import Note, SubjectRequest

FORMAT = "learning-loop/subject-access/1"
DECISIONS = {"corrected": "Corrected", "noted": "Noted beside the record", "refused": "Not changed"}

RIGHTS = (
    "You have the right to ask for what is wrong to be put right (Article 16), for data to be erased (17) or their use to be "
    "restricted (18), and to object (21), each under the conditions of the law. If you are not content with this answer, tell "
    "the council's data protection officer. You can complain to the Information Commissioner: ico.org.uk/make-a-complaint, "
    "telephone 0303 123 1113. You can also go to court."
)
_STYLE = Markup("""
body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#0b0c0c;background:#fff}
h1{font-size:1.75rem}h2{font-size:1.4rem;border-top:2px solid #14535b;padding-top:1rem;margin-top:2.5rem}h3{font-size:1.1rem}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;margin:.5rem 0 1rem;padding-top:.5rem;
border-top:1px solid #b1b4b6}dt{font-weight:600}dd{margin:0;white-space:pre-line;overflow-wrap:anywhere}
.kept{color:#505a5f;font-style:italic}@media(max-width:36rem){dl{display:block}dd{margin-bottom:.5rem}}
@media print{body{max-width:none;margin:0;font-size:11pt}h2{break-before:page}dl{break-inside:avoid}a{color:inherit}}
""")


@dataclass(frozen=True, slots=True)
class Opened:
    """A record that is handed out: its sections are read when they are asked for."""

    kind: KindOf
    ticked: Ticked
    reference: str
    sections: Callable[[], AsyncIterator[Section]]
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What stands in front of it all."""

    subject: Subject
    request: SubjectRequest
    organisation: str
    made_at: datetime
    withheld: Counter[str] = field(default_factory=Counter)


def file_name(line: Line, piece: Piece) -> str:
    """Under which a file is in the package: its id, so that a name that is kept back is not told by it."""
    if piece.field.form == "pdf":
        return f"files/{line.id.replace('/', '-')}.pdf"
    kind = next((str(each.value) for each in line.pieces if each.field.column == "kind"), "")
    ending = KINDS[kind].endings[0] if kind in KINDS else "bin"
    return f"files/{line.id.rpartition('/')[2]}.{ending}"


def words(value: Any) -> str:
    """A value as it is read: days in words, members in lines."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return "\n".join(
            f"{name.replace('_', ' ')}: {words(each)}" for name, each in value.items() if each not in (None, "", [], {})
        )
    if isinstance(value, list):
        return "\n".join(words(each) for each in value)
    return _day(value) if isinstance(value, str) else str(value)


def words_of(piece: Piece) -> str:
    """What a person reads of a piece that they are given: what was left of it, its codes in words, or the value as it is."""
    if piece.treatment.words is not None:
        return piece.treatment.words
    return piece.said if piece.said is not None else words(piece.value)


_DAY = len("2026-11-30")


def _day(value: str) -> str:
    try:
        if len(value) == _DAY:
            return day_words(date.fromisoformat(value))
        if len(value) > _DAY and value[10] == "T":
            return moment_words(datetime.fromisoformat(value))
    except ValueError:
        pass
    return value


async def page(about: About, records: Sequence[Opened]) -> AsyncIterator[bytes]:
    """The page, as UTF-8."""
    yield _front(about, records).encode()
    for number, record in enumerate(records, 1):
        yield _head(number, record).encode()
        async for section in record.sections():
            yield _section(about, section).encode()
        if record.notes:
            yield _notes(record.notes).encode()
    yield _end(about).encode()


def _front(about: About, records: Sequence[Opened]) -> str:
    request = about.request
    title = f"What {about.organisation} holds about you: {about.subject.title.lower()}"
    listed = Markup("").join(
        Markup('<li><a href="#record-{}">{} {}</a>, {}</li>').format(
            number, each.kind.name, each.reference, ROLES[each.ticked.role]
        )
        for number, each in enumerate(records, 1)
    )
    return str(
        Markup(
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>{title}</title><style>{style}</style></head><body><main><h1>{title}</h1>"
            "<p>Your request {reference}, received on {received}. Made on {made}.</p>"
            "<p>What is about other people, or could put somebody in danger, is kept back, and the reason stands in its place. "
            "Where words were taken out, that is said. The same is in <code>data.json</code> for computers; files are in the "
            'folder <code>files</code>.</p><h2 id="records">What was found</h2>{listed}'
        ).format(
            title=title,
            style=_STYLE,
            reference=request.reference,
            received=day_words(request.received_on),
            made=moment_words(about.made_at),
            listed=Markup("<ol>{}</ol>").format(listed) if records else Markup("<p>Nothing about you was found here.</p>"),
        )
    )


def _head(number: int, record: Opened) -> str:
    kind = record.kind
    facts = (
        ("Your part in it", ROLES[record.ticked.role]),
        ("What it is used for", kind.purposes),
        ("Where it comes from", kind.source),
        ("Who sees it", kind.recipients),
        ("How long it is kept", kind.kept),
    )
    heading = Markup('<h2 id="record-{}">{}. {} {}</h2>').format(number, number, kind.name, record.reference)
    return str(heading + _facts(facts))


def _facts(facts: Sequence[tuple[str, str]]) -> Markup:
    return Markup("<dl>{}</dl>").format(Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*each) for each in facts))


def _section(about: About, section: Section) -> str:
    lines = Markup("").join(_line(about, line) for line in section.lines)
    return str(Markup("<h3>{}</h3>{}").format(section.part.title, lines))


def _line(about: About, line: Line) -> Markup:
    rows = Markup("")
    for piece in line.pieces:
        if piece.field.whose is Whose.INTERNAL:
            about.withheld[piece.treatment.reason] += 1
            continue
        rows += Markup("<dt>{}</dt>").format(piece.field.label)
        if not piece.treatment.given:
            about.withheld[piece.treatment.reason] += 1
            rows += Markup('<dd class="kept">Kept back: {}</dd>').format(piece.treatment.reason)
        elif piece.field.is_file and piece.treatment.words is None:
            name = file_name(line, piece)
            rows += Markup('<dd><a href="{}">{}</a></dd>').format(name, name)
        else:
            note = Markup(' <span class="kept">({})</span>').format(piece.treatment.reason) if piece.treatment.reason else ""
            rows += Markup("<dd>{}{}</dd>").format(words_of(piece), note)
    return Markup("<dl>{}</dl>").format(rows) if rows else Markup("")


def _notes(notes: Sequence[Note]) -> str:
    said = Markup("").join(
        _facts(
            (
                ("Said on", day_words(each.decided_on)),
                ("What was said to be wrong", each.says),
                ("What was decided", f"{DECISIONS[each.decision]}. {each.reason}"),
            )
        )
        for each in notes
    )
    return str(Markup("<h3>Statements beside this record</h3>{}").format(said))


def _end(about: About) -> str:
    subject = about.subject
    kept = [(reason, f"{number} time{'s' if number > 1 else ''}") for reason, number in about.withheld.most_common()]
    elsewhere = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(table.replace("_", " "), why) for table, why in subject.elsewhere.items()
    )
    others = Markup("").join(Markup("<li>{}</li>").format(each) for each in subject.others)
    return str(
        Markup(
            '<h2 id="kept">What was kept back</h2>{kept}<h2 id="not-here">What is not in here</h2>'
            "<p>This was made from one part of the system: {title}. Not searched by it, and answered for separately:</p>"
            "<ul>{others}</ul>"
            "<p>In this part these were not searched, or are not given:</p><dl>{elsewhere}</dl>"
            '<h2 id="rights">Your rights</h2><p>{rights}</p></main></body></html>'
        ).format(
            kept=_facts(kept) if kept else Markup("<p>Nothing.</p>"),
            title=subject.title,
            others=others,
            elsewhere=elsewhere,
            rights=RIGHTS,
        )
    )


async def data(about: About, records: Sequence[Opened]) -> AsyncIterator[bytes]:
    """The same as JSON (`SCHEMA`)."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "request": about.request.reference,
        "received_on": about.request.received_on.isoformat(),
        "made_at": about.made_at.isoformat(),
        "organisation": about.organisation,
        "service": about.subject.service,
        "not_searched": list(about.subject.others),
        "elsewhere": dict(about.subject.elsewhere),
        "rights": RIGHTS,
    }
    yield (json.dumps(head, ensure_ascii=False)[:-1] + ', "records": [').encode()
    for number, record in enumerate(records):
        kind = record.kind
        fixed = {
            "kind": kind.code,
            "name": kind.name,
            "id": str(record.ticked.id),
            "reference": record.reference,
            "role": record.ticked.role.value,
            "purposes": kind.purposes,
            "source": kind.source,
            "recipients": kind.recipients,
            "kept": kind.kept,
            "statements": [
                {"on": each.decided_on.isoformat(), "says": each.says, "decision": each.decision, "reason": each.reason}
                for each in record.notes
            ],
        }
        yield ((", " if number else "") + json.dumps(fixed, ensure_ascii=False)[:-1] + ', "sections": [').encode()
        first = True
        async for section in record.sections():
            yield (("" if first else ", ") + json.dumps(_section_data(section), ensure_ascii=False)).encode()
            first = False
        yield b"]}"
    yield b"]}"


def _section_data(section: Section) -> Mapping[str, Any]:
    return {
        "title": section.part.title,
        "table": section.part.table,
        "rows": [
            {"id": line.id, "own": line.own, "fields": [_field_data(line, each) for each in line.pieces]}
            for line in section.lines
        ],
    }


def _field_data(line: Line, piece: Piece) -> Mapping[str, Any]:
    named = {"name": piece.field.column, "label": piece.field.label}
    if not piece.treatment.given:
        return {**named, "withheld": piece.treatment.reason}
    if piece.field.is_file and piece.treatment.words is None:
        return {**named, "file": file_name(line, piece)}
    if piece.treatment.words is not None:
        return {**named, "value": piece.given, "redacted": piece.treatment.reason}
    # The code and what it means: other systems read the one, people the other.
    return {**named, "value": piece.value, **({"words": piece.said} if piece.said is not None else {})}


_TEXT = {"type": "string"}
_FIELD = {
    "type": "object",
    "description": "One of `value`, `file` (its place in the package) and `withheld` (why it is kept back).",
    "required": ["name", "label"],
    "properties": {
        "name": _TEXT,
        "label": _TEXT,
        "value": {},
        "file": _TEXT,
        "withheld": _TEXT,
        "redacted": _TEXT,
        "words": _TEXT,
    },
    "oneOf": [{"required": [each]} for each in ("value", "file", "withheld")],
    "additionalProperties": False,
}
_ROW = {
    "type": "object",
    "required": ["id", "own", "fields"],
    "properties": {"id": _TEXT, "own": {"type": "boolean"}, "fields": {"type": "array", "items": _FIELD}},
    "additionalProperties": False,
}
_SECTION = {
    "type": "object",
    "required": ["title", "table", "rows"],
    "properties": {"title": _TEXT, "table": _TEXT, "rows": {"type": "array", "items": _ROW}},
    "additionalProperties": False,
}
_RECORD_TEXTS = ("kind", "name", "id", "reference", "role", "purposes", "source", "recipients", "kept")
_RECORD = {
    "type": "object",
    "required": [*_RECORD_TEXTS, "statements", "sections"],
    "properties": {
        **dict.fromkeys(_RECORD_TEXTS, _TEXT),
        "statements": {"type": "array", "items": {"type": "object", "additionalProperties": _TEXT}},
        "sections": {"type": "array", "items": _SECTION},
    },
    "additionalProperties": False,
}
_TEXTS = ("request", "received_on", "made_at", "organisation", "service", "rights")
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": FORMAT,
    "type": "object",
    "required": ["format", *_TEXTS, "not_searched", "elsewhere", "records"],
    "properties": {
        "format": {"const": FORMAT},
        **dict.fromkeys(_TEXTS, _TEXT),
        "not_searched": {"type": "array", "items": _TEXT},
        "elsewhere": {"type": "object", "additionalProperties": _TEXT},
        "records": {"type": "array", "items": _RECORD},
    },
    "additionalProperties": False,
}

__all__ = ["FORMAT", "RIGHTS", "SCHEMA", "About", "Opened", "data", "file_name", "page", "words"]
