"""What a proxy in front asks before it carries a request itself: who is this, and may they (nginx, Caddy, Envoy).

The proxy proves itself by its address and by a key, since what it is told - a signed identity - is for nobody else's eyes. It
names the request that it asks about in headers (nginx: X-Original-*, Caddy and Traefik: X-Forwarded-*), or behind the path
(Envoy).
"""

import hmac
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from chassis.middleware import Message, Scope, Send
from gateway.access.addresses import Addresses
from gateway.proxy.answers import Refusal

PATH = b"/gateway/v1/forward-auth"
KEY = b"loop-forward-auth"
_MIN_KEY = 32
_FAILED = 500
_STAND_IN = 50
"""Less than a 5xx, which Envoy takes for a failure of whom it asks, and drops the words; deploy/proxies/envoy.yaml adds it."""
_NAMES = ((b"x-original-method", b"x-original-uri"), (b"x-forwarded-method", b"x-forwarded-uri"))


def read_key(path: Path) -> bytes:
    """The key that proxies prove themselves by; raises ValueError when it is too short to be safe."""
    key = path.read_bytes().strip()
    if len(key) < _MIN_KEY:
        raise ValueError(f"The key in {path} has fewer than {_MIN_KEY} characters. Make a new one.")
    return key


class Asking:
    """Tells a proxy's question from anybody's request, and reads what it is about."""

    def __init__(self, key: bytes | None, addresses: Addresses) -> None:
        """Without a key nobody may ask."""
        self._digest = sha256(key).digest() if key else None
        self._addresses = addresses

    def is_by_proxy(self, scope: Scope) -> bool:
        """Whether a request comes from a proxy of ours. For all others there is no such path."""
        path: bytes = scope["raw_path"]
        if self._digest is None or not (path == PATH or path.startswith(PATH + b"/")):
            return False
        client = scope.get("client")
        given = [value for name, value in scope["headers"] if name == KEY]
        return (
            client is not None
            and self._addresses.trusts(str(client[0]))
            and len(given) == 1
            and hmac.compare_digest(sha256(given[0]).digest(), self._digest)
        )

    @staticmethod
    def asked(scope: Scope) -> dict[str, Any]:
        """The scope of the request that the proxy asks about. Raises `Refusal` where it does not say which."""
        headers = scope["headers"]
        method, target = scope["method"], scope["raw_path"][len(PATH) :]
        if target:
            query = scope["query_string"]
        else:
            said = [(_one(headers, method), _one(headers, uri)) for method, uri in _NAMES]
            found = next((each for each in said if all(each)), None)
            if found is None or not found[1].startswith(b"/"):
                detail = "Say once which request this is about: X-Original-Method and X-Original-URI."
                raise Refusal(400, "nothing-asked", detail)
            method = found[0].decode("latin-1")
            target, _, query = found[1].partition(b"?")
        return {**scope, "method": method, "path": unquote(target.decode("latin-1")), "raw_path": target, "query_string": query}


def refusing(scope: Scope, send: Send) -> Send:
    """What sends a refusal to the proxy that asked with `scope`: to Envoy, 450 and 453 stand for 500 and 503."""
    if scope["raw_path"] == PATH:
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= _FAILED:
            message = {**message, "status": message["status"] - _STAND_IN}
        await send(message)

    return sending


def _one(headers: Any, name: bytes) -> bytes:
    found = [value for each, value in headers if each == name]
    return found[0] if len(found) == 1 else b""
