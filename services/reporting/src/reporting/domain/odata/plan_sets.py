"""The entity sets of improvement plans. Words (what is to be done, who sees to it, why) are in neither."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import by

_PLAN = Property("plan_id", Edm.GUID, "The plan.")
_AREA = code("service_area", "Service area of the plan; empty for the whole organisation.", nullable=True)

ACTIONS = EntitySet(
    "PlanActions",
    "PlanAction",
    "feed_plan_action",
    "One row an action of an improvement plan, as it stands today. `rag` moves with the calendar, which delta "
    "links tell like any other change.",
    ("action_id",),
    (
        Property("action_id", Edm.GUID, "The action."),
        _PLAN,
        Property("workstream_id", Edm.GUID, "The workstream within its plan."),
        _AREA,
        code("plan_state", "Whether the plan is open or closed."),
        Property("position", Edm.INT32, "Its place in the workstream, from 1."),
        code("state", "open, completed or dropped."),
        code("rag", "on-track, may-miss, missed, completed or dropped: what the calendar says weighs more than a person."),
        Property("tracked", Edm.STRING, "The action that it takes up: `action_key` of LearningActions.", nullable=True),
        day("set_on", "Day on which it was set."),
        day("ended_on", "Day on which it was completed or dropped.", nullable=True),
        *CHANGES,
    ),
    roots=(by("plan_id"),),
    by_calendar=True,
)
MILESTONES = EntitySet(
    "PlanMilestones",
    "PlanMilestone",
    "feed_plan_milestone",
    "One row a milestone of an action of an improvement plan.",
    ("milestone_id",),
    (
        Property("milestone_id", Edm.GUID, "The milestone."),
        Property("action_id", Edm.GUID, "The action; see PlanActions."),
        _PLAN,
        _AREA,
        day("first_due_on", "Day that was set first."),
        day("due_on", "Day by which it is to be reached."),
        day("met_on", "Day on which it was reached.", nullable=True),
        Property("dropped", Edm.BOOLEAN, "Whether it is not needed any more."),
        *CHANGES,
    ),
    roots=(by("plan_id"),),
)
PLAN_SETS = (ACTIONS, MILESTONES)
