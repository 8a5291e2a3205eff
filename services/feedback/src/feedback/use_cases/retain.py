"""How long this service keeps its records: the periods of the profile, and the worker that holds to them."""

from datetime import date
from uuid import UUID

from chassis.retention.periods import Period
from chassis.retention.proofs import Ground
from chassis.retention.running import Running
from chassis.unit_of_work import Transaction, UnitOfWork
from contracts.feedback import FeedbackRecordReduced
from feedback.adapters.retained import DECLARED
from feedback.context import Context


class Periods:
    """The periods of an organisation, by kind; what is not there is kept."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, transaction: Transaction) -> dict[str, Period]:
        """Those of the profile in force. Raises `no-profile`."""
        return (await self._context.profiles.current(transaction)).profile.retention.get(DECLARED.service, {})


def told(kind: str, record_id: UUID, reduced_on: date, ground: Ground) -> FeedbackRecordReduced:
    """The event that a record was reduced."""
    return FeedbackRecordReduced(kind=kind, record_id=record_id, reduced_on=reduced_on, ground=ground)


def retention(uow: UnitOfWork, context: Context) -> Running:
    """The worker's task."""
    return Running(DECLARED, uow, context.secrets, Periods(context), told)
