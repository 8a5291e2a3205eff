"""What waits without a limit of its own: codes and dates, for the page of what is due and for the worker."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from complaints.domain.agenda import Asked, Waiting

_ASKED = text(
    """
    select c.id, c.reference, c.service_area, r.stage, r.requested_on
      from complaint c
      join stage_request r on r.org = c.org and r.complaint_id = c.id and r.stage = c.stage + 1 and r.decided_on is null
     where c.open and c.phase = 'requested'
       and (cardinality(cast(:areas as text[])) = 0 or c.service_area = any(cast(:areas as text[])))
     order by r.requested_on, c.id
    """
)
_WAITING = text(
    """
    select count(*) as number, min(received_on) as oldest, count(*) filter (where urgent) as urgent
      from representation
     where state = 'received'
       and (cardinality(cast(:areas as text[])) = 0 or service_area is null or service_area = any(cast(:areas as text[])))
    """
)


async def asked_for(transaction: Transaction, areas: Collection[str]) -> list[Asked]:
    """Next stages that were asked for and wait for a decision, the first asked for first."""
    rows = await transaction.connection.execute(_ASKED, {"areas": sorted(areas)})
    return [Asked(row.reference, row.service_area, row.stage, row.requested_on, f"/complaints/{row.id}") for row in rows]


async def waiting_intake(transaction: Transaction, areas: Collection[str]) -> Waiting:
    """How much came in that nobody has decided."""
    row = (await transaction.connection.execute(_WAITING, {"areas": sorted(areas)})).one()
    oldest: date | None = row.oldest
    return Waiting(row.number, oldest, row.urgent)
