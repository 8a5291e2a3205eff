"""What the audits of a round came to, counted: final grades by section, answers by question, ratings and findings."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

NOT_APPLICABLE = "not-applicable"

# What counts is said in the part that fixed the grades: the moderation, or, where there is none, the only auditor's.
_ENTRIES = text(
    """
    with finished as (
        select a.id,
               case when exists (select from part p where p.org = a.org and p.audit_id = a.id and p.part = 'moderation')
                    then 'moderation' else 'single' end as deciding
          from audit a
         where a.round_id = :round_id and a.state in ('moderated', 'closed')
    )
    select e.entry, coalesce(e.grade, e.answer, case when e.not_applicable then 'not-applicable' end) as said,
           count(*) as number
      from finished f join entry e on e.audit_id = f.id and e.part = f.deciding
     where e.grade is not null or e.answer is not null or e.not_applicable
     group by e.entry, said
    """
)
_FINISHED = text("select count(*) from audit where round_id = :round_id and state in ('moderated', 'closed')")
_FINDINGS = text(
    """
    select found as code, count(*) as number from audit a cross join unnest(a.findings) as found
     where a.round_id = :round_id and a.state in ('moderated', 'closed')
     group by found
    """
)


@dataclass(frozen=True, slots=True)
class Results:
    """Of one round: how many audits are finished, what was said by entry, and findings."""

    finished: int
    said: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)


async def round_results(connection: AsyncConnection, round_id: UUID) -> Results:
    """Count what the finished audits of a round came to."""
    names = {"round_id": round_id}
    finished: int = (await connection.execute(_FINISHED, names)).scalar_one()
    said: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in await connection.execute(_ENTRIES, names):
        said[row.entry][row.said] = row.number
    findings = {row.code: row.number for row in await connection.execute(_FINDINGS, names)}
    return Results(finished, said, findings)
