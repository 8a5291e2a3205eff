"""uvicorn's HTTP protocol with limits that it lacks: size, number and time of headers, and connections at once."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, ClassVar

import orjson
import structlog
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from chassis.ids import new_id
from chassis.problems import MEDIA_TYPE, problem_dict
from chassis.serving import DrainingProtocol
from gateway.access.addresses import Addresses
from gateway.proxy.answers import PROBLEM_SECURITY_HEADERS, Secure, hsts
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)

MAX_HEADER_BYTES = 32 * 1024
"""Of all headers of one request; browsers and proxies commonly stop at 8 to 16 kB."""
MAX_URL_BYTES = 8 * 1024
"""RFC 9110, 4.1 asks for at least 8,000."""
MAX_HEADERS = 100
MIN_READ = 1024
"""Bytes that a caller must take of a waiting answer in the time of `stall_timeout`."""
MAX_RAW_BYTES = 16 * MAX_HEADER_BYTES
"""Read at most while a request's headers are incomplete."""

_PROBLEMS = {
    408: ("request-timeout", "The headers of the request did not arrive in time."),
    421: ("misdirected-request", "The request line names another host than the header Host."),
    414: ("uri-too-long", f"The address is longer than {MAX_URL_BYTES:,} bytes."),
    431: (
        "headers-too-large",
        f"There are more than {MAX_HEADERS} headers, or they hold more than {MAX_HEADER_BYTES:,} bytes.",
    ),
}


class TooMuchError(Exception):
    """The headers passed a limit; ends the parsing."""


class Corked:
    """A transport that sends the head of an answer together with the first piece of its body.

    uvicorn writes them apart, which costs everybody on the way a system call and a packet more. A head waits for the end of the
    current step of the event loop at most, so nothing that streams is late.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send, or keep for a moment what looks like the head of an answer."""
        if self._head:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def _flush(self) -> None:
        if self._head:
            data, self._head = self._head, b""
            self._transport.write(data)

    def close(self) -> None:
        """Send what was kept, and close."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._head = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether the connection is closing."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class GuardedProtocol(DrainingProtocol):
    """One connection of a caller who may be slow, greedy or broken."""

    header_timeout = 10.0
    stall_timeout = 30.0
    max_connections = 2000
    max_per_address = 500
    trusted: Callable[[str], bool] = staticmethod(lambda _: False)
    secure: Secure = False
    per_address: ClassVar[dict[str, int]] = {}

    def __init__(self, config: Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._header_bytes = 0
        self._raw_bytes = 0
        self._refusal = 0
        self._in_headers = False
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._unread = 0
        self._peer = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, unless there are too many, and wait a while for its first request."""
        super().connection_made(transport)
        self.transport = Corked(transport, self.loop)  # type: ignore[assignment]  # all that uvicorn uses of one
        if len(self.connections) > self.max_connections or not self._has_room():
            transport.abort()
            return
        self._arm(self.header_timeout)

    def _has_room(self) -> bool:
        peer = self.client[0] if self.client else ""
        # Behind a trusted proxy stand all callers; it has limits of its own.
        if not peer or self.trusted(peer):
            return True
        self._peer = peer
        self.per_address[peer] = count = self.per_address.get(peer, 0) + 1
        return count <= self.max_per_address

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._disarm()
        self._end_stall()
        if self._peer:
            self.per_address[self._peer] -= 1
            if not self.per_address[self._peer]:
                del self.per_address[self._peer]
            self._peer = ""
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The caller does not read as fast as the service answers: wait with it, and see whether it reads at all."""
        super().pause_writing()
        self._unread = self.transport.get_write_buffer_size()
        if self._stall is None:
            self._stall = self.loop.call_later(self.stall_timeout, self._has_stalled)

    def resume_writing(self) -> None:
        """The caller has read."""
        super().resume_writing()
        self._end_stall()

    def _has_stalled(self) -> None:
        left = self.transport.get_write_buffer_size()
        if self._unread - left < MIN_READ:
            # What lies in the buffers is not for somebody who does not take it; a service's place and memory are held by it.
            self.transport.abort()
            self._stall = None
            return
        self._unread = left
        self._stall = self.loop.call_later(self.stall_timeout, self._has_stalled)

    def _end_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def on_message_begin(self) -> None:
        """Begin a request: its headers have to come in time, where they have not come with its first bytes."""
        super().on_message_begin()
        self._in_headers = True
        self._header_bytes = 0
        self._raw_bytes = 0
        self._disarm()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._stop(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) >= MAX_HEADERS:
            self._stop(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over."""
        self._in_headers = False
        self._disarm()
        if not self.url.startswith(b"/") and not self._names_its_host():
            self._stop(421)
        super().on_headers_complete()

    def _names_its_host(self) -> bool:
        """Whether an address in absolute form names the host of the header: the service reads that one (RFC 9112, 3.2.2)."""
        if self.url == b"*":
            return True
        _, found, rest = self.url.partition(b"://")
        hosts = [value.strip().lower() for name, value in self.headers if name == b"host"]
        return bool(found) and hosts == [re.split(rb"[/?#]", rest, maxsplit=1)[0].lower()]

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed, or what went beyond a limit."""
        status = self._refusal or 400
        slug, detail = _PROBLEMS.get(status, ("malformed-request", msg))
        self._answer(status, slug, detail)

    def data_received(self, data: bytes) -> None:
        """Parse what came in."""
        super().data_received(data)
        if self._in_headers:
            if self._timer is None:
                self._arm(self.header_timeout)
            # The parser reports a header only when its line ends; a line without end is stopped here. Generous, because the
            # end of the request before may be counted too.
            self._raw_bytes += len(data)
            if self._raw_bytes > MAX_RAW_BYTES:
                self._refusal = 431
                self.send_400_response("")
        elif self._timer is None and self.timeout_keep_alive_task is None and _is_idle(self.cycle):
            # The rest of a body that nobody wants, or empty lines: uvicorn no longer waits for an end, so this does.
            self._arm(self.timeout_keep_alive)

    def _stop(self, status: int) -> None:
        self._refusal = status
        raise TooMuchError

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if not _is_idle(self.cycle):
            # The answer to the request before is still on its way.
            self._arm(self.header_timeout)
        elif self._in_headers or self.cycle is None:
            self._answer(408, *_PROBLEMS[408])
        else:
            self.transport.close()

    def _answer(self, status: int, slug: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        request_id = str(new_id())
        log.info("request.refused", status=status, reason=slug, request_id=request_id)
        body = orjson.dumps(problem_dict(slug, status, detail, request_id=request_id))
        head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n".encode()
        head += f"x-request-id: {request_id}\r\n".encode()
        said = [*PROBLEM_SECURITY_HEADERS, *hsts(self.secure)]
        head += b"".join(b"%s: %s\r\n" % each for each in said)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()


def _is_idle(cycle: RequestResponseCycle | None) -> bool:
    return cycle is None or cycle.response_complete


def guarded(settings: GatewaySettings) -> type[GuardedProtocol]:
    """The protocol with the limits of the settings, and counts of its own."""
    return type(
        "ConfiguredProtocol",
        (GuardedProtocol,),
        {
            "header_timeout": settings.header_timeout,
            "stall_timeout": settings.stall_timeout,
            "max_connections": settings.connections,
            "max_per_address": settings.connections_per_address,
            "trusted": staticmethod(Addresses(settings.trusted_proxies).trusts),
            "secure": settings.transport,
            "per_address": {},
        },
    )
