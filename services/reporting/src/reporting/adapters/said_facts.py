"""The fact tables of what families said and what became of it (migration 0010): codes, days and counts, no word."""

from reporting.adapters.facts import Fact

_TEXT = "text"

COMMENT = Fact(
    "fact_comment",
    ("response_id", "question"),
    {
        "response_id": "uuid",
        **dict.fromkeys(("question", "questionnaire", "channel", "service_area", "team"), _TEXT),
        "questionnaire_version": "integer",
        **dict.fromkeys(("about_on", "answered_on", "themed_on"), "date"),
        "themes": "text[]",
    },
)
QUOTE = Fact(
    "fact_quote",
    ("quote_id",),
    {
        "quote_id": "uuid",
        "version": "integer",
        **dict.fromkeys(("questionnaire", "question", "service_area"), _TEXT),
        "themes": "text[]",
        "released_on": "date",
    },
)
QUOTE_WITHDRAWAL = Fact(
    "fact_quote_withdrawal", ("quote_id",), {"quote_id": "uuid", "version": "integer", "withdrawn_on": "date"}
)
CHANGE = Fact(
    "fact_change",
    ("change_id",),
    {
        "change_id": "uuid",
        **dict.fromkeys(("revision", "quotes"), "integer"),
        "service_area": _TEXT,
        **dict.fromkeys(("happened_on", "published_on"), "date"),
        **dict.fromkeys(("questions", "themes"), "text[]"),
        "has_action": "boolean",
    },
)
CHANGE_WITHDRAWAL = Fact(
    "fact_change_withdrawal", ("change_id",), {"change_id": "uuid", "revision": "integer", "withdrawn_on": "date"}
)
