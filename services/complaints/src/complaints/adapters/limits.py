"""What the database limits to service areas, and what it does not and why; held against the catalogue by a test."""

from typing import Final

from chassis.area_limits import OF_EVERY_SERVICE

LIMITED: Final = frozenset(
    (
        "attachment", "comment", "comment_passed_on", "complaint", "complaint_change", "complaint_person", "complaint_point",
        "compliment", "compliment_passed_on", "compliment_words", "finding", "learning_action", "learning_ask", "learning_none",
        "learning_step", "letter", "letter_draft", "ombudsman_case", "ombudsman_deadline", "opened", "overdue_span",
        "person_found_by", "point_change", "point_change_part", "point_version", "representation", "representation_change",
        "representation_person", "sender_found_by", "stage", "stage_request",
    )
)  # fmt: skip
_FILE = "sealed, and found through its attachment alone, which is limited"
NOT_LIMITED: Final = {
    **OF_EVERY_SERVICE,
    **dict.fromkeys(("stored_file", "stored_piece"), _FILE),
    **dict.fromkeys(("bulletin", "bulletin_step"), "of the whole organisation, for all of its staff"),
    "intake_draft": "what a family is filling in; no page for staff reads it",
    "reference_counter": "the next number of the organisation",
    "saved_view": "one person's own",
}
