"""The response of a stage is sent to the complainant: the clock stops, with a finding on each point."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import clock, stages
from complaints.domain.case import Finding
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import PointFinding, StageResponded


@dataclass(frozen=True)
class RespondStage:
    """The day on which the response was sent, and the findings by the reference of the point."""

    target: Target
    responded_on: date
    findings: Mapping[str, Finding]


async def respond_stage(transaction: Transaction, setup: Setup, identity: Identity, command: RespondStage) -> Taken:
    """Record the response of a stage. Raises what `take_step` and `stages.respond` raise."""
    number, day = command.target.stage, command.responded_on
    change = NewChange("respond", number, day, identity.subject)
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.respond(case, number, day, command.findings, today=today),
    )
    if taken.changed:
        transaction.record(_event(taken, number, day))
    return taken


def _event(taken: Taken, number: int, day: date) -> StageResponded:
    stage = taken.case.stages[number - 1]
    when = clock.timing(taken.calendar, stage.terms, stage.facts)
    day_zero = clock.first_day(stage.terms, stage.facts)
    ids = {point.reference: point.id for point in taken.record.points}
    return StageResponded(
        complaint_id=taken.record.id,
        stage=number,
        started_on=day_zero,
        due_on=when.due_on,
        responded_on=day,
        working_days=taken.calendar.count(day_zero, day),
        calendar=taken.calendar.version,
        findings=tuple(PointFinding(point_id=ids[point], finding=finding) for point, finding in stage.findings.items()),
    )
