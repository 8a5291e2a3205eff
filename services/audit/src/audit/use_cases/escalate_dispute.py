"""Who raised a dispute takes it on to the next stage, or a later one: the answer is not enough, or none came."""

from dataclasses import dataclass, field
from datetime import date

from audit.domain import dispute_steps
from audit.domain.dispute_steps import Addressee, Step
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import Taken, Target, take_step
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class EscalateDispute:
    """The day and the reason, and who must answer now. Without `stage` it goes to the next one."""

    target: Target
    escalated_on: date
    reason: str = field(repr=False)
    stage: str | None = None
    person: str | None = None
    role: str = field(default="", repr=False)


async def escalate_dispute(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, command: EscalateDispute
) -> Taken:
    """Begin the next stage. Raises what `take_step` and `dispute_steps.escalate` raise."""
    to = Addressee(command.person, command.role)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        Step.ESCALATE,
        lambda dispute, rules, calendar, today: dispute_steps.escalate(
            dispute, rules, command.stage, command.escalated_on, to, command.reason, calendar=calendar, today=today
        ),
        named={"/person": command.person},
    )
