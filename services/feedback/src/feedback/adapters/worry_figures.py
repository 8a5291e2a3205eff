"""What Prometheus is told of worries: how many an organisation has not read, for how long, and how many are late.

Numbers and the organisation's code; nothing of a questionnaire, a service area or a child.
"""

from collections.abc import Sequence

from prometheus_client import Gauge
from sqlalchemy import text

from chassis.unit_of_work import Transaction

UNREAD = Gauge("loop_feedback_worries_unread", "Worries that nobody has acknowledged.", ["org"])
OLDEST = Gauge("loop_feedback_worry_oldest_unread_seconds", "For how long the oldest of them waits, by day and night.", ["org"])
LATE = Gauge("loop_feedback_worries_late", "Worries whose time is over and that nobody has triaged.", ["org"])
GAUGES = (UNREAD, OLDEST, LATE)

MOST = 10_000
# Along `concern_to_do`, which holds what is not closed: the first due first, so of a flood that is cut off the oldest are seen.
_WAITING = text(
    """
    select count(*) filter (where acknowledged_at is null) as unread,
           coalesce(extract(epoch from clock_timestamp() - min(opened_at) filter (where acknowledged_at is null)), 0) as oldest,
           count(*) filter (where triaged_at is null and due_at <= now()) as late
      from (select acknowledged_at, triaged_at, opened_at, due_at from concern
             where org = :org and state <> 'closed' order by due_at limit :most) as waiting
    """
)


async def waiting(transaction: Transaction) -> Sequence[float]:
    """A figure for each of `GAUGES`."""
    row = (await transaction.connection.execute(_WAITING, {"org": transaction.org, "most": MOST})).one()
    return [float(row.unread), float(row.oldest), float(row.late)]
