"""The fact tables of Ombudsman cases as they stand as a whole (migration 0018): the case, and each of its deadlines.

The producer holds a case while it raises its version, so the later event is that of the higher version.
"""

from reporting.adapters.facts import Fact

_TEXT = "text"
_CASE = {
    **dict.fromkeys(("case_id", "complaint_id"), "uuid"),
    **dict.fromkeys(("service_area", "outcome"), _TEXT),
    "accepted_on": "date",
    "version": "integer",
}

CASE = Fact(
    "fact_ombudsman_case",
    ("case_id",),
    {**_CASE, "outcome_on": "date", "actions": "integer", "remedies": "text[]"},
)
DEADLINE = Fact(
    "fact_ombudsman_deadline",
    ("deadline_id",),
    {
        "deadline_id": "uuid",
        **_CASE,
        **dict.fromkeys(("kind", "remedy"), _TEXT),
        **dict.fromkeys(("due_on", "done_on"), "date"),
    },
)
