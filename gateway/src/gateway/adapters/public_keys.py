"""Public keys that clients sign with, and the assertions that they sign (private_key_jwt: RFC 7523, RFC 7521).

Algorithms are named, never taken from the key or the token alone; RSA keys have 3,072 bits or more (128 bits of strength);
nothing symmetric and no `none`. The assertion is for one audience exactly, lives five minutes at most, and has an identifier
that counts once.
"""

import hashlib
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.storable import is_storable

ALGORITHMS: dict[str, tuple[str, ...]] = {
    "EC P-256": ("ES256",),
    "EC P-384": ("ES384",),
    "OKP Ed25519": ("Ed25519", "EdDSA"),
    "RSA": ("PS256", "RS256"),
}
"""What a key may sign with, by its type."""

SIGNING = tuple(alg for algorithms in ALGORITHMS.values() for alg in algorithms)
LIFETIME = 300  # seconds that an assertion may have left at most
_LEEWAY = 30  # seconds by which the other clock may be ahead
_RSA_BITS = 3072
_LONGEST = 8192
_JTI = 256
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

Key = ECKey | OKPKey | RSAKey
_DECOYS: dict[str, Key] = {"OKP": OKPKey.generate_key("Ed25519"), "EC": ECKey.generate_key("P-256")}


class KeyRefusedError(ValueError):
    """The text holds no public key that a client may sign with; the words say what to do."""


@dataclass(frozen=True)
class PublicKey:
    """A public key as it is stored: a JWK without private parts, and what its holder knows it by."""

    jwk: dict[str, Any]
    mark: str


@dataclass(frozen=True)
class Assertion:
    """What a valid assertion says: its identifier and when it ends (epoch seconds)."""

    jti: str
    expires: float


def read_public_keys(text: str) -> list[PublicKey]:
    """The public keys in a text: a JWK, a JWKS (RFC 7517) or PEM. Raises `KeyRefusedError`, for a private key above all."""
    text = text.strip()
    if len(text) > 4 * _LONGEST:
        raise KeyRefusedError("That is too long for a public key.")
    if "PRIVATE KEY" in text:
        raise KeyRefusedError(_private())
    if text.startswith("-----BEGIN"):
        return [_public(_from_pem(text), {})]
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise KeyRefusedError("This is neither a JWK, a set of JWKs (JSON) nor a public key in PEM form.") from None
    keys = given.get("keys") if isinstance(given, dict) and "keys" in given else [given]
    if not isinstance(keys, list) or not 1 <= len(keys) <= 5 or not all(isinstance(each, dict) for each in keys):  # noqa: PLR2004 - a rotation's worth
        raise KeyRefusedError("A set holds one to five keys, each a JSON object.")
    return [_public(_from_jwk(each), each) for each in keys]


def _private() -> str:
    return "This is a private key. Keep it to yourself, replace it by a new one, and send the public part only."


def _from_pem(text: str) -> Key:
    for kind in (ECKey, OKPKey, RSAKey):
        try:
            return kind.import_key(text)
        except (JoseError, ValueError, TypeError):
            continue
    raise KeyRefusedError("The PEM text holds no public key of a type that is known here: RSA, EC (P-256, P-384), Ed25519.")


