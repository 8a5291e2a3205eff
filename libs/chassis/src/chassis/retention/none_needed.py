"""Tables that the chassis makes and that need no kind of retention, each with the reason; a service adds its own.

A test of each service holds that every other table is in a kind. docs/privacy.md says the same to data protection officers.
"""

from collections.abc import Mapping
from typing import Final

_PROOF = (
    "shows that records were kept, held and deleted as they should be (Article 5(2)): the answer to who asks where one went"
)
_CHAIN = "who did what, by subject and ids: ends by a period of its own, up to a checkpoint (`chassis.retention.of_trail`)"

OF_EVERY_SERVICE: Final[Mapping[str, str]] = {
    "alembic_version": "the number of a migration",
    "idempotency": "answers to machines, deleted after 30 days",
    "inbox": "ids of events that were taken in",
    "mail": "content is deleted 14 days after it was sent; the key has codes and ids, so that nothing is told twice",
    "outbox": "events: redacted with their record, and kept for the figures",
    "profile": "what the council wrote of itself: earlier records are read by the version that they were made by",
    "subject_restriction": "one in force holds its record; one that ended is deleted with its record",
    "trail": _CHAIN,
    "trail_beginning": "one row: where the trail begins since entries were let go",
    "trail_check": "what the last walk along the trail found",
    "trail_checkpoint": "marks of the trail",
    "upload": "deleted after 24 hours at most",
    "retention_hold": _PROOF,
    "retention_key": "keyed hashes, by which what was reduced is known when it is sent again",
    "retention_order": _PROOF,
    "retention_proof": _PROOF,
    "retention_reduced": _PROOF,
    "retention_run": _PROOF,
}
