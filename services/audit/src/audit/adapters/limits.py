"""What the database limits to service areas, and what it does not and why; held against the catalogue by a test."""

from typing import Final

from chassis.area_limits import OF_EVERY_SERVICE

LIMITED: Final = frozenset(
    (
        "acknowledgement", "acknowledgement_change", "acknowledgement_notice", "action", "action_step", "audit", "dispute",
        "dispute_change", "dispute_stage", "entry", "escalation", "outcome", "outcome_version", "part", "question",
        "recipient", "review", "round", "round_case", "round_step", "step",
    )
)  # fmt: skip
NOT_LIMITED: Final = {
    **OF_EVERY_SERVICE,
    "audit_person": "whom an audit concerns, by its id: what the limit is decided by",
    "person": "the staff directory: who is named in an audit may work in any area",
    "record_number": "the next number of the organisation",
}
