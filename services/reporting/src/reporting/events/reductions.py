"""From the events that records were reduced to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import audit, complaints, feedback
from contracts.base import RecordReduced
from reporting.adapters import reduction_facts as facts
from reporting.events.rows import Batch


def reduced(batch: Batch, received: Received, event: RecordReduced) -> None:
    """A record of which nothing personal is kept."""
    batch.put(facts.REDUCTION, received, event.model_dump())


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    audit.AuditRecordReduced: reduced,
    complaints.ComplaintRecordReduced: reduced,
    feedback.FeedbackRecordReduced: reduced,
}
