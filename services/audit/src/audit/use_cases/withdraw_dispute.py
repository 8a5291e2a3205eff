"""Who raised a dispute takes it back, with a reason."""

from dataclasses import dataclass, field
from datetime import date

from audit.domain import dispute_steps
from audit.domain.dispute_steps import Step
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import Taken, Target, take_step
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class WithdrawDispute:
    """The day and the reason."""

    target: Target
    withdrawn_on: date
    reason: str = field(repr=False)


async def withdraw_dispute(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, command: WithdrawDispute
) -> Taken:
    """Record that it was withdrawn. Raises what `take_step` and `dispute_steps.withdraw` raise."""
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        Step.WITHDRAW,
        lambda dispute, _, __, today: dispute_steps.withdraw(dispute, command.withdrawn_on, command.reason, today=today),
    )
