"""From the events of calls to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import feedback
from reporting.adapters import call_facts as facts
from reporting.events.rows import Batch


def changed(batch: Batch, received: Received, event: feedback.CallChanged) -> None:
    """A call as it stands."""
    batch.put(facts.CALL, received, event.model_dump())


def attempted(batch: Batch, received: Received, event: feedback.CallAttempted) -> None:
    """One attempt."""
    batch.put(facts.ATTEMPT, received, event.model_dump())


def assigned(batch: Batch, received: Received, event: feedback.CallerAssigned) -> None:
    """What somebody owes a month in a programme, since a day."""
    batch.put(facts.DUTY, received, event.model_dump())


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {
    feedback.CallChanged: changed,
    feedback.CallAttempted: attempted,
    feedback.CallerAssigned: assigned,
}
