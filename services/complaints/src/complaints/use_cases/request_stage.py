"""The complainant asks for the next stage."""

from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import StageRequested


@dataclass(frozen=True)
class RequestStage:
    """The day of the request; after the limit, why it is taken all the same."""

    target: Target
    requested_on: date
    discretion_reason: str | None = None


async def request_stage(transaction: Transaction, setup: Setup, identity: Identity, command: RequestStage) -> Taken:
    """Record a request for a stage. Raises what `take_step` and `stages.request` raise."""
    number, day = command.target.stage, command.requested_on
    sealed = setup.seal_reason(transaction.org, command.discretion_reason)
    change = NewChange("request", number, day, identity.subject, sealed)
    discretion = command.discretion_reason is not None
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, calendar, today: stages.request(case, number, day, discretion=discretion, calendar=calendar, today=today),
    )
    if taken.changed:
        transaction.record(StageRequested(complaint_id=taken.record.id, stage=number, requested_on=day))
    return taken
