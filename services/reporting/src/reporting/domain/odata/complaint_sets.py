"""The entity sets of complaints: one row each, their stages with the clocks, findings, compliments, and what came in before."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import COMPLAINT, by

_COMPLAINT = Property("complaint_id", Edm.GUID, "The complaint; see Complaints.")
_FORMALITY = code("formality", "formal, or informal (also enquiries).")
_RECEIVED = day("received_on", "Day on which the complaint was received.")
_NEED = code("need", "Primary area of need.", nullable=True)
_ERROR = day(
    "made_in_error_on", "Day on which it was found that it had been made in error: then the row counts nowhere.", nullable=True
)

COMPLAINTS = EntitySet(
    "Complaints",
    "Complaint",
    "feed_complaint",
    "One row a complaint or enquiry. To count formal complaints: formality eq 'formal' and made_in_error_on eq null.",
    ("complaint_id",),
    (
        Property("complaint_id", Edm.GUID, "The complaint."),
        code("procedure", "Its procedure."),
        _FORMALITY,
        day("received_on", "Day on which it was received; it decides the period."),
        code("service_area", "Service area; a point may have another."),
        code("team", "Team.", nullable=True),
        _NEED,
        code("route", "How it came in.", nullable=True),
        code("raised_by", "Who raised it, as a kind of person.", nullable=True),
        Property("points", Edm.INT32, "Number of its points that are counted; see ComplaintPoints."),
        _ERROR,
        *CHANGES,
    ),
    roots=(COMPLAINT,),
)
STAGES = EntitySet(
    "ComplaintStages",
    "ComplaintStage",
    "feed_complaint_stage",
    "One row a stage of a complaint that was asked for or began, with its clock. In time: responded_on not after due_on.",
    ("complaint_id", "stage"),
    (
        _COMPLAINT,
        Property("stage", Edm.INT32, "The stage, from 1."),
        code("procedure", "Procedure of the complaint."),
        _FORMALITY,
        _RECEIVED,
        code("service_area", "Service area of the complaint."),
        code("team", "Team.", nullable=True),
        _NEED,
        day("requested_on", "Day on which the stage was asked for.", nullable=True),
        day("decided_on", "Day on which the request was decided.", nullable=True),
        code("decision", "accepted or declined.", nullable=True),
        day("acknowledge_by", "Last day for its acknowledgement; empty where the procedure has none.", nullable=True),
        day("acknowledged_on", "Day on which it was acknowledged; told since December 2026.", nullable=True),
        day("started_on", "Day 0 of its clock.", nullable=True),
        Property("limit_days", Edm.INT32, "Working days that it may take.", nullable=True),
        day("due_on", "Last day of the limit that runs, an extension counted in.", nullable=True),
        day("agreed_on", "Day on which a longer time was agreed.", nullable=True),
        day("extended_on", "Day on which it was extended.", nullable=True),
        day("answer_by", "Day by which an answer is promised: a suspension moves it, but no limit.", nullable=True),
        day("suspended_on", "Day since which its clock stands still.", nullable=True),
        Property("suspended_days", Edm.INT32, "Working days for which its clock stood still, in suspensions that ended."),
        day("panel_due_on", "Day by which the panel meets.", nullable=True),
        day("panel_on", "Day on which the panel met.", nullable=True),
        day("report_due_on", "Day by which the panel reports.", nullable=True),
        day("reported_on", "Day on which the panel reported.", nullable=True),
        day("responded_on", "Day on which it ended: answered, or given up.", nullable=True),
        code("ending", "answered, withdrawn, discontinued, passed-over, made-in-error; empty while open.", nullable=True),
        Property("working_days", Edm.INT32, "Working days from day 0 to its end.", nullable=True),
        code("calendar", "Version of the calendar of working days by which it was counted.", nullable=True),
        _ERROR,
        *CHANGES,
    ),
    roots=(COMPLAINT,),
)
FINDINGS = EntitySet(
    "ComplaintFindings",
    "ComplaintFinding",
    "feed_complaint_finding",
    "One row a point that is counted and a stage with a finding for it: its own, or that of the point that it came from. "
    "Points that are counted no more are in SupersededPoints.",
    ("point_id", "stage"),
    (
        Property("point_id", Edm.GUID, "The point; see ComplaintPoints."),
        Property("stage", Edm.INT32, "The stage, from 1."),
        _COMPLAINT,
        code("category", "Nature of the point."),
        code("procedure", "Procedure of the complaint."),
        _FORMALITY,
        _RECEIVED,
        code("service_area", "Service area of the point."),
        code("team", "Team.", nullable=True),
        _NEED,
        code("finding", "The finding; empty where the answer was taken back.", nullable=True),
        day("found_on", "Day of the finding; it decides the period.", nullable=True),
        *CHANGES,
    ),
    roots=(COMPLAINT,),
    looked_up=True,
)
COMPLIMENTS = EntitySet(
    "Compliments",
    "Compliment",
    "feed_compliment",
    "One row a compliment. “Compliments received” in reports are those from outside: external eq true.",
    ("compliment_id",),
    (
        Property("compliment_id", Edm.GUID, "The compliment."),
        day("received_on", "Day on which it was received; it decides the period."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        code("source", "Who sent it, as a kind of person."),
        Property("external", Edm.BOOLEAN, "Whether it came from outside the organisation."),
        *CHANGES,
    ),
    roots=(by("compliment_id"),),
)
REPRESENTATIONS = EntitySet(
    "Representations",
    "Representation",
    "feed_representation",
    "One row a thing that came in, before anybody had decided what it is, with what was decided.",
    ("representation_id",),
    (
        Property("representation_id", Edm.GUID, "What came in."),
        day("received_on", "Day on which it came in; it decides the period."),
        day("recorded_on", "Day on which it was written down."),
        code("came_by", "How it came: public-form, post, phone, e-mail, in-person, councillor-or-mp or other-system."),
        code("said", "What its sender said that it is: complaint, comment, compliment or not-sure."),
        Property("from_child", Edm.BOOLEAN, "Whether it came from a child or young person."),
        code("raised_by", "Who sent it, as a kind of person.", nullable=True),
        code("service_area", "Service area, as far as it is known.", nullable=True),
        day("decided_on", "Day on which a person decided what it is.", nullable=True),
        code(
            "outcome",
            "complaint, informal-enquiry, compliment, comment, not-a-complaint or duplicate; empty where none is decided.",
            nullable=True,
        ),
        code("procedure", "Procedure that was chosen.", nullable=True),
        code("timing", "in-time, late-taken or late-declined.", nullable=True),
        code("went_to", "Where it went in place of a complaint.", nullable=True),
        Property("working_days", Edm.INT32, "Working days to the decision.", nullable=True),
        Property("complaint_id", Edm.GUID, "The complaint that was made of it.", nullable=True),
        Property("compliment_id", Edm.GUID, "The compliment that was made of it.", nullable=True),
        *CHANGES,
    ),
    roots=(by("representation_id"),),
)
REASONS_FOR_NONE = EntitySet(
    "ReasonsForNoAction",
    "ReasonForNoAction",
    "feed_learning_none",
    "One row a decision that a point that was upheld needs no action. The reason in words is never here.",
    ("decision_id",),
    (
        Property("decision_id", Edm.GUID, "The decision."),
        _COMPLAINT,
        Property("point_id", Edm.GUID, "The point; see ComplaintPoints."),
        Property("stage", Edm.INT32, "The stage whose finding asked for it."),
        code("finding", "That finding."),
        code("service_area", "Service area."),
        day("decided_on", "Day of the decision; it decides the period."),
        *CHANGES,
    ),
    roots=(by("decision_id"),),
)
COMPLAINT_SETS = (COMPLAINTS, STAGES, FINDINGS, COMPLIMENTS, REPRESENTATIONS, REASONS_FOR_NONE)
