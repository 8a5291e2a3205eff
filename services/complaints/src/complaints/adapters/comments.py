"""Comments: the list, one of them, and to whom it was passed on. What it says stays with what came in, sealed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from complaints.domain.heard import Heard

_TOLD = "exists (select from comment_passed_on p where p.org = c.org and p.comment_id = c.id)"
_READ = """
    select c.id, r.reference, c.received_on, c.service_area, c.team, c.representation_id,
           (select count(*) from comment_passed_on p where p.org = c.org and p.comment_id = c.id) as passed_on
      from comment c join representation r on r.org = c.org and r.id = c.representation_id
     where c.org = :org and c.withdrawn_at is null
"""
_LAST = (date.max, UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment in codes, and how many people it was passed on to."""

    id: UUID
    reference: str
    received_on: date
    service_area: str
    team: str | None
    representation_id: UUID
    passed_on: int


class Comments:
    """Comments of the transaction's organisation, but for those whose decision was taken back."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._connection = transaction.connection

    async def page(self, heard: Heard, most: int, before: tuple[date, UUID] | None) -> list[Comment]:
        """Comments, newest first."""
        where, values = heard.where("c", _TOLD)
        day, ident = before or _LAST
        keyset = " and (c.received_on, c.id) < (:before, :before_id) order by c.received_on desc, c.id desc limit :most"
        more = {"before": day, "before_id": ident, "most": most}
        rows = await self._connection.execute(text(_READ + where + keyset), {"org": self._org, **values, **more})
        return [Comment(*row) for row in rows]

    async def counts(self, heard: Heard) -> dict[str, tuple[int, int]]:
        """By service area: how many there are, and how many of them were passed on."""
        where, values = heard.where("c", _TOLD)
        sql = (
            f"select c.service_area, count(*), count(*) filter (where {_TOLD}) from comment c "  # noqa: S608 - constants
            f"where c.org = :org and c.withdrawn_at is null{where} group by 1 order by 1"
        )
        rows = await self._connection.execute(text(sql), {"org": self._org, **values})
        return {area: (number, told) for area, number, told in rows}

    async def one(self, ident: UUID, areas: Collection[str]) -> Comment | None:
        """A comment of the caller's service areas."""
        where, values = Heard(areas).where("c", _TOLD)
        rows = await self._connection.execute(text(f"{_READ} and c.id = :id{where}"), {"org": self._org, "id": ident, **values})
        row = rows.one_or_none()
        return None if row is None else Comment(*row)
