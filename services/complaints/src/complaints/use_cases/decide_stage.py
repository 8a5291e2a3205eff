"""A request for the next stage is accepted, which starts it, or declined with a reason where the procedure allows that."""

from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.domain.case import Decision
from complaints.use_cases.setup import Setup
from complaints.use_cases.stage_events import stage_started
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import StageDecided


@dataclass(frozen=True)
class DecideStage:
    """The decision, its day, and its reason."""

    target: Target
    decided_on: date
    decision: Decision
    reason: str | None = None


async def decide_stage(transaction: Transaction, setup: Setup, identity: Identity, command: DecideStage) -> Taken:
    """Record the decision on a request. Raises what `take_step` and `stages.decide` raise."""
    number, day, decision = command.target.stage, command.decided_on, command.decision
    sealed = setup.seal_reason(transaction.org, command.reason)
    change = NewChange("accept" if decision == "accepted" else "decline", number, day, identity.subject, sealed)
    has_reason = command.reason is not None
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.decide(case, number, day, decision, reason=has_reason, today=today),
    )
    if taken.changed:
        transaction.record(StageDecided(complaint_id=taken.record.id, stage=number, decided_on=day, decision=decision))
        if decision == "accepted":
            transaction.record(stage_started(taken.record.id, taken.case.current, taken.calendar))
    return taken
