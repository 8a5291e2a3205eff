"""What wraps the gateway's own routes: small bodies only, read in time, and the headers of every answer."""

import ipaddress

from chassis.middleware import App, Message, Receive, Scope, Send
from gateway.proxy.answers import SECURITY_HEADERS, Refusal, send_refusal
from gateway.proxy.bodies import CallerGoneError, finish, read_small, too_large

_LIMIT = 64 * 1024
_SECONDS = 10.0
_INTERNAL = frozenset({"/metrics", "/readyz"})


class Front:
    """Reads the body before the application is called, so that nobody can hold it open by sending slowly."""

    def __init__(self, app: App, secure: bool) -> None:  # noqa: FBT001 - one of two settings that it has
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        headers = dict(scope["headers"])
        try:
            if scope["path"] in _INTERNAL and not _is_near(scope, headers):
                raise Refusal(404, "not-found", "There is no such page.")
            body = await self._body(headers, receive)
        except Refusal as refusal:
            await send_refusal(send, refusal, request_id, secure=self._secure)
            if refusal.close:
                await finish(receive, send, waiting=b"expect" in headers)
            return
        except CallerGoneError:
            return
        given = False

        async def receiving() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with_security(message.get("headers", []))
            await send(message)

        await self._app(scope, receiving, sending)

    @staticmethod
    async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
        length = headers.get(b"content-length", b"")
        if not length and b"transfer-encoding" not in headers:
            return b""
        if length.isdigit() and int(length) > _LIMIT:
            raise too_large(_LIMIT)
        return await read_small(receive, _LIMIT, _SECONDS)

    def _with_security(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name for name, _ in headers}
        more = list(SECURITY_HEADERS)
        if self._secure:
            more.append((b"strict-transport-security", b"max-age=31536000"))
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
