"""Lists of disputes by keyset, and what is counted of them in a quarter."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from audit.domain.dispute import Phase
from audit.domain.dispute_access import Viewer
from audit.domain.dispute_counts import AnswerRow, RaisedRow
from chassis.unit_of_work import Transaction

_FILTERS = {
    "service_area": "d.service_area = :service_area",
    "category": "d.category = :category",
    "stage": "d.stage = :stage",
    "phase": "d.phase = :phase",
    "open": "d.open = :open",
    "overdue_on": "d.due_on < :overdue_on",
}
# What a manager has to do with: each way by an index of its own.
_OWN = """
    (d.raised_person = cast(:code as text) or d.source = :subject or d.team = any(cast(:manages as text[]))
     or d.id in (select s.dispute_id from dispute_stage s where s.person = cast(:code as text)))
"""
_SELECT = """
    select d.id, d.reference, d.raised_on, d.raised_by, d.category, d.service_area, d.team, d.phase, d.stage, d.stage_number,
           d.due_on, d.ended_on, d.rank, d.revision, s.reached_on, s.limit_days, s.calendar, s.person, s.outcome
      from (select * from dispute d where {where} order by d.rank, d.id limit :limit) d
      join dispute_stage s on s.org = d.org and s.dispute_id = d.id and s.number = d.stage_number
     order by d.rank, d.id
"""
_RAISED = """
    select service_area, category, raised_by, phase, count(*) as number
      from dispute where raised_on between :first and :last and {areas}
     group by service_area, category, raised_by, phase
"""
_ANSWERS = """
    select s.code, s.answered_by, s.limit_days, s.working_days, s.answered_on is not null as answered,
           coalesce(s.answered_on, s.left_on) > s.due_on as late, count(*) as number
      from dispute_stage s join dispute d on d.org = s.org and d.id = s.dispute_id
     where coalesce(s.answered_on, s.left_on) between :first and :last and {areas}
     group by 1, 2, 3, 4, 5, 6
"""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None lets everything through. `overdue_on`: an answer was due before this day."""

    service_area: str | None = None
    category: str | None = None
    stage: str | None = None
    phase: Phase | None = None
    open: bool | None = None
    overdue_on: date | None = None


@dataclass(frozen=True)
class Item:
    """A line of the list."""

    id: UUID
    reference: str
    raised_on: date
    raised_by: str
    category: str
    service_area: str
    team: str | None
    phase: Phase
    stage: str
    stage_number: int
    due_on: date | None
    ended_on: date | None
    rank: int
    revision: int
    reached_on: date
    limit_days: int
    calendar: str
    person: str | None
    outcome: str | None


class DisputeList:
    """Lists of the transaction's organisation, as far as somebody may see them."""

    def __init__(self, transaction: Transaction, viewer: Viewer) -> None:
        self._connection = transaction.connection
        self._viewer = viewer

    async def page(self, filters: Filters, after: tuple[int, UUID] | None, limit: int) -> list[Item]:
        """At most `limit` disputes from after a (rank, id): open ones by the day they are due, then the last ended first."""
        where, names = self._where(filters)
        if after is not None:
            where += " and (d.rank, d.id) > (:rank, :after)"
            names |= {"rank": after[0], "after": after[1]}
        rows = await self._connection.execute(text(_SELECT.format(where=where)), names | {"limit": limit})
        return [Item(**row._asdict() | {"phase": Phase(row.phase)}) for row in rows]

    async def count(self, filters: Filters) -> int:
        """How many there are."""
        where, names = self._where(filters)
        number: int = (
            await self._connection.execute(text(f"select count(*) from dispute d where {where}"), names)  # noqa: S608 - constants
        ).scalar_one()
        return number

    async def raised(self, first: date, last: date) -> list[RaisedRow]:
        """What was raised between two days, both included, grouped."""
        rows = await self._connection.execute(text(_RAISED.format(areas=self._areas())), self._between(first, last))
        return [RaisedRow(row.service_area, row.category, row.raised_by, Phase(row.phase), row.number) for row in rows]

    async def answers(self, first: date, last: date) -> list[AnswerRow]:
        """Stages that were answered, or left without an answer, between two days, both included, grouped."""
        rows = await self._connection.execute(text(_ANSWERS.format(areas=self._areas("d."))), self._between(first, last))
        return [AnswerRow(**row._asdict()) for row in rows]

    def _where(self, filters: Filters) -> tuple[str, dict[str, Any]]:
        viewer = self._viewer
        names: dict[str, Any] = {name: value for name in _FILTERS if (value := getattr(filters, name)) is not None}
        parts = [_FILTERS[name] for name in names]
        if viewer.areas:
            parts.append(self._areas("d."))
            names["areas"] = sorted(viewer.areas)
        if viewer.standing == "own":
            parts.append(_OWN)
            names |= {"code": viewer.code, "subject": viewer.subject, "manages": sorted(viewer.manages)}
        return " and ".join(("true", *parts)), names

    def _areas(self, prefix: str = "") -> str:
        return f"{prefix}service_area = any(cast(:areas as text[]))" if self._viewer.areas else "true"

    def _between(self, first: date, last: date) -> dict[str, Any]:
        areas = {"areas": sorted(self._viewer.areas)} if self._viewer.areas else {}
        return {"first": first, "last": last, **areas}
