"""The stages of an organisation that run, for the worker that reminds of their limits: codes and dates."""

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from complaints.adapters.stage_rows import facts_of, terms_of
from complaints.domain.clock_reminders import RunningStage

_RUNNING = text(
    """
    select c.id, c.reference, c.service_area, s.number, to_jsonb(s)::text as clock
      from complaint c
      join stage s on s.org = c.org and s.complaint_id = c.id and s.number = c.stage
     where c.open and c.phase = 'running'
     order by c.due_key, c.id
    """
)


async def running_stages(transaction: Transaction) -> list[RunningStage]:
    """What is due first comes first."""
    found = []
    for row in await transaction.connection.execute(_RUNNING):
        stage = orjson.loads(row.clock)
        where = (row.id, row.reference, row.service_area, row.number)
        found.append(RunningStage(*where, terms_of(stage), facts_of(stage)))
    return found
