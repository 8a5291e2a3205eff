"""From the events of audits at work, disputes and acknowledged practice to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from chassis.days import british_day
from contracts import audit
from reporting.adapters import work_facts as facts
from reporting.events.rows import Batch


def allocated(batch: Batch, received: Received, event: audit.AuditAllocated) -> None:
    """An audit with its place and its days, and each part. The pseudonyms of case and people stay out: no report needs them."""
    place = _told(event, "audit_id", "kind", "tool", "programme", "service_area", "team", "allocated_on")
    batch.put(facts.WORK, received, place | _told(event, "tool_version", "round", "submit_by", "moderate_by"))
    for each in event.parts:
        batch.put(facts.PART, received, place | {"part": each.part, "due_on": each.due_on})


def submitted(batch: Batch, received: Received, event: audit.AuditSubmitted) -> None:
    """One auditor's part; what came back from the moderator and is submitted again is another row."""
    batch.put(facts.SUBMISSION, received, _told(event, "audit_id", "part", "submitted_on", "due_on"))


def moderated(batch: Batch, received: Received, event: audit.AuditModerated) -> None:
    """The grades are fixed, and a review is due."""
    names = ("audit_id", "outcome_id", "moderated_on", "due_on", "departs", "revised", "review_due_on")
    batch.put(facts.MODERATION, received, _told(event, *names))


def reviewed(batch: Batch, received: Received, event: audit.AuditReviewed) -> None:
    """A review was held; where it reopened, it says when the next one is due."""
    names = ("audit_id", "number", "reviewed_on", "due_on", "result", "next_due_on", "difference")
    batch.put(facts.REVIEW, received, _told(event, *names))


def withdrawn(batch: Batch, received: Received, event: audit.AuditWithdrawn) -> None:
    """An audit that counts nowhere any more."""
    batch.put(facts.WITHDRAWAL, received, _told(event, "audit_id", "withdrawn_on", "ground"))


def escalated(batch: Batch, received: Received, event: audit.AuditEscalated) -> None:
    """A concern that could not wait, raised or taken over."""
    batch.put(facts.ESCALATION, received, _told(event, "escalation_id", "audit_id", "raised_on", "acknowledged_on"))


def action_changed(batch: Batch, received: Received, event: audit.ActionChanged) -> None:
    """How an action stands now, and since which day: what was open at the end of a quarter is asked when it is long done."""
    stands = _told(event, "audit_id", "action", "status", "due_on", "done_on", "evidence")
    batch.put(facts.ACTION_STATE, received, stands | _told(event, "service_area", "team"))
    told = {"change": received.sequence, "changed_on": british_day(received.occurred_at)}
    batch.put(facts.ACTION_CHANGE, received, stands | told)


def dispute_raised(batch: Batch, received: Received, event: audit.DisputeRaised) -> None:
    """A dispute. Where it stands is told by its stages and their endings."""
    names = ("dispute_id", "raised_on", "raised_by", "category", "service_area", "team", "limit_in_all")
    batch.put(facts.DISPUTE, received, _told(event, *names))


def dispute_stage(batch: Batch, received: Received, event: audit.DisputeStageReached) -> None:
    """A stage as it stands."""
    names = ("dispute_id", "number", "stage", "reached_on", "answer_due_on", "answered_on", "answered_by", "left_on")
    row = _told(event, *names, "working_days", "calendar") | {"limit_days": event.limit}
    batch.put(facts.DISPUTE_STAGE, received, row)


def dispute_resolved(batch: Batch, received: Received, event: audit.DisputeResolved) -> None:
    """A dispute ended at a stage; one that was opened again has a later stage, and stands there."""
    row = _told(event, "dispute_id", "number", "stage", "result", "outcome", "informal")
    batch.put(facts.DISPUTE_ENDING, received, row | {"ended_on": event.resolved_on})


def dispute_reopened(batch: Batch, received: Received, event: audit.DisputeReopened) -> None:
    """It goes on, at a stage with a number of its own."""
    batch.put(facts.DISPUTE_REOPENING, received, _told(event, "dispute_id", "number", "stage", "reopened_on"))


def acknowledged(batch: Batch, received: Received, event: audit.PracticeAcknowledged) -> None:
    """Good practice, as its record stands now."""
    names = ("acknowledgement_id", "acknowledged_on", "raised_by", "origin", "service_area", "team", "themes")
    batch.put(facts.ACKNOWLEDGEMENT, received, _told(event, *names, "seen_on", "shared_on", "withdrawn_on"))


def _told(event: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(event, name) for name in names}


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    audit.AuditAllocated: allocated,
    audit.AuditSubmitted: submitted,
    audit.AuditModerated: moderated,
    audit.AuditReviewed: reviewed,
    audit.AuditWithdrawn: withdrawn,
    audit.AuditEscalated: escalated,
    audit.ActionChanged: action_changed,
    audit.DisputeRaised: dispute_raised,
    audit.DisputeStageReached: dispute_stage,
    audit.DisputeResolved: dispute_resolved,
    audit.DisputeReopened: dispute_reopened,
    audit.PracticeAcknowledged: acknowledged,
}
