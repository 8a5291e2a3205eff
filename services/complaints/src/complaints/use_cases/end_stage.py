"""A complaint is withdrawn by the complainant, or discontinued; a withdrawal by word of mouth is confirmed in writing."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step


@dataclass(frozen=True)
class EndStage:
    """How and when it ended, and why; when that was confirmed in writing; whether the authority looks into it all the same."""

    target: Target
    ended_on: date
    ending: Literal["withdrawn", "discontinued"]
    reason: str
    confirmed_on: date | None = None
    internal_review: bool = False


async def end_stage(transaction: Transaction, setup: Setup, identity: Identity, command: EndStage) -> Taken:
    """End a stage without an answer, or add the confirmation. Raises what `take_step` and `stages.end` raise."""
    number, day, ending = command.target.stage, command.ended_on, command.ending
    sealed = setup.seal_reason(transaction.org, command.reason)
    step = "withdraw" if ending == "withdrawn" else "discontinue"
    change = NewChange(step, number, day, identity.subject, sealed, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.end(
            case,
            number,
            day,
            ending,
            confirmed_on=command.confirmed_on,
            internal_review=command.internal_review,
            today=today,
        ),
    )
