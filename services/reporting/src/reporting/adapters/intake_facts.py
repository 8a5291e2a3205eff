"""The fact tables of what came in before it was a complaint (migration 0014): codes and days, no word and nobody's name."""

from reporting.adapters.facts import Fact

_TEXT = "text"

REPRESENTATION = Fact(
    "fact_representation",
    ("representation_id",),
    {
        "representation_id": "uuid",
        **dict.fromkeys(("received_on", "recorded_on"), "date"),
        **dict.fromkeys(("came_by", "said", "language", "raised_by", "service_area"), _TEXT),
        "from_child": "boolean",
    },
)
REPRESENTATION_DECISION = Fact(
    "fact_representation_decision",
    ("representation_id",),
    {
        **dict.fromkeys(("representation_id", "complaint_id", "compliment_id"), "uuid"),
        **dict.fromkeys(("revision", "working_days"), "integer"),
        "decided_on": "date",
        **dict.fromkeys(("outcome", "procedure", "timing", "went_to", "service_area"), _TEXT),
    },
)
