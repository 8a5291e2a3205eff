"""Links and short codes: how they look, and how they are kept.

A token has 160 random bits, or 130 where a text message must hold it, so an unkeyed SHA-256 of it tells nobody anything: there
is nothing to try out. A short code has 47 bits (27 signs, 10 places), which a stolen table could be searched for; so its hash
is keyed, and attempts are limited.
"""

import base64
import hashlib
import hmac
import re
import secrets
from uuid import UUID

TOKEN_BYTES = 20  # 160 bits; at least 128 are asked for
SHORT_TOKEN = 26  # signs of five bits: 130 bits; at least 128 are asked for
_TOKEN = re.compile(rf"[a-z2-7]{{{SHORT_TOKEN}}}(?:[a-z2-7]{{6}})?")
_NO_LENGTH = 13  # signs of five bits: 65 bits, for an address with which reminders can be ended and nothing else
_NO = re.compile(rf"[a-z2-7]{{{_NO_LENGTH}}}")

# No vowels, so that no word comes out; of signs that look alike only one, and whichever was typed is read as that one.
ALPHABET = "0123456789CDFGHJKMNPQRTVWXY"
CODE_LENGTH = 10
_LOOK_ALIKE = str.maketrans("OILZSBU", "01125" + "8V")
_BETWEEN = re.compile(r"[\s\-–—.]+")


def new_token(*, short: bool = False) -> str:
    """A fresh token: 32 small letters and digits (`short`: 26), so that a mail program never cuts a link at a sign."""
    token = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()
    return token[:SHORT_TOKEN] if short else token


def is_token(text: str) -> bool:
    """Whether a text can be a token."""
    return _TOKEN.fullmatch(text) is not None


def token_hash(token: str) -> str:
    """What is kept of a token: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """A fresh short code as people see it: `C4K7M-2PQ9X`."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{plain[:5]}-{plain[5:]}"


def read_code(typed: str) -> str | None:
    """The code that was typed, in its plain form (small letters, spaces, O for 0 are all fine); None if it cannot be one."""
    plain = _BETWEEN.sub("", typed[:100]).upper().translate(_LOOK_ALIKE)
    return plain if len(plain) == CODE_LENGTH and set(plain) <= set(ALPHABET) else None


def code_hash(key: bytes, plain: str) -> str:
    """What is kept of a short code: HMAC-SHA256 under the installation's key, 64 hexadecimal digits."""
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


def no_token(key: bytes, invitation: UUID) -> str:
    """What ends the reminders of an invitation: derived from it, so that it need not be kept to be told again."""
    return base64.b32encode(hmac.digest(key, invitation.bytes, hashlib.sha256)).decode().lower()[:_NO_LENGTH]


def is_no_token(text: str) -> bool:
    """Whether a text can be such a token."""
    return _NO.fullmatch(text) is not None


def no_hash(key: bytes, token: str) -> str:
    """What is kept of such a token: HMAC-SHA256, since 65 bits could be searched for with a stolen table."""
    return hmac.new(key, b"no " + token.encode(), hashlib.sha256).hexdigest()
