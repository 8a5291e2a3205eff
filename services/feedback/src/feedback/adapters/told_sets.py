"""Which sets of issued links somebody can still fetch, and the turn of those who issue many at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_KEPT = text(
    """
    select id, made_at, expires_at from upload
     where org = :org and kind = 'issued-links' and made_by = :made_by and expires_at > now() order by made_at desc limit 20
    """
)
# Two officers who confirm lists at once would wait for rows of one another in turn, and one would be thrown out.
_TURN = text("select pg_advisory_xact_lock(hashtextextended(:org || chr(31) || 'issue many', 7205))")


@dataclass(frozen=True, slots=True)
class KeptSet:
    """Links of one issuing that can still be fetched."""

    id: UUID
    made_at: datetime
    expires_at: datetime


async def kept(transaction: Transaction, made_by: str) -> list[KeptSet]:
    """The sets of one person, newest first."""
    names = {"org": transaction.org, "made_by": made_by}
    return [KeptSet(*row) for row in await transaction.connection.execute(_KEPT, names)]


async def take_turn(transaction: Transaction) -> None:
    """Wait until nobody else of the organisation issues many, and keep the turn until the transaction ends."""
    await transaction.connection.execute(_TURN, {"org": transaction.org})
