"""A stage is suspended, for a reason that the profile names, or its suspension ends."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, Kind, unknown_code
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step


@dataclass(frozen=True)
class SuspendStage:
    """From which day, the code of the reason, and what is to be said of it in words."""

    target: Target
    suspended_on: date
    code: str
    reason: str | None = None


@dataclass(frozen=True)
class ResumeStage:
    """The last day on which the stage stood still."""

    target: Target
    resumed_on: date


async def suspend_stage(transaction: Transaction, setup: Setup, identity: Identity, command: SuspendStage) -> Taken:
    """Suspend a stage. Raises `unknown-codes`, and what `take_step` and `stages.suspend` raise."""
    number, day = command.target.stage, command.suspended_on
    known = [each.code for each in (await setup.profiles.current(transaction)).profile.complaints.suspension_reasons]
    if command.code not in known:
        detail = "A stage is suspended for a reason that the organisation's profile names. Nothing was stored."
        raise DomainError("unknown-codes", detail, Kind.MALFORMED, (unknown_code("/code", command.code, known),))
    sealed = setup.seal_reason(transaction.org, command.reason)
    change = NewChange("suspend", number, day, identity.subject, sealed, command.code, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.suspend(case, number, day, command.code, today=today),
    )


async def resume_stage(transaction: Transaction, setup: Setup, identity: Identity, command: ResumeStage) -> Taken:
    """End a suspension. Raises what `take_step` and `stages.resume` raise."""
    number, day = command.target.stage, command.resumed_on
    change = NewChange("resume", number, day, identity.subject, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.resume(case, number, day, today=today),
    )
