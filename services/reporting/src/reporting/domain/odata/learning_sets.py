"""The entity set of what is learned from complaints. What is to be done, and by whom, is not in it."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import by

LEARNING = EntitySet(
    "ComplaintActions",
    "ComplaintAction",
    "feed_learning_action",
    "One row an action from a point of a complaint, as it stands now. Its words and whoever sees to it are never here.",
    ("action_id",),
    (
        Property("action_id", Edm.GUID, "The action."),
        Property("complaint_id", Edm.GUID, "The complaint."),
        Property("point_id", Edm.GUID, "The point; see ComplaintPoints."),
        Property("stage", Edm.INT32, "The stage whose finding asked for it."),
        code("finding", "That finding."),
        code("service_area", "Service area that sees to it."),
        code("team", "Team.", nullable=True),
        Property("themes", Edm.STRING, "Codes of its themes, separated by semicolons."),
        day("recorded_on", "Day on which it was recorded."),
        day("first_due_on", "Day that was set first."),
        day("due_on", "Day by which it is to be done."),
        code("status", "open, done, reviewed or dropped."),
        day("done_on", "Day on which it was done.", nullable=True),
        day("reviewed_on", "Day on which it was reviewed.", nullable=True),
        code("difference", "Whether it made a difference: yes, partly or no.", nullable=True),
        *CHANGES,
    ),
    roots=(by("action_id"),),
)
