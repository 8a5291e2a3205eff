"""From the events of what came in to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import complaints
from reporting.adapters import intake_facts as facts
from reporting.events.rows import Batch


def representation_received(batch: Batch, received: Received, event: complaints.RepresentationReceived) -> None:
    """Something came in."""
    batch.put(facts.REPRESENTATION, received, event.model_dump())


def representation_decided(batch: Batch, received: Received, event: complaints.RepresentationDecided) -> None:
    """What it was decided to be; without an outcome the decision was taken back. The newest account stands."""
    batch.put(facts.REPRESENTATION_DECISION, received, event.model_dump())


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    complaints.RepresentationReceived: representation_received,
    complaints.RepresentationDecided: representation_decided,
}
