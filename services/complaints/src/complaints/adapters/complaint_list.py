"""Lists of complaints by keyset, every filter by an index."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from complaints.adapters.letters import LOST_COMPLAINTS
from complaints.adapters.stage_rows import facts_of, terms_of
from complaints.domain.case import OPEN, Phase
from complaints.domain.clock import Ending, Facts, Terms
from complaints.domain.listing import Due, Filters, Order


@dataclass(frozen=True)
class Item:
    """A line of a list: the complaint and the stage that it was in on the day of the list."""

    id: UUID
    reference: str
    procedure: str
    formality: str
    received_on: date
    service_area: str
    team: str | None
    version: int
    due_key: date
    points: int
    stage: int
    phase: Phase
    terms: Terms
    facts: Facts
    ending: Ending | None
    calendar: str

    @property
    def open(self) -> bool:
        """Whether somebody at the council had to do something on the day."""
        return self.phase in OPEN


_PLAIN = (
    "id",
    "reference",
    "procedure",
    "formality",
    "received_on",
    "service_area",
    "team",
    "version",
    "due_key",
    "points",
    "calendar",
)

# What the clocks said on a day is kept as spans of days (`clock.overdue_spans`): few reach to today.
_OVERDUE = "c.id in (select complaint_id from overdue_span where last_on >= :on and first_on <= :on)"
_DUE: dict[Due, str] = {
    "today": "c.due_key = :on",
    "week": "c.due_key > :on and c.due_key <= :sunday",
    "suspended": "c.suspended",
    "decide": "c.phase = 'requested'",
    "letters": f"c.id in ({LOST_COMPLAINTS})",
}
# Open on a day that is over: a stage ran, or a request waited for its decision.
_WAS_OPEN = """
    (exists (select from stage s
              where s.org = c.org and s.complaint_id = c.id and s.opened_on <= :on and not s.void
                and (s.responded_on is null or s.responded_on > :on))
     or exists (select from stage_request r
                 where r.org = c.org and r.complaint_id = c.id and r.requested_on <= :on
                   and (r.decided_on is null or r.decided_on > :on)))
"""
_SELECT = """
    select c.id, c.reference, c.procedure, c.formality, c.received_on, c.service_area, c.team, c.version, c.due_key,
           (select count(*) from complaint_point p where p.org = c.org and p.complaint_id = c.id and p.live) as points,
           s.number, s.responded_on, s.ending, s.calendar, to_jsonb(s)::text as clock, r.requested_on, r.decided_on,
           c.referred_on
      from (select * from complaint c where {where} order by {order} limit :limit) c
     cross join lateral (select * from stage s
                          where s.org = c.org and s.complaint_id = c.id and s.opened_on <= :on and not s.void
                          order by s.number desc limit 1) s
      left join stage_request r
        on r.org = c.org and r.complaint_id = c.id and r.stage = s.number + 1 and r.requested_on <= :on
     order by {order}
