"""One request to a service and its answer back, both as they come. The hot path: every request pays for every line here."""

import asyncio
from typing import Any

import aiohttp
import structlog

from chassis.middleware import Receive
from gateway.proxy.answers import Refusal, Secure, Secured
from gateway.proxy.bodies import SMALL, CallerGoneError, Upload, read_small, too_large
from gateway.proxy.call import Call
from gateway.proxy.guard import Guard
from gateway.proxy.upstreams import Allowance, Route, header_map

log = structlog.get_logger(__name__)

_AT_ONCE = 64 * 1024
"""Bytes of an answer up to which it is passed on in one piece."""

_WATCH_AFTER = 0.1
"""Seconds after which somebody watches whether the caller is still there; most exchanges are over before."""

_REPEATABLE = frozenset({"GET", "HEAD"})
_NO_BODY = frozenset({204, 304})
# Hop by hop (RFC 9110, 7.6.1); what this gateway says itself; what must never leave; leave for other sites (CORS is closed).
_NOT_RETURNED = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-connection", b"te", b"trailer", b"transfer-encoding",
        b"upgrade", b"date", b"server", b"x-powered-by", b"x-request-id", b"loop-identity", b"access-control-allow-origin",
        b"access-control-allow-credentials", b"access-control-allow-headers", b"access-control-allow-methods",
        b"access-control-expose-headers", b"access-control-max-age", b"access-control-allow-private-network",
    }
)  # fmt: skip

_MAYBE_DONE = (
    "It is not certain whether the request was carried out. Send it again with the same Idempotency-Key, and it is done once."
)
_NOT_DONE = "The request was not carried out. Send it again in a moment."


class Exchange:
    """Passes one request on at a time; holds what all share."""

    def __init__(
        self, session: aiohttp.ClientSession, guards: dict[str, Guard], *, idle_timeout: float, body_rate: int, secure: Secure
    ) -> None:
        """`guards` by service; `body_rate` in bytes a second; `secure` where people come over https."""
        self._session = session
        self._guards = guards
        self._idle = idle_timeout
        self._body_rate = body_rate
        self._secured = Secured(secure=secure)

    async def forward(self, call: Call, route: Route, allowance: Allowance) -> None:
        """Pass a request on, with the headers in `call.incoming.passed`, and its answer back, within what is allowed.

        Raises `Refusal` while nothing is sent yet, `CallerGoneError`, and `BrokenAnswerError` in the middle of an answer.
        """
        if route.base is None:
            raise _away("is not set up")
        guard = self._guards[route.service]
        trying = guard.ask_breaker()
        watch = _Watch(call.receive)
        try:
            data, upload = await self._body(call, allowance.body, watch)
            await guard.enter(upload=upload is not None)
            try:
                await self._through(call, route, guard, data, upload, allowance.seconds)
            finally:
                guard.leave(upload=upload is not None)
        except asyncio.CancelledError:
            if not watch.caller_gone:
                raise
            _uncancel()
            raise CallerGoneError from None
        finally:
            watch.disarm()
            if trying:
                guard.undecided()

    async def _through(
        self, call: Call, route: Route, guard: Guard, data: Any, upload: Upload | None, total: float | None
    ) -> None:
        try:
            response = await self._ask(call, route, data, total)
            guard.answered()
            try:
                await _pass_back(response, call, self._secured)
            finally:
                if not response.closed:
                    response.close()
        except (aiohttp.ClientError, OSError) as error:
            if call.status:
                raise BrokenAnswerError(type(error).__name__) from error
            if upload is not None and upload.failure is not None:
                raise upload.failure from None
            # A body that streams may be late by its caller's fault; that it could not be begun is the service's.
            if upload is None or isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
                guard.failed(type(error).__name__)
            raise _as_refusal(error, route) from error

    async def _body(self, call: Call, limit: int, watch: "_Watch") -> tuple[Any, Upload | None]:
        """The body to send: nothing, all of it, or a stream of it. Arms the watch when the body has been read."""
        incoming = call.incoming
        declared = incoming.declared_length()
        if declared > limit:
            raise too_large(limit)
        if incoming.coding or declared > SMALL:
            upload = Upload(call.receive, limit, self._idle, watch.arm, self._body_rate)
            if not incoming.coding:
                incoming.passed.append(("Content-Length", str(declared)))
            # Without a length the client library sends it chunked, as it came.
            return upload.chunks(), upload
        data = await read_small(call.receive, limit, self._idle) if declared else None
        if incoming.length:
            incoming.passed.append(("Content-Length", str(declared)))
        watch.arm()
        return data, None

    async def _ask(self, call: Call, route: Route, data: Any, total: float | None) -> aiohttp.ClientResponse:
        scope, headers = call.scope, call.incoming.passed
        method = scope["method"]
        url = route.url(scope["raw_path"], scope["query_string"])
        # Only where it is another time than usual: this path is hot.
        own: dict[str, Any] = {"timeout": _within(total, self._session.timeout)} if total else {}
        try:
            return await self._session.request(
                method, url, headers=header_map(headers), data=data, allow_redirects=False, **own
            )
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            # A kept connection that the service closed meanwhile. Only reading is repeated, and once.
            if method not in _REPEATABLE or data is not None or isinstance(error, aiohttp.ClientConnectorError):
                raise
            return await self._session.request(method, url, headers=header_map(headers), allow_redirects=False, **own)


