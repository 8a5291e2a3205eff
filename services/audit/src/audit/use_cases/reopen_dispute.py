"""A dispute that ended is opened again: what was promised did not come, or it happened once more."""

from dataclasses import dataclass, field
from datetime import date

from audit.domain import dispute_steps
from audit.domain.dispute_steps import Addressee, Step
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import Taken, Target, take_step
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class ReopenDispute:
    """The day and the reason, and who must answer now. Without `stage` it goes on where it ended."""

    target: Target
    reopened_on: date
    reason: str = field(repr=False)
    stage: str | None = None
    person: str | None = None
    role: str = field(default="", repr=False)


async def reopen_dispute(transaction: Transaction, setup: DisputeSetup, identity: Identity, command: ReopenDispute) -> Taken:
    """Begin a stage anew. Raises what `take_step` and `dispute_steps.reopen` raise."""
    to = Addressee(command.person, command.role)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        Step.REOPEN,
        lambda dispute, rules, calendar, today: dispute_steps.reopen(
            dispute, rules, command.stage, command.reopened_on, to, command.reason, calendar=calendar, today=today
        ),
        named={"/person": command.person},
    )
