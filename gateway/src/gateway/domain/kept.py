"""How long each table of the gateway is kept, or why it has no end; docs/privacy.md says it to data protection officers.

The gateway has no records of children and families. A test holds that every table stands here.
"""

from typing import Final

_NAMES: Final = "names of who kept access, and of systems that have none any more, go by LOOP_ACCESS_KEEP_MONTHS (`names_over`)"
_CHAIN: Final = "who did what, by subject and ids: ends by LOOP_TRAIL_KEEP_MONTHS, up to a checkpoint (`chassis.trail.ending`)"
_MECHANISM: Final = "a mechanism: nothing of anybody in it"

KEPT: Final = {
    "session": "seven days after its end (`leftovers`)",
    "operator_session": "seven days after its end (`leftovers`)",
    "sign_in_attempt": "until it expires, ten minutes (`leftovers`)",
    "account": "no end: a staff number beside keyed hashes, as long as records name people by it; an administrator lets it go",
    "logout_token": "until it expires (`leftovers`)",
    "assertion": "until it expires (`leftovers`)",
    **dict.fromkeys(
        ("client", "credential", "client_history", "client_refusal", "operator_key", "webhook_subscription", "webhook_history"),
        _NAMES,
    ),
    "webhook_message": "thirty days; when its subscription is deleted, or a record that it is about is reduced, at once",
    "webhook_attempt": "with its message",
    "mail": "content goes fourteen days after it was sent; the key has the id of a subscription, so that nothing is told twice",
    "operator_pass": "until the next operator signs in after its end, eight hours",
    "dead_letter": "until it is applied; when a record that it is about is reduced, at once",
    "inbox": "thirty days: ids of events",
    "trail": _CHAIN,
    "trail_checkpoint": "marks of the trail",
    "trail_beginning": "one row an organisation: where its trail begins since entries were let go",
    "trail_check": "what the last walk along the trail found",
    "profile": "what the council wrote of itself: which provider signs its staff in",
    "maintenance": "one row a service: the last who closed it, until the next does",
    "rate": "keyed hashes of callers, overwritten within the hour",
    "organisation": "codes and names of councils",
    **dict.fromkeys(("recall", "consumer_position", "consumer_command", "alembic_version"), _MECHANISM),
}
