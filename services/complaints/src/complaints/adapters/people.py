"""People of complaints in PostgreSQL; who they are is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from complaints.domain.people import Assigned

_LIST = text(
    """
    select id, role, subject, name_key, details, independent, from_on, until_on, added_by, ended_by
      from complaint_person where org = :org and complaint_id = :complaint_id order by from_on, added_at, id
    """
)
_ADD = text(
    """
    insert into complaint_person (org, id, complaint_id, role, subject, name_key, details, independent, from_on, added_by)
    values (:org, :id, :complaint_id, :role, :subject, :name_key, :details, :independent, :from_on, :by)
    """
)
_END = text("update complaint_person set until_on = :until_on, ended_by = :by where org = :org and id = :id")


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """Somebody in a role; name and ways to reach them are sealed."""

    id: UUID
    details: bytes = field(repr=False)
    independent: bool
    subject: str | None
    added_by: str
    ended_by: str | None
    assigned: Assigned


class People:
    """People of complaints of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._connection = transaction.connection

    async def of(self, complaint_id: UUID) -> list[StoredPerson]:
        """Everybody who has or had a role, in the order in which they came."""
        rows = await self._connection.execute(_LIST, {"org": self._org, "complaint_id": complaint_id})
        return [
            StoredPerson(
                row.id,
                bytes(row.details),
                row.independent,
                row.subject,
                row.added_by,
                row.ended_by,
                Assigned(row.role, frozenset(key for key in (row.subject, row.name_key) if key), row.from_on, row.until_on),
            )
            for row in rows
        ]

    async def add(self, values: Mapping[str, Any]) -> None:
        """Store somebody."""
        await self._connection.execute(_ADD, {"org": self._org, **values})

    async def end(self, ident: UUID, until: date, by: str) -> None:
        """End somebody's part."""
        await self._connection.execute(_END, {"org": self._org, "id": ident, "until_on": until, "by": by})
