"""Events that more than one use case tells: of a complaint as a whole, of a stage that begins, of a stage as it stands."""

from uuid import UUID

from chassis.calendar import WorkingDays
from complaints.adapters.complaint_record import Record, Told
from complaints.domain import clock
from complaints.domain.case import Case, Stage
from contracts.complaints import ComplaintReceived, PointFinding, StageRecounted, StageStarted
from contracts.complaints import Point as PointEvent

_TOLD = ("acknowledged_on", "agreed_on", "extended_on", "panel_on", "reported_on", "responded_on")


def received(record: Record) -> ComplaintReceived:
    """A complaint as it came in; told again, with another day, when that was corrected."""
    ids = {point.reference: point.id for point in record.points}
    return ComplaintReceived.model_validate(
        {
            "complaint_id": record.id,
            "procedure": record.procedure,
            "formality": record.formality,
            "received_on": record.received_on,
            "service_area": record.service_area,
            "team": record.team,
            "need": record.need,
            "route": record.route,
            "raised_by": record.raised_by,
            "points": tuple(
                PointEvent(point_id=ids[reference], category=facts.category, service_area=facts.service_area)
                for reference, facts in record.history.first.items()
            ),
        }
    )


def stage_started(complaint_id: UUID, stage: Stage, calendar: WorkingDays) -> StageStarted:
    """`due_on` is `limit` working days after `started_on`, day 0."""
    when = clock.timing(calendar, stage.terms, stage.facts)
    return StageStarted(
        complaint_id=complaint_id,
        stage=stage.number,
        started_on=when.day_zero,
        due_on=when.due_on,
        limit=when.limit,
        calendar=calendar.version,
        panel_due_on=when.due_on if stage.terms.panel else None,
        acknowledge_by=clock.acknowledge_by(calendar, stage.terms, stage.facts),
    )


def stage_recounted(record: Record, case: Case, number: int, version: int, step: str, calendar: WorkingDays) -> StageRecounted:
    """A stage as it stands; one that has not begun has nothing but its request."""
    made, stage = case.request_of(number), case.begun(number)
    asked = {
        "complaint_id": record.id,
        "stage": number,
        "version": version,
        "step": step,
        "requested_on": made.requested_on if made else None,
        "decided_on": made.decided_on if made else None,
        "decision": made.decision if made else None,
    }
    if stage is None:
        return StageRecounted.model_validate(asked)
    facts = stage.facts
    when = clock.timing(calendar, stage.terms, facts)
    reached = stage.terms.panel is not None and facts.panel_on is not None
    return StageRecounted.model_validate(
        asked
        | {
            "started_on": clock.first_day(stage.terms, facts),
            "due_on": when.due_on,
            "answer_by": when.answer_by,
            "limit": when.limit,
            "panel_due_on": clock.timing(calendar, stage.terms, facts, "panel").due_on if stage.terms.panel else None,
            "report_due_on": clock.timing(calendar, stage.terms, facts, "report").due_on if reached else None,
            "acknowledge_by": clock.acknowledge_by(calendar, stage.terms, facts),
            **{name: getattr(facts, name) for name in _TOLD},
            "suspended_on": facts.suspended.from_on if facts.suspended else None,
            "suspended_days": clock.days_suspended(calendar, stage.terms, facts),
            "ending": stage.ending,
            "working_days": clock.days_taken(calendar, stage.terms, facts),
            "calendar": calendar.version,
            "findings": _findings(record, stage),
        }
    )


def _findings(record: Record, stage: Stage) -> tuple[PointFinding, ...]:
    ids = {point.reference: point.id for point in record.points}
    return tuple(
        PointFinding(point_id=ids[point], finding=finding, remedies=record.told.get((stage.number, point), Told()).remedies)
        for point, finding in stage.findings.items()
    )
