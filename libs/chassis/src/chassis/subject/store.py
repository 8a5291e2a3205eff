"""Requests, ticked records, decisions and statements in PostgreSQL. Who asks, and every word, is sealed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import SealError, Secrets
from chassis.subject.declaring import Role
from chassis.subject.matching import Asked
from chassis.subject.reading import Ticked
from chassis.subject.withholding import Choice, Decision
from chassis.unit_of_work import Transaction

PURPOSE = "subject"

_COLUMNS = (
    "id, reference, entitlement, received_on, starts_on, due_on, extended_on, extension, asked, closed_on, outcome, made_by"
)
_ADD = text(
    """
    insert into subject_request (org, id, reference, entitlement, received_on, starts_on, due_on, asked, made_by)
    values (:org, :id, :reference, :entitlement, :received_on, :starts_on, :due_on, :asked, :by)
    on conflict on constraint subject_request_once do nothing
    """
)
_ONE = text(f"select {_COLUMNS} from subject_request where org = :org and id = :id")  # noqa: S608 - constants
_BY_REFERENCE = text(f"select {_COLUMNS} from subject_request where org = :org and reference = :reference")  # noqa: S608 - constants
_LIST = text(
    f"""
    select {_COLUMNS} from subject_request where org = :org
     order by closed_on desc nulls first, due_on, id limit :most
    """  # noqa: S608 - constants
)
_EXTEND = text(
    """
    update subject_request set extended_on = :on, extension = :why, due_on = :due_on
     where org = :org and id = :id and extended_on is null and closed_on is null
    """
)
_CLOSE = text(
    "update subject_request set closed_on = :on, outcome = :outcome where org = :org and id = :id and closed_on is null"
)
_ASKED = text("update subject_request set asked = :asked where org = :org and id = :id and closed_on is null")
_TICKED = text(
    """
    select kind, record_id, role, found from subject_record where org = :org and request_id = :id order by kind, record_id
    """
)
_TICK = text(
    """
    insert into subject_record (org, request_id, kind, record_id, role, found, added_by)
    values (:org, :id, :kind, :record_id, :role, :found, :by)
    on conflict on constraint subject_record_key do update set role = excluded.role, found = excluded.found
    """
)
_UNTICK = text("delete from subject_record where org = :org and request_id = :id and kind = :kind and record_id = :record_id")
_DECISIONS = text(
    """
    select piece, choice, seen, words, reason from subject_decision
     where org = :org and request_id = :id and kind = :kind and record_id = :record_id
    """
)
_DECIDE = text(
    """
    insert into subject_decision (org, request_id, kind, record_id, piece, choice, seen, words, reason, by_subject)
    values (:org, :id, :kind, :record_id, :piece, :choice, :seen, :words, :reason, :by)
    on conflict on constraint subject_decision_key do update
       set choice = excluded.choice, seen = excluded.seen, words = excluded.words, reason = excluded.reason,
           by_subject = excluded.by_subject, at = now()
    """
)
_UNDECIDE = text(
    """
    delete from subject_decision
     where org = :org and request_id = :id and kind = :kind and record_id = :record_id and piece = :piece
    """
)
_NOTE = text(
    """
    insert into subject_note (org, id, kind, record_id, request_id, says, decision, reason, decided_on, by_subject, by_name)
    values (:org, :note, :kind, :record_id, :id, :says, :decision, :reason, :on, :by, :by_name)
    on conflict on constraint subject_note_key do nothing
    """
)
_NOTES = text(
    """
    select id, says, decision, reason, decided_on, by_subject, by_name, at from subject_note
     where org = :org and kind = :kind and record_id = :record_id order by at, id
    """
)
MOST = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request as it is opened."""

    reference: str
    entitlement: str
    received_on: date
    starts_on: date
    due_on: date
    asked: Asked = field(repr=False)


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """A request, with what is known of the person."""

    id: UUID
    reference: str
    entitlement: str
    received_on: date
    starts_on: date
    due_on: date
    extended_on: date | None
    extension: str = field(repr=False)
    asked: Asked = field(repr=False)
    closed_on: date | None = None
    outcome: str | None = None
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class NewNote:
    """A statement that is put beside a record: `id` is the page's, so that sending it twice makes one."""

    id: UUID
    request: UUID | None
    says: str = field(repr=False)
    decision: str
    reason: str = field(repr=False)
    decided_on: date


@dataclass(frozen=True, slots=True)
class Note:
    """A statement of a person beside a record, and what was decided."""

    id: UUID
    says: str = field(repr=False)
    decision: str
    reason: str = field(repr=False)
    decided_on: date
    by: str = field(repr=False)
    at: datetime


