"""A stateless token that a form carries, so that no other site can post in a signed-in person's name.

The token is a random nonce and HMAC-SHA256 over nonce and session (OWASP's signed double-submit pattern, bound to the session).
Every page gets a fresh one; all of them stay good while the session lasts, so that a form kept open over lunch is not lost.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

FIELD = "csrf"
_NONCE = 16  # bytes
_PURPOSE = b"loop form token v1\0"


def csrf_token(secret: bytes, session: str, nonce: bytes | None = None) -> str:
    """Return a token for the forms of one session; `session` is the value of its cookie. The nonce is for tests."""
    nonce = secrets.token_bytes(_NONCE) if nonce is None else nonce
    return base64.urlsafe_b64encode(nonce + _mac(secret, session, nonce)).decode().rstrip("=")


def check(secret: bytes, session: str, token: str) -> bool:
    """Tell whether a token was made for this session; without a session none is good."""
    if not session:
        return False
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    nonce, mac = raw[:_NONCE], raw[_NONCE:]
    return len(nonce) == _NONCE and hmac.compare_digest(mac, _mac(secret, session, nonce))


def _mac(secret: bytes, session: str, nonce: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + nonce + session.encode(), hashlib.sha256)
