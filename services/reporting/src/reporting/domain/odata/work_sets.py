"""The entity sets of audits at work, of disputes about practice and of acknowledged practice."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import AUDIT, by

_AUDIT = Property("audit_id", Edm.GUID, "The audit.")
_PLACE = (
    code("kind", "Kind of audit: looped, single, targeted, multi-agency, dip-sample or practice-evaluation."),
    code("tool", "The audit tool."),
    code("programme", "The programme of audits.", nullable=True),
    code("service_area", "Service area of the case."),
    code("team", "Team of the case.", nullable=True),
)
_WITHDRAWN = day("withdrawn_on", "Day on which the audit was withdrawn: then the row counts nowhere.", nullable=True)

AUDITS = EntitySet(
    "Audits",
    "Audit",
    "feed_audit",
    "One row an audit that was sent out to its auditors, and how far it is. Audits of other systems are not among them.",
    ("audit_id",),
    (
        _AUDIT,
        *_PLACE,
        Property("tool_version", Edm.INT32, "Version of the tool with which it began."),
        code("round", "Round of the programme.", nullable=True),
        day("allocated_on", "Day on which it was sent out; it decides the period."),
        day("submit_by", "Day by which the auditors submit their parts."),
        day("moderate_by", "Day by which it is moderated; empty where nobody moderates.", nullable=True),
        day("moderated_on", "Day on which the grades were fixed.", nullable=True),
        Property("reviews", Edm.INT32, "Number of reviews that were held.", nullable=True),
        day("reviewed_on", "Day of the last review.", nullable=True),
        code("review_result", "What the last review did: closed or reopened.", nullable=True),
        _WITHDRAWN,
        code("withdrawal_ground", "Why it was withdrawn.", nullable=True),
        *CHANGES,
    ),
    roots=(AUDIT,),
)
PARTS = EntitySet(
    "AuditParts",
    "AuditPart",
    "feed_audit_part",
    "One row a part of an audit with the day on which it was due: lead, peer, single, an agency's, and the moderation.",
    ("audit_id", "part"),
    (
        _AUDIT,
        code("part", "The part; moderation is one too."),
        *_PLACE,
        day("allocated_on", "Day on which the audit was sent out."),
        day("due_on", "Day by which it is submitted; it decides the period."),
        day(
            "submitted_on",
            "Day of the first submission, or of moderating. In time: not after due_on.",
            nullable=True,
        ),
        day("last_submitted_on", "Day of the last submission, where the part had come back.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
ACTIONS = EntitySet(
    "AuditActions",
    "AuditAction",
    "feed_audit_action",
    "One row an action of an audit as it stands now, those of other systems among them.",
    ("audit_id", "action"),
    (
        Property("audit_id", Edm.GUID, "The audit, or the outcome of another system."),
        code("action", "The action within its audit."),
        code("tool", "The audit tool.", nullable=True),
        code("programme", "The programme of audits.", nullable=True),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("set_on", "Day on which it was set."),
        code("status", "open, done or dropped."),
        day("due_on", "Day by which it is to be done."),
        day("done_on", "Day on which it was done.", nullable=True),
        day("first_due_on", "Day by which it was to be done as the outcome of the audit has it.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
REVIEWS = EntitySet(
    "AuditReviews",
    "AuditReview",
    "feed_audit_review",
    "One row a review of the actions of an audit: held, or still to be held.",
    ("audit_id", "number"),
    (
        _AUDIT,
        Property("number", Edm.INT32, "Number of the review of its audit, from 1."),
        *_PLACE,
        day("due_on", "Day by which it is held; it decides the period."),
        day("reviewed_on", "Day on which it was held.", nullable=True),
        code("result", "closed, or reopened (then another is due).", nullable=True),
        code("difference", "Whether its actions made one: yes, partly, no, too-early; empty where not said.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
DISPUTES = EntitySet(
    "Disputes",
    "Dispute",
    "feed_dispute",
    "One row a dispute about practice, with the stage at which it stands.",
    ("dispute_id",),
    (
        Property("dispute_id", Edm.GUID, "The dispute."),
        code("category", "What it is about."),
        code("raised_by", "Who raised it, as a kind of officer."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("raised_on", "Day on which it was raised; it decides the period."),
        Property("limit_in_all", Edm.INT32, "Working days that the whole process should take.", nullable=True),
        Property("stage_number", Edm.INT32, "Number of the stage at which it stands, from 1.", nullable=True),
        code("stage", "The stage at which it stands.", nullable=True),
        day("reached_on", "Day on which it came there.", nullable=True),
        day("answer_due_on", "Day by which it is answered there.", nullable=True),
        day("answered_on", "Day on which it was answered there.", nullable=True),
        day("ended_on", "Day on which it ended; empty while it is open, also where it was opened again.", nullable=True),
        code("result", "resolved or withdrawn.", nullable=True),
        code("outcome", "What came of it.", nullable=True),
        *CHANGES,
    ),
    roots=(by("dispute_id"),),
)
ACKNOWLEDGEMENTS = EntitySet(
    "PracticeAcknowledgements",
    "PracticeAcknowledgement",
    "feed_practice_acknowledgement",
    "One row good practice that was formally acknowledged. What was good is never here.",
    ("acknowledgement_id",),
    (
        Property("acknowledgement_id", Edm.GUID, "The acknowledgement."),
        day("acknowledged_on", "Day of it; it decides the period."),
        code("raised_by", "Who acknowledged, as a kind of officer."),
        code("origin", "Where it was seen: an audit, a review, and so on."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        code("themes", "Codes of its themes, several joined by a semicolon; empty where there are none."),
        day("seen_on", "Day on which a manager of the team first confirmed that they know.", nullable=True),
        day("shared_on", "Day on which the worker was first told.", nullable=True),
        day("withdrawn_on", "Day on which it was withdrawn as a mistake: then it counts nowhere.", nullable=True),
        *CHANGES,
    ),
    roots=(by("acknowledgement_id"),),
)

WORK_SETS = (AUDITS, PARTS, ACTIONS, REVIEWS, DISPUTES, ACKNOWLEDGEMENTS)
