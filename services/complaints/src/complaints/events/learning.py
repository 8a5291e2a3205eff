"""The events of learning: codes, dates and ids of an action as it stands, and never a word of it."""

from datetime import date
from typing import Any

from complaints.adapters.learning import KeptAction
from contracts.complaints import (
    LearningAction,
    LearningActionChanged,
    LearningActionCompleted,
    LearningActionRecorded,
    LearningActionReviewed,
)


def recorded(kept: KeptAction, on: date) -> LearningAction:
    """An action was recorded."""
    return LearningActionRecorded(**_state(kept, on))


def changed(kept: KeptAction, on: date) -> LearningAction:
    """An action was changed, moved, dropped or opened again."""
    return LearningActionChanged(**_state(kept, on))


def completed(kept: KeptAction, on: date) -> LearningAction:
    """An action was done."""
    return LearningActionCompleted(**_state(kept, on))


def reviewed(kept: KeptAction, on: date) -> LearningAction:
    """An action was reviewed."""
    return LearningActionReviewed(**_state(kept, on))


def _state(kept: KeptAction, on: date) -> dict[str, Any]:
    action, plan = kept.action, kept.action.plan
    return {
        "action_id": kept.id,
        "complaint_id": kept.complaint_id,
        "point_id": kept.point_id,
        "stage": kept.found.stage,
        "finding": kept.found.finding,
        "service_area": plan.service_area,
        "team": plan.team,
        "themes": plan.themes,
        "recorded_on": kept.recorded_on,
        "first_due_on": kept.first_due_on,
        "due_on": plan.due_on,
        "status": action.status,
        "done_on": action.done_on,
        "reviewed_on": action.reviewed_on,
        "difference": action.difference,
        "revision": kept.revision,
        "changed_on": on,
        "reference": kept.reference,
        "code": kept.code,
        "evidence": bool(action.evidence.strip()),
    }
