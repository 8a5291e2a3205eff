"""A continuous pull from a JetStream consumer: one inbox, one outstanding request, heartbeats.

Written on the pull protocol itself (NATS ADR-13 and ADR-37) because the client's `fetch` of more than one message can wait
for its whole time-out while messages are there.
"""

import asyncio
import json

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chassis.jetstream import assert_connected, stream_name

log = structlog.get_logger(__name__)

BATCH = 500
EXPIRES = 20.0  # seconds after which the broker ends an unanswered request
HEARTBEAT = 2.0  # seconds between signs of life of the broker while it has nothing
DEAF = 3 * HEARTBEAT  # seconds without any sign after which the broker has forgotten the request: it was started anew
_NANO = 1_000_000_000
_ENDED = frozenset({"404", "408", "409", "503", "400"})


class Pull:
    """Delivers messages of one durable consumer in batches as large as what is there."""

    def __init__(self, client: Client, service: str, durable: str) -> None:
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(service)}.{durable}"
        self._request = json.dumps(
            {"batch": BATCH, "expires": int(EXPIRES * _NANO), "idle_heartbeat": int(HEARTBEAT * _NANO)}
        ).encode()
        self._subscription: Subscription | None = None
        self._wanted = 0
        self._heard = 0.0

    async def open(self) -> None:
        """Subscribe to a fresh inbox; nothing is asked for yet. Raises ConnectionError while the broker is away."""
        await self.close()
        assert_connected(self._client)
        self._subscription = await self._client.subscribe(self._client.new_inbox())
        self._wanted = 0

    async def close(self) -> None:
        """Leave the inbox; what is unacknowledged is delivered again."""
        if self._subscription is not None:
            subscription, self._subscription = self._subscription, None
            if not self._client.is_closed:
                await subscription.unsubscribe()

    async def next_batch(self, patience: float) -> list[Msg]:
        """Messages as soon as there is one, with all that came with it; empty after `patience` seconds.

        Raises `ConnectionError` when the broker says that the consumer is gone, or says nothing at all.
        """
        if self._subscription is None:
            await self.open()
        if self._subscription is None:  # pragma: no cover - open() has just set it
            raise ConnectionError
        if self._wanted <= 0:
            await self._client.publish(self._subject, self._request, reply=self._subscription.subject)
            self._wanted = BATCH
            self._heard = asyncio.get_running_loop().time()
        first = await self._next(self._subscription, patience)
        if first is None:
            return []
        batch = [first]
        while len(batch) < BATCH and self._subscription.pending_msgs:
            more = await self._next(self._subscription, 0.001)
            if more is not None:
                batch.append(more)
        return batch

    async def _next(self, subscription: Subscription, patience: float) -> Msg | None:
        """The next message; None after `patience` seconds or when the request ended."""
        try:
            message = await subscription.next_msg(timeout=patience)
        except TimeoutError:
            if asyncio.get_running_loop().time() - self._heard > DEAF:
                self._wanted = 0
                msg = "the broker gives no sign of life"
                raise ConnectionError(msg) from None
            return None
        self._heard = asyncio.get_running_loop().time()
        status = message.headers.get("Status") if message.headers and not message.data else None
        if status is None:
            self._wanted -= 1
            return message
        if status in _ENDED:
            self._wanted = 0
            description = (message.headers or {}).get("Description", "")
            if status == "503" or "Deleted" in description or status == "400":
                msg = f"the consumer is gone ({status} {description})"
                raise ConnectionError(msg)
        return None
