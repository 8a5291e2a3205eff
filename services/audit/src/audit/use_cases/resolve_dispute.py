"""Who raised a dispute says what came of it and what changed for the child."""

from dataclasses import dataclass, field
from datetime import date

from audit.domain import dispute_steps
from audit.domain.dispute import Ending
from audit.domain.dispute_steps import Step
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import Taken, Target, take_step
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class ResolveDispute:
    """The outcome, and what changed for the child. `informal`: it was settled in talks, without a formal answer."""

    target: Target
    resolved_on: date
    outcome: str
    changed: str = field(repr=False)
    informal: bool = False


async def resolve_dispute(transaction: Transaction, setup: DisputeSetup, identity: Identity, command: ResolveDispute) -> Taken:
    """Record the outcome. Raises what `take_step` and `dispute_steps.resolve` raise."""
    ending = Ending("resolved", command.resolved_on, command.outcome, command.informal, command.changed)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        Step.RESOLVE,
        lambda dispute, rules, _, today: dispute_steps.resolve(dispute, ending, rules, today=today),
    )
