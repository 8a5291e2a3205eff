"""What is to be done: by one person, or by anybody as far as it is late. A kind of work is an indexed branch of one query."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.domain.reminders import chased_from

Kind = Literal["audit", "returned", "moderate", "review", "action", "acknowledge", "discuss", "concern", "dispute", "circulate"]
MOST = 200

# `$about` is what every branch gives of the audit; `$whose` says whose work it is, or that it is late.
_ABOUT = "a.id as audit_id, a.reference, a.tool, a.service_area, a.team"
_PART = """
    select case p.state when 'returned' then 'returned' else 'audit' end as kind, $about, p.part as about, p.person, p.due_on
      from part p join audit a on a.org = p.org and a.id = p.audit_id
     where p.state <> 'submitted' and p.part <> 'moderation' and a.state = 'auditing' and $whose
"""
_MODERATION = """
    select 'moderate' as kind, $about, p.part as about, p.person, p.due_on
      from part p join audit a on a.org = p.org and a.id = p.audit_id
     where p.state <> 'submitted' and p.part = 'moderation' and a.state = 'submitted' and a.shown_from <= :now and $whose
"""
_REVIEW = """
    select 'review' as kind, $about, v.number::text as about, v.reviewer as person, v.due_on
      from review v join audit a on a.org = v.org and a.id = v.audit_id
     where v.result is null and a.state = 'moderated' and $whose
"""
_ACTION = """
    select 'action' as kind, $about, c.id::text as about, c.owner as person, c.due_on
      from action c join audit a on a.org = c.org and a.id = c.audit_id
     where c.status = 'open' and a.state = 'moderated' and $whose
"""
_CONCERN = """
    select 'concern' as kind, $about, e.id::text as about, e.manager as person,
           (e.raised_at at time zone 'Europe/London')::date as due_on
      from escalation e join audit a on a.org = e.org and a.id = e.audit_id
     where e.acknowledged_at is null and $whose
"""
_ACKNOWLEDGEMENT = """
    select 'acknowledge' as kind, $about, r.capacity as about, r.person, r.due_on
      from recipient r join audit a on a.org = r.org and a.id = r.audit_id
     where r.acknowledged_at is null and $whose
"""
_DISCUSSION = """
    select 'discuss' as kind, $about, '' as about, cast(:person as text) as person, a.discuss_by as due_on
      from audit a
     where a.discuss_by is not null and a.discussed_on is null and $whose
"""
# Not of an audit: the ids are their own, and there is no tool.
_DISPUTE = """
    select 'dispute' as kind, d.id as audit_id, d.reference, null as tool, d.service_area, d.team, s.number::text as about,
           s.person, d.due_on
      from dispute d join dispute_stage s on s.org = d.org and s.dispute_id = d.id and s.number = d.stage_number
     where d.phase = 'waiting' and $whose
"""
_CIRCULATION = """
    select 'circulate' as kind, r.id as audit_id, r.tool,
           case when r.programme is null then r.title else r.title || ', ' || r.code end as reference,
           r.rules -> 'service_areas' ->> 0 as service_area, null as team, '' as about, null as person, r.circulate_on as due_on
      from round r
     where r.state in ('preparing', 'drawn') and $whose
"""
_ORDER = " order by due_on nulls last, reference, kind limit :most"
_AREAS = " where cast(:areas as text[]) is null or work.service_area = any(cast(:areas as text[]))"


def _branch(sql: str, whose: str = "true") -> str:
    return sql.replace("$about", _ABOUT).replace("$whose", whose)


_OF_PERSON = text(
    " union all ".join(
        (
            _branch(_PART, "p.person = :person"),
            _branch(_MODERATION, "p.person = :person"),
            _branch(_REVIEW, "v.reviewer = :person"),
            _branch(_ACTION, "c.owner = :person"),
            _branch(_CONCERN, "(e.manager = :person or a.team = any(cast(:manages as text[])))"),
            _branch(_ACKNOWLEDGEMENT, "r.person = :person"),
            _branch(_DISCUSSION, "a.team = any(cast(:manages as text[]))"),
            _branch(_DISPUTE, "(s.person = :person or s.to_team and d.team = any(cast(:manages as text[])))"),
        )
    )
    + _ORDER
)
_LATE = " union all ".join(
    (
        _branch(_PART, "p.due_on < :today"),
        _branch(_MODERATION, "p.due_on < :today"),
        _branch(_REVIEW, "v.due_on < :today"),
        _branch(_ACTION, "c.due_on < :today"),
        _branch(_ACKNOWLEDGEMENT, "r.due_on < :today and r.due_on >= :chased_from"),
        _branch(_DISCUSSION, "a.discuss_by < :today and a.discuss_by >= :chased_from"),
        _branch(_DISPUTE, "d.due_on < :today"),
        _branch(_CIRCULATION, "r.circulate_on < :today"),
        _branch(_CONCERN),
    )
)
_ALL_LATE = text(f"select * from ({_LATE}) work{_AREAS}{_ORDER}")  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do. `about` is the part, the review's or stage's number, or the id of the action or concern.

    Of a dispute, or of a round that is not circulated, `audit_id` and `reference` are its own.
    """

    kind: Kind
    audit_id: UUID
    reference: str
    tool: str | None
    service_area: str
    team: str | None
    about: str
    person: str | None
    due_on: date | None


class WorkReader:
    """Reads within the transaction that was given."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_person(self, person: str, manages: Collection[str], now: datetime) -> Sequence[Work]:
        """What somebody has to do, the first due first; at most 200."""
        names: dict[str, Any] = {"person": person, "manages": sorted(manages), "now": now, "most": MOST}
        return [Work(**row._asdict()) for row in await self._connection.execute(_OF_PERSON, names)]

    async def late(self, areas: Collection[str], today: date, now: datetime) -> Sequence[Work]:
        """Whatever is late, and concerns that nobody has taken over, in some service areas (none named: all)."""
        names: dict[str, Any] = {"areas": sorted(areas) or None, "today": today, "now": now, "most": MOST, "person": None}
        names["chased_from"] = chased_from(today)
        return [Work(**row._asdict()) for row in await self._connection.execute(_ALL_LATE, names)]
