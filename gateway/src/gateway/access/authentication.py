"""From what a caller sent to who they are. One credential a request; what was checked is believed for some seconds."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog
from prometheus_client import Counter

from chassis.database import is_away
from chassis.tenancy import is_organisation
from gateway.access.directory import Directory
from gateway.access.remembered import Remembered
from gateway.adapters.tokens import AccessTokens
from gateway.domain.principals import Principal
from gateway.domain.rates import Limiter, retry_after
from gateway.domain.scopes import OPERATOR_GRANTS
from gateway.proxy.answers import Refusal
from gateway.proxy.incoming import Incoming, cookie_value

log = structlog.get_logger(__name__)

Value = TypeVar("Value")

_REFUSED = Counter("loop_gateway_credentials_refused", "Wrong credentials, by kind.", ["kind"])
_LONGEST = 4096  # bytes of a credential; ours are below 1,000
_MIN_OPERATOR_KEY = 32


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a credential: who holds it, or that nobody does, and when it ends by itself (epoch seconds)."""

    principal: Principal | None
    ends: float = float("inf")


def unauthenticated(kind: str = "") -> Refusal:
    """The one answer to every wrong credential: unknown, wrong and disabled look the same."""
    schemes = 'Bearer realm="Learning Loop"' + (', error="invalid_token"' if kind == "bearer" else "")
    if kind in {"basic", "basic-offered"}:
        schemes = 'Basic realm="Learning Loop", charset="UTF-8", ' + schemes
    detail = (
        "The credentials are missing, wrong or no longer valid. "
        "Send an API key (X-API-Key) or an access token (Authorization: Bearer)."
    )
    return Refusal(401, "unauthenticated", detail, {"WWW-Authenticate": schemes})


def read_operator_key(path: Path) -> bytes:
    """The operator's key from its file; raises ValueError when it is too short to be safe."""
    key = path.read_bytes().strip()
    if len(key) < _MIN_OPERATOR_KEY:
        raise ValueError(f"The operator's key in {path} has fewer than {_MIN_OPERATOR_KEY} characters. Make a new one.")
    return key


async def _unless_away(question: Awaitable[Value]) -> Value:
    """The answer of the database, or the refusal that says that it is away."""
    try:
        return await question
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("credentials.unavailable", reason=type(error).__name__)
        detail = "Credentials cannot be checked for a moment. The request was not carried out: send it again in a second."
        raise Refusal(503, "temporarily-unavailable", detail, {"Retry-After": "1"}) from None


