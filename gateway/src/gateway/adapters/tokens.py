"""Access tokens (RFC 9068): what an API client gets for its secret and shows the gateway, and nobody else, for some minutes.

Signed with the gateway's own key, for the audience `gateway`: a service refuses one as an identity, and the gateway refuses an
identity as an access token. The token holds no rights beyond the client's own: a client that was disabled, or has lost a
scope, has lost it here as well, within the time that a checked credential is believed.
"""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry

from chassis.storable import is_storable

AUDIENCE = "gateway"
_ALGORITHMS = ["Ed25519"]
_TYPE = "at+jwt"


@dataclass(frozen=True)
class AccessToken:
    """What a valid access token says."""

    org: str
    client_id: str
    scopes: frozenset[str]
    expires: float
    credential: str
    """The credential that it was given for: when that ends, so does the token."""


class AccessTokens:
    """Signs and reads access tokens."""

    def __init__(self, key: OKPKey, lifetime: int) -> None:
        self._key = key
        self.lifetime = lifetime
        self._claims = JWTClaimsRegistry(
            leeway=0,
            iss={"essential": True, "value": AUDIENCE},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
        )

    @classmethod
    def from_file(cls, path: Path, lifetime: int) -> "AccessTokens":
        """Read the private key (a JWK)."""
        return cls(OKPKey.import_key(json.loads(path.read_text())), lifetime)

    def sign(self, org: str, client_id: str, credential: str, scopes: frozenset[str]) -> str:
        """A token for one client with these scopes, good for `lifetime` seconds."""
        now = int(time.time())
        claims = {
            "iss": AUDIENCE,
            "aud": AUDIENCE,
            "sub": client_id,
            "client_id": client_id,
            "org": org,
            "cred": credential,
            "scope": " ".join(sorted(scopes)),
            "iat": now,
            "exp": now + self.lifetime,
            "jti": secrets.token_urlsafe(12),
        }
        return jwt.encode({"alg": "Ed25519", "typ": _TYPE}, claims, self._key, algorithms=_ALGORITHMS)

    def read(self, token: str) -> AccessToken | None:
        """What a token says, or None when it is not ours, not for us, or over."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=_ALGORITHMS)
            if decoded.header.get("typ") != _TYPE:
                return None
            claims = decoded.claims
            self._claims.validate(claims)
            scopes = frozenset(claims["scope"].split())
            named = claims["org"], claims["client_id"], claims["cred"]
            if not all(is_storable(each) for each in (*named, *scopes)):
                return None
            return AccessToken(*named[:2], scopes, float(claims["exp"]), named[2])
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return None
