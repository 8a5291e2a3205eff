"""The event of a stage that begins, which two use cases tell: a complaint received, a request accepted."""

from uuid import UUID

from chassis.calendar import WorkingDays
from complaints.domain import clock
from complaints.domain.case import Stage
from contracts.complaints import StageStarted


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
    )
