"""A complaint is referred to the Ombudsman after stage 2, without a review panel; the Ombudsman's case is opened with it."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import ComplaintRepository, NewChange
from complaints.domain import early_referral
from complaints.use_cases.ombudsman import AcceptOmbudsmanCase, accept_ombudsman_case
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, held, take_step


@dataclass(frozen=True)
class ReferEarly:
    """The day of the referral, that both agreed and why; the Ombudsman's reference, and the day on which it took the case."""

    target: Target
    referred_on: date
    agreed: bool
    reason: str
    reference: str
    accepted_on: date


async def refer_early(transaction: Transaction, setup: Setup, identity: Identity, command: ReferEarly) -> Taken:
    """Refer a complaint early, and open the Ombudsman's case.

    Raises what `take_step`, `early_referral.refer` and `accept_ombudsman_case` raise, `reason-required`, `dates-out-of-order`.
    """
    if not command.reason.strip():
        errors = (FieldError("/reason", "expected why a review panel is left out"),)
        raise DomainError("reason-required", "A complaint is referred early with a reason.", Kind.MALFORMED, errors)
    if command.accepted_on < command.referred_on:
        errors = (FieldError("/accepted_on", f"expected {command.referred_on} or later, the day of the referral"),)
        raise DomainError("dates-out-of-order", "The dates contradict one another.", Kind.MALFORMED, errors)
    number, day = command.target.stage, command.referred_on
    change = NewChange("refer", number, day, identity.subject, setup.seal_reason(transaction.org, command.reason))
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: early_referral.refer(case, day, agreed=command.agreed, today=today),
    )
    record = taken.record
    case = AcceptOmbudsmanCase(command.reference, record.reference, record.service_area, command.accepted_on)
    await accept_ombudsman_case(transaction, setup, identity, case)
    return Taken(
        await held(ComplaintRepository(transaction), identity, record.id),
        *(taken.before, taken.case, taken.calendar, taken.version, taken.changed),
    )
