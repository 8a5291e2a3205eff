"""The limit of a stage is extended, once and with a reason, to the limit in all that the procedure knows."""

from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import clock, stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import StageExtended


@dataclass(frozen=True)
class ExtendStage:
    """The day on which the complainant was told, and why."""

    target: Target
    extended_on: date
    reason: str


async def extend_stage(transaction: Transaction, setup: Setup, identity: Identity, command: ExtendStage) -> Taken:
    """Extend a stage. Raises what `take_step` and `stages.extend` raise."""
    number, day = command.target.stage, command.extended_on
    sealed = setup.seal_reason(transaction.org, command.reason)
    change = NewChange("extend", number, day, identity.subject, sealed)
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, calendar, today: stages.extend(case, number, day, calendar=calendar, today=today),
    )
    if taken.changed:
        stage = taken.case.stages[number - 1]
        when = clock.timing(taken.calendar, stage.terms, stage.facts)
        transaction.record(
            StageExtended(complaint_id=taken.record.id, stage=number, extended_on=day, due_on=when.due_on, limit=when.limit)
        )
    return taken
