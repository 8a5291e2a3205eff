"""The front door: plain ASGI that passes the services' paths on, and hands the gateway's own paths to FastAPI behind it."""

import time
from collections.abc import Callable

import structlog

from chassis.identity import HEADER
from chassis.middleware import App, Message, Receive, Scope, Send
from gateway.access.addresses import Addresses
from gateway.access.admission import Admission, is_api
from gateway.access.identities import Identities
from gateway.access_log import AccessLog
from gateway.domain.paths import is_ambiguous
from gateway.proxy.answers import KindPage, Refusal, send_refusal
from gateway.proxy.bodies import CallerGoneError, finish
from gateway.proxy.call import Call
from gateway.proxy.exchange import BrokenAnswerError, Exchange
from gateway.proxy.incoming import without_cookie
from gateway.proxy.upstreams import PUBLIC_PREFIXES, Route
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)

_CALLER_GONE = 499
"""Status in the log for a caller who hung up, as nginx writes it; nobody receives it."""

_LARGE = ("/batch", "/spreadsheet", "/upload")
"""How paths end that take many records at once; the service behind has its own limit for each."""

_EXPORTS = "/reporting/exports/"
_FILES = "/files"
"""How paths end that take files of a record."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Entrance:
    """Routes by the first segment of the path; what is not a service's goes to `own`."""

    def __init__(
        self,
        own: App,
        settings: GatewaySettings,
        routes: dict[bytes, Route],
        admission: Admission,
        identities: Identities,
        exchange: Callable[[], Exchange],
        access_log: AccessLog,
        page: KindPage,
    ) -> None:  # fmt: skip
        self._own = own
        self._settings = settings
        self._routes = routes
        self._admission = admission
        self._identities = identities
        self._exchange = exchange
        self._log = access_log
        self._page = page
        self._addresses = Addresses(settings.trusted_proxies)
        self._cookie = admission.authentication.session_cookie
        self._proto = "https" if settings.secure else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        call = Call(scope, receive, send, time.perf_counter())
        call.address = self._addresses.of(scope, call.incoming.forwarded_for)
        raw_path = scope["raw_path"]
        end = raw_path.find(b"/", 1)
        route = self._routes.get(raw_path[1:] if end < 0 else raw_path[1:end])
        try:
            if route is None:
                await self._answer_itself(call)
            else:
                call.service = route.service
                await self._pass_on_or_refuse(call, route)
        finally:
            self._log.write(call)

    async def _pass_on_or_refuse(self, call: Call, route: Route) -> None:
        try:
            await self._pass_on(call, route)
        except Refusal as refusal:
            await self._refuse(call, route, refusal)
        except CallerGoneError:
            call.reason, call.status = "caller-gone", call.status or _CALLER_GONE
        except BrokenAnswerError as error:
            # Returning without an end makes the server close the connection, which is what the caller must see.
            call.reason = "broken-answer"
            log.warning("upstream.broke_off", upstream=route.service, cause=str(error), request_id=call.request_id)
        except Exception:
            log.exception("request.failed", upstream=route.service, request_id=call.request_id)
            if call.status:
                raise
            detail = "Something went wrong on our side. It is safe to send the request again with the same Idempotency-Key."
            await self._refuse(call, route, Refusal(500, "internal-error", detail, close=True))
        finally:
            if route.prefix in PUBLIC_PREFIXES:
                self._admission.count_guess(call.scope["path"], call.scope["method"], call.status, call.address)

    async def _refuse(self, call: Call, route: Route, refusal: Refusal) -> None:
        call.reason, call.status = refusal.slug, refusal.status
        people = route.prefix in PUBLIC_PREFIXES or (not is_api(call.scope["path"]) and call.incoming.wants_html())
        page = self._page(refusal, call.request_id, survey=route.prefix in PUBLIC_PREFIXES) if people else None
        call.sent = await send_refusal(call.send, refusal, call.request_id, secure=self._settings.secure, page=page)
        if refusal.close:
            patient = call.scope["path"].endswith(_FILES)
            await finish(call.receive, call.send, waiting=bool(call.incoming.expect), patient=patient)

    async def _pass_on(self, call: Call, route: Route) -> None:
        scope, incoming = call.scope, call.incoming
        if is_ambiguous(scope["raw_path"]):
            detail = "The path holds dots, slashes or control characters that could be read in two ways."
            raise Refusal(400, "ambiguous-path", detail)
        # Of two hosts the service might take the other one (RFC 9112, 3.2).
        if incoming.hosts != 1 or not incoming.host:
            raise Refusal(400, "no-host", "The request needs exactly one header Host.")
        if scope["method"] not in _METHODS:
            raise Refusal(405, "method-not-allowed", "This method is not supported.", {"Allow": ", ".join(sorted(_METHODS))})
        principal = call.principal = await self._admission.admit(scope, incoming, call.address)
        passed = incoming.passed
        if incoming.cookie and (cookie := without_cookie(incoming.cookie, self._cookie)):
            passed.append(("Cookie", cookie.decode("latin-1")))
        passed += (
            (HEADER, self._identities.token(principal, route.service)),
            ("X-Request-Id", call.request_id),
            ("traceparent", incoming.trace()),
            ("X-Forwarded-Proto", self._proto),
            ("X-Forwarded-Host", incoming.host.decode("latin-1")),
        )
        settings, path = self._settings, scope["path"]
        if _FILES in path:
            # Files, and a little for what stands around them; one file is fetched below that path.
            limit = (settings.upload_megabytes + 1) * 1024 * 1024 if path.endswith(_FILES) else settings.body_limit
            await self._exchange().forward(call, route, limit, settings.upload_timeout)
            return
        if path.startswith(_EXPORTS):
            await self._exchange().forward(call, route, settings.body_limit, settings.export_timeout)
            return
        limit = settings.batch_body_limit if path.endswith(_LARGE) else settings.body_limit
        await self._exchange().forward(call, route, limit)

    async def _answer_itself(self, call: Call) -> None:
        scope, send = call.scope, call.send
        state = scope.setdefault("state", {})
        state["request_id"], state["address"] = call.request_id, call.address
        call.status = 500

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", call.request_id.encode())]
            else:
                call.sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._own(scope, call.receive, sending)
        finally:
            call.principal = state.get("principal")
