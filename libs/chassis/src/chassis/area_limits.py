"""Tables that the chassis makes and that know no service area, each with the reason; a service's `limits` adds its own."""

from collections.abc import Mapping
from typing import Final

MECHANISM: Final = "a mechanism: no record of an area in it"
_PROTECTION = "for data protection officers who are limited to no service area; others are refused"

OF_EVERY_SERVICE: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("alembic_version", "idempotency", "outbox", "profile", "trail_beginning", "trail_check", "trail_checkpoint"), MECHANISM
    ),
    **dict.fromkeys(
        ("subject_decision", "subject_note", "subject_record", "subject_request", "subject_restriction"), _PROTECTION
    ),
    "trail": "who did what, for those who keep the organisation's trail; ids and routes",
    "upload": "the sheet of one person, opened by nobody else",
    "mail": MECHANISM,
    **dict.fromkeys(
        ("retention_hold", "retention_order", "retention_proof", "retention_reduced", "retention_run"), _PROTECTION
    ),
    "retention_key": "keyed hashes of references that were reduced, in whatever area: whoever posts one again is told so",
}
