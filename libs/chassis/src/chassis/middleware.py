"""What wraps every service's application: request id, trace, identity, body limit, access log. Plain ASGI, for speed."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
import structlog
from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException

from chassis import tracing
from chassis.identity import HEADER, Identity, InvalidTokenError, TokenVerifier, refusal_of
from chassis.ids import new_id
from chassis.problems import MEDIA_TYPE, problem_dict
from chassis.storable import length_of
from chassis.trail.acting import Acting, acting, begin
from chassis.unit_of_work import UnitOfWork, calling, limited_to

log = structlog.get_logger("access")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# By the template of the route, so that their number is known. Few limits of time, for there are some hundred routes.
SECONDS = Histogram(
    "loop_http_seconds", "Time to answer.", ["service", "method", "route"], buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
)
REQUESTS = Counter("loop_http_requests_total", "Requests answered.", ["service", "method", "route", "status"])
IDENTITIES_REFUSED = Counter("loop_identities_refused_total", "Identities that were forged, too old or not meant.", ["service"])
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEALTH = frozenset({"/livez", "/readyz", "/metrics"})
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")
_REFUSED, _BROKEN_FROM = 400, 500
_BROKEN = (
    "Something went wrong on our side. The request was not carried out; "
    "it is safe to send it again with the same Idempotency-Key."
)
_NOT_VALID = "The identity is not valid or too old. Come in through the gateway."
_IDENTITY = HEADER.lower().encode()


class BodyTooLargeError(HTTPException):
    """The body passed the limit while it was being read.

    An HTTPException because FastAPI makes every other error in reading a body a 400.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(413, _too_large_words(limit))


class Frame:
    """Request id, trace, identity, body limit and one access line a request.

    `limits` maps path prefixes to bytes; the longest prefix counts, `default_limit` elsewhere. A key that begins with `*` says
    how a path ends (`*/files`), and counts before prefixes. A request without identity goes on with `state.identity = None`;
    routes decide what they need. A forged or expired identity is refused here. `uow` is where an answer that streamed is put
    into the trail.
    """

    def __init__(
        self,
        app: App,
        *,
        service: str,
        verifier: TokenVerifier,
        default_limit: int = 1024 * 1024,
        limits: dict[str, int] | None = None,
        uow: UnitOfWork | None = None,
    ) -> None:
        self._app = app
        self._uow = uow
        self._service = service
        self._verifier = verifier
        IDENTITIES_REFUSED.labels(service)  # shown from the start: a rise from nothing would not be seen
        self._default = default_limit
        known = sorted((limits or {}).items(), key=lambda item: -len(item[0]))
        self._endings = [(key[1:], limit) for key, limit in known if key.startswith("*")]
        self._limits = [(key, limit) for key, limit in known if not key.startswith("*")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if scope["path"] in _HEALTH:
            await self._handle(scope, receive, send, headers, tracing.NOTHING)
            return
        parent = tracing.valid(headers.get(b"traceparent", b"").decode("latin-1"))
        with tracing.begin("request", "server", parent) as span:
            await self._handle(scope, receive, send, headers, span)

    async def _handle(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], span: tracing.Span
    ) -> None:
        started = time.perf_counter()
        request_id = _request_id(headers)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        identity: Identity | None = None
        told, areas, caller = acting.set(None), limited_to.set(frozenset()), calling.set("")
        try:
            refusal = None
            try:
                identity = self._verifier.verify(headers[_IDENTITY].decode("ascii")) if _IDENTITY in headers else None
            except (InvalidTokenError, UnicodeDecodeError) as error:
                IDENTITIES_REFUSED.labels(self._service).inc()
                refusal = problem_dict(*refusal_of(error, _NOT_VALID), request_id=request_id)
            state["identity"] = identity
            request = begin(identity, request_id, scope)
            acting.set(request)
            if identity is not None:
                limited_to.set(identity.areas)
                calling.set(identity.subject)
            limit = self._limit(scope["path"])
            if refusal is None and _declared_length(headers) > limit:
                refusal = _too_large(limit, request_id)
            if refusal is not None:
                await _refuse(refusal, sending)
            else:
                await self._within(limit, scope, receive, sending, request_id)
                if request is not None and status < _REFUSED:
                    await self._write_down(request)
        finally:
            acting.reset(told)
            limited_to.reset(areas)
            calling.reset(caller)
            took = time.perf_counter() - started
            self._count_and_log(scope, status, took, request_id, identity)
            if span.recorded:
                _describe(span, scope, status, identity)

    async def _write_down(self, request: Acting) -> None:
        """Put into the trail what no transaction of the request did: an answer that streamed, or that its caller left early."""
        if self._uow is None or request.touched is None or request.written:
            return
        try:
            async with self._uow.begin(request.touched):
                pass
        except Exception as error:
            # The answer is out; it cannot be taken back for want of an entry.
            log.exception("trail.not_written", request_id=request.request_id, exc_info=error)

    def _limit(self, path: str) -> int:
        for ending, limit in self._endings:
            if path.endswith(ending):
                return limit
        return next((limit for prefix, limit in self._limits if path.startswith(prefix)), self._default)

    async def _within(self, limit: int, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        read = 0
        answered = False

        async def receiving() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > limit:
                    raise BodyTooLargeError(limit)
            return message

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except Exception as error:
            # The last resort: Starlette's own would stand outside of this frame, without request id.
            log.exception("request.failed", request_id=request_id, exc_info=error)
            if answered:
                raise
            await _refuse(problem_dict("internal-error", 500, _BROKEN, request_id=request_id), send)

    def _count_and_log(self, scope: Scope, status: int, took: float, request_id: str, identity: Identity | None) -> None:
        if scope["path"] in _HEALTH:
            return
        # Whoever makes up methods makes no new series.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _route(scope)
        SECONDS.labels(self._service, method, route).observe(took)
        REQUESTS.labels(self._service, method, route, status).inc()
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(took * 1000, 1),
            request_id=request_id,
            org=identity.org if identity else None,
            subject=identity.subject if identity else None,
        )


def _describe(span: tracing.Span, scope: Scope, status: int, identity: Identity | None) -> None:
    """Who called is said as of which kind and organisation, and where by the template of the route."""
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = _route(scope)
    span.rename(f"{method} {route}")
    span.set("http.request.method", method)
    span.set("http.route", route)
    span.set("http.response.status_code", status)
    if identity is not None:
        span.set("loop.caller", identity.kind)
        if identity.org is not None:
            span.set("loop.org", identity.org)
    if status >= _BROKEN_FROM:
        span.failed()


def _route(scope: Scope) -> str:
    """The template of the route, not the path: a path can hold a secret (a survey link) or a reference."""
    return getattr(scope.get("route"), "path", None) or "(no route)"


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.match(given) else str(new_id())


def _declared_length(headers: dict[bytes, bytes]) -> int:
    return length_of(headers.get(b"content-length", b""))


def _too_large_words(limit: int) -> str:
    return f"The body is larger than {limit:,} bytes, which is the most that is read here. Send it in smaller parts."


def _too_large(limit: int, request_id: str) -> dict[str, Any]:
    return problem_dict("body-too-large", 413, _too_large_words(limit), request_id=request_id)


async def _refuse(body: dict[str, Any], send: Send) -> None:
    content = orjson.dumps(body)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": body["status"], "headers": headers})
    await send({"type": "http.response.body", "body": content})
