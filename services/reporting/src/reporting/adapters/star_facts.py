"""The fact tables of outcome stars (migration 0008). The pseudonym of the person stays out: no report needs it."""

from reporting.adapters.facts import Fact

_TEXT = "text"

READING = Fact(
    "fact_star_reading",
    ("reading_id",),
    {
        **dict.fromkeys(("reading_id", "star_id"), "uuid"),
        **dict.fromkeys(
            ("star", "questionnaire", "point", "channel", "answered_by", "service_area", "team"),
            _TEXT,
        ),
        "questionnaire_version": "integer",
        "taken_on": "date",
        "scores": "jsonb",
    },
)
WITHDRAWAL = Fact("fact_star_withdrawal", ("reading_id",), {"reading_id": "uuid", "star_id": "uuid", "withdrawn_on": "date"})
CLOSURE = Fact(
    "fact_star_closure",
    ("star_id",),
    {"star_id": "uuid", "reason": _TEXT, **dict.fromkeys(("closed_on", "reopened_on"), "date")},
)
