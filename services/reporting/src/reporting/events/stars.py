"""From the events of outcome stars to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import feedback_stars
from reporting.adapters import star_facts as facts
from reporting.events.rows import Batch

_TOLD = (
    "reading_id", "star_id", "star", "questionnaire", "questionnaire_version", "point", "taken_on", "channel", "answered_by",
    "service_area", "team",
)  # fmt: skip


def reading(batch: Batch, received: Received, event: feedback_stars.StarReading) -> None:
    """A reading, recorded or corrected: both are its whole account. The pseudonym of the person stays out."""
    # A scale that stood twice would be two rows of one.
    scores = {each.scale: each.model_dump() for each in event.scores}
    row = {name: getattr(event, name) for name in _TOLD}
    batch.put(facts.READING, received, {**row, "scores": list(scores.values())})


def withdrawn(batch: Batch, received: Received, event: feedback_stars.StarWithdrawn) -> None:
    """A reading that counts nowhere any more."""
    row = {"reading_id": event.reading_id, "star_id": event.star_id, "withdrawn_on": event.withdrawn_on}
    batch.put(facts.WITHDRAWAL, received, row)


def closed(batch: Batch, received: Received, event: feedback_stars.StarClosed) -> None:
    """A course that is over."""
    row = {"star_id": event.star_id, "closed_on": event.closed_on, "reason": event.ground, "reopened_on": None}
    batch.put(facts.CLOSURE, received, row)


def reopened(batch: Batch, received: Received, event: feedback_stars.StarReopened) -> None:
    """A course that goes on."""
    row = {"star_id": event.star_id, "closed_on": None, "reason": None, "reopened_on": event.reopened_on}
    batch.put(facts.CLOSURE, received, row)


def erased(batch: Batch, received: Received, event: feedback_stars.StarErased) -> None:
    """A course of which nothing is kept, except that it is gone."""
    batch.put(facts.ERASURE, received, event.model_dump())


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    feedback_stars.StarRecorded: reading,
    feedback_stars.StarCorrected: reading,
    feedback_stars.StarWithdrawn: withdrawn,
    feedback_stars.StarClosed: closed,
    feedback_stars.StarReopened: reopened,
    feedback_stars.StarErased: erased,
}
