"""Lists of learning by keyset: actions, the first due first, and points that still ask for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.learning import COLUMNS, KeptAction, LearningRepository
from complaints.domain.case import Finding
from complaints.domain.learning_filters import LearningFilters, due_between, statuses

Key = tuple[date, UUID]


@dataclass(frozen=True)
class Asking:
    """A point that still asks for an action, or a reason for none."""

    point_id: UUID
    complaint_id: UUID
    reference: str
    point: str
    category: str
    service_area: str
    stage: int
    finding: Finding
    responded_on: date


@dataclass(frozen=True)
class Counts:
    """How much there is to do."""

    asking: int
    open: int
    overdue: int
    to_review: int
    reviewed: int


_ASKING = text(
    """
    select k.point_id, k.complaint_id, c.reference, p.reference, p.category, k.service_area, k.stage, k.finding, k.since
      from learning_ask k
      join complaint_point p on p.org = k.org and p.id = k.point_id
      join complaint c on c.org = k.org and c.id = k.complaint_id
     where k.point_id = any(:points) order by k.since, k.point_id
    """
)


class LearningList:
    """Lists of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._repository = LearningRepository(transaction, secrets)

    async def page(self, filters: LearningFilters, limit: int, after: Key | None = None) -> Sequence[KeptAction]:
        """At most `limit` actions, the first due first, after a key."""
        shown = statuses(filters)
        if not shown:
            return []
        where, values = _where(filters, shown)
        if after is not None:
            where += " and (due_on, id) > (:key, :after)"
            values |= {"key": after[0], "after": after[1]}
        sql = f"select {COLUMNS} from learning_action where {where} order by due_on, id limit :limit"  # noqa: S608 - constants
        rows = await self._connection.execute(text(sql), {**values, "limit": limit})
        return [self._repository.action_of(row) for row in rows]

    async def asking(
        self, areas: frozenset[str], service_area: str | None, limit: int, after: Key | None = None
    ) -> Sequence[Asking]:
        """At most `limit` points that still ask, the longest answered first, after a key."""
        where, values = _areas("k.service_area", areas, service_area)
        if after is not None:
            where += " and (k.since, k.point_id) > (:key, :after)"
            values |= {"key": after[0], "after": after[1]}
        # Which there are first, as far as the caller sees them, and of those alone what they are about: a point can lie in
        # another area than its complaint, of which no more than the reference is told.
        asking = f"select k.point_id from learning_ask k where true {where} order by k.since, k.point_id limit :limit"  # noqa: S608 - constants
        points = list((await self._connection.execute(text(asking), {**values, "limit": limit})).scalars())
        async with self._transaction.whole_organisation():
            rows = await self._connection.execute(_ASKING, {"points": points})
        return [Asking(*row) for row in rows]

    async def counts(self, areas: frozenset[str], today: date) -> Counts:
        """How much there is to do in these areas."""
        where, values = _areas("service_area", areas, None)
        of = f"select count(*) from learning_action where status = :{{}} {where}"  # noqa: S608 - constants
        sql = f"""
            select (select count(*) from learning_ask where true {where}), ({of.format("open")}),
                   ({of.format("open")} and due_on < :today), ({of.format("done")}), ({of.format("reviewed")})
        """  # noqa: S608 - constants
        values |= {"open": "open", "done": "done", "reviewed": "reviewed"}
        asking, open_, overdue, to_review, reviewed = (
            await self._connection.execute(text(sql), {**values, "today": today})
        ).one()
        return Counts(asking, open_, overdue, to_review, reviewed)


def _where(filters: LearningFilters, shown: Sequence[str]) -> tuple[str, dict[str, Any]]:
    first, last = due_between(filters)
    areas, values = _areas("service_area", filters.areas, filters.service_area)
    conditions: list[tuple[str, Any, str]] = [
        ("first", first, "(status <> 'open' or due_on >= :first)"),
        ("last", last, "(status <> 'open' or due_on <= :last)"),
        ("theme", filters.theme, "cast(:theme as text) = any(themes)"),
        ("owners", list(filters.owners) or None, "(owner_key = any(:owners) or owner_name_key = any(:owners))"),
        ("since", filters.since, "recorded_on >= :since"),
        ("until", filters.until, "recorded_on <= :until"),
    ]
    given = [(name, value, sql) for name, value, sql in conditions if value is not None]
    where = " and ".join(["status = any(:statuses)", *(sql for _, _, sql in given)]) + areas
    return where, {**values, "statuses": list(shown), **{name: value for name, value, _ in given}}


def _areas(column: str, areas: frozenset[str], service_area: str | None) -> tuple[str, dict[str, Any]]:
    where, values = "", dict[str, Any]()
    if areas:
        where += f" and {column} = any(:areas)"
        values["areas"] = sorted(areas)
    if service_area is not None:
        where += f" and {column} = :service_area"
        values["service_area"] = service_area
    return where, values
