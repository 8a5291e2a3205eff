"""Compliments and Ombudsman cases in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_COMPLIMENT = text(
    """
    insert into compliment (org, id, reference, received_on, service_area, team, source, external, content_hash, created_by)
    values (:org, :id, :reference, :received_on, :service_area, :team, :source, :external, :content_hash, :by)
    on conflict on constraint compliment_reference_once do nothing
    returning id
    """
)
_SAME_COMPLIMENT = text("select id, content_hash from compliment where reference = :reference")
_CASE = text(
    """
    insert into ombudsman_case (org, id, reference, complaint_id, service_area, accepted_on, content_hash, created_by)
    values (:org, :id, :reference, :complaint_id, :service_area, :accepted_on, :content_hash, :by)
    on conflict on constraint ombudsman_reference_once do nothing
    returning id
    """
)
_SAME_CASE = text("select id, content_hash from ombudsman_case where reference = :reference")
_LOCK_CASE = text(
    """
    select id, reference, service_area, accepted_on, outcome_on, outcome, actions, remedies from ombudsman_case
     where id = :id for update
    """
)
_OUTCOME = text(
    """
    update ombudsman_case set outcome_on = :outcome_on, outcome = :outcome, actions = :actions, remedies = :remedies
     where id = :id
    """
)
_RECOUNT = text(
    """
    update ombudsman_case set version = version + 1 where id = :id
    returning id as case_id, complaint_id, service_area, version, accepted_on, outcome_on, outcome, actions, remedies
    """
)
_DEADLINES = text(
    """
    select id as deadline_id, kind, due_on, done_on, remedy from ombudsman_deadline
     where case_id = :id order by due_on, id
    """
)


@dataclass(frozen=True)
class OmbudsmanCase:
    """A case that the Ombudsman accepted; there is no outcome, and no remedy, until it arrives."""

    id: UUID
    reference: str
    service_area: str
    accepted_on: date
    outcome_on: date | None
    outcome: str | None
    actions: int | None
    remedies: Sequence[str] = ()


class OtherRecords:
    """Compliments and Ombudsman cases of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._transaction = transaction
        self._connection = transaction.connection

    async def create_compliment(self, values: dict[str, Any]) -> tuple[UUID, bytes] | None:
        """Store a compliment. If its reference is taken nothing is stored, and the other's id and content hash returned."""
        if (await self._connection.execute(_COMPLIMENT, {"org": self._org, **values})).one_or_none() is not None:
            return None
        async with self._transaction.whole_organisation():
            row = (await self._connection.execute(_SAME_COMPLIMENT, {"reference": values["reference"]})).one()
        return row.id, bytes(row.content_hash)

    async def create_case(self, values: dict[str, Any]) -> tuple[UUID, bytes] | None:
        """Store an Ombudsman case. If its reference is taken nothing is stored, and the other's id and hash returned."""
        if (await self._connection.execute(_CASE, {"org": self._org, **values})).one_or_none() is not None:
            return None
        async with self._transaction.whole_organisation():
            row = (await self._connection.execute(_SAME_CASE, {"reference": values["reference"]})).one()
        return row.id, bytes(row.content_hash)

    async def lock_case(self, case_id: UUID) -> OmbudsmanCase | None:
        """An Ombudsman case, held until the transaction ends."""
        row = (await self._connection.execute(_LOCK_CASE, {"id": case_id})).one_or_none()
        return None if row is None else OmbudsmanCase(*row)

    async def save_outcome(
        self, case_id: UUID, outcome_on: date, outcome: str, actions: int, remedies: Sequence[str]
    ) -> None:  # fmt: skip
        """Store the outcome of a case."""
        values = {"id": case_id, "outcome_on": outcome_on, "outcome": outcome, "actions": actions, "remedies": list(remedies)}
        await self._connection.execute(_OUTCOME, values)

    async def recounted(self, case_id: UUID) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A case with a raised version, held until the transaction ends, and its deadlines: all that its event tells."""
        case = (await self._connection.execute(_RECOUNT, {"id": case_id})).mappings().one()
        # A statement of its own, so that it sees what the last holder of the case committed.
        deadlines = (await self._connection.execute(_DEADLINES, {"id": case_id})).mappings()
        return {**case, "remedies": tuple(case["remedies"])}, [dict(each) for each in deadlines]