def _within(total: float, usual: aiohttp.ClientTimeout) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total, usual.connect, usual.sock_read, usual.sock_connect)


class BrokenAnswerError(Exception):
    """The service broke off in the middle of its answer: the caller's connection must break too, or half would look whole."""


async def _pass_back(response: aiohttp.ClientResponse, call: Call, secured: Secured) -> None:
    status, send = response.status, call.send
    headers: list[tuple[bytes, bytes]] = [(b"x-request-id", call.request_id.encode())]
    length = -1
    said = 0
    for name, value in response.raw_headers:
        lower = name.lower()
        if lower in _NOT_RETURNED:
            continue
        if lower == b"content-length":
            if status in _NO_BODY:
                continue
            length = int(value)
        said |= secured.bits.get(lower, 0)
        headers.append((lower, value))
    headers += secured.missing(said)
    content = response.content
    if content.is_eof() or 0 <= length <= _AT_ONCE or status in _NO_BODY or call.scope["method"] == "HEAD":
        body = await content.read()
        call.status, call.sent = status, len(body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    call.status = status
    await send({"type": "http.response.start", "status": status, "headers": headers})
    async for chunk in content.iter_any():
        call.sent += len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class _Watch:
    """Cancels the exchange when the caller hangs up. Arms only after a while, since most exchanges are over by then."""

    __slots__ = ("_handle", "_receive", "_task", "_watcher", "caller_gone")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task = asyncio.current_task()
        self._handle: asyncio.TimerHandle | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.caller_gone = False

    def arm(self) -> None:
        """Begin; the body must have been read, for what comes next is the end of the connection."""
        self._handle = asyncio.get_running_loop().call_later(_WATCH_AFTER, self._start)

    def _start(self) -> None:
        self._watcher = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.caller_gone = True
        if self._task is not None:
            self._task.cancel()

    def disarm(self) -> None:
        """Stop watching."""
        if self._handle is not None:
            self._handle.cancel()
        if self._watcher is not None and not self.caller_gone:
            self._watcher.cancel()


def _uncancel() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _away(what: str) -> Refusal:
    return Refusal(502, "service-away", f"This part of Learning Loop {what}. {_NOT_DONE}", {"Retry-After": "2"})


def _as_refusal(error: Exception, route: Route) -> Refusal:
    log.warning("upstream.failed", upstream=route.service, reason=type(error).__name__)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Refusal(504, "service-busy", f"This part of Learning Loop does not answer. {_NOT_DONE}", {"Retry-After": "2"})
    if isinstance(error, aiohttp.ClientConnectorError):
        return _away("is away for the moment")
    if isinstance(error, TimeoutError):
        return Refusal(504, "service-timeout", f"This part of Learning Loop took too long. {_MAYBE_DONE}")
    return Refusal(502, "service-failed", f"This part of Learning Loop broke off. {_MAYBE_DONE}")
