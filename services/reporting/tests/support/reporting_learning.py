"""Events of what is learned from complaints."""

from datetime import date
from typing import Any

from reporting_records import ident

from contracts import complaints
from contracts.base import Event

KINDS: dict[str, type[complaints.LearningAction]] = {
    "open": complaints.LearningActionChanged,
    "dropped": complaints.LearningActionChanged,
    "done": complaints.LearningActionCompleted,
    "reviewed": complaints.LearningActionReviewed,
}


def learned(reference: str, revision: int, on: date, status: Any = "open", **more: Any) -> complaints.LearningAction:
    """An action of the first point of a SEND complaint as it stood after a change on a day."""
    kind = complaints.LearningActionRecorded if revision == 1 else KINDS[status]
    fields: dict[str, Any] = {
        "complaint_id": ident("complaint", reference), "point_id": ident("point", reference, 1), "stage": 1,
        "finding": "upheld", "service_area": "send", "team": "send-north", "themes": ("communication",), "recorded_on": on,
        "first_due_on": on, "due_on": on, **more,
    }  # fmt: skip
    return kind(action_id=ident("learning", reference), revision=revision, status=status, changed_on=on, **fields)


def declined(reference: str, on: date, point: int = 1) -> complaints.LearningDeclined:
    """A reason for no action."""
    return complaints.LearningDeclined(
        decision_id=ident("none", reference, point), complaint_id=ident("complaint", reference),
        point_id=ident("point", reference, point), stage=1, finding="upheld", service_area="send", decided_on=on,
    )  # fmt: skip


def learning_of_each(reference: str, on: date) -> list[Event]:
    """At least one row of every fact of learning."""
    return [learned(reference, 1, on), declined(reference, on)]