class Authentication:
    """Checks credentials. `known` answers without waiting, for the way that most requests take."""

    def __init__(
        self,
        directory: Directory,
        tokens: AccessTokens,
        *,
        operator_key: bytes | None,
        session_cookie: bytes,
        ttl: float,
        refused: Limiter,
    ) -> None:
        self.directory = directory
        self.session_cookie = session_cookie
        self._tokens = tokens
        self._operator = hashlib.sha256(operator_key).digest() if operator_key else None
        self._known: Remembered[bytes, Known] = Remembered(ttl)
        # Right once: such a caller is not held up by what others behind the same address get wrong.
        self._right_once: Remembered[bytes, bool] = Remembered(3600)
        self._organisations: Remembered[str, bool] = Remembered(60)
        self._refused = refused

    async def authenticate(self, incoming: Incoming, address: str, *, basic: bool = False) -> Principal | None:
        """Who sent these headers; None when they hold no credential. Raises `Refusal` (401, 403, 400, 429, 503)."""
        if incoming.api_key and incoming.authorization:
            raise Refusal(400, "two-credentials", "Send an API key or an Authorization header, not both.")
        if incoming.api_key:
            kind, value = "key", incoming.api_key
        elif incoming.authorization:
            kind, value = self._scheme(incoming.authorization, basic=basic)
        elif value := cookie_value(incoming.cookie, self.session_cookie):
            kind = "session"
        else:
            return None
        if kind == "bearer" and self._is_operator(value):
            return await self._as_operator(incoming)
        principal = await self._holder(kind, value, address)
        if principal is not None and incoming.org and incoming.org.decode("latin-1") != principal.org:
            raise Refusal(403, "wrong-organisation", "These credentials act for one organisation, and Loop-Org names another.")
        return principal

    async def with_secret(self, client_id: str, secret: str, address: str) -> Principal:
        """The client with this identifier and secret. Raises `Refusal` (401, 429, 503)."""
        principal = await self._holder("basic", base64.b64encode(f"{client_id}:{secret}".encode()), address)
        if principal is None:  # pragma: no cover - only a session may be nobody's
            raise unauthenticated("basic")
        return principal

    def _is_operator(self, value: bytes) -> bool:
        # Hashes of equal length are compared, in a time that tells nothing.
        return self._operator is not None and hmac.compare_digest(hashlib.sha256(value).digest(), self._operator)

    async def _holder(self, kind: str, value: bytes, address: str) -> Principal | None:
        if len(value) > _LONGEST:
            raise unauthenticated(kind)
        memory = kind.encode() + hashlib.sha256(value).digest()
        known = self._known.get(memory)
        if known is None or known.ends <= time.time():
            known = await self._look_up(kind, value, memory, address)
        # A session that has ended is no attack: the person signs in again.
        if known.principal is None and kind != "session":
            _REFUSED.labels(kind).inc()
            self._refused.take(address, time.monotonic())
            raise unauthenticated(kind)
        return known.principal

    @staticmethod
    def _scheme(authorization: bytes, *, basic: bool) -> tuple[str, bytes]:
        scheme, _, value = authorization.partition(b" ")
        if scheme.lower() == b"bearer":
            return "bearer", value.strip()
        if scheme.lower() == b"basic" and basic:
            return "basic", value.strip()
        raise unauthenticated("basic-offered" if basic else "")

    async def _look_up(self, kind: str, value: bytes, memory: bytes, address: str) -> Known:
        if not self._right_once.was_known(memory) and (wait := self._refused.wait(address, time.monotonic())):
            raise Refusal(
                429,
                "too-many-wrong-credentials",
                "Too many wrong credentials came from this address. Wait, then send the right ones.",
                {"Retry-After": str(retry_after(wait))},
            )
        known = await self._known.ask(memory, lambda: _unless_away(self._find(kind, value)))
        self._known.put(memory, known)
        if known.principal is not None:
            self._right_once.put(memory, True)
        return known

    async def _find(self, kind: str, value: bytes) -> Known:
        if kind == "key":
            client = await self.directory.client_with_key(value)
            return Known(client.principal() if client else None)
        if kind == "basic":
            return Known(await self._basic(value))
        if kind == "session":
            session = await self.directory.session(value)
            return Known(session.principal(), session.expires_at.timestamp()) if session else Known(None)
        token = self._tokens.read(value.decode("latin-1"))
        if token is None:
            return Known(None)
        client = await self.directory.client_named(token.org, token.client_id)
        return Known(client.principal(token.scopes) if client else None, token.expires)

    async def _basic(self, value: bytes) -> Principal | None:
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        client = await self.directory.client_with_secret(user, password)
        return client.principal() if client else None

    async def _as_operator(self, incoming: Incoming) -> Principal:
        org = incoming.org.decode("latin-1")
        if org and not await self.is_organisation(org):
            raise Refusal(403, "unknown-organisation", "Loop-Org names no organisation of this installation.")
        return Principal("operator", "operator", org or None, OPERATOR_GRANTS, label="Operator", rate_key="operator")

    async def is_organisation(self, org: str) -> bool:
        """Whether there is such an organisation; only a yes is remembered."""
        if self._organisations.get(org):
            return True
        if not is_organisation(org) or not await _unless_away(self.directory.knows_organisation(org)):
            return False
        self._organisations.put(org, True)
        return True

    def forget_session(self, cookie: bytes) -> None:
        """Let a session that was ended here end at once."""
        self._known.forget(b"session" + hashlib.sha256(cookie).digest())

    def forget_clients(self) -> None:
        """Let a client that was disabled here be refused at once."""
        self._known.forget_all()
