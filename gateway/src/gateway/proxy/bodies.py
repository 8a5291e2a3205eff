"""Bodies of requests: read at once when small, passed on as they come when large, never more than the limit."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from time import monotonic

from chassis.middleware import Receive, Send
from gateway.proxy.answers import Refusal

SMALL = 64 * 1024
"""Bytes up to which a body is read before a service is troubled: a slow caller then holds no connection to it."""

_DRAIN_SECONDS = 3.0
_DRAIN_BYTES = 64 * 1024 * 1024
_GRACE_SECONDS = 30.0
"""For which a large body may come as slowly as it likes: a phone that changes from one network to another."""
_PATIENT_SECONDS = 120.0
_PATIENT_BYTES = 512 * 1024 * 1024
"""Where people send files: whoever chose a film is still sending it, and must see why it was not taken."""


class CallerGoneError(Exception):
    """The caller closed the connection."""


def too_large(limit: int) -> Refusal:
    """The refusal of a body beyond the limit."""
    detail = f"The body is larger than {limit:,} bytes, the most that is taken here. Nothing was stored. Send smaller parts."
    return Refusal(413, "body-too-large", detail, close=True)


def too_slow() -> Refusal:
    """The refusal of a body that does not come."""
    return Refusal(408, "request-timeout", "The body of the request did not arrive in time. Nothing was stored.", close=True)


async def read_small(receive: Receive, limit: int, seconds: float) -> bytes:
    """The whole body. Raises `Refusal` beyond `limit` bytes or after `seconds`, and `CallerGoneError`."""
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
            if message["type"] == "http.request" and not message["more_body"]:
                body: bytes = message["body"]
                if len(body) > limit:
                    raise too_large(limit)
                return body
            parts: list[bytes] = []
            size = 0
            while True:
                if message["type"] != "http.request":
                    raise CallerGoneError
                size += len(message["body"])
                if size > limit:
                    raise too_large(limit)
                parts.append(message["body"])
                if not message["more_body"]:
                    return b"".join(parts)
                message = await receive()
    except TimeoutError:
        raise too_slow() from None


class Upload:
    """A large body on its way through. `failure` says why it ended early; the client library hides the reason."""

    def __init__(self, receive: Receive, limit: int, idle: float, on_end: Callable[[], None], rate: int = 0) -> None:
        """`limit` in bytes, `idle` in seconds without any, `rate` in bytes a second on average."""
        self._rate = rate
        self._waited = 0.0
        self._receive = receive
        self._limit = limit
        self._idle = idle
        self._on_end = on_end
        self.failure: Refusal | CallerGoneError | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Ends with an error, and so ends the exchange, beyond the limit or when the caller is gone."""
        size = 0
        more = True
        while more:
            began = monotonic()
            try:
                async with asyncio.timeout(self._idle):
                    message = await self._receive()
            except TimeoutError:
                self.failure = too_slow()
                raise self.failure from None
            # Only the caller's own slowness counts: meanwhile the service may be the one that does not take more.
            self._waited += monotonic() - began
            if message["type"] != "http.request":
                self.failure = CallerGoneError()
                raise self.failure
            size += len(message["body"])
            if size > self._limit:
                self.failure = too_large(self._limit)
                raise self.failure
            more = message["more_body"]
            if more and self._waited > _GRACE_SECONDS and size < self._waited * self._rate:
                self.failure = too_slow()
                raise self.failure
            if message["body"]:
                yield message["body"]
        self._on_end()


async def finish(receive: Receive, send: Send, *, waiting: bool, patient: bool = False) -> None:
    """End an answer that was sent before the body was read: read and drop what is on its way, for a moment, and close.

    A connection that is closed with unread data is reset, and the caller would never see the answer (RFC 9112, 9.6). A caller
    who is `waiting` for leave to send (Expect: 100-continue) has nothing on its way, and would be told to send by asking.
    """
    if not waiting:
        await _drain(receive, *((_PATIENT_SECONDS, _PATIENT_BYTES) if patient else (_DRAIN_SECONDS, _DRAIN_BYTES)))
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive, seconds: float, most: int) -> None:
    read = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while read < most:
                message = await receive()
                if message["type"] != "http.request" or not message["more_body"]:
                    return
                read += len(message["body"])
