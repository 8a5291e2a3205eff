"""From the events of complaints to their facts."""

from typing import Any

from chassis.consumer import Received
from contracts import complaints
from reporting.adapters import facts
from reporting.events.rows import Batch


def _complaint(batch: Batch, received: Received, event: complaints.ComplaintReceived) -> None:
    shared = {
        "complaint_id": event.complaint_id,
        "procedure": event.procedure,
        "formality": event.formality,
        "received_on": event.received_on,
        "team": event.team,
        "need": event.need,
        "route": event.route,
        "raised_by": event.raised_by,
    }
    whole = {"service_area": event.service_area, "points": len(event.points)}
    batch.put(facts.COMPLAINT, received, shared | whole)
    for point in event.points:
        own = {"point_id": point.point_id, "category": point.category, "service_area": point.service_area}
        own["came_by"] = event.came_by
        batch.put(facts.POINT, received, shared | own)


def _stage(batch: Batch, received: Received, complaint: Any, stage: int, **told: Any) -> None:
    batch.merge(facts.STAGE, received, {"complaint_id": complaint, "stage": stage, **told})


def _started(batch: Batch, received: Received, event: complaints.StageStarted) -> None:
    days = {"started_on": event.started_on, "due_on": event.due_on, "limit_days": event.limit, "calendar": event.calendar}
    days |= {"panel_due_on": event.panel_due_on, "acknowledge_by": event.acknowledge_by}
    _stage(batch, received, event.complaint_id, event.stage, **days)


def _extended(batch: Batch, received: Received, event: complaints.StageExtended) -> None:
    days = {"extended_on": event.extended_on, "due_on": event.due_on, "limit_days": event.limit}
    _stage(batch, received, event.complaint_id, event.stage, **days)


def _requested(batch: Batch, received: Received, event: complaints.StageRequested) -> None:
    _stage(batch, received, event.complaint_id, event.stage, requested_on=event.requested_on)


def _decided(batch: Batch, received: Received, event: complaints.StageDecided) -> None:
    _stage(batch, received, event.complaint_id, event.stage, decided_on=event.decided_on, decision=event.decision)


def _responded(batch: Batch, received: Received, event: complaints.StageResponded) -> None:
    days = {
        "started_on": event.started_on,
        "due_on": event.due_on,
        "responded_on": event.responded_on,
        "working_days": event.working_days,
        "calendar": event.calendar,
    }
    _stage(batch, received, event.complaint_id, event.stage, **days)
    for each in event.findings:
        batch.put(facts.FINDING, received, _finding(event, each, event.responded_on))


def _ombudsman_case(batch: Batch, received: Received, event: complaints.OmbudsmanCaseAccepted) -> None:
    row = {
        "case_id": event.case_id,
        "complaint_id": event.complaint_id,
        "service_area": event.service_area,
        "accepted_on": event.accepted_on,
    }
    batch.merge(facts.OMBUDSMAN, received, row)


def _ombudsman_outcome(batch: Batch, received: Received, event: complaints.OmbudsmanOutcomeReceived) -> None:
    row = {"case_id": event.case_id, "outcome_on": event.outcome_on, "outcome": event.outcome, "actions": event.actions}
    batch.merge(facts.OMBUDSMAN, received, row)


def _compliment(batch: Batch, received: Received, event: complaints.ComplimentReceived) -> None:
    row = {
        "compliment_id": event.compliment_id,
        "received_on": event.received_on,
        "service_area": event.service_area,
        "team": event.team,
        "source": event.source,
        "external": event.external,
    }
    batch.put(facts.COMPLIMENT, received, row)


def _recounted(batch: Batch, received: Received, event: complaints.StageRecounted) -> None:
    """A stage as it stands; its findings too, which no other event tells where it was withdrawn or discontinued."""
    told = event.model_dump(exclude={"findings", "limit", "version", "step"}, exclude_none=False)
    batch.put(facts.STAGE_RECOUNT, received, {**told, "limit_days": event.limit})
    for each in event.findings:
        batch.put(facts.FINDING, received, _finding(event, each, event.responded_on))


def _points(batch: Batch, received: Received, event: complaints.PointsChanged) -> None:
    """All points of a complaint as they stand; those that were superseded are told of too, so none is left from before."""
    for each in event.points:
        told = each.model_dump()
        row = told | {"complaint_id": event.complaint_id, "version": event.version, "ancestors": list(each.ancestors)}
        batch.put(facts.POINT_RECOUNT, received, row)


def _made_in_error(batch: Batch, received: Received, event: complaints.ComplaintVoided) -> None:
    batch.put(facts.COMPLAINT_ERROR, received, event.model_dump())


def _finding(event: Any, each: complaints.PointFinding, found_on: Any) -> dict[str, Any]:
    return {
        "point_id": each.point_id,
        "stage": event.stage,
        "complaint_id": event.complaint_id,
        "finding": each.finding,
        "found_on": found_on,
    }


HANDLERS: dict[type, Any] = {
    complaints.ComplaintReceived: _complaint,
    complaints.StageStarted: _started,
    complaints.StageExtended: _extended,
    complaints.StageRequested: _requested,
    complaints.StageDecided: _decided,
    complaints.StageResponded: _responded,
    complaints.StageRecounted: _recounted,
    complaints.PointsChanged: _points,
    complaints.ComplaintVoided: _made_in_error,
    complaints.OmbudsmanCaseAccepted: _ombudsman_case,
    complaints.OmbudsmanOutcomeReceived: _ombudsman_outcome,
    complaints.ComplimentReceived: _compliment,
}
