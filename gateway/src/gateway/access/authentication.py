"""From what a caller sent to who they are. One credential a request; what was checked is believed for some seconds."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from prometheus_client import Counter

from chassis.database import is_away
from chassis.tenancy import is_organisation
from gateway.access.directory import Directory, Holder
from gateway.access.operators import FIRST_OPERATOR, Operators, lacking, operator_principal
from gateway.access.refusals import Refusals
from gateway.access.remembered import Remembered
from gateway.adapters.certificates import LONGEST as LONGEST_CERTIFICATE
from gateway.adapters.public_keys import client_of
from gateway.adapters.tokens import AccessTokens
from gateway.domain.networks import lies_within
from gateway.domain.operator_keys import OperatorKey, is_operator_key
from gateway.domain.principals import Principal
from gateway.domain.rates import SharedLimiter, retry_after
from gateway.domain.second_factor import Lack, parts_of
from gateway.domain.secrets import same
from gateway.proxy.answers import Refusal
from gateway.proxy.incoming import Incoming, cookie_value

log = structlog.get_logger(__name__)

Value = TypeVar("Value")

_REFUSED = Counter("loop_gateway_credentials_refused", "Wrong credentials, by kind.", ["kind"])
_OPERATORS_REFUSED = Counter(
    "loop_gateway_operators_refused_total", "Operators who were refused though the key was right, by why.", ["reason"]
)
for _reason in ("network", "first-key", "code"):
    _OPERATORS_REFUSED.labels(_reason)  # shown from the start: a rise from nothing would not be seen
_LONGEST = 4096  # bytes of a credential; ours are below 1,000


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a credential: who holds it, or that nobody does, and when it ends by itself (epoch seconds).

    `holder` is the client that it belongs to, or did, whose owner is told why it was refused. Of an operator's key: which it
    is, and what it lacks before it opens anything.
    """

    principal: Principal | None
    ends: float = float("inf")
    holder: Holder | None = None
    operator_key: OperatorKey | None = None
    lacks: Lack = ""

    @classmethod
    def of(cls, holder: Holder | None, scopes: frozenset[str] | None = None, ends: float = float("inf")) -> "Known":
        """What is known of a client's credential; an access token has its own scopes and end."""
        if holder is None or holder.reason:
            return cls(None, holder=holder)
        expires_at = holder.credential.expires_at
        end = min(ends, expires_at.timestamp()) if expires_at else ends
        return cls(holder.client.principal(scopes, expires_at), end, holder)

    def lets_in_from(self, address: str) -> bool:
        """Whether its holder may come from an address."""
        return self.holder is None or lies_within(address, self.holder.client.networks)


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


def _too_many_wrong(wait: float) -> Refusal:
    detail = "Too many wrong credentials came from this address. Wait, then send the right ones."
    return Refusal(429, "too-many-wrong-credentials", detail, {"Retry-After": str(retry_after(wait))})


def _pair(value: bytes) -> tuple[str, str] | None:
    """Identifier and secret of Basic's value."""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return user, password


