"""What the database limits to service areas, and what it does not and why; held against the catalogue by a test."""

from typing import Final

from chassis.area_limits import OF_EVERY_SERVICE

LIMITED: Final = frozenset(
    (
        "approved_quote", "call", "call_log", "change_history", "change_made", "comment_history", "comment_look",
        "comment_mark", "concern", "concern_history", "contact_history", "contact_request", "draft", "entry", "invitation",
        "link", "message", "quote", "quote_history", "response", "response_standing", "response_text", "send_address",
        "sending", "star", "star_history", "star_link", "star_reading",
    )
)  # fmt: skip
NOT_LIMITED: Final = {
    **OF_EVERY_SERVICE,
    **dict.fromkeys(("caller", "caller_duty"), "who makes calls for the organisation, and how many: a duty has no area"),
    **dict.fromkeys(("code_failure", "contact_once"), "keyed hashes of visitors, for counting tries"),
    **dict.fromkeys(
        ("questionnaire_copy", "questionnaire_publication"), "questionnaires are the organisation's: no answer is in them"
    ),
}
