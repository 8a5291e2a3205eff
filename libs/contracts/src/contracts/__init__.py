"""The events of Learning Loop: what the services tell one another, and nothing else.

`SERVICES` maps each producing service to its events, `BY_SUBJECT` each subject to its model.
"""

from contracts import audit, complaints, feedback
from contracts.base import Event

SERVICES: dict[str, tuple[type[Event], ...]] = {
    "audit": audit.EVENTS,
    "feedback": feedback.EVENTS,
    "complaints": complaints.EVENTS,
}
BY_SUBJECT: dict[str, type[Event]] = {event.subject: event for events in SERVICES.values() for event in events}

__all__ = ["BY_SUBJECT", "SERVICES", "Event"]
