"""Internal identity tokens: who is calling, signed by the gateway, verified offline by the services.

A token is a JWT signed with EdDSA (RFC 8037), carried in the header `Loop-Identity`, valid for at most 120 seconds
and for one audience. The algorithm list is explicit and the issuer is tied to its key, so a token of a service's own key cannot
pass as the gateway's. Verified tokens are remembered until they end: the same signature is not checked on every request.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry

log = structlog.get_logger(__name__)

HEADER = "Loop-Identity"
MAX_LIFETIME = 120  # seconds
LEEWAY = 30  # seconds by which the clocks of two machines may differ; as at sign-in
_ALGORITHMS = ["EdDSA", "Ed25519"]
_REMEMBERED = 10_000
_ANY_MOMENT = 2**62
_CLOCKS = (
    "The clocks of two machines of this installation differ, so that nobody is known there. Nothing was changed. Send it again "
    "later; whoever runs the installation finds which clocks in the logs."
)

Kind = Literal["staff", "client", "anonymous", "service", "operator"]


class InvalidTokenError(Exception):
    """The token is missing, forged, for somebody else, or too old."""


class ClocksDifferError(InvalidTokenError):
    """The token is its issuer's and for us, and does not count at this moment: the issuer's clock, or ours, is wrong.

    Or it was long under way. Its caller has done nothing wrong and may come again.
    """

    def __init__(self, issuer: str, ahead: float) -> None:
        """`ahead`: seconds by which the issuer's clock is before ours, at least; below nought where it is behind."""
        super().__init__(f"the clock of {issuer} is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this one")
        self.issuer = issuer
        self.ahead = ahead


def refusal_of(error: Exception, otherwise: str) -> tuple[str, int, str]:
    """Slug, status and detail of the answer to who came with such a token; what is about clocks is told the log.

    Clocks are no fault of the caller: 503, and the same request later succeeds. All else is 401, in the words `otherwise`.
    """
    if isinstance(error, ClocksDifferError):
        log.warning("identity.clocks_differ", issuer=error.issuer, ahead_seconds=round(error.ahead))
        return "clocks-differ", 503, _CLOCKS
    return "unauthenticated", 401, otherwise


@dataclass(frozen=True)
class Identity:
    """Who is calling.

    `org` is the organisation in whose name they act (None for an anonymous respondent), `subject` a stable id, `grants` what
    they may do in words of scopes (`audit:outcomes:write`) and roles (`role:qa-officer`), `areas` the service areas to which
    they are limited (empty: all).
    """

    org: str | None
    subject: str
    kind: Kind
    grants: frozenset[str] = field(default_factory=frozenset)
    areas: frozenset[str] = field(default_factory=frozenset)
    label: str = ""

    def may(self, *any_of: str) -> bool:
        """Whether the caller holds at least one of the grants."""
        return not self.grants.isdisjoint(any_of)


class TokenSigner:
    """Signs identities with the private key of one issuer."""

    def __init__(self, issuer: str, key: OKPKey) -> None:
        self._issuer = issuer
        self._key = key

    @classmethod
    def from_file(cls, issuer: str, path: Path) -> "TokenSigner":
        """Read a private JWK (`{"kty": "OKP", "crv": "Ed25519", ...}`)."""
        return cls(issuer, OKPKey.import_key(json.loads(path.read_text())))

    def sign(self, identity: Identity, audience: str, lifetime: int = MAX_LIFETIME) -> str:
        """A token for one audience, `lifetime` seconds long (120 at most)."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": audience,
            "sub": identity.subject,
            "iat": now,
            "exp": now + min(lifetime, MAX_LIFETIME),
            "org": identity.org,
            "kind": identity.kind,
            "grants": sorted(identity.grants),
            "areas": sorted(identity.areas),
            "label": identity.label,
        }
        return jwt.encode({"alg": "Ed25519"}, claims, self._key, algorithms=_ALGORITHMS)


class TokenVerifier:
    """Verifies tokens for one audience with the public keys of the known issuers."""

    def __init__(self, audience: str, issuers: Mapping[str, OKPKey | Sequence[OKPKey]]) -> None:
        """`issuers`: the key of each, or several while one follows the other."""
        self._keys = [
            (issuer, key) for issuer, found in issuers.items() for key in (found if isinstance(found, Sequence) else [found])
        ]
        self._known: dict[str, tuple[float, float, Identity]] = {}
        self._claims = {
            issuer: JWTClaimsRegistry(
                # Moments are checked apart from the rest: one that is not now has another cause, and another answer.
                now=0,
                leeway=_ANY_MOMENT,
                iss={"essential": True, "value": issuer},
                aud={"essential": True, "value": audience},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
            )
            for issuer in issuers
        }

    @classmethod
    def from_file(cls, audience: str, path: Path) -> "TokenVerifier":
        """Read `{"issuers": {"gateway": <public JWK, or a list of them>, ...}}`."""
        keys = json.loads(path.read_text())["issuers"]
        listed = {issuer: found if isinstance(found, list) else [found] for issuer, found in keys.items()}
        return cls(audience, {issuer: [OKPKey.import_key(each) for each in found] for issuer, found in listed.items()})

    def verify(self, token: str | None) -> Identity:
        """The identity in a token, or `InvalidTokenError`; `ClocksDifferError` where only the moment is wrong."""
        if not token:
            msg = "no identity"
            raise InvalidTokenError(msg)
        known = self._known.get(token)
        # From both ends: where our clock is set back, a token must not live again, nor longer.
        if known is not None and known[0] - LEEWAY <= time.time() < known[1]:
            return known[2]
        issuer, begins, ends, identity = self._check(token)
        now = time.time()
        if begins > now + LEEWAY or ends + LEEWAY <= now:
            raise ClocksDifferError(issuer, begins - now if begins > now + LEEWAY else ends - now)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[token] = (begins, ends, identity)
        return identity

    def _check(self, token: str) -> tuple[str, float, float, Identity]:
        """Issuer, the moments between which it counts (epoch seconds), and the identity, of a token that is for us."""
        for issuer, key in self._keys:
            try:
                claims = jwt.decode(token, key, algorithms=_ALGORITHMS).claims
                self._claims[issuer].validate(claims)
                if claims["exp"] - claims["iat"] > MAX_LIFETIME:
                    continue
                # Only the gateway may speak for people and organisations; a service speaks for itself.
                if issuer != "gateway" and claims["kind"] != "service":
                    continue
                identity = Identity(
                    org=claims["org"],
                    subject=claims["sub"],
                    kind=claims["kind"],
                    grants=frozenset(claims["grants"]),
                    areas=frozenset(claims["areas"]),
                    label=claims.get("label", ""),
                )
                return issuer, float(claims["iat"]), float(claims["exp"]), identity
            except (JoseError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
                continue
        msg = "not a valid identity"
        raise InvalidTokenError(msg)


def new_key() -> tuple[dict[str, Any], dict[str, Any]]:
    """A fresh Ed25519 key as (private JWK, public JWK)."""
    key = OKPKey.generate_key("Ed25519")
    return key.as_dict(private=True), key.as_dict(private=False)
