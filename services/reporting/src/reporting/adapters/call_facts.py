"""The fact tables of calls (migration 0007)."""

from reporting.adapters.facts import Fact

_TEXT = "text"
_PLACE = dict.fromkeys(("programme", "questionnaire", "service_area", "team"), _TEXT)

CALL = Fact(
    "fact_call",
    ("call_id",),
    {"call_id": "uuid", **_PLACE, **dict.fromkeys(("due_on", "ended_on"), "date"), "status": _TEXT, "ground": _TEXT},
)
ATTEMPT = Fact(
    "fact_call_attempt",
    ("call_id", "number"),
    {"call_id": "uuid", "number": "integer", **_PLACE, "caller_key": _TEXT, "attempted_on": "date", "outcome": _TEXT},
)
DUTY = Fact(
    "fact_caller_duty",
    ("caller_key", "programme", "from_on"),
    {
        **dict.fromkeys(("caller_key", "programme", "service_area"), _TEXT),
        **dict.fromkeys(("from_on", "until_on"), "date"),
        "minimum": "integer",
    },
)
