"""Hashes that tell whether two contents are the same, keyed: by a plain one, words that can be guessed could be searched for.

    0x02 | HMAC-SHA-256 of the SHA-256 of the content

Those of before are the SHA-256 alone. They are known again, and `python -m <service>.sealed reseal` puts keyed ones in their
place, for which nobody needs to know the content.
"""

import hmac
from hashlib import sha256

KEYED = b"\x02"
PLAIN_BYTES = 32


def keyed_hash(key: bytes, content: bytes) -> bytes:
    """The keyed hash of a content."""
    return of_plain(key, sha256(content).digest())


def of_plain(key: bytes, plain: bytes) -> bytes:
    """The keyed hash in the place of a plain one."""
    return KEYED + hmac.digest(key, plain, sha256)


def is_same(key: bytes, stored: bytes, keyed: bytes) -> bool:
    """Whether a stored hash, keyed or of before, is of the same content."""
    return hmac.compare_digest(of_plain(key, stored) if len(stored) == PLAIN_BYTES else stored, keyed)
