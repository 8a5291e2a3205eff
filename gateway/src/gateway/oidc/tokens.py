"""ID tokens and logout tokens: signature by an explicit list of algorithms, then every claim that must hold.

OpenID Connect Core 1.0, 3.1.3.7, and Back-Channel Logout 1.0, 2.6. A token without a signature, or signed with a shared secret
(HS*), cannot pass: neither is in any list.
"""

import hmac
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256, sha512
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from chassis.storable import is_storable
from gateway.oidc.errors import TokenRefused

PublicKey = RSAKey | ECKey | OKPKey

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})
_FAMILY: dict[str, type[PublicKey]] = {"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey, "Ed25519": OKPKey}
_TYPES: dict[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_LEAST_RSA_BITS = 2048
_OLDEST = 600
"""Seconds since a token was issued. The code that it came for lives for minutes; more is another token."""

_LONGEST_LOGOUT = 600
"""Seconds that a logout token may live; two minutes are recommended (Back-Channel Logout 1.0, 2.4)."""

_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST = 128 * 1024
_LONGEST_ID = 255


class _Registry(JWSRegistry):
    """joserfc's own, with room for the certificates that some providers put into the header."""

    max_header_length = 16 * 1024


def read_keys(document: Mapping[str, Any]) -> list[PublicKey]:
    """The public keys of a JWK set (RFC 7517) that can verify a signature; what cannot be used is passed over."""
    found: list[PublicKey] = []
    listed = document.get("keys")
    for each in listed if isinstance(listed, list) else []:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig" or str(each.get("kty")) not in _TYPES:
            continue
        try:
            with warnings.catch_warnings():
                # Of a key that is too short; it is passed over below.
                warnings.simplefilter("ignore", SecurityWarning)
                key = _TYPES[each["kty"]].import_key(
                    {name: value for name, value in each.items() if name not in {"d", "key_ops"}}
                )
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not isinstance(key, RSAKey) or key.public_key.key_size >= _LEAST_RSA_BITS:
            found.append(key)
    return found


def header_of(token: str) -> tuple[str, str | None]:
    """Algorithm and key id of a token, unverified. Raises TokenRefused for what is no token or has an algorithm of no list."""
    if len(token) > _LONGEST or token.count(".") != 2:  # noqa: PLR2004 - a compact JWS has three parts
        raise TokenRefused("malformed")
    try:
        header = jws.extract_compact(token.encode(), registry=_Registry(strict_check_header=False)).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("malformed") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefused("algorithm")
    return algorithm, kid if isinstance(kid, str) else None


def candidates(keys: Sequence[PublicKey], algorithm: str, kid: str | None) -> list[PublicKey]:
    """The keys that may have signed: of the algorithm's family, with the key id where the token names one."""
    family = _FAMILY[algorithm]
    fitting = [each for each in keys if isinstance(each, family) and each.get("alg") in {None, algorithm}]
    return fitting if kid is None else [each for each in fitting if each.kid == kid]


def _decode(token: str, key: PublicKey, algorithm: str) -> jwt.Token:
    with warnings.catch_warnings():
        # Providers say EdDSA for what RFC 9864 calls Ed25519 since.
        warnings.simplefilter("ignore", SecurityWarning)
        registry = _Registry(algorithms=[algorithm], strict_check_header=False)
        return jwt.decode(token, key, algorithms=[algorithm], registry=registry)


def verify(token: str, keys: Sequence[PublicKey], allowed: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that one of the keys signed. Raises TokenRefused."""
    algorithm, _ = header_of(token)
    # Two names of one algorithm (RFC 8037, and RFC 9864 after it).
    names = [*allowed, *(["Ed25519"] if "EdDSA" in allowed else [])]
    if algorithm not in names:
        raise TokenRefused("algorithm")
    for key in keys:
        try:
            decoded = _decode(token, key, algorithm)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        return dict(decoded.header), decoded.claims
    raise TokenRefused("signature")


def check_id_token(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float, leeway: float, acr: Sequence[str] = ()
) -> None:
    """Every claim of an ID token that came for a code. Raises TokenRefused."""
    _check_common(claims, issuer, client_id, now, leeway)
    if claims["iat"] < now - _OLDEST - leeway:
        raise TokenRefused("too-old")
    given = claims.get("nonce")
    if not is_storable(given) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenRefused("nonce")
    if not _is_id(claims.get("sub")):
        raise TokenRefused("subject")
    if acr and claims.get("acr") not in acr:
        raise TokenRefused("acr")


def check_age(
    claims: Mapping[str, Any], *, now: float, leeway: float, max_age: float | None, since: float | None
) -> float | None:
    """When somebody showed the provider who they are (epoch seconds), None where it does not say. Raises TokenRefused.

    `max_age`: seconds that it may be ago, and it must be said then (Core, 3.1.2.1). `since`: they were asked anew at that
    moment; a provider that says nothing is taken at its word that it did ask.
    """
    given = claims.get("auth_time")
    if given is None:
        if max_age is not None:
            raise TokenRefused("no-auth-time")
        return since
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= now + leeway:
        raise TokenRefused("auth-time")
    if max_age is not None and given < now - max_age - leeway:
        raise TokenRefused("signed-in-long-ago")
    if since is not None and given < since - leeway:
        raise TokenRefused("not-asked-anew")
    return float(given)


def check_access_hash(claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    """Whether the ID token belongs to the access token beside it, where it says so (Core, 3.1.3.8). Raises TokenRefused."""
    given = claims.get("at_hash")
    if given is None:
        return
    digest = (sha512 if algorithm in {"EdDSA", "Ed25519"} else sha256)(access_token.encode()).digest()
    expected = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not is_storable(given) or not hmac.compare_digest(given.encode(), expected):
        raise TokenRefused("access-hash")


def check_logout_token(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    now: float,
    leeway: float,
    lenient: bool = False,
) -> None:
    """Every claim of a logout token. Raises TokenRefused. That it was not seen before, the caller checks.

    `lenient` is for providers from before the type had a name of its own: then it may be missing, and the end far.
    """
    kind = str(header.get("typ", "JWT")).lower()
    if kind not in {"logout+jwt", "application/logout+jwt"} and not (lenient and kind == "jwt"):
        raise TokenRefused("type")
    _check_common(claims, issuer, client_id, now, leeway)
    if claims["iat"] < now - _OLDEST - leeway:
        raise TokenRefused("too-old")
    if not lenient and claims["exp"] - claims["iat"] > _LONGEST_LOGOUT:
        raise TokenRefused("lives-too-long")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(_LOGOUT_EVENT), Mapping):
        raise TokenRefused("event")
    if "nonce" in claims:
        # It would be an ID token in disguise.
        raise TokenRefused("nonce")
    if not _is_id(claims.get("jti")):
        raise TokenRefused("jti")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    if not named or not all(_is_id(each) for each in named):
        raise TokenRefused("nobody-named")


def _is_id(value: object) -> bool:
    return is_storable(value) and 0 < len(value) <= _LONGEST_ID


def _check_common(claims: Mapping[str, Any], issuer: str, client_id: str, now: float, leeway: float) -> None:
    if claims.get("iss") != issuer:
        raise TokenRefused("issuer")
    audience = claims.get("aud")
    # Other audiences beside us are nobody that we know, so a token for them too is not ours to trust.
    if audience not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        raise TokenRefused("audience")
    for name in ("exp", "iat"):
        if isinstance(claims.get(name), bool) or not isinstance(claims.get(name), int | float):
            raise TokenRefused(name)
    if claims["exp"] <= now - leeway:
        raise TokenRefused("expired")
    if claims["iat"] > now + leeway:
        raise TokenRefused("from-the-future")
    not_before = claims.get("nbf", now)
    if isinstance(not_before, bool) or not isinstance(not_before, int | float) or not_before > now + leeway:
        raise TokenRefused("not-yet")
