"""Secrets that the gateway gives out: 256 random bits, of which only the SHA-256 hash is kept.

A slow, salted hash is for what people choose. Nobody can search 2**256 values, so a fast hash gives nothing away, and a
request can be checked without costing the gateway a tenth of a second. The hash is what the database is asked by
(`app.capability`): who does not hold the secret does not even see the row.
"""

import hashlib
import hmac
import secrets

_BYTES = 32
API_KEY_PREFIX = "llk_"
CLIENT_SECRET_PREFIX = "lls_"  # noqa: S105 - not a secret: the prefix that lets scanners recognise one


def new_secret(prefix: str = "") -> str:
    """A fresh secret: a prefix that scanners of leaked secrets can know it by, and 256 bits in 43 characters."""
    return prefix + secrets.token_urlsafe(_BYTES)


def hash_of(secret: str | bytes) -> str:
    """The SHA-256 hash of a secret, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in a time that does not tell where two strings differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_client_id(org: str) -> str:
    """An identifier for a client: readable, and not to be guessed from another."""
    return f"{org[:40]}-{secrets.token_hex(6)}"


def new_credential_id() -> str:
    """An identifier for a credential, which is no secret."""
    return f"c{secrets.token_hex(8)}"
