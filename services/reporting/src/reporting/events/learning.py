"""From the events of what is learned from complaints to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import complaints
from reporting.adapters import learning_facts as facts
from reporting.events.rows import Batch


def action(batch: Batch, received: Received, event: complaints.LearningAction) -> None:
    """An action as it stood after a change."""
    batch.put(facts.LEARNING, received, {**event.model_dump(), "themes": sorted(set(event.themes))})


def declined(batch: Batch, received: Received, event: complaints.LearningDeclined) -> None:
    """A reason for no action."""
    batch.put(facts.NONE, received, event.model_dump())


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    complaints.LearningActionRecorded: action,
    complaints.LearningActionChanged: action,
    complaints.LearningActionCompleted: action,
    complaints.LearningActionReviewed: action,
    complaints.LearningDeclined: declined,
}
