"""Ombudsman cases with their deadlines, as pages show them; what is wanted is sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.domain.clock_reminders import Wanted
from complaints.domain.ombudsman import Deadline

PURPOSE = "complaints/ombudsman"
_CASES = """
    select o.id, o.reference, o.service_area, o.accepted_on, o.outcome_on, o.outcome, o.actions, o.remedies, o.complaint_id,
           c.reference as complaint,
           (select min(d.due_on) from ombudsman_deadline d
             where d.org = o.org and d.case_id = o.id and d.done_on is null) as next
      from ombudsman_case o
      left join complaint c on c.org = o.org and c.id = o.complaint_id
"""
_LIST = text(f"{_CASES} where (cardinality(cast(:areas as text[])) = 0 or o.service_area = any(:areas)) "
             "order by next nulls last, o.accepted_on desc, o.id desc limit 500")  # fmt: skip
_ONE = text(f"{_CASES} where o.id = :id")
_DEADLINES = text(
    "select id, kind, due_on, done_on, remedy, what_sealed, done_by from ombudsman_deadline "
    "where case_id = :id order by due_on, id"
)
_ADD = text(
    """
    insert into ombudsman_deadline (org, id, case_id, kind, due_on, what_sealed, created_by, remedy)
    values (:org, :id, :case_id, :kind, :due_on, :what, :by, :remedy)
    on conflict on constraint ombudsman_deadline_key do nothing
    returning id
    """
)
_LOCK = text(
    "select id, kind, due_on, done_on, remedy from ombudsman_deadline where case_id = :case_id and id = :id for update"
)
_DONE = text("update ombudsman_deadline set done_on = :done_on, done_by = :by where id = :id")
_OPEN = text(
    """
    select d.id, d.due_on, d.case_id, o.reference, o.service_area
      from ombudsman_deadline d
      join ombudsman_case o on o.org = d.org and o.id = d.case_id
     where d.done_on is null
     order by d.due_on, d.id
    """
)


@dataclass(frozen=True)
class CaseRow:
    """A case; `next` is the first day by which the Ombudsman still waits for something."""

    id: UUID
    reference: str
    service_area: str
    accepted_on: date
    outcome_on: date | None
    outcome: str | None
    actions: int | None
    remedies: Sequence[str]
    complaint_id: UUID | None
    complaint: str | None
    next: date | None


@dataclass(frozen=True)
class StoredDeadline:
    """A deadline with what is wanted."""

    deadline: Deadline
    what: str = field(repr=False)
    done_by: str | None


class OmbudsmanCases:
    """Those of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets

    async def list(self, areas: frozenset[str]) -> Sequence[CaseRow]:
        """What waits first, then the newest; 500 at most."""
        rows = await self._connection.execute(_LIST, {"areas": sorted(areas)})
        return [CaseRow(*row) for row in rows]

    async def one(self, case_id: UUID) -> CaseRow | None:
        """A case."""
        row = (await self._connection.execute(_ONE, {"id": case_id})).one_or_none()
        return None if row is None else CaseRow(*row)

    async def deadlines(self, case_id: UUID) -> Sequence[StoredDeadline]:
        """The deadlines of a case, the first due first."""
        rows = await self._connection.execute(_DEADLINES, {"id": case_id})
        return [
            StoredDeadline(
                Deadline(row.id, row.kind, row.due_on, row.done_on, row.remedy),
                self._secrets.open(self._org, PURPOSE, bytes(row.what_sealed)),
                row.done_by,
            )
            for row in rows
        ]

    async def add(self, case_id: UUID, new: Deadline, what: str, by: str) -> bool:
        """Store a deadline; the same id again is the same deadline, and False."""
        sealed = self._secrets.seal(self._org, PURPOSE, what)
        own = {"org": self._org, "id": new.id, "case_id": case_id, "kind": new.kind, "due_on": new.due_on}
        values = {**own, "what": sealed, "by": by, "remedy": new.remedy}
        return (await self._connection.execute(_ADD, values)).one_or_none() is not None

    async def lock(self, case_id: UUID, ident: UUID) -> Deadline | None:
        """A deadline, held until the transaction ends."""
        row = (await self._connection.execute(_LOCK, {"case_id": case_id, "id": ident})).one_or_none()
        return None if row is None else Deadline(*row)

    async def done(self, ident: UUID, done_on: date, by: str) -> None:
        """It was done."""
        await self._connection.execute(_DONE, {"id": ident, "done_on": done_on, "by": by})


async def open_deadlines(transaction: Transaction) -> list[Wanted]:
    """What the Ombudsman still waits for, for the worker that reminds: nothing of what it is."""
    rows = await transaction.connection.execute(_OPEN)
    return [Wanted(row.id, row.case_id, row.reference, row.service_area, row.due_on) for row in rows]
