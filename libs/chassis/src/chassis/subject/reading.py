"""Opens a record piece by piece, each with what becomes of it: the same for the page of the reviewer and for the package."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as hidden
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, text

from chassis.secrets import SealError, Secrets
from chassis.subject.declaring import Field, KindOf, Part, Role, Whose
from chassis.subject.of_trail import ACTS, LOOKS
from chassis.subject.withholding import Decision, Treatment, treatment
from chassis.subject.wording import Reader, Wording
from chassis.unit_of_work import Transaction

LOST = "cannot be opened: the key that sealed it is not here"
SEEN = "subject-seen"
_OPENING = 200
"""Values that are opened in a thread at a time; more would hold back everybody else."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One value of a record, and what becomes of it. `value` is JSON."""

    id: str
    field: Field
    value: Any = hidden(repr=False)
    treatment: Treatment = hidden(repr=False)

    seen: str = hidden(default="", repr=False)
    """The keyed hash of the value, by which a decision is known to be about it."""
    said: str | None = hidden(default=None, repr=False)
    """The value in words, where it is a code."""

    @property
    def given(self) -> Any:
        """What the person is given: the value, or what was left of it."""
        return self.treatment.words if self.treatment.words is not None else self.value


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table."""

    id: str
    own: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a record."""

    part: Part
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Ticked:
    """A record that a reviewer said is about the person."""

    kind: str
    id: UUID
    role: Role
    why: str = ""
    rows: frozenset[str] = frozenset()


def statement(part: Part, *, where: str, order: str = "", limit: str = "") -> str:
    """SQL that reads a part: every name is from a declaration."""
    columns = [*(f'{_shown(name)} as "k_{name}"' for name in part.key)]
    for at, each in enumerate(part.fields):
        columns.append(f'{_column(each)} as "v_{at}"')
        if each.purpose and each.bound != "''":
            columns.append(f'{each.bound} as "b_{at}"')
    if part.role:
        columns.append(f't."{part.role}" as "role_of"')
    columns.append(f'{part.record} as "record_of"')
    listed = ", ".join(columns)
    return f"select {listed} from {part.table} t where t.org = :org and {where} {order} {limit}"  # noqa: S608 - as above


def _shown(name: str) -> str:
    return f't."{name}"'


def _column(each: Field) -> str:
    if each.is_file:
        # Of a file only that it is there; its content is read when it is handed out.
        return each.sql or f't."{each.column}" is not null'
    if each.sql:
        return each.sql
    if each.form == "json" and not each.purpose:
        return f't."{each.column}"::text'
    return f't."{each.column}"'


def row_id(part: Part, row: Row[Any]) -> str:
    """The name of a row: its table and key."""
    return part.table + "/" + "/".join(str(row._mapping[f"k_{name}"]) for name in part.key)  # noqa: SLF001 - SQLAlchemy's public name


class Opener:
    """Opens values of one organisation."""

    def __init__(self, secrets: Secrets, org: str) -> None:
        self._secrets = secrets
        self._org = org

    def value(self, row: RowMapping, at: int, each: Field) -> Any:
        """The value of a field as JSON; a note in its place where it does not open."""
        raw = row[f"v_{at}"]
        if raw is None or (raw is False and each.is_file):
            return None
        if each.is_file:
            return {"file": str(raw) if each.form == "stored" else ""}
        if not each.purpose:
            return _plain(raw, each)
        try:
            return self.opened(raw, each, row.get(f"b_{at}") or "")
        except (SealError, ValueError):
            return f"({LOST})"

    def seen(self, name: str, value: Any) -> str:
        """The keyed hash of a value at its place."""
        return self._secrets.pseudonym(self._org, SEEN, f"{name} {json.dumps(value, sort_keys=True)}")

    def opened(self, raw: Any, each: Field, bound: str = "") -> Any:
        """What is in a sealed value. Raises `SealError`."""
        if isinstance(raw, dict | list | str):
            return self._walked(json.loads(raw) if isinstance(raw, str) else raw, each)
        content = self._secrets.open_bytes(self._org, each.purpose, bytes(raw), bound)
        if each.decode is not None:
            return each.decode(content)
        words = content.decode()
        try:
            return json.loads(words) if each.form == "json" else words
        except ValueError:
            return words  # of before it was JSON

    def _walked(self, document: Any, each: Field) -> Any:
        """A JSON column in which sealed texts stand as base64."""
        if isinstance(document, dict):
            return {name: self._walked(value, each) for name, value in document.items()}
        if isinstance(document, list):
            return [self._walked(value, each) for value in document]
        if isinstance(document, str) and len(document) > 40:  # noqa: PLR2004 - the shortest sealed text
            try:
                sealed = base64.b64decode(document, validate=True)
                return self._secrets.open_bytes(self._org, each.purpose, sealed).decode()
            except (SealError, ValueError):
                return document
        return document


def _plain(raw: Any, each: Field) -> Any:
    if each.form == "json" and isinstance(raw, str):
        return json.loads(raw)
    if isinstance(raw, bytes | memoryview):
        return bytes(raw).hex()
    if isinstance(raw, datetime | date):
        return raw.isoformat()
    if isinstance(raw, UUID):
        return str(raw)
    if isinstance(raw, str | int | float | bool | list | dict):
        return [str(item) if isinstance(item, UUID) else item for item in raw] if isinstance(raw, list) else raw
    return str(raw)


async def sections(
    transaction: Transaction,
    secrets: Secrets,
    kind: KindOf,
    ticked: Ticked,
    decisions: Mapping[str, Decision],
    wording: Wording | None = None,
) -> AsyncIterator[Section]:
    """A record, one table after the other; at most one table of it is held."""
    opener = Opener(secrets, transaction.org)
    read = await wording(transaction, kind.code, ticked.id) if wording is not None else None
    for part in (*kind.parts, *([] if kind is ACTS else [LOOKS])):
        order = f"order by {part.order or ', '.join(_shown(name) for name in part.key)}"
        names = {"org": transaction.org, "id": ticked.id}
        rows = (await transaction.connection.execute(text(statement(part, where=part.of_record, order=order)), names)).all()
        lines: list[Line] = []
        for at in range(0, len(rows), _OPENING):
            lines += await asyncio.to_thread(_lines, part, rows[at : at + _OPENING], opener, ticked, decisions, read)
        if lines:
            yield Section(part, tuple(lines))


def _lines(
    part: Part,
    rows: Sequence[Row[Any]],
    opener: Opener,
    ticked: Ticked,
    decisions: Mapping[str, Decision],
    read: Reader | None,
) -> list[Line]:
    lines = []
    for row in rows:
        ident = row_id(part, row)
        own = ident in ticked.rows
        mapping = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        pieces = []
        for at, each in enumerate(part.fields):
            value = opener.value(mapping, at, each)
            if value is None or value in ("", [], {}):
                continue
            name = f"{ident}/{each.column}"
            seen = opener.seen(name, value)
            mine = own if each.whose is not Whose.STAFF else f"{ident}/{each.of or each.column}" in ticked.rows
            becomes = treatment(each.whose, ticked.role, decisions.get(name), own=mine, seen=seen)
            said = read(part.table, each.column, value) if read is not None else None
            pieces.append(Piece(name, each, value, becomes, seen, said))
        lines.append(Line(ident, own, tuple(pieces)))
    return lines
