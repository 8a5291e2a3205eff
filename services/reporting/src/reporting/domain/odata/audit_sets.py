"""The entity sets of audit outcomes with their grades and activity, and of each step of audits at work and of disputes."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import AUDIT, OUTCOME, by

_KIND = code("kind", "Kind of audit: looped, single, targeted, multi-agency, dip-sample or practice-evaluation.")
_TOOL = (
    _KIND,
    code("tool", "The audit tool; see Tools."),
    Property("tool_version", Edm.INT32, "Version of the tool."),
)
_OF_THE_CASE = (code("service_area", "Service area of the case."), code("team", "Team of the case.", nullable=True))
_OUTCOME = Property("outcome_id", Edm.GUID, "The outcome; see AuditOutcomes.")
_VERSION = Property("version", Edm.INT32, "Version of the outcome. Of a corrected one only the highest version has rows.")
_COMPLETED = day("completed_on", "Day on which the audit was completed; it decides the period.")
_AUDIT = Property("audit_id", Edm.GUID, "The audit; see Audits.")
_PLACE = (_KIND, code("tool", "The audit tool."), code("programme", "The programme of audits.", nullable=True), *_OF_THE_CASE)
_WITHDRAWN = day("withdrawn_on", "Day on which the audit was withdrawn: then the row counts nowhere.", nullable=True)

OUTCOMES = EntitySet(
    "AuditOutcomes",
    "AuditOutcome",
    "feed_audit_outcome",
    "One row the outcome of a finished audit in its highest version, those that other systems posted among them.",
    ("outcome_id",),
    (
        Property("outcome_id", Edm.GUID, "The outcome."),
        Property("version", Edm.INT32, "Version of the outcome: a correction has a higher one and replaces the row."),
        *_TOOL,
        *_OF_THE_CASE,
        _COMPLETED,
        day("allocated_on", "Day on which the audit was sent out.", nullable=True),
        day("submitted_on", "Day on which the auditors had submitted.", nullable=True),
        day("moderated_on", "Day on which it was moderated.", nullable=True),
        code("scale", "The scale of its grades; see Grades.", nullable=True),
        code("overall", "Overall grade.", nullable=True),
        code("overall_key", "Scale and overall grade in one, as in Grades: scale/grade.", nullable=True),
        code("rag", "Rating: red, amber or green.", nullable=True),
        Property("cases", Edm.INT32, "Cases that were looked at."),
        code("findings", "Codes of the findings that were ticked, several joined by a semicolon; empty where there are none."),
        code("themes", "Codes of its themes, several joined by a semicolon; empty where there are none."),
        *CHANGES,
    ),
    roots=(OUTCOME,),
)
GRADES = EntitySet(
    "AuditGrades",
    "AuditGrade",
    "feed_audit_grade",
    "One row a section of an outcome and who judged it: lead, peer, and the judgement that counts. When an outcome comes in a "
    "higher version, replace all of its rows.",
    ("outcome_id", "section", "judge"),
    (
        _OUTCOME,
        code("section", "Section of the tool."),
        code("section_key", "Tool and section in one, as in Sections: tool/section."),
        code("judge", "lead, peer, moderated; or single, where nobody moderates."),
        Property("counts", Edm.BOOLEAN, "Whether it is the judgement that counts: moderated or single. Filter by it to count."),
        _VERSION,
        *_TOOL,
        Property("position", Edm.INT32, "Place of the section in the tool, from 1."),
        *_OF_THE_CASE,
        _COMPLETED,
        code("scale", "The scale of the grade; see Grades.", nullable=True),
        code("state", "graded, not-applicable or not-graded."),
        code("grade", "The grade.", nullable=True),
        code("grade_key", "Scale and grade in one, as in Grades: scale/grade.", nullable=True),
        *CHANGES,
    ),
    roots=(OUTCOME,),
)
ACTIVITY = EntitySet(
    "AuditActivity",
    "AuditActivityPiece",
    "feed_audit_activity",
    "One row an outcome and a kind of audit activity. One looped audit is three pieces: lead, peer and moderation.",
    ("outcome_id", "activity"),
    (
        _OUTCOME,
        code("activity", "lead, peer, moderation or single."),
        Property("pieces", Edm.INT32, "Pieces of activity; add them up."),
        _VERSION,
        *_TOOL,
        *_OF_THE_CASE,
        _COMPLETED,
        *CHANGES,
    ),
    roots=(OUTCOME,),
)
SUBMISSIONS = EntitySet(
    "AuditSubmissions",
    "AuditSubmission",
    "feed_audit_submission",
    "One row a day on which a part of an audit was submitted; a part that came back has several.",
    ("audit_id", "part", "submitted_on"),
    (
        _AUDIT,
        code("part", "The part."),
        day("submitted_on", "Day of submission; it decides the period."),
        day("due_on", "Day by which the part was due."),
        *_PLACE,
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
MODERATIONS = EntitySet(
    "AuditModerations",
    "AuditModeration",
    "feed_audit_moderation",
    "One row an audit whose grades were fixed: by its moderator, or by its only auditor.",
    ("audit_id",),
    (
        _AUDIT,
        _OUTCOME,
        *_PLACE,
        day("moderated_on", "Day on which the grades were fixed; it decides the period."),
        day("due_on", "Day by which they were to be; empty where nobody moderates.", nullable=True),
        Property("departs", Edm.BOOLEAN, "Whether the overall grade is not the one that the sections suggest."),
        Property("revised", Edm.BOOLEAN, "Whether the overall grade is neither auditor's."),
        day("review_due_on", "Day by which the actions are looked at.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
ESCALATIONS = EntitySet(
    "AuditEscalations",
    "AuditEscalation",
    "feed_audit_escalation",
    "One row a concern that an auditor found and that could not wait; what it was is never here.",
    ("escalation_id",),
    (
        Property("escalation_id", Edm.GUID, "The concern."),
        _AUDIT,
        *_PLACE,
        day("raised_on", "Day on which it was raised; it decides the period."),
        day("acknowledged_on", "Day on which somebody said that they had seen it.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
ACTION_CHANGES = EntitySet(
    "AuditActionChanges",
    "AuditActionChange",
    "feed_audit_action_change",
    "One row a step of an action of an audit: what was open on a past day is as the last step until then left it.",
    ("audit_id", "action", "change"),
    (
        _AUDIT,
        code("action", "The action within its audit; see AuditActions."),
        Property("change", Edm.INT64, "Number of the step: the higher one is the later."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("changed_on", "Day of the step; it decides the period."),
        code("status", "How it stood then: open, done or dropped."),
        day("due_on", "Day by which it was to be done then."),
        day("done_on", "Day on which it was done.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(AUDIT,),
)
DISPUTE_STAGES = EntitySet(
    "DisputeStages",
    "DisputeStage",
    "feed_dispute_stage",
    "One row a stage that a dispute about practice reached, with its answer and, where it ended there, its end.",
    ("dispute_id", "number"),
    (
        Property("dispute_id", Edm.GUID, "The dispute; see Disputes."),
        Property("number", Edm.INT32, "Number of the stage, from 1."),
        code("stage", "The stage."),
        code("category", "What the dispute is about."),
        code("raised_by", "Who raised it, as a kind of officer."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("raised_on", "Day on which the dispute was raised."),
        day("reached_on", "Day on which it came to the stage."),
        Property("limit_days", Edm.INT32, "Working days that the answer may take."),
        day("answer_due_on", "Day by which it is answered; it decides the period."),
        day("answered_on", "Day on which it was answered. In time: not after answer_due_on.", nullable=True),
        code("answered_by", "Level that answered.", nullable=True),
        Property("working_days", Edm.INT32, "Working days to the answer.", nullable=True),
        day("left_on", "Day on which it went on to the next stage.", nullable=True),
        day("reopened_on", "Day on which the dispute was opened again at this stage.", nullable=True),
        day("ended_on", "Day on which the dispute ended here.", nullable=True),
        code("result", "resolved or withdrawn.", nullable=True),
        code("outcome", "What came of it.", nullable=True),
        Property("informal", Edm.BOOLEAN, "Whether it was resolved without the formal process.", nullable=True),
        code("calendar", "Version of the calendar of working days by which it was counted."),
        *CHANGES,
    ),
    roots=(by("dispute_id"),),
)
AUDIT_SETS = (
    OUTCOMES,
    GRADES,
    ACTIVITY,
    SUBMISSIONS,
    MODERATIONS,
    ESCALATIONS,
    ACTION_CHANGES,
    DISPUTE_STAGES,
)
