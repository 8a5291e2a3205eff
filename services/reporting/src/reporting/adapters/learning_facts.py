"""The fact tables of what is learned from complaints (migration 0015): a row each time that an action changed."""

from reporting.adapters.facts import Fact

_TEXT = "text"
_POINT = {"complaint_id": "uuid", "point_id": "uuid", "stage": "integer", "finding": _TEXT, "service_area": _TEXT}

LEARNING = Fact(
    "fact_learning_action",
    ("action_id", "revision"),
    {
        "action_id": "uuid",
        "revision": "integer",
        **_POINT,
        **dict.fromkeys(("team", "status", "difference", "reference", "code"), _TEXT),
        "evidence": "boolean",
        "themes": "text[]",
        **dict.fromkeys(("recorded_on", "first_due_on", "due_on", "done_on", "reviewed_on", "changed_on"), "date"),
    },
)
NONE = Fact("fact_learning_none", ("decision_id",), {"decision_id": "uuid", **_POINT, "decided_on": "date"})
