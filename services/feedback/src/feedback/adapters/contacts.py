"""Families who ask to be contacted, in the database: details sealed, each look and step written down."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.contact import Details, Request, State, Step, new_reference

ONE_LOOK = timedelta(minutes=10)
"""Within this time somebody who opens a request again is still looking."""

_TRIES = 5  # at a reference that nobody has; the second is needed once in some ten thousand

_ONCE = text(
    "insert into contact_once (org, visit_key, day) values (:org, :visit_key, :day) on conflict do nothing returning day"
)
_ASKED = text("select day from contact_once where org = :org and visit_key = :visit_key")
_INSERT = text(
    """
    insert into contact_request (org, id, reference, questionnaire, service_area, team, language, young, details, asked_on,
                                 due_on)
    values (:org, :id, :reference, :questionnaire, :service_area, :team, :language, :young, :details, :asked_on, :due_on)
        on conflict on constraint contact_reference_once do nothing returning reference
    """
)
_COLUMNS = """k.id, k.reference, k.questionnaire, k.service_area, k.team, k.language, k.young, k.asked_on, k.due_on, k.state,
              k.revision, k.taken_by, k.closed_on"""
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or k.service_area = any(cast(:areas as text[])))"
_FROM = f"from contact_request k where k.org = :org and {_AREAS}"
_TO_DO = text(f"select {_COLUMNS} {_FROM} and k.state <> 'closed' order by k.due_on, k.reference limit 1000")
_CLOSED = text(f"select {_COLUMNS} {_FROM} and k.state = 'closed' order by k.closed_on desc, k.reference limit 100")
_ONE = text(f"select {_COLUMNS} {_FROM} and k.id = :id")
_LOCK = text("select 1 from contact_request where org = :org and id = :id for no key update")
_NEWEST = text("select what, by_subject from contact_history where org = :org and contact_id = :id and revision = :revision")
_DETAILS = text("select details from contact_request where org = :org and id = :id")
_SAVE = text(
    """
    update contact_request set state = :state, revision = :revision, taken_by = :taken_by, closed_on = :closed_on
     where org = :org and id = :id
    """
)
_ADD = text(
    """
    insert into contact_history (org, id, contact_id, at, what, by_subject, by_name, revision, words)
    values (:org, :id, :contact_id, :at, :what, :by_subject, :by_name, :revision, :words)
    """
)
_SEEN = text(
    """
    select exists (select from contact_history where org = :org and contact_id = :id and what = 'read'
                    and by_subject = :by_subject and at > :since)
    """
)
_ALL = text(
    """
    select at, what, by_name, words from contact_history where org = :org and contact_id = :id order by at, id
    """
)


@dataclass(frozen=True, slots=True)
class Record:
    """A request with where it comes from; nothing of what was written."""

    id: UUID
    reference: str
    questionnaire: str
    service_area: str
    team: str | None
    language: str
    young: bool
    asked_on: date
    due_on: date
    request: Request


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request about to be kept."""

    questionnaire: str
    service_area: str
    team: str | None
    language: str
    young: bool
    asked_on: date
    due_on: date
    details: Details


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a request. `what` is `read` or a step."""

    at: datetime
    what: str
    by: str = ""
    words: str = field(default="", repr=False)


async def claim_visit(transaction: Transaction, visit_key: str, day: date) -> bool:
    """Note that a visit asks, once; False where it has asked before. Of two at once the second waits, and then sees that."""
    names = {"org": transaction.org, "visit_key": visit_key, "day": day}
    return (await transaction.connection.execute(_ONCE, names)).one_or_none() is not None


async def asked_on(transaction: Transaction, visit_key: str) -> date | None:
    """The day on which a visit asked; None where it has not."""
    names = {"org": transaction.org, "visit_key": visit_key}
    found: date | None = (await transaction.connection.execute(_ASKED, names)).scalar_one_or_none()
    return found


async def keep(transaction: Transaction, secrets: Secrets, new: NewRequest) -> str:
    """Keep a request; answers its reference. Its id and its reference are random: neither tells when it came."""
    for _ in range(_TRIES):
        values = {
            "org": transaction.org,
            "id": uuid4(),
            "reference": new_reference(),
            "questionnaire": new.questionnaire,
            "service_area": new.service_area,
            "team": new.team,
            "language": new.language,
            "young": new.young,
            "details": seal(secrets, transaction.org, new.details),
            "asked_on": new.asked_on,
            "due_on": new.due_on,
        }
        kept: str | None = (await transaction.connection.execute(_INSERT, values)).scalar_one_or_none()
        if kept is not None:
            return kept
    raise LookupError("no reference is free")  # pragma: no cover - one of ten thousand, five times in a row


def seal(secrets: Secrets, org: str, details: Details) -> bytes:
    """What a family wrote, as it is kept."""
    return secrets.seal(org, sealing.CONTACT, json.dumps(asdict(details)))


def unseal(secrets: Secrets, org: str, sealed: bytes) -> Details:
    """What a family wrote; raises `SealError`."""
    return Details(**json.loads(secrets.open(org, sealing.CONTACT, sealed)))


async def to_do(transaction: Transaction, areas: Collection[str]) -> list[Record]:
    """Requests that are not closed, of those service areas (all where empty), the first due first."""
    rows = await transaction.connection.execute(_TO_DO, {"org": transaction.org, "areas": sorted(areas)})
    return [_record(row) for row in rows]


async def closed(transaction: Transaction, areas: Collection[str]) -> list[Record]:
    """Requests that were closed and are not deleted yet, the last closed first."""
    rows = await transaction.connection.execute(_CLOSED, {"org": transaction.org, "areas": sorted(areas)})
    return [_record(row) for row in rows]


async def one(transaction: Transaction, ident: UUID, areas: Collection[str], *, lock: bool = False) -> Record | None:
    """A request with its newest step. `lock`: until the transaction ends."""
    if lock:
        await transaction.connection.execute(_LOCK, {"org": transaction.org, "id": ident})
    names = {"org": transaction.org, "id": ident, "areas": sorted(areas)}
    row = (await transaction.connection.execute(_ONE, names)).one_or_none()
    if row is None:
        return None
    newest = None
    if row.revision:
        asked = {"org": transaction.org, "id": ident, "revision": row.revision}
        newest = (await transaction.connection.execute(_NEWEST, asked)).one_or_none()
    return _record(row, newest)


async def details(transaction: Transaction, secrets: Secrets, ident: UUID) -> Details:
    """What the family wrote; raises `SealError`."""
    sealed = (await transaction.connection.execute(_DETAILS, {"org": transaction.org, "id": ident})).scalar_one()
    return unseal(secrets, transaction.org, bytes(sealed))


async def save(transaction: Transaction, ident: UUID, request: Request) -> None:
    """Store what a step made of a request."""
    names = {
        "org": transaction.org, "id": ident, "state": request.state.value, "revision": request.revision,
        "taken_by": request.taken_by, "closed_on": request.closed_on,
    }  # fmt: skip
    await transaction.connection.execute(_SAVE, names)


async def add(
    transaction: Transaction, secrets: Secrets, ident: UUID, entry: Entry, identity: Identity, revision: int | None = None
) -> None:
    """Add what somebody did."""
    org = transaction.org
    values = {
        "org": org,
        "id": new_id(),
        "contact_id": ident,
        "at": entry.at,
        "what": entry.what,
        "by_subject": identity.subject,
        "by_name": secrets.seal(org, sealing.STAFF, identity.label or identity.subject),
        "revision": revision,
        "words": secrets.seal(org, sealing.CONTACT_STEP, entry.words) if entry.words else None,
    }
    await transaction.connection.execute(_ADD, values)


async def add_look(transaction: Transaction, secrets: Secrets, ident: UUID, identity: Identity, now: datetime) -> None:
    """Add that somebody read a request, once for as long as they look."""
    asked = {"org": transaction.org, "id": ident, "by_subject": identity.subject, "since": now - ONE_LOOK}
    if not (await transaction.connection.execute(_SEEN, asked)).scalar_one():
        await add(transaction, secrets, ident, Entry(now, "read"), identity)


async def history(transaction: Transaction, secrets: Secrets, ident: UUID) -> list[Entry]:
    """All that happened to a request, oldest first."""
    org = transaction.org
    rows = await transaction.connection.execute(_ALL, {"org": org, "id": ident})
    return [
        Entry(
            row.at,
            row.what,
            secrets.open(org, sealing.STAFF, bytes(row.by_name)),
            secrets.open(org, sealing.CONTACT_STEP, bytes(row.words)) if row.words else "",
        )
        for row in rows
    ]


def _record(row: Row[Any], newest: Row[Any] | None = None) -> Record:
    last = (Step(newest.what), newest.by_subject) if newest else (None, None)
    return Record(
        id=row.id,
        reference=row.reference,
        questionnaire=row.questionnaire,
        service_area=row.service_area,
        team=row.team,
        language=row.language,
        young=row.young,
        asked_on=row.asked_on,
        due_on=row.due_on,
        request=Request(State(row.state), row.revision, row.taken_by, row.closed_on, *last),
    )
