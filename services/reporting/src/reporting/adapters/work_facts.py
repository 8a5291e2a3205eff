"""The fact tables of audits at work, disputes and acknowledged practice (migrations 0004 and 0005).

An event is a row, and of two accounts of the same thing the newest stands, in whichever order they arrive. What follows from
several of them is a view.
"""

from reporting.adapters.facts import Fact

_TEXT = "text"
_PLACE = dict.fromkeys(("kind", "tool", "programme", "service_area", "team"), _TEXT)

WORK = Fact(
    "fact_audit_work",
    ("audit_id",),
    {
        "audit_id": "uuid",
        **_PLACE,
        "round": _TEXT,
        "tool_version": "integer",
        **dict.fromkeys(("allocated_on", "submit_by", "moderate_by"), "date"),
    },
)
PART = Fact(
    "fact_audit_part",
    ("audit_id", "part"),
    {"audit_id": "uuid", "part": _TEXT, **_PLACE, "allocated_on": "date", "due_on": "date"},
)
SUBMISSION = Fact(
    "fact_audit_submission",
    ("audit_id", "part", "submitted_on"),
    {"audit_id": "uuid", "part": _TEXT, "submitted_on": "date", "due_on": "date"},
)
MODERATION = Fact(
    "fact_audit_moderation",
    ("audit_id",),
    {
        **dict.fromkeys(("audit_id", "outcome_id"), "uuid"),
        **dict.fromkeys(("moderated_on", "due_on", "review_due_on"), "date"),
        **dict.fromkeys(("departs", "revised"), "boolean"),
    },
)
REVIEW = Fact(
    "fact_audit_review",
    ("audit_id", "number"),
    {
        "audit_id": "uuid",
        "number": "integer",
        **dict.fromkeys(("reviewed_on", "due_on", "next_due_on"), "date"),
        **dict.fromkeys(("result", "difference"), _TEXT),
    },
)
WITHDRAWAL = Fact("fact_audit_withdrawal", ("audit_id",), {"audit_id": "uuid", "withdrawn_on": "date", "ground": _TEXT})
ESCALATION = Fact(
    "fact_audit_escalation",
    ("escalation_id",),
    {"escalation_id": "uuid", "audit_id": "uuid", "raised_on": "date", "acknowledged_on": "date"},
)
ACTION_STATE = Fact(
    "fact_audit_action_state",
    ("audit_id", "action"),
    {
        "audit_id": "uuid",
        **dict.fromkeys(("action", "status", "service_area", "team"), _TEXT),
        **dict.fromkeys(("due_on", "done_on"), "date"),
        "evidence": "boolean",
    },
)
ACTION_CHANGE = Fact(
    "fact_audit_action_change",
    ("audit_id", "action", "change"),
    {
        "audit_id": "uuid",
        "change": "bigint",
        **dict.fromkeys(("action", "status"), _TEXT),
        **dict.fromkeys(("changed_on", "due_on", "done_on"), "date"),
        "evidence": "boolean",
    },
)
DISPUTE = Fact(
    "fact_dispute",
    ("dispute_id",),
    {
        "dispute_id": "uuid",
        **dict.fromkeys(("raised_by", "category", "service_area", "team"), _TEXT),
        "raised_on": "date",
        "limit_in_all": "integer",
    },
)
DISPUTE_STAGE = Fact(
    "fact_dispute_stage",
    ("dispute_id", "number"),
    {
        "dispute_id": "uuid",
        **dict.fromkeys(("number", "limit_days", "working_days"), "integer"),
        **dict.fromkeys(("stage", "answered_by", "calendar"), _TEXT),
        **dict.fromkeys(("reached_on", "answer_due_on", "answered_on", "left_on"), "date"),
    },
)
DISPUTE_ENDING = Fact(
    "fact_dispute_ending",
    ("dispute_id", "number"),
    {
        "dispute_id": "uuid",
        "number": "integer",
        **dict.fromkeys(("stage", "result", "outcome"), _TEXT),
        "ended_on": "date",
        "informal": "boolean",
    },
)
DISPUTE_REOPENING = Fact(
    "fact_dispute_reopening",
    ("dispute_id", "number"),
    {"dispute_id": "uuid", "number": "integer", "stage": _TEXT, "reopened_on": "date"},
)
ACKNOWLEDGEMENT = Fact(
    "fact_practice_acknowledgement",
    ("acknowledgement_id",),
    {
        "acknowledgement_id": "uuid",
        **dict.fromkeys(("raised_by", "origin", "service_area", "team"), _TEXT),
        **dict.fromkeys(("acknowledged_on", "seen_on", "shared_on", "withdrawn_on"), "date"),
        "themes": "text[]",
    },
)
