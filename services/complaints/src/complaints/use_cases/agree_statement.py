"""The statement of complaint of a later stage was agreed; its limit counts from that day where the profile says so."""

from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step


@dataclass(frozen=True)
class AgreeStatement:
    """The day on which it was agreed with the complainant."""

    target: Target
    agreed_on: date


async def agree_statement(transaction: Transaction, setup: Setup, identity: Identity, command: AgreeStatement) -> Taken:
    """Record the day. Raises what `take_step` and `stages.agree` raise."""
    number, day = command.target.stage, command.agreed_on
    change = NewChange("agree", number, day, identity.subject, recounts=True)
    return await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, calendar, today: stages.agree(case, number, day, calendar=calendar, today=today),
    )
