"""What wraps the gateway's own routes: small bodies only, read in time, and the headers of every answer."""

import ipaddress

from chassis.middleware import App, Message, Receive, Scope, Send
from chassis.storable import length_of
from gateway.proxy.answers import SECURITY_HEADERS, Refusal, Secure, hsts, send_refusal
from gateway.proxy.bodies import CallerGoneError, finish, read_small, too_large

_LIMIT = 64 * 1024
_LIMITS = {"/gateway/v1/profile": 1 << 20}
"""What is longer than a form: an organisation with all of its teams and groups."""

_SECONDS = 10.0
_INTERNAL = frozenset({"/metrics", "/readyz"})


class Front:
    """Reads the body before the application is called, so that nobody can hold it open by sending slowly."""

    def __init__(self, app: App, secure: Secure, *, apart: bool = False) -> None:
        """`apart`: metrics have a port of their own, and are not here."""
        self._app = app
        self._apart = apart
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        headers = dict(scope["headers"])
        try:
            if scope["path"] in _INTERNAL and (self._apart or not _is_near(scope, headers)):
                raise Refusal(404, "not-found", "There is no such page.")
            body = await self._body(headers, receive, _LIMITS.get(scope["path"], _LIMIT))
        except Refusal as refusal:
            await send_refusal(send, refusal, request_id, secure=self._secure)
            if refusal.close:
                await finish(receive, send, waiting=b"expect" in headers)
            return
        except CallerGoneError:
            return
        given = ended = False

        async def receiving() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def sending(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                message["headers"] = self._with_security(message.get("headers", []))
            await send(message)
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self._app(scope, receiving, sending)
        except Exception:
            # `errors` has answered it and written it down. Going on, it would make the server end the caller's connection, and
            # with it the next request, which was sent meanwhile.
            if not ended:
                raise

    @staticmethod
    async def _body(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
        length = headers.get(b"content-length", b"")
        if not length and b"transfer-encoding" not in headers:
            return b""
        if length_of(length) > limit:
            raise too_large(limit)
        return await read_small(receive, limit, _SECONDS)

    def _with_security(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name for name, _ in headers}
        more = [*SECURITY_HEADERS, *hsts(self._secure)]
        return [*headers, *((name, value) for name, value in more if name not in there)]


def _is_near(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whether the caller is a monitor beside us: a private address, without a load balancer between."""
    client = scope.get("client")
    if client is None or b"x-forwarded-for" in headers or b"forwarded" in headers:
        return False
    try:
        return ipaddress.ip_address(client[0]).is_private
    except ValueError:
        return False