class Requests:
    """Requests of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._transaction = transaction
        self._secrets = secrets
        self._org = transaction.org

    async def add(self, wanted: Wanted, by: str, ident: UUID | None = None) -> SubjectRequest:
        """Open a request; one of the same reference is the same request. Raises `DomainError` where it differs."""
        values = {
            "id": ident or new_id(),
            "reference": wanted.reference,
            "entitlement": wanted.entitlement,
            "received_on": wanted.received_on,
            "starts_on": wanted.starts_on,
            "due_on": wanted.due_on,
            "asked": self._seal(json.dumps(wanted.asked.as_dict())),
            "by": by,
        }
        await self._run(_ADD, **values)
        found = await self.by_reference(wanted.reference)
        if found is None:  # pragma: no cover - it was just written, or was there
            raise not_found("request")
        if (found.entitlement, found.received_on, found.starts_on) != (
            wanted.entitlement,
            wanted.received_on,
            wanted.starts_on,
        ):
            detail = f"There is a request {wanted.reference} already, with another right or other days. Nothing was changed."
            raise DomainError("request-differs", detail)
        return found

    async def one(self, ident: UUID) -> SubjectRequest:
        """A request. Raises `DomainError` not-found."""
        row = (await self._run(_ONE, id=ident)).one_or_none()
        if row is None:
            raise not_found("request")
        return self._request(row)

    async def by_reference(self, reference: str) -> SubjectRequest | None:
        """A request by the council's reference."""
        row = (await self._run(_BY_REFERENCE, reference=reference)).one_or_none()
        return None if row is None else self._request(row)

    async def all(self) -> Sequence[SubjectRequest]:
        """Open ones first, by the day on which they are due."""
        return [self._request(row) for row in await self._run(_LIST, most=MOST)]

    async def extend(self, ident: UUID, on: date, due_on: date, why: str) -> None:
        """Take two months more, once. Raises `DomainError` cannot-extend."""
        done = await self._run(_EXTEND, id=ident, on=on, due_on=due_on, why=self._seal(why))
        if not done.rowcount:
            raise DomainError("cannot-extend", "It was extended before, or is closed. Nothing was changed.")

    async def close(self, ident: UUID, on: date, outcome: str) -> None:
        """Close a request. Raises `DomainError` closed-already."""
        if not (await self._run(_CLOSE, id=ident, on=on, outcome=outcome)).rowcount:
            raise DomainError("closed-already", "Somebody closed it meanwhile. Nothing was changed.")

    async def know(self, ident: UUID, asked: Asked) -> None:
        """Keep what is known of the person now."""
        await self._run(_ASKED, id=ident, asked=self._seal(json.dumps(asked.as_dict())))

    async def ticked(self, ident: UUID) -> list[Ticked]:
        """The records that somebody said are about the person."""
        found = []
        for row in await self._run(_TICKED, id=ident):
            kept = json.loads(self._open(row.found))
            found.append(Ticked(row.kind, row.record_id, Role(row.role), kept["why"], frozenset(kept["rows"])))
        return found

    async def tick(self, ident: UUID, records: Iterable[Ticked], by: str) -> None:
        """Say that records are about the person."""
        for each in records:
            found = self._seal(json.dumps({"why": each.why, "rows": sorted(each.rows)}))
            names = {"kind": each.kind, "record_id": each.id, "role": each.role.value, "found": found, "by": by}
            await self._run(_TICK, id=ident, **names)

    async def untick(self, ident: UUID, kind: str, record_id: UUID) -> None:
        """Say that a record is not; what was decided of its pieces goes with it."""
        await self._run(_UNTICK, id=ident, kind=kind, record_id=record_id)

    async def decisions(self, ident: UUID, kind: str, record_id: UUID) -> dict[str, Decision]:
        """What was decided of a record's pieces."""
        rows = await self._run(_DECISIONS, id=ident, kind=kind, record_id=record_id)
        return {
            row.piece: Decision(Choice(row.choice), self._open(row.words), self._open(row.reason), row.seen) for row in rows
        }

    async def decide(self, ident: UUID, kind: str, record_id: UUID, decided: Mapping[str, Decision | None], by: str) -> None:
        """Keep decisions; None takes one back."""
        for piece, decision in decided.items():
            names: dict[str, Any] = {"id": ident, "kind": kind, "record_id": record_id, "piece": piece}
            if decision is None:
                await self._run(_UNDECIDE, **names)
                continue
            redacted = decision.choice is Choice.REDACT
            await self._run(
                _DECIDE,
                **names,
                choice=decision.choice.value,
                seen=decision.seen,
                words=self._seal(decision.words) if redacted else None,
                reason=self._seal(decision.reason) if decision.reason else None,
                by=by,
            )

    async def note(self, kind: str, record_id: UUID, new: NewNote, identity: Identity) -> None:
        """Put a statement beside a record; the same again is one."""
        names = {"kind": kind, "record_id": record_id, "id": new.request, "note": new.id}
        names |= {"decision": new.decision, "on": new.decided_on}
        sealed = {"says": self._seal(new.says), "reason": self._seal(new.reason)}
        by_name = self._seal(identity.label or identity.subject)
        await self._run(_NOTE, **names, **sealed, by=identity.subject, by_name=by_name)

    async def notes(self, kind: str, record_id: UUID, lost: str | None = None) -> list[Note]:
        """What stands beside a record, oldest first; with `lost` for words whose key was destroyed, else `SealError`."""
        return [
            Note(
                row.id,
                self._open(row.says, lost),
                row.decision,
                self._open(row.reason, lost),
                row.decided_on,
                self._open(row.by_name, lost),
                row.at,
            )
            for row in await self._run(_NOTES, kind=kind, record_id=record_id)
        ]

    def _request(self, row: Row[Any]) -> SubjectRequest:
        values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
        values["extension"] = self._open(values["extension"])
        values["asked"] = Asked.of(json.loads(self._open(values["asked"])))
        return SubjectRequest(**values)

    def _seal(self, words: str) -> bytes:
        return self._secrets.seal(self._org, PURPOSE, words)

    def _open(self, sealed: bytes | None, lost: str | None = None) -> str:
        try:
            return "" if sealed is None else self._secrets.open(self._org, PURPOSE, bytes(sealed))
        except SealError:
            if lost is None:
                raise
            return lost

    async def _run(self, statement: Any, **values: Any) -> Any:
        return await self._transaction.connection.execute(statement, {"org": self._org, **values})
