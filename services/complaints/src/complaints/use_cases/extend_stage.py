"""The limit of a stage is extended, once and with a reason, to the limit in all that the procedure knows."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, Kind, unknown_code
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import clock, stages
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import StageExtended


@dataclass(frozen=True)
class ExtendStage:
    """The day on which the complainant was told, and why; `to` is the limit in all, None for all that the procedure allows."""

    target: Target
    extended_on: date
    reason: str
    to: int | None = None
    code: str | None = None


async def extend_stage(transaction: Transaction, setup: Setup, identity: Identity, command: ExtendStage) -> Taken:
    """Extend a stage. Raises what `take_step` and `stages.extend` raise."""
    number, day = command.target.stage, command.extended_on
    if command.code is not None:
        known = [each.code for each in (await setup.profiles.current(transaction)).profile.complaints.extension_reasons]
        if command.code not in known:
            detail = "The organisation's profile does not name that reason. Nothing was stored."
            raise DomainError("unknown-codes", detail, Kind.MALFORMED, (unknown_code("/code", command.code, known),))
    sealed = setup.seal_reason(transaction.org, command.reason)
    change = NewChange("extend", number, day, identity.subject, sealed, command.code)
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, calendar, today: stages.extend(case, number, day, to=command.to, calendar=calendar, today=today),
    )
    if taken.changed:
        stage = taken.case.stages[number - 1]
        when = clock.timing(taken.calendar, stage.terms, stage.facts)
        transaction.record(
            StageExtended(complaint_id=taken.record.id, stage=number, extended_on=day, due_on=when.due_on, limit=when.limit)
        )
    return taken
