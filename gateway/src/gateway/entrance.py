"""The front door: plain ASGI that passes the services' paths on, and hands the gateway's own paths to FastAPI behind it."""

import time

import structlog

from chassis import tracing
from chassis.identity import HEADER
from chassis.middleware import App, Message, Receive, Scope, Send
from gateway.access.addresses import Addresses
from gateway.access.admission import is_api
from gateway.access.client_certificates import ClientCertificates
from gateway.access.expiry import warning
from gateway.access.identities import Identities
from gateway.access_log import AccessLog, describe
from gateway.domain.paths import is_ambiguous
from gateway.pages.cookies import operator_cookie_name
from gateway.proxy.answers import PROBLEM_SECURITY_HEADERS, KindPage, Refusal, refuse_preflight, send_refusal
from gateway.proxy.bodies import CallerGoneError, finish
from gateway.proxy.call import Call
from gateway.proxy.exchange import BrokenAnswerError
from gateway.proxy.forward_auth import Asking, refusing
from gateway.proxy.incoming import without_cookie
from gateway.proxy.upstreams import Route
from gateway.web.parts import Parts

log = structlog.get_logger(__name__)

_CALLER_GONE = 499
"""Status in the log for a caller who hung up, as nginx writes it; nobody receives it."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Entrance:
    """Routes by the first segment of the path; what is not a service's goes to `own`."""

    def __init__(self, own: App, parts: Parts, identities: Identities, access_log: AccessLog, page: KindPage) -> None:
        self._own = own
        self._settings = settings = parts.settings
        self._routes = parts.routes
        self._admission = admission = parts.admission
        self._identities = identities
        self._exchange = parts.exchange
        self._maintenance = parts.maintenance
        self._log = access_log
        self._page = page
        self._addresses = Addresses(settings.trusted_proxies)
        self._asking = Asking(parts.forward_auth_key, self._addresses)
        self._certificates = ClientCertificates(settings.client_cert_header, settings.client_cert_hops)
        # Neither reaches a service.
        self._cookies = (admission.authentication.session_cookie, operator_cookie_name(settings).encode())
        self._proto = "https" if settings.secure else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        certificate = self._certificates.take(scope)
        call = Call(scope, receive, send, time.perf_counter())
        call.incoming.certificate = certificate
        call.incoming.exact = self._addresses.exact(scope, call.incoming.forwarded_for)
        call.address = self._addresses.counted(call.incoming.exact)
        if (tracer := tracing.current()) is None:
            tracing.traceparent.set(call.trace)  # for the log; each request is a task with a context of its own
            await self._handle(call)
            return
        with tracer.begin("request", "server", tracer.decided(call.trace if call.incoming.continued else None)) as span:
            call.trace = span.context or call.trace
            try:
                await self._handle(call)
            finally:
                if span.recorded:
                    describe(span, call)

    async def _handle(self, call: Call) -> None:
        scope, raw_path = call.scope, call.scope["raw_path"]
        end = raw_path.find(b"/", 1)
        route = self._routes.get(raw_path[1:] if end < 0 else raw_path[1:end])
        try:
            if call.incoming.preflight and scope["method"] == "OPTIONS":
                # No other site may call anything here: an answer without leave is a no (Fetch, CORS protocol).
                call.status, call.reason = await self._refuse_preflight(call), "preflight"
            elif route is None and self._asking.is_by_proxy(scope):
                await self._decide_or_refuse(call)
            elif route is None:
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
            if route.open:
                self._admission.count_guess(call.scope["path"], call.scope["method"], call.status, call.address)

    async def _refuse(self, call: Call, route: Route, refusal: Refusal) -> None:
        call.reason, call.status = refusal.slug, refusal.status
        people = route.open or (not is_api(call.scope["path"]) and call.incoming.wants_html())
        page = self._page(refusal, call.request_id, survey=route.open) if people else None
        call.sent = await send_refusal(call.send, refusal, call.request_id, secure=self._settings.transport, page=page)
        if refusal.close:
            patient = route.allowance(call.scope["path"]).patient
            await finish(call.receive, call.send, waiting=bool(call.incoming.expect), patient=patient)

    async def _refuse_preflight(self, call: Call) -> int:
        return await refuse_preflight(call.send, call.request_id, secure=self._settings.transport)

    async def _decide_or_refuse(self, call: Call) -> None:
        call.service = "forward-auth"
        page, send = None, refusing(call.scope, call.send)
        try:
            call.scope = self._asking.asked(call.scope)
            await self._decide(call)
            return
        except Refusal as error:
            refusal = error
        except Exception:
            log.exception("request.failed", upstream=call.service, request_id=call.request_id)
            refusal = Refusal(500, "internal-error", "Something went wrong on our side. Nothing was carried out.")
        # Caddy and Envoy hand this answer on to the caller; nginx asks the gateway for it.
        call.reason, call.status = refusal.slug, refusal.status
        if not is_api(call.scope["path"]) and call.incoming.wants_html():
            page = self._page(refusal, call.request_id, survey=False)
        call.sent = await send_refusal(send, refusal, call.request_id, secure=self._settings.transport, page=page)

    async def _decide(self, call: Call) -> None:
        route = self._routes.get(call.scope["raw_path"][1:].partition(b"/")[0])
        if route is None:
            raise Refusal(404, "not-found", "No service answers below this path.")
        if route.open:
            # Links that lead nowhere are counted by the answers, which the gateway would not see.
            raise Refusal(403, "through-the-gateway", "Pages for families are carried by the gateway itself.")
        token = await self._admitted(call, route)
        incoming = call.incoming
        headers = [
            (HEADER.lower().encode(), token.encode()),
            (b"x-request-id", call.request_id.encode()),
            (b"traceparent", call.trace.encode()),
            # The same twice: nginx and Caddy take it over by name, Envoy puts it in place of the caller's.
            (b"loop-cookie", cookie := self._passed_cookie(incoming.cookie)),
            (b"cookie", cookie),
            *PROBLEM_SECURITY_HEADERS,
            (b"content-length", b"0"),
        ]
        call.status = 200
        await call.send({"type": "http.response.start", "status": 200, "headers": headers})
        await call.send({"type": "http.response.body", "body": b""})

    async def _admitted(self, call: Call, route: Route) -> str:
        """The signed identity to pass on with a request that may pass. Raises `Refusal`."""
        scope, incoming = call.scope, call.incoming
        if is_ambiguous(scope["raw_path"]):
            detail = "The path holds dots, slashes or control characters that could be read in two ways."
            raise Refusal(400, "ambiguous-path", detail)
        # Of two hosts the service might take the other one (RFC 9112, 3.2).
        if incoming.hosts != 1 or not incoming.host:
            raise Refusal(400, "no-host", "The request needs exactly one header Host.")
        if scope["method"] not in _METHODS:
            raise Refusal(405, "method-not-allowed", "This method is not supported.", {"Allow": ", ".join(sorted(_METHODS))})
        # The operator looks whether all is well before the others come back.
        if self._maintenance.closed and not await self._admission.authentication.holds_operator_key(incoming, call.address):
            self._maintenance.check(route.service)
        principal = call.principal = await self._admission.admit(scope, incoming, call.address)
        if principal.ends is not None:
            call.send = warning(call.send, principal.ends)
        return self._identities.token(principal, route.service)

    def _passed_cookie(self, cookie: bytes) -> bytes:
        for name in self._cookies:
            cookie = without_cookie(cookie, name)
        return cookie

    async def _pass_on(self, call: Call, route: Route) -> None:
        with tracing.span("authentication"):
            token = await self._admitted(call, route)
        incoming = call.incoming
        passed = incoming.passed
        if incoming.cookie and (cookie := self._passed_cookie(incoming.cookie)):
            passed.append(("Cookie", cookie.decode("latin-1")))
        passed += (
            (HEADER, token),
            ("X-Request-Id", call.request_id),
            ("X-Forwarded-Proto", self._proto),
            ("X-Forwarded-Host", incoming.host.decode("latin-1")),
        )
        if incoming.tracestate:
            passed.append(("tracestate", incoming.tracestate.decode("latin-1")))
        with tracing.span("upstream", "client") as span:
            span.set("loop.upstream", route.service)
            passed.append(("traceparent", span.context or call.trace))
            await self._exchange().forward(call, route, route.allowance(call.scope["path"]))

    async def _answer_itself(self, call: Call) -> None:
        scope, send = call.scope, call.send
        state = scope.setdefault("state", {})
        state["request_id"], state["address"] = call.request_id, call.address
        state["exact"], state["certificate"] = call.incoming.exact, call.incoming.certificate
        call.status = 500

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                if not any(name == b"x-request-id" for name, _ in message["headers"]):
                    message["headers"] = [*message["headers"], (b"x-request-id", call.request_id.encode())]
            else:
                call.sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._own(scope, call.receive, sending)
        finally:
            call.principal = state.get("principal")
