"""What Prometheus is told of clocks: how many complaints of an organisation are overdue, and nothing of which.

A number and the organisation's code, no procedure, stage or service area: one complaint in an area that is named is nearly a
family. Without the code nobody would know which council has to act.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from prometheus_client import Gauge
from sqlalchemy import text

from chassis.unit_of_work import Transaction

OVERDUE = Gauge("loop_complaints_overdue", "Complaints whose day to answer by is over, without an answer.", ["org"])

MOST = 10_000
# Along `complaint_open_by_due`: what is due next, or suspended, is not read. That is as the page counts (`overdue_span`), which
# the worker has no right to.
_OVERDUE = text(
    """
    select count(*) from (
        select from complaint where org = :org and open and phase = 'running' and due_key < :today limit :most) as overdue
    """
)


def overdue(today: Callable[[], date]) -> Callable[[Transaction], Awaitable[Sequence[float]]]:
    """Counts those of an organisation on a day."""

    async def ask(transaction: Transaction) -> Sequence[float]:
        names = {"org": transaction.org, "today": today(), "most": MOST}
        return [float((await transaction.connection.execute(_OVERDUE, names)).scalar_one())]

    return ask
