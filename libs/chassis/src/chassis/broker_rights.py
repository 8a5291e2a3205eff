"""What each user of NATS may do: a service publishes its own events and nothing else, a reader reads what it consumes.

A worker that was taken over can then forge no other service's event, and empty or delete no stream. Replies go to inboxes of
the user's own, so nobody hears what another one is sent. Streams are set up by an administrator (`loop broker streams`, at
every `loop up`); a service may make its own anew where a broker lost everything, and neither change, empty nor delete it.
"""

from collections.abc import Collection
from typing import Any

from chassis.jetstream import inbox_prefix, stream_name, subjects

ADMIN = "loop"
"""The user that sets streams up; no process of Learning Loop runs with it."""


def rights_of(user: str, *, produces: bool, reads: Collection[str]) -> dict[str, Any]:
    """Permissions of a service's user, as NATS' configuration has them. `reads`: whose streams it consumes, by its own name."""
    known = sorted({*reads, *([user] if produces else [])})
    publish = [f"$JS.API.STREAM.INFO.{stream_name(source)}" for source in known]
    if produces:
        publish += [subjects(user), f"$JS.API.STREAM.CREATE.{stream_name(user)}"]
    for source in sorted(reads):
        stream = stream_name(source)
        # Of its own consumer alone: made, asked for messages, told what is done.
        publish += [f"$JS.API.CONSUMER.{each}.{stream}.{user}" for each in ("DURABLE.CREATE", "CREATE", "INFO", "MSG.NEXT")]
        publish.append(f"$JS.ACK.{stream}.{user}.>")
    return {"publish": {"allow": publish}, "subscribe": {"allow": [f"{inbox_prefix(user)}.>"]}}


def rights_of_admin() -> dict[str, Any]:
    """Permissions of who sets streams up: every stream and consumer, and no event of a service."""
    return {
        "publish": {"allow": ["$JS.API.>"]},
        "subscribe": {"allow": [f"{inbox_prefix(ADMIN)}.>", "_INBOX.>"]},
    }
