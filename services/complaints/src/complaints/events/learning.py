"""The events of learning: codes, dates and ids of an action as it stands, and never a word of it."""

from complaints.adapters.learning import KeptAction
from contracts import complaints as contracts


def told(kept: KeptAction, event: type[contracts.LearningAction]) -> contracts.LearningAction:
    """What the world is told of an action as it stands."""
    action = kept.action
    plan = action.plan
    return event(
        action_id=kept.id,
        complaint_id=kept.complaint_id,
        point_id=kept.point_id,
        stage=kept.found.stage,
        finding=kept.found.finding,
        service_area=plan.service_area,
        team=plan.team,
        themes=plan.themes,
        recorded_on=kept.recorded_on,
        first_due_on=kept.first_due_on,
        due_on=plan.due_on,
        status=action.status,
        done_on=action.done_on,
        reviewed_on=action.reviewed_on,
        difference=action.difference,
        revision=kept.revision,
    )
