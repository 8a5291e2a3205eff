"""Points that were recorded as the same as others, across complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_COMPLAINT_OF = text("select complaint_id from complaint_point where id = :id")
_LINK = """
    select h.same_as, c.id, c.reference, c.service_area, p.reference as point
      from point_change h
      join point_change_part t on t.org = h.org and t.complaint_id = h.complaint_id and t.version = h.version and t.part = 'of'
      join complaint_point p on p.org = t.org and p.id = t.point_id
      join complaint c on c.org = h.org and c.id = h.complaint_id
     where h.taken_back_in is null
"""
_DUPLICATES_OF = text(
    f"{_LINK} and h.same_as in (select id from complaint_point where complaint_id = :id) "  # noqa: S608 - constants
    "order by c.reference, p.reference"
)
_NAMED = text(
    """
    select p.id, c.id, c.reference, c.service_area, p.reference as point
      from complaint_point p join complaint c on c.org = p.org and c.id = p.complaint_id where p.id = any(:ids)
    """
)
_CHOICE = text(
    """
    select p.id, c.id, c.reference, c.service_area, p.reference as point
      from complaint c join complaint_point p on p.org = c.org and p.complaint_id = c.id and p.live
     where c.reference = :reference order by p.position
    """
)


@dataclass(frozen=True)
class Link:
    """A point of a complaint, named with it. `same_as` is the point that it leads to, or was asked for by."""

    same_as: UUID
    complaint_id: UUID
    complaint: str
    service_area: str
    point: str


async def complaint_of(transaction: Transaction, point_id: UUID) -> UUID | None:
    """The complaint of a point."""
    found: UUID | None = (await transaction.connection.execute(_COMPLAINT_OF, {"id": point_id})).scalar_one_or_none()
    return found


async def duplicates_of(transaction: Transaction, complaint_id: UUID) -> Sequence[Link]:
    """The points, of whatever complaint, that are recorded as the same as points of this one."""
    return [Link(*row) for row in await transaction.connection.execute(_DUPLICATES_OF, {"id": complaint_id})]


async def named(transaction: Transaction, ids: Sequence[UUID]) -> Sequence[Link]:
    """Points by their ids, with the complaints that they are of."""
    if not ids:
        return []
    return [Link(*row) for row in await transaction.connection.execute(_NAMED, {"ids": list(ids)})]


async def points_of_complaint(transaction: Transaction, reference: str) -> Sequence[Link]:
    """The points of a complaint that are answered and counted, by its reference."""
    return [Link(*row) for row in await transaction.connection.execute(_CHOICE, {"reference": reference})]
