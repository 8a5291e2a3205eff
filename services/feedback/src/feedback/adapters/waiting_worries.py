"""Worries that wait, as the worker sees them: numbers and clocks, and nothing of whose they are or what was said."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from feedback.domain.worry_clock import Clock

_UNTRIAGED = text(
    """
    select id, number, opened_at, read_from, due_at, acknowledged_at is not null as acknowledged
      from concern where org = :org and triaged_at is null and state <> 'closed' order by due_at, number
    """
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A worry that nobody has triaged."""

    id: UUID
    number: int
    clock: Clock
    acknowledged: bool


async def untriaged(transaction: Transaction) -> list[Waiting]:
    """The worries of the organisation that nobody has triaged, the first due first."""
    rows = await transaction.connection.execute(_UNTRIAGED, {"org": transaction.org})
    return [Waiting(row.id, row.number, Clock(row.opened_at, row.read_from, row.due_at), row.acknowledged) for row in rows]
