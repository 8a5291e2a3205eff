"""The entity set of the learning tracker. What is to be done, and by whom, is not in it: the page of the service has that."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import Root

TRACKED_ACTIONS = EntitySet(
    "LearningActions",
    "LearningAction",
    "feed_tracked_action",
    "One row an action of an audit, a complaint or feedback, as it stands today: the learning tracker. `standing` moves with "
    "the calendar, which delta links tell like any other change. changed_sequence counts within `source`.",
    ("action_key",),
    (
        Property("action_key", Edm.STRING, "The action: its source, and its id there."),
        code("source", "audit, complaints or feedback."),
        Property("record_id", Edm.GUID, "The audit or its outcome; the action of a complaint; the published change."),
        code("code", "The action within its record.", nullable=True),
        Property("reference", Edm.STRING, "Reference of the audit or complaint, where its service tells it.", nullable=True),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        code("themes", "Codes of its themes, several joined by a semicolon; empty where there are none."),
        day("set_on", "Day on which it was set, or the change published; it decides the period."),
        day("first_due_on", "Day that was set first.", nullable=True),
        day("due_on", "Day by which it is to be done; empty of published changes.", nullable=True),
        code("status", "open, done, reviewed or dropped."),
        code("standing", "on-track, may-miss, missed, completed or dropped, as of today."),
        day("done_on", "Day on which it was done.", nullable=True),
        Property("evidence", Edm.BOOLEAN, "Whether what shows that it was done is recorded; empty: not told.", nullable=True),
        day("reviewed_on", "Day of the last review.", nullable=True),
        code("review_result", "What the review of an audit found: closed or reopened.", nullable=True),
        code("difference", "Whether it made a difference, as its review says: yes, partly, no, too-early.", nullable=True),
        *CHANGES,
    ),
    # One record has one source, and its id is of that kind.
    roots=(
        Root("audit", "record_id", "audit"),
        Root("action", "record_id", "complaints"),
        Root("change", "record_id", "feedback"),
    ),
    by_calendar=True,
    records_by="feed_tracked_of",
)
