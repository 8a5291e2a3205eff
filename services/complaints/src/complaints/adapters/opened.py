"""Who opened what was said in a record, or how to reach somebody: written with every opening, and shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.intake_sealing import STAFF, open_text

Record = Literal["representation", "complaint", "compliment", "letter"]
MOST = 50

_ADD = text(
    """
    insert into opened (org, id, record, record_id, by_subject, by_name)
    values (:org, :id, :record, :record_id, :by, :by_name)
    """
)
_LIST = text(
    """
    select at, by_subject, by_name from opened where org = :org and record = :record and record_id = :record_id
     order by at desc, id desc limit :most
    """
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened a record at a moment."""

    at: datetime
    by: str
    name: str = field(repr=False)


async def log_opening(transaction: Transaction, secrets: Secrets, identity: Identity, record: Record, ident: UUID) -> None:
    """Write down that somebody opens the words or contact details of a record."""
    name = secrets.seal(transaction.org, STAFF, identity.label or identity.subject)
    values = {"org": transaction.org, "id": new_id(), "record": record, "record_id": ident}
    await transaction.connection.execute(_ADD, {**values, "by": identity.subject, "by_name": name})


async def openings(transaction: Transaction, secrets: Secrets, record: Record, ident: UUID) -> Sequence[Opening]:
    """Who opened a record, the last first; the 50 last."""
    values = {"org": transaction.org, "record": record, "record_id": ident, "most": MOST}
    rows = await transaction.connection.execute(_LIST, values)
    return [Opening(row.at, row.by_subject, open_text(secrets, transaction.org, STAFF, row.by_name)) for row in rows]
