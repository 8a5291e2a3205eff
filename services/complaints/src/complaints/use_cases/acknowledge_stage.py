"""A stage is acknowledged to the complainant; where the procedure says so, its clock counts from that day."""

from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step


@dataclass(frozen=True)
class AcknowledgeStage:
    """The day on which the acknowledgement was sent."""

    target: Target
    acknowledged_on: date


async def acknowledge_stage(transaction: Transaction, setup: Setup, identity: Identity, command: AcknowledgeStage) -> Taken:
    """Record the acknowledgement of a stage. Raises what `take_step` and `stages.acknowledge` raise."""
    number, day = command.target.stage, command.acknowledged_on
    # The stage is told of as a whole, so that reporting has the day from which it counts, and the due date, at once.
    change = NewChange("acknowledge", number, day, identity.subject, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, calendar, today: stages.acknowledge(case, number, day, calendar=calendar, today=today),
    )
