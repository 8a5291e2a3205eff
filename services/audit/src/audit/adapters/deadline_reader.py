"""What people still have to do by a day, of one organisation: what reminders are made of."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.domain.reminders import DAYS_BEFORE, Deadline, DeadlineKind, chased_from
from chassis.days import british_day

# Only what is open, so only what the indexes of the work lists hold. `page` is whose address the page has.
_OPEN = text(
    """
    select 'submission' as kind, a.reference, p.person, p.due_on, p.part as item, a.id::text as page,
           (a.rules ->> 'remind_before')::integer as remind_before
      from part p join audit a on a.org = p.org and a.id = p.audit_id
     where p.state <> 'submitted' and p.part <> 'moderation' and a.state = 'auditing'
    union all
    select 'moderation', a.reference, p.person, p.due_on, '', a.id::text, (a.rules ->> 'remind_before')::integer
      from part p join audit a on a.org = p.org and a.id = p.audit_id
     where p.state <> 'submitted' and p.part = 'moderation' and a.state = 'submitted' and a.shown_from <= :now
    union all
    select 'review', a.reference, v.reviewer, v.due_on, v.number::text, a.id::text, (a.rules ->> 'remind_before')::integer
      from review v join audit a on a.org = v.org and a.id = v.audit_id
     where v.result is null and a.state = 'moderated'
    union all
    select 'action', a.reference, c.owner, c.due_on, c.code, c.id::text, (a.rules ->> 'remind_before')::integer
      from action c join audit a on a.org = c.org and a.id = c.audit_id
     where c.status = 'open' and a.state = 'moderated'
    union all
    select 'acknowledgement', a.reference, r.person, r.due_on, r.person, a.id::text, (a.rules ->> 'remind_before')::integer
      from recipient r join audit a on a.org = r.org and a.id = r.audit_id
     where r.acknowledged_at is null and r.due_on >= :chased_from
    union all
    select 'discussion', a.reference, coalesce(m.code, ''), a.discuss_by, '', a.id::text, (a.rules ->> 'remind_before')::integer
      from audit a left join person m on m.org = a.org and m.active and m.manages @> array[a.team]
     where a.discuss_by is not null and a.discussed_on is null and a.discuss_by >= :chased_from
    union all
    select 'concern', a.reference, coalesce(e.manager, ''), (e.raised_at at time zone 'Europe/London')::date, e.id::text,
           e.id::text, null
      from escalation e join audit a on a.org = e.org and a.id = e.audit_id
     where e.acknowledged_at is null
    union all
    select 'dispute', d.reference, coalesce(s.person, m.code, ''), d.due_on, s.number::text, d.id::text, null
      from dispute d join dispute_stage s on s.org = d.org and s.dispute_id = d.id and s.number = d.stage_number
      left join person m on m.org = d.org and s.to_team and s.person is null and m.active and m.manages @> array[d.team]
     where d.phase = 'waiting'
    union all
    select 'circulation', case when r.programme is null then r.title else r.title || ', ' || r.code end,
           coalesce(o.code, ''), r.circulate_on, '', r.id::text,
           (r.rules -> 'timetable' ->> 'remind_before')::integer
      from round r left join person o on o.org = r.org and o.active and o.duties @> array['qa-officer']
     where r.state in ('preparing', 'drawn')
    """
)
_OFFICERS = text("select code from person where duties @> array['qa-officer'] and active order by code")
_PATHS = {
    DeadlineKind.SUBMISSION: "/audit/audits/{page}/parts/{item}",
    DeadlineKind.MODERATION: "/audit/audits/{page}/moderation",
    DeadlineKind.REVIEW: "/audit/audits/{page}/review",
    DeadlineKind.ACTION: "/audit/actions/{page}",
    DeadlineKind.ACKNOWLEDGEMENT: "/audit/audits/{page}",
    DeadlineKind.DISCUSSION: "/audit/audits/{page}",
    DeadlineKind.CONCERN: "/audit/concerns/{page}",
    DeadlineKind.DISPUTE: "/audit/disputes/{page}",
    DeadlineKind.CIRCULATION: "/audit/rounds/{page}",
}


class DeadlineReader:
    """Reads within the transaction that was given."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, now: datetime) -> list[tuple[Deadline, str]]:
        """Every open deadline, with the path of the page where it is met; once for each of several who could meet it."""
        found = []
        for row in await self._connection.execute(_OPEN, {"now": now, "chased_from": chased_from(british_day(now))}):
            kind = DeadlineKind(row.kind)
            before = row.remind_before or DAYS_BEFORE
            deadline = Deadline(kind, row.reference, row.person, row.due_on, row.item, before)
            found.append((deadline, _PATHS[kind].format(page=row.page, item=row.item)))
        return found

    async def officers(self) -> tuple[str, ...]:
        """Who is told of what is late: people of the directory whose duty is that of a QA officer."""
        return tuple((await self._connection.execute(_OFFICERS)).scalars())
