"""A credential that ends soon says so in every answer: whoever runs the other system sees it where they look, in its logs."""

from datetime import UTC, datetime

from chassis.middleware import Message, Send
from gateway.domain.credentials import WARNED

HEADER = b"loop-credential-expires"


def warning(send: Send, ends: datetime) -> Send:
    """A `send` that adds the day and time at which the credential ends, from thirty days before."""
    if ends > datetime.now(UTC) + WARNED:
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            moment = ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            message["headers"] = [*message["headers"], (HEADER, moment)]
        await send(message)

    return sending
