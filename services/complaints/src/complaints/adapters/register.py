"""The register in PostgreSQL, page by page, by the day of receipt. It reads no column that holds words of people."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.calendar import WorkingDays
from chassis.unit_of_work import Transaction
from complaints.adapters.stage_rows import facts_of, terms_of
from complaints.domain.clock import limits_kept
from complaints.domain.register import Entry, Span, Stage

Key = tuple[date, UUID]

_PAGE = """
    select c.id, c.reference, c.procedure, c.service_area, c.received_on,
           (select jsonb_agg(jsonb_build_array(p.reference, p.category,
                   (select f.finding from finding f
                     where f.org = p.org and f.complaint_id = c.id and f.point_id = any(p.id || p.ancestors)
                       and f.void_from is null
                     order by f.stage desc limit 1))
                   order by p.position)
              from complaint_point p where p.org = c.org and p.complaint_id = c.id and p.live)::text as points,
           (select jsonb_agg(to_jsonb(s) order by s.number)
              from stage s where s.org = c.org and s.complaint_id = c.id and not s.void)::text as stages,
           (select count(*) from learning_action a
             where a.org = c.org and a.complaint_id = c.id and a.status <> 'dropped') as actions,
           (select count(*) from learning_action a
             where a.org = c.org and a.complaint_id = c.id and a.done_on is not null) as actions_done,
           (select count(*) from learning_none n
             where n.org = c.org and n.complaint_id = c.id and n.replaced_on is null) as reasons,
           (select count(*) from ombudsman_case o where o.org = c.org and o.complaint_id = c.id) as ombudsman
      from complaint c
     where c.received_on between :first and :last and not c.in_error {where}
     order by c.received_on, c.id limit :limit
"""


async def register_page(
    transaction: Transaction, span: Span, procedure: str | None, areas: frozenset[str], limit: int, after: Key | None = None
) -> Sequence[tuple[Key, Entry]]:
    """At most `limit` representations received in a period, the first first, each with its key, after a key."""
    where, values = "", dict[str, Any](first=span.first, last=span.last, limit=limit)
    if procedure is not None:
        where += " and c.procedure = :procedure"
        values["procedure"] = procedure
    if areas:
        where += " and c.service_area = any(:areas)"
        values["areas"] = sorted(areas)
    if after is not None:
        where += " and (c.received_on, c.id) > (:key, :after)"
        values |= {"key": after[0], "after": after[1]}
    rows = await transaction.connection.execute(text(_PAGE.format(where=where)), values)
    return [((row.received_on, row.id), _entry(row)) for row in rows]


def _entry(row: Row[Any]) -> Entry:
    points = orjson.loads(row.points or "[]")
    return Entry(
        reference=row.reference,
        procedure=row.procedure,
        service_area=row.service_area,
        received_on=row.received_on,
        natures=tuple(dict.fromkeys(category for _, category, _ in points)),
        outcomes={reference: finding for reference, _, finding in points if finding},
        stages=tuple(_stage(each) for each in orjson.loads(row.stages or "[]")),
        actions=row.actions,
        actions_done=row.actions_done,
        reasons=row.reasons,
        ombudsman=row.ombudsman,
    )


def _stage(row: dict[str, Any]) -> Stage:
    terms, facts = terms_of(row), facts_of(row)
    # By the calendar that it was counted by: a bank holiday proclaimed later changes nothing that was kept.
    kept = partial(limits_kept, WorkingDays.load(row["calendar"]), terms, facts)
    due_on = date.fromisoformat(row["due_on"])
    return Stage(row["number"], facts.started_on, due_on, facts.responded_on, row["working_days"], kept)
