"""Sealed fields and keyed pseudonyms, each organisation with its own keys.

**Sealed values** are envelopes: each has a key of its own, which the organisation's data key wraps (`chassis.key_ring`); the id
of the data key stands in front. So a rotation wraps keys anew and opens nobody's words, and a file need not be encrypted again.
Values of before there were data keys (first byte 0x01: a key derived from the master key) open as they did.

    0x02 | id of the data key, 8 | nonce, 12 | wrapped key of the value, 48 | ciphertext and tag     AES-256-GCM, both
    0x01 | nonce, 12 | ciphertext and tag                                                            AES-256-GCM

**Pseudonyms, search hashes and form tokens** come from keys that HKDF-SHA256 (RFC 5869) derives from the root in the service's
ring, which the key-encryption key wraps; or, where one is named, from a master key in a file. They never change when data keys
or the key-encryption key are rotated: records are found and counted by them.
"""

import base64
import binascii
import hmac
import os
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.key_encryption import KeyEncryptionError, key_encryption
from chassis.key_ring import ID_BYTES, DataKey, KeyRing

KEY_BYTES = 32
_NONCE = 12
_TAG = 16
DERIVED = b"\x01"
ENVELOPE = b"\x02"
_WRAPPED = KEY_BYTES + _TAG
HEAD = 1 + ID_BYTES + _NONCE + _WRAPPED
"""Bytes of an envelope in front of what is sealed: all that a rotation changes."""

_ONLY_NONCE = bytes(_NONCE)  # the key of a value encrypts one message, so its nonce may be a constant (NIST SP 800-38D, 8.2)


class SealError(Exception):
    """The value was changed, belongs to another organisation or purpose, or was sealed with a key we do not hold."""


class KeyNames(Protocol):
    """Settings that say where the keys are (`ServiceSettings`)."""

    @property
    def secret_key_file(self) -> Path | None:
        """File with a master key, where keys are derived from one."""
        ...

    @property
    def key_ring_file(self) -> Path | None:
        """File with the wrapped data keys."""
        ...

    @property
    def key_encryption(self) -> tuple[str, ...]:
        """What wraps them."""
        ...


