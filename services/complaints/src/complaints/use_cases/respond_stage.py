"""The response of a stage is sent to the complainant: the clock stops, with a finding on each point."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chassis.errors import DomainError, Kind, unknown_code
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Told
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import clock, stages
from complaints.domain.case import Finding
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target, take_step
from contracts.complaints import PointFinding, StageResponded


@dataclass(frozen=True)
class Said:
    """Why a finding was made, and the codes of what is done to put things right."""

    reason: str | None = None
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True)
class RespondStage:
    """The day on which the response was sent, and the findings by the reference of the point; `said` of each, if anything."""

    target: Target
    responded_on: date
    findings: Mapping[str, Finding]
    said: Mapping[str, Said] = field(default_factory=dict)


async def respond_stage(transaction: Transaction, setup: Setup, identity: Identity, command: RespondStage) -> Taken:
    """Record the response of a stage. Raises what `take_step` and `stages.respond` raise."""
    number, day = command.target.stage, command.responded_on
    await _known_remedies(transaction, setup, command.said)
    told = {point: Told(setup.seal_reason(transaction.org, each.reason), each.remedies) for point, each in command.said.items()}
    change = NewChange("respond", number, day, identity.subject, told=told)
    taken = await take_step(
        transaction,
        setup,
        identity,
        command.target,
        change,
        lambda case, _, today: stages.respond(case, number, day, command.findings, today=today),
    )
    if taken.changed:
        transaction.record(_event(taken, number, day, command.said))
    elif not _same(transaction.org, setup, taken, number, command.said):
        detail = f"Stage {number} was answered on {day} with these findings, and other reasons or remedies."
        raise DomainError("already-answered", detail)
    return taken


async def _known_remedies(transaction: Transaction, setup: Setup, said: Mapping[str, Said]) -> None:
    if not any(each.remedies for each in said.values()):
        return
    known = [each.code for each in (await setup.profiles.current(transaction)).profile.complaints.remedies]
    errors = tuple(
        unknown_code(f"/findings/{point}/remedies", code, known)
        for point, each in said.items()
        for code in each.remedies
        if code not in known
    )
    if errors:
        detail = "The organisation's profile does not name that remedy. Nothing was stored."
        raise DomainError("unknown-codes", detail, Kind.MALFORMED, errors)


def _same(org: str, setup: Setup, taken: Taken, number: int, said: Mapping[str, Said]) -> bool:
    """Whether what is said now was said before; saying nothing now says nothing else."""
    held = {point: each for (stage, point), each in taken.record.told.items() if stage == number}
    return all(
        point in held and (setup.open_reason(org, held[point].reason), held[point].remedies) == (each.reason, each.remedies)
        for point, each in said.items()
    )


def _event(taken: Taken, number: int, day: date, said: Mapping[str, Said]) -> StageResponded:
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
        findings=tuple(
            PointFinding(point_id=ids[point], finding=finding, remedies=said[point].remedies if point in said else ())
            for point, finding in stage.findings.items()
        ),
    )