def _from_jwk(given: dict[str, Any]) -> Key:
    if _PRIVATE & given.keys():
        raise KeyRefusedError(_private())
    kinds: dict[str, type[Key]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    kind = kinds.get(str(given.get("kty")))
    if kind is None:
        raise KeyRefusedError("The key's type (kty) must be RSA, EC or OKP.")
    if given.get("use", "sig") != "sig":
        raise KeyRefusedError("The key is not meant for signatures (use).")
    try:
        return kind.import_key(given)
    except (JoseError, ValueError, TypeError, KeyError):
        raise KeyRefusedError("The key cannot be read: a part of it is missing or wrong.") from None


def _public(key: Key, given: dict[str, Any]) -> PublicKey:
    try:
        jwk: dict[str, Any] = json.loads(json.dumps(key.as_dict(private=False)))
    except (JoseError, ValueError, TypeError):
        raise KeyRefusedError("The key cannot be read: a part of it is missing or wrong.") from None
    allowed = ALGORITHMS.get(_type(jwk))
    if allowed is None:
        raise KeyRefusedError("Of elliptic curves P-256, P-384 and Ed25519 are taken.")
    if isinstance(key, RSAKey) and key.public_key.key_size < _RSA_BITS:
        raise KeyRefusedError(f"An RSA key must have {_RSA_BITS:,} bits or more.")
    alg = given.get("alg")
    if alg is not None and alg not in allowed:
        raise KeyRefusedError(f"The key names an algorithm (alg) that is not taken. It may sign with {' or '.join(allowed)}.")
    kid = given.get("kid")
    mark = kid if isinstance(kid, str) and 0 < len(kid) <= 200 else key.thumbprint()  # noqa: PLR2004 - fits a page
    kept: dict[str, Any] = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    return PublicKey({**kept, "kid": mark, **({"alg": alg} if alg else {})}, mark)


def _type(jwk: dict[str, Any]) -> str:
    return "RSA" if jwk["kty"] == "RSA" else f"{jwk['kty']} {jwk.get('crv')}"


def client_of(assertion: str) -> str | None:
    """Which client an assertion claims to be of, before anything of it is believed."""
    claims = _part(assertion, 1)
    subject = claims.get("sub") if claims else None
    return subject if is_storable(subject) and 0 < len(subject) <= 100 else None  # noqa: PLR2004 - as ours are


def read_assertion(
    assertion: str, client_id: str, keys: Sequence[dict[str, Any]], audiences: Sequence[str]
) -> tuple[int, Assertion] | None:
    """Which of a client's keys signed an assertion, and what it says; None when it is not valid in every respect.

    `audiences` are the installation's own names, of which `aud` must be exactly one.
    """
    header = _part(assertion, 0)
    if header is None or "crit" in header:
        return None
    for place, jwk in enumerate(keys):
        if header.get("kid", jwk["kid"]) != jwk["kid"]:
            continue
        allowed = [jwk["alg"]] if "alg" in jwk else list(ALGORITHMS[_type(jwk)])
        if header.get("alg") not in allowed:
            continue
        try:
            claims = jwt.decode(assertion, _from_jwk(jwk), algorithms=allowed).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            continue
        found = _valid(claims, client_id, audiences)
        return None if found is None else (place, found)
    if not keys:
        _as_if(assertion, header.get("alg"))
    return None


def _as_if(assertion: str, alg: object) -> None:
    """Take as long for a client that is not there as for a signature that is wrong."""
    with suppress(JoseError, ValueError, TypeError, RecursionError):
        jwt.decode(assertion, _DECOYS["OKP" if alg in ALGORITHMS["OKP Ed25519"] else "EC"], algorithms=list(SIGNING))


def _valid(claims: dict[str, Any], client_id: str, audiences: Sequence[str]) -> Assertion | None:
    now = time.time()
    aud = claims.get("aud")
    # One audience, whole: an assertion for two is good for whoever runs the other (RFC 7523, 3; OAuth security BCP).
    named = aud[0] if isinstance(aud, list) and len(aud) == 1 else aud
    if claims.get("iss") != client_id or claims.get("sub") != client_id or named not in audiences:
        return None
    expires, jti = claims.get("exp"), claims.get("jti")
    if not isinstance(expires, int | float) or isinstance(expires, bool) or not now < expires <= now + LIFETIME + _LEEWAY:
        return None
    if any(name in claims and (not _is_number(claims[name]) or claims[name] > now + _LEEWAY) for name in ("iat", "nbf")):
        return None
    if not is_storable(jti) or not 0 < len(jti) <= _JTI:
        return None
    return Assertion(jti, float(expires))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _part(assertion: str, place: int) -> dict[str, Any] | None:
    parts = assertion.split(".")
    if len(parts) != 3 or len(assertion) > _LONGEST:  # noqa: PLR2004 - header, claims, signature
        return None
    try:
        found = json.loads(urlsafe_b64decode(parts[place] + "=" * (-len(parts[place]) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def jti_hash(jti: str) -> str:
    """Under what an assertion's identifier is remembered."""
    return hashlib.sha256(jti.encode()).hexdigest()