"""
_ANSWERED = text(
    """
    select c.procedure, s.number, s.working_days, s.responded_on > coalesce(s.answer_by, s.due_on) as late, count(*)
      from stage s
      join complaint c on c.org = s.org and c.id = s.complaint_id
     where s.responded_on >= :since and s.ending = 'answered' and s.panel_report_within is null
     group by 1, 2, 3, 4
    """
)
_ORDER: dict[Order, tuple[str, str]] = {
    "received": ("c.received_on desc, c.id desc", "(c.received_on, c.id) < (:key, :id)"),
    "due": ("c.due_key, c.id", "(c.due_key, c.id) > (:key, :id)"),
}


def _open_condition(filters: Filters, order: Order) -> str:
    if order == "due":
        return "c.open"  # as the partial index has it
    return f"{_WAS_OPEN} = :open" if filters.past else "c.open = :open"


def _where(filters: Filters, order: Order, after: tuple[date, UUID] | None) -> tuple[str, dict[str, Any]]:
    parts, values = ["c.received_on <= :on"], {"on": filters.on}
    conditions: list[tuple[str, Any, str]] = [
        ("procedure", filters.procedure, "c.procedure = :procedure"),
        ("open", filters.open, _open_condition(filters, order)),
        ("service_area", filters.service_area, "c.service_area = :service_area"),
        ("areas", sorted(filters.areas) or None, "c.service_area = any(:areas)"),
    ]
    bound: dict[str, Any] = dict(values)
    for name, value, sql in conditions:
        if value is not None:
            parts.append(sql)
            bound[name] = value
    if filters.overdue:
        parts.append(_OVERDUE)
    if filters.due is not None:
        parts.append(_DUE[filters.due] if filters.due == "letters" else f"c.open and {_DUE[filters.due]}")
        bound["sunday"] = sunday(filters.on)
    if after is not None:
        parts.append(_ORDER[order][1])
        bound["key"], bound["id"] = after
    return " and ".join(parts), bound


@dataclass(frozen=True)
class DueCounts:
    """How many open complaints there are of each kind, of those that the caller may see."""

    today: int
    week: int
    suspended: int
    decide: int
    letters: int


def sunday(on: date) -> date:
    """The last day of the week of a day."""
    return on + timedelta(days=7 - on.isoweekday())


class ComplaintList:
    """Lists of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    async def page(
        self, filters: Filters, limit: int, order: Order = "received", after: tuple[date, UUID] | None = None
    ) -> list[Item]:
        """At most `limit` complaints, newest first or (open ones only) by due date, after a key."""
        where, values = _where(filters, order, after)
        sql = _SELECT.format(where=where, order=_ORDER[order][0])
        rows = await self._connection.execute(text(sql), {**values, "limit": limit})
        return [_item(row, filters.on) for row in rows]

    async def of_ids(self, ids: Collection[UUID], on: date, areas: Collection[str]) -> list[Item]:
        """These complaints as on a day, of some service areas (none: of all), newest first."""
        where = "c.id = any(:ids) and c.received_on <= :on" + (" and c.service_area = any(:areas)" if areas else "")
        sql = _SELECT.format(where=where, order=_ORDER["received"][0])
        values = {"ids": list(ids), "on": on, "limit": len(ids), **({"areas": sorted(areas)} if areas else {})}
        return [_item(row, on) for row in await self._connection.execute(text(sql), values)]

    async def due_counts(self, on: date, areas: frozenset[str]) -> DueCounts:
        """What is to be done on a day that is not over, in one reading of what is open."""
        where = " and c.service_area = any(:areas)" if areas else ""
        lost = f"(select count(*) from complaint c where {_DUE['letters']}{where})"  # noqa: S608 - as below
        of_open = [condition for kind, condition in _DUE.items() if kind != "letters"]
        kinds = ", ".join(f"count(*) filter (where {condition})" for condition in of_open)
        sql = f"select {kinds}, {lost} from complaint c where c.open{where}"  # noqa: S608 - constant fragments, values are bound
        values = {"on": on, "sunday": sunday(on), **({"areas": sorted(areas)} if areas else {})}
        return DueCounts(*(await self._connection.execute(text(sql), values)).one())

    async def answered(self, since: date) -> list[tuple[str, int, int, bool, int]]:
        """How long stages took that were answered since: procedure, stage, working days, late, and how many of them."""
        rows = await self._connection.execute(_ANSWERED, {"since": since})
        return [tuple(row) for row in rows]

    async def count_overdue(self, filters: Filters) -> int:
        """How many complaints are overdue on the day, of those that the filters let through."""
        where, values = _where(replace(filters, overdue=True), "received", None)
        sql = f"select count(*) from complaint c where {where}"  # noqa: S608 - constant fragments, values are bound
        count: int = (await self._connection.execute(text(sql), values)).scalar_one()
        return count


def _item(row: Any, on: date) -> Item:
    plain = {name: getattr(row, name) for name in _PLAIN}
    stage = orjson.loads(row.clock)
    return Item(
        **plain, stage=row.number, phase=_phase(row, on), terms=terms_of(stage), facts=facts_of(stage), ending=row.ending
    )


def _phase(row: Any, on: date) -> Phase:
    """Where the complaint stood on the day. An accepted request is the beginning of a stage, and that stage is the row's."""
    if row.referred_on is not None and row.referred_on <= on:
        return Phase.REFERRED
    if row.requested_on is not None:
        return Phase.REQUESTED if row.decided_on is None or row.decided_on > on else Phase.DECLINED
    if row.responded_on is None or row.responded_on > on:
        return Phase.RUNNING
    return Phase.ANSWERED if row.ending == "answered" else Phase.ENDED
