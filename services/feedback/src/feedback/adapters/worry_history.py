"""What was done with a worry and by whom: added to, never changed. Names and words are sealed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing

ONE_LOOK = timedelta(minutes=10)
"""Within this time somebody who opens a worry again is still looking: the step that they take leads back to its page."""

_ADD = text(
    """
    insert into concern_history (org, id, concern_id, at, what, by_subject, by_name, revision, code, words)
    values (:org, :id, :concern_id, :at, :what, :by_subject, :by_name, :revision, :code, :words)
    """
)
_SEEN = text(
    """
    select exists (select from concern_history where org = :org and concern_id = :concern_id and what = :what
                    and by_subject = :by_subject and at > :since)
    """
)
_ALL = text(
    """
    select at, what, by_name, revision, code, words from concern_history
     where org = :org and concern_id = :concern_id order by at, id
    """
)
_IDENTIFIED = text(
    "select exists (select from concern_history where org = :org and concern_id = :concern_id and what = 'identified')"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a worry. `what` is `opened`, `read`, `identified` or a step; `by` is empty for a machine."""

    at: datetime
    what: str
    by: str = ""
    revision: int | None = None
    code: str | None = None
    words: str = field(default="", repr=False)


async def add(
    transaction: Transaction, secrets: Secrets, concern: UUID, entry: Entry, identity: Identity | None = None
) -> None:
    """Add what happened; `identity` is who did it, None for a machine."""
    org = transaction.org
    name = (identity.label or identity.subject) if identity else None
    values = {
        "org": org,
        "id": new_id(),
        "concern_id": concern,
        "at": entry.at,
        "what": entry.what,
        "by_subject": identity.subject if identity else None,
        "by_name": secrets.seal(org, sealing.STAFF, name) if name else None,
        "revision": entry.revision,
        "code": entry.code,
        "words": secrets.seal(org, sealing.STEP, entry.words) if entry.words else None,
    }
    await transaction.connection.execute(_ADD, values)


async def add_look(transaction: Transaction, secrets: Secrets, concern: UUID, identity: Identity, now: datetime) -> None:
    """Add that somebody read a worry, once for as long as they look."""
    asked = {
        "org": transaction.org,
        "concern_id": concern,
        "what": "read",
        "by_subject": identity.subject,
        "since": now - ONE_LOOK,
    }
    if not (await transaction.connection.execute(_SEEN, asked)).scalar_one():
        await add(transaction, secrets, concern, Entry(now, "read"), identity)


async def identified(transaction: Transaction, concern: UUID) -> bool:
    """Whether somebody has looked up whose link it was."""
    values = {"org": transaction.org, "concern_id": concern}
    found: bool = (await transaction.connection.execute(_IDENTIFIED, values)).scalar_one()
    return found


async def of(transaction: Transaction, secrets: Secrets, concern: UUID) -> list[Entry]:
    """All that happened to a worry, oldest first."""
    org = transaction.org
    rows = await transaction.connection.execute(_ALL, {"org": org, "concern_id": concern})
    return [
        Entry(
            row.at,
            row.what,
            secrets.open(org, sealing.STAFF, bytes(row.by_name)) if row.by_name else "",
            row.revision,
            row.code,
            secrets.open(org, sealing.STEP, bytes(row.words)) if row.words else "",
        )
        for row in rows
    ]
