"""Keys derived from the installation's master key: keyed pseudonyms and sealed fields, each organisation with its own.

HKDF-SHA256 (RFC 5869) derives one key for each purpose and organisation. Sealed values carry the id of their key, so that keys
can be rotated. AES-256-GCM with a random 96-bit nonce; organisation and purpose are bound in as additional data.
"""

import base64
import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE = 12
_KEY_ID = b"\x01"  # the master key in force; a second one gets the next number


class SealError(Exception):
    """The value was changed, belongs to another organisation or purpose, or was sealed with a key we do not hold."""


class Secrets:
    """Derives keys of the master key for (organisation, purpose)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            msg = f"the master key must be {KEY_BYTES} bytes, base64 encoded"
            raise ValueError(msg)
        self._master = master
        self._key = lru_cache(maxsize=4096)(self._derive)

    @classmethod
    def from_file(cls, path: Path) -> "Secrets":
        """Read the master key (base64 of 32 random bytes)."""
        return cls(base64.b64decode(path.read_text().strip()))

    def _derive(self, org: str, purpose: str) -> bytes:
        info = f"learning-loop/1/{org}/{purpose}".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._master)

    def key(self, org: str, purpose: str) -> bytes:
        """The 32-byte key of an organisation for a purpose."""
        return self._key(org, purpose)

    def pseudonym(self, org: str, purpose: str, value: str) -> str:
        """A keyed pseudonym (HMAC-SHA256, 32 hex digits): the same for the same value, within one organisation and purpose."""
        return hmac.new(self.key(org, purpose), value.strip().encode(), sha256).hexdigest()[:32]

    def seal(self, org: str, purpose: str, text: str) -> bytes:
        """Encrypt a text for a column."""
        return self.seal_bytes(org, purpose, text.encode())

    def open(self, org: str, purpose: str, sealed: bytes) -> str:
        """Decrypt what `seal` made; raises `SealError`."""
        return self.open_bytes(org, purpose, sealed).decode()

    def seal_bytes(self, org: str, purpose: str, content: bytes, bound: str = "") -> bytes:
        """Encrypt bytes. `bound` says what they are a part of and where: they open under the same words only."""
        nonce = os.urandom(_NONCE)
        return _KEY_ID + nonce + AESGCM(self.key(org, purpose)).encrypt(nonce, content, _bound(org, purpose, bound))

    def open_bytes(self, org: str, purpose: str, sealed: bytes, bound: str = "") -> bytes:
        """Decrypt what `seal_bytes` made; raises `SealError`."""
        if sealed[:1] != _KEY_ID:
            msg = "sealed with an unknown key"
            raise SealError(msg)
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return AESGCM(self.key(org, purpose)).decrypt(nonce, body, _bound(org, purpose, bound))
        except (InvalidTag, ValueError):
            # ValueError: shorter than a nonce and a tag.
            msg = "the sealed value does not open"
            raise SealError(msg) from None


def _bound(org: str, purpose: str, bound: str) -> bytes:
    return f"{org}/{purpose}/{bound}".encode() if bound else f"{org}/{purpose}".encode()