def _named(kind: str, value: bytes) -> str | None:
    """Which client a wrong credential names, if it names one."""
    pair = _pair(value) if kind == "basic" else None
    return pair[0] if pair else None


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
        operators: Operators,
        session_cookie: bytes,
        ttl: float,
        refused: SharedLimiter,
        refusals: Refusals,
    ) -> None:
        self.directory = directory
        self.refusals = refusals
        self.session_cookie = session_cookie
        self._tokens = tokens
        self._operators = operators
        self._operator = hashlib.sha256(operators.first_key).digest() if operators.first_key else None
        self._known: Remembered[bytes, Known] = Remembered(ttl)
        # Right once: such a caller is not held up by what others behind the same address get wrong.
        self._right_once: Remembered[bytes, bool] = Remembered(3600)
        self._organisations: Remembered[str, bool] = Remembered(60)
        # Whether there are keys of operators with names; then that of the setting does not count.
        self._named: Remembered[bytes, bool] = Remembered(ttl)
        self._refused = refused

    async def authenticate(
        self, incoming: Incoming, address: str, *, basic: bool = False, first: bool = False
    ) -> Principal | None:
        """Who sent these headers; None when they hold no credential. Raises `Refusal` (401, 403, 400, 429, 503).

        `first` takes the installation's first key also where operators need a second factor.
        """
        if incoming.api_key and incoming.authorization:
            raise Refusal(400, "two-credentials", "Send an API key or an Authorization header, not both.")
        if incoming.api_key:
            kind, value = "key", incoming.api_key
        elif incoming.authorization:
            kind, value = self._scheme(incoming.authorization, basic=basic)
        elif value := cookie_value(incoming.cookie, self.session_cookie):
            kind = "session"
        elif incoming.certificate:
            # Last: where TLS ends at a hop that asks every caller for one, a client may still come with a key.
            kind, value = "certificate", incoming.certificate
        else:
            return None
        if kind == "bearer" and self._is_first_key(value):
            # The key is right: whoever runs the installation hears of it, and whoever sent it learns nothing.
            if wrong := await self._wrong_with_first(incoming):
                _OPERATORS_REFUSED.labels(wrong).inc()
                log.error("operator.refused", reason=wrong)
                raise self._refuse("bearer", address, None, wrong)
            if self._operators.second_factor and not first:
                raise lacking("first")
            return await self._as_operator(incoming, FIRST_OPERATOR)
        if kind == "bearer" and is_operator_key(value):
            return await self._with_operator_key(incoming, value, address)
        principal = (await self._holder(kind, value, address, incoming.exact)).principal
        if principal is not None and incoming.org and incoming.org.decode("latin-1") != principal.org:
            raise Refusal(403, "wrong-organisation", "These credentials act for one organisation, and Loop-Org names another.")
        return principal

    async def with_secret(self, client_id: str, secret: str, address: str, exact: str) -> Holder:
        """The client with this identifier and secret. Raises `Refusal` (401, 429, 503)."""
        known = await self._holder("basic", base64.b64encode(f"{client_id}:{secret}".encode()), address, exact)
        if known.holder is None:  # pragma: no cover - only a session may be nobody's
            raise unauthenticated("basic")
        return known.holder

    async def with_assertion(
        self, client_id: str, assertion: str, audiences: Sequence[str], address: str, exact: str
    ) -> Holder:
        """The client that signed an assertion, which counts once. Raises `Refusal` (401, 429, 503)."""
        await self._refused.make_room(address)
        if wait := self._refused.wait(address, time.monotonic()):
            raise _too_many_wrong(wait)
        named = client_of(assertion)
        found = None
        if named is not None and same(named, client_id or named):
            found = await _unless_away(self.directory.with_assertion(named, assertion, audiences))
        if found is None:
            raise self._refuse("assertion", address, named, "assertion")
        holder, said = found
        client, reason = holder.client, holder.reason
        if not reason and not lies_within(exact, client.networks):
            reason = "network"
        if not reason and not await _unless_away(self.directory.use_assertion(client.org, client.client_id, said)):
            reason = "replayed"
        if reason:
            raise self._refuse("assertion", address, client.client_id, reason, holder)
        return holder

    def _refuse(self, kind: str, address: str, client_id: str | None, reason: str, holder: Holder | None = None) -> Refusal:
        """Count a refusal, tell the owner beside the request, and give the one answer."""
        _REFUSED.labels(kind).inc()
        self._refused.take(address, time.monotonic())
        if holder is not None:
            self.refusals.note(holder.client.client_id, reason, holder.client.org, holder.credential.id)
        elif client_id:
            self.refusals.note(client_id, reason)
        return unauthenticated(kind)

    async def holds_operator_key(self, incoming: Incoming, address: str) -> bool:
        """Whether a request brings an operator's key that counts, from where it does."""
        scheme, _, value = incoming.authorization.partition(b" ")
        value = value.strip()
        if scheme.lower() != b"bearer" or not (self._is_first_key(value) or is_operator_key(value)):
            return False
        try:
            found = await self.authenticate(incoming, address)
        except Refusal:
            return False
        return found is not None and found.kind == "operator"

    async def holder_of_operator_key(self, incoming: Incoming, address: str) -> tuple[Principal, OperatorKey]:
        """Who holds an operator's key with a name, whatever it lacks: for its own second factor. Raises `Refusal`."""
        scheme, _, value = incoming.authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not is_operator_key(value := value.strip()):
            raise unauthenticated("bearer")
        principal, known = await self._known_operator(incoming, value, address)
        if known.operator_key is None:  # pragma: no cover - as above
            raise unauthenticated("bearer")
        return principal, known.operator_key

    async def credential_of_operator(self, incoming: Incoming, address: str) -> tuple[OperatorKey | None, datetime | None]:
        """Of an operator who was let in: the key, None for the installation's first, and when it or its pass ends."""
        value = incoming.authorization.partition(b" ")[2].strip()
        if self._is_first_key(value):
            return None, None
        _, known = await self._known_operator(incoming, value, address)
        return known.operator_key, datetime.fromtimestamp(known.ends, UTC)

    def lets_operators_in_from(self, exact: str) -> bool:
        """Whether operators may come from an address."""
        return lies_within(exact, self._operators.networks)

    async def wait_after_wrong_ones(self, address: str) -> None:
        """Raise `Refusal` (429) where too many wrong credentials came from an address."""
        await self._refused.make_room(address)
        if wait := self._refused.wait(address, time.monotonic()):
            raise _too_many_wrong(wait)

    def count_wrong_code(self, address: str, subject: str = "") -> None:
        """A wrong code counts like a wrong credential of this address; of a key, whoever runs the installation is told."""
        if subject:
            _OPERATORS_REFUSED.labels("code").inc()
            log.error("operator.refused", reason="code", operator=subject)
        _REFUSED.labels("code").inc()
        self._refused.take(address, time.monotonic())

    async def _with_operator_key(self, incoming: Incoming, value: bytes, address: str) -> Principal:
        principal, known = await self._known_operator(incoming, value, address)
        if known.lacks:
            raise lacking(known.lacks)
        return await self._as_operator(incoming, principal)

    async def _known_operator(self, incoming: Incoming, value: bytes, address: str) -> tuple[Principal, Known]:
        known = await self._holder("operator", value, address, incoming.exact)
        if known.principal is None:  # pragma: no cover - `_holder` refuses whom nobody knows
            raise unauthenticated("bearer")
        if not lies_within(incoming.exact, self._operators.networks):
            _OPERATORS_REFUSED.labels("network").inc()
            log.error("operator.refused", reason="network", operator=known.principal.subject)
            raise self._refuse("bearer", address, None, "network")
        return known.principal, known

    async def _wrong_with_first(self, incoming: Incoming) -> str:
        """Why the key of the setting does not count, empty where it does: until there are keys with names."""
        if not lies_within(incoming.exact, self._operators.networks):
            return "network"
        named = self._named.get(b"")
        if named is None:
            named = await self._named.ask(b"", lambda: _unless_away(self.directory.has_operator_keys()))
            self._named.put(b"", named)
        return "first-key" if named else ""

    def _is_first_key(self, value: bytes) -> bool:
        # Hashes of equal length are compared, in a time that tells nothing.
        return self._operator is not None and hmac.compare_digest(hashlib.sha256(value).digest(), self._operator)

    async def _holder(self, kind: str, value: bytes, address: str, exact: str) -> Known:
        if len(value) > (LONGEST_CERTIFICATE if kind == "certificate" else _LONGEST):
            raise unauthenticated(kind)
        memory = kind.encode() + hashlib.sha256(value).digest()
        known = self._known.get(memory)
        if known is None or known.ends <= time.time():
            known = await self._look_up(kind, value, memory, address)
        # A session that has ended is no attack: the person signs in again.
        if known.principal is None and kind != "session":
            reason = known.holder.reason if known.holder else "wrong"
            raise self._refuse(kind, address, _named(kind, value), reason, known.holder)
        if not known.lets_in_from(exact):
            raise self._refuse(kind, address, None, "network", known.holder)
        return known

    @staticmethod
    def _scheme(authorization: bytes, *, basic: bool) -> tuple[str, bytes]:
        scheme, _, value = authorization.partition(b" ")
        if scheme.lower() == b"bearer":
            return "bearer", value.strip()
        if scheme.lower() == b"basic" and basic:
            return "basic", value.strip()
        raise unauthenticated("basic-offered" if basic else "")

    async def _look_up(self, kind: str, value: bytes, memory: bytes, address: str) -> Known:
        await self._refused.make_room(address)
        if not self._right_once.was_known(memory) and (wait := self._refused.wait(address, time.monotonic())):
            raise _too_many_wrong(wait)
        known = await self._known.ask(memory, lambda: _unless_away(self._find(kind, value)))
        self._known.put(memory, known)
        if known.principal is not None:
            self._right_once.put(memory, True)
        return known

    async def _find(self, kind: str, value: bytes) -> Known:
        if kind == "operator":
            return await self._operator_key(value)
        if kind == "key":
            return Known.of(await self.directory.with_key(value))
        if kind == "certificate":
            return Known.of(await self.directory.with_certificate(value))
        if kind == "basic":
            return await self._basic(value)
        return await (self._session(value) if kind == "session" else self._token(value))

    async def _session(self, value: bytes) -> Known:
        session = await self.directory.session(value)
        return Known(session.principal(), session.expires_at.timestamp()) if session else Known(None)

    async def _token(self, value: bytes) -> Known:
        token = self._tokens.read(value.decode("latin-1"))
        if token is None:
            return Known(None)
        holder = await self.directory.behind_token(token.org, token.client_id, token.credential)
        return Known.of(holder, token.scopes, token.expires)

    async def _operator_key(self, value: bytes) -> Known:
        found = await self.directory.with_operator_key(*parts_of(value))
        if found is None:
            return Known(None)
        key, pass_ends = found
        ends = min(key.expires_at, pass_ends or key.expires_at).timestamp()
        lacks: Lack = ""
        if pass_ends is None:
            lacks = "second-factor" if key.second_factor else "enrol" if self._operators.second_factor else ""
        return Known(operator_principal(key.subject, key.name), ends, operator_key=key, lacks=lacks)

    async def _basic(self, value: bytes) -> Known:
        pair = _pair(value)
        return Known.of(await self.directory.with_secret(*pair) if pair else None)

    async def _as_operator(self, incoming: Incoming, who: Principal) -> Principal:
        org = incoming.org.decode("latin-1")
        if org and not await self.is_organisation(org):
            raise Refusal(403, "unknown-organisation", "Loop-Org names no organisation of this installation.")
        return replace(who, org=org) if org else who

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

    def forget_sessions(self, hashes: Iterable[str]) -> None:
        """The same for sessions by the hashes of their cookies."""
        for each in hashes:
            self._known.forget(b"session" + bytes.fromhex(each))

    def forget_clients(self) -> None:
        """Let a client that was disabled here be refused at once."""
        self._known.forget_all()
        self._named.forget_all()