class Secrets:
    """Seals under the organisation's data key, and derives keys of the master key for (organisation, purpose)."""

    def __init__(self, master: bytes | None, ring: KeyRing | None = None) -> None:
        """Without a master key, keys are derived from the root of the ring."""
        if master is not None and len(master) != KEY_BYTES:
            msg = f"the master key must be {KEY_BYTES} bytes, base64 encoded"
            raise ValueError(msg)
        if master is None and (ring is None or ring.root is None):
            raise KeyEncryptionError(
                "There is neither a master key (LOOP_SECRET_KEY_FILE) nor a root in a key ring (LOOP_KEY_RING_FILE, "
                "LOOP_KEY_ENCRYPTION). Name the one that this service had; nothing was changed."
            )
        self._master = master
        self._ring = ring
        self._key = lru_cache(maxsize=4096)(self._derive)
        self._wrapping = lru_cache(maxsize=4096)(AESGCM)

    @classmethod
    def from_file(cls, path: Path, ring: KeyRing | None = None) -> "Secrets":
        """Read the master key (base64 of 32 random bytes)."""
        return cls(base64.b64decode(path.read_text().strip()), ring)

    @classmethod
    def of(cls, settings: KeyNames) -> "Secrets":
        """The keys that a process was given. Raises `KeyEncryptionError`, which ends it, where they are missing or wrong."""
        path = settings.secret_key_file
        ring = None
        if settings.key_ring_file is not None:
            named = partial(key_encryption, settings.key_encryption)
            ring = KeyRing(settings.key_ring_file, named(), named)
        try:
            return cls(None, ring) if path is None else cls.from_file(path, ring)
        except OSError as error:
            raise KeyEncryptionError(f"The master key {path} cannot be read ({error.strerror}). Put it back.") from None
        except (binascii.Error, ValueError):
            raise KeyEncryptionError(f"{path}: the master key is {KEY_BYTES} random bytes, base64 encoded.") from None

    def _derive(self, org: str, purpose: str) -> bytes:
        root = self._master
        if root is None and self._ring is not None:
            if (kept := self._ring.kept(org, purpose)) is not None:
                return kept
            root = self._ring.root
        info = f"learning-loop/1/{org}/{purpose}".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(root or b"")

    def key(self, org: str, purpose: str) -> bytes:
        """The 32-byte key of an organisation for a purpose, derived from the root or master key: the same for good."""
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
        words = _bound(org, purpose, bound)
        data_key = self._ring.sealing(org) if self._ring else None
        if data_key is None:
            nonce = os.urandom(_NONCE)
            return DERIVED + nonce + AESGCM(self.key(org, purpose)).encrypt(nonce, content, words)
        own = os.urandom(KEY_BYTES)
        return self._head(data_key, own) + AESGCM(own).encrypt(_ONLY_NONCE, content, words)

    def open_bytes(self, org: str, purpose: str, sealed: bytes, bound: str = "") -> bytes:
        """Decrypt what `seal_bytes` made; raises `SealError`."""
        words = _bound(org, purpose, bound)
        try:
            if sealed[:1] == ENVELOPE:
                own = self._own_key(org, sealed[:HEAD])
                return AESGCM(own).decrypt(_ONLY_NONCE, bytes(sealed[HEAD:]), words)
            if sealed[:1] == DERIVED:
                nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
                return AESGCM(self.key(org, purpose)).decrypt(nonce, body, words)
        except (InvalidTag, ValueError):
            # ValueError: shorter than a nonce and a tag.
            msg = "the sealed value does not open"
            raise SealError(msg) from None
        msg = "sealed with an unknown key"
        raise SealError(msg)

    def active(self, org: str) -> bytes | None:
        """The id of the data key under which an organisation's values are sealed now; None: by derived keys."""
        found = self._ring.sealing(org) if self._ring else None
        return found.id if found else None

    def rewrap(self, org: str, sealed: bytes) -> bytes:
        """An envelope under the key that seals now; what is inside is not opened. Raises `SealError`.

        A value of a derived key has no envelope: it is opened and sealed anew (`chassis.resealing`).
        """
        data_key = self._ring.sealing(org) if self._ring else None
        if data_key is None or sealed[:1] != ENVELOPE:
            msg = "not an envelope, or there is no data key"
            raise SealError(msg)
        return self._head(data_key, self._own_key(org, sealed[:HEAD])) + bytes(sealed[HEAD:])

    def opens(self, org: str, sealed: bytes) -> bool:
        """Whether the key of an envelope is here and unwraps that of the value; what is inside is not opened."""
        try:
            self._own_key(org, sealed[:HEAD])
        except SealError:
            return False
        return True

    def _head(self, data_key: DataKey, own: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        front = ENVELOPE + data_key.id
        return front + nonce + self._wrapping(data_key.key).encrypt(nonce, own, _front(data_key.org, front))

    def _own_key(self, org: str, head: bytes) -> bytes:
        front, nonce, wrapped = head[: 1 + ID_BYTES], head[1 + ID_BYTES : HEAD - _WRAPPED], head[HEAD - _WRAPPED :]
        data_key = self._ring.opening(bytes(front[1:])) if self._ring else None
        if data_key is None or data_key.org != org:
            msg = "sealed with a key that is not in the ring, or was destroyed"
            raise SealError(msg)
        try:
            return self._wrapping(data_key.key).decrypt(nonce, wrapped, _front(org, front))
        except (InvalidTag, ValueError):
            msg = "the sealed value does not open"
            raise SealError(msg) from None


def _front(org: str, front: bytes) -> bytes:
    return b"learning-loop/envelope/" + org.encode() + b"/" + front


def _bound(org: str, purpose: str, bound: str) -> bytes:
    return f"{org}/{purpose}/{bound}".encode() if bound else f"{org}/{purpose}".encode()
