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
    insert into opened (org, id, record, record_id, file_id, by_subject, by_name)
    values (:org, :id, :record, :record_id, :file_id, :by, :by_name)
    """
)
_LIST = text(
    """
    select at, file_id, by_subject, by_name from opened where org = :org and record = :record and record_id = :record_id
     order by at desc, id desc limit :most
    """
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened a record at a moment; with `file_id` one of its files."""

    at: datetime
    by: str
    name: str = field(repr=False)
    file_id: UUID | None = None

    @property
    def words(self) -> str:
        """Who, and whether it was a file."""
        return f"{self.name} (a file)" if self.file_id else self.name


async def log_opening(
    transaction: Transaction, secrets: Secrets, identity: Identity, record: Record, ident: UUID, file_id: UUID | None = None
) -> None:
    """Write down that somebody opens the words or contact details of a record, or one of its files."""
    name = secrets.seal(transaction.org, STAFF, identity.label or identity.subject)
    values = {"org": transaction.org, "id": new_id(), "record": record, "record_id": ident, "file_id": file_id}
    await transaction.connection.execute(_ADD, {**values, "by": identity.subject, "by_name": name})


async def openings(
    transaction: Transaction, secrets: Secrets, record: Record, ident: UUID, most: int = MOST
) -> Sequence[Opening]:
    """Who opened a record, the last first; the 50 last."""
    values = {"org": transaction.org, "record": record, "record_id": ident, "most": most}
    rows = await transaction.connection.execute(_LIST, values)
    org = transaction.org
    return [Opening(row.at, row.by_subject, open_text(secrets, org, STAFF, row.by_name), row.file_id) for row in rows]
