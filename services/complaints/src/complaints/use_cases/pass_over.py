"""Stage 1 is passed over, as complainant and authority agree, and stage 2 begins."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import early_referral
from complaints.use_cases.setup import Setup
from complaints.use_cases.stage_events import stage_started
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import StageDecided, StageRequested


@dataclass(frozen=True)
class PassOver:
    """The day on which both agreed to it, that they did, and why stage 1 is of no use."""

    target: Target
    passed_over_on: date
    agreed: bool
    reason: str


async def pass_over(transaction: Transaction, setup: Setup, identity: Identity, command: PassOver) -> Taken:
    """Pass stage 1 over. Raises what `take_step` and `early_referral.pass_over` raise, and `reason-required`."""
    if not command.reason.strip():
        errors = (FieldError("/reason", "expected why stage 1 is of no use"),)
        raise DomainError("reason-required", "Stage 1 is passed over with a reason.", Kind.MALFORMED, errors)
    day, sealed = command.passed_over_on, setup.seal_reason(transaction.org, command.reason)
    change = NewChange("pass-over", 1, day, identity.subject, sealed, recounts=True)
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: early_referral.pass_over(case, day, agreed=command.agreed, today=today),
    )
    if taken.changed:
        ident = taken.record.id
        transaction.record(StageRequested(complaint_id=ident, stage=2, requested_on=day))
        transaction.record(StageDecided(complaint_id=ident, stage=2, decided_on=day, decision="accepted"))
        transaction.record(stage_started(ident, taken.case.current, taken.calendar))
    return taken
