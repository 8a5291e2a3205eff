"""Key-encryption keys: what wraps the data keys of a key ring. A local key, or one that never leaves a key management system.

Named in the settings by a specification, the first of several wraps and all of them open:

    file:/run/secrets/kek-2026                                  base64 of 32 random bytes in a file; several are a key a line
    env:LOOP_KEK_2026                                           the same in a variable of the environment
    vault:https://vault:8200/transit/loop#/run/secrets/token    the transit engine of HashiCorp Vault or OpenBao; the
                                                                fragment is the file with its token
"""

import base64
import binascii
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEK_BYTES = 32
_NONCE = 12
KMS_SECONDS = 5.0
"""How long a key management system may take for one key. It is asked at the start and when the ring has changed only."""


class KeyEncryptionError(SystemExit):
    """A key-encryption key is missing, malformed, out of reach or the wrong one; the message says which and what to do."""


class KeyEncryption(Protocol):
    """Wraps data keys. `bound` (organisation and key id) must be the same when one is unwrapped."""

    @property
    def id(self) -> str:
        """What stands with a wrapped key, so that the one that opens it is known."""
        ...

    def wrap(self, key: bytes, bound: bytes) -> str:
        """The key as it is kept."""
        ...

    def unwrap(self, wrapped: str, bound: bytes) -> bytes:
        """The key again. Raises `KeyEncryptionError`."""
        ...


class LocalKey:
    """A key-encryption key that this process holds: AES-256-GCM."""

    def __init__(self, key: bytes, where: str) -> None:
        if len(key) != KEK_BYTES:
            raise KeyEncryptionError(f"{where}: a key-encryption key is {KEK_BYTES} random bytes, base64 encoded.")
        self._cipher = AESGCM(key)
        self._where = where
        # Of the key itself, one way: a file with another key in it is told from the right one before anything is opened.
        self.id = f"local:{sha256(b'learning-loop/kek/' + key).hexdigest()[:16]}"

    def wrap(self, key: bytes, bound: bytes) -> str:
        """Nonce and ciphertext, base64."""
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, key, bound)).decode()

    def unwrap(self, wrapped: str, bound: bytes) -> bytes:
        """The key again."""
        try:
            raw = base64.b64decode(wrapped, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], bound)
        except (InvalidTag, ValueError):
            raise KeyEncryptionError(
                f"{self._where} does not open a data key that says it was wrapped with it: the key ring was changed. "
                "Put the ring back from its copy."
            ) from None


class VaultTransit:
    """A key of Vault's transit engine (type aes256-gcm96). Rotated in Vault itself: its ciphertexts carry their version.

    https://developer.hashicorp.com/vault/api-docs/secret/transit: encrypt, decrypt.
    """

    def __init__(self, address: str, mount: str, name: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.id = f"vault:{mount}/{name}"
        self._key = quote(name, safe="")
        self._base = f"{address}/v1/{quote(mount)}"
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
        self._transport = transport

    def wrap(self, key: bytes, bound: bytes) -> str:
        """`vault:v1:…`."""
        return str(self._ask("encrypt", {"plaintext": _text(key), "associated_data": _text(bound)}, "ciphertext"))

    def unwrap(self, wrapped: str, bound: bytes) -> bytes:
        """The key again."""
        return base64.b64decode(self._ask("decrypt", {"ciphertext": wrapped, "associated_data": _text(bound)}, "plaintext"))

    def _ask(self, what: str, body: dict[str, str], field: str) -> str:
        try:
            with httpx.Client(timeout=KMS_SECONDS, transport=self._transport) as client:
                answer = client.post(f"{self._base}/{what}/{self._key}", json=body, headers=self._headers)
        except httpx.HTTPError as error:
            raise KeyEncryptionError(f"{self.id} cannot be reached ({type(error).__name__}). Nothing was changed.") from None
        # What Vault says is not repeated: an error of its may hold what it was sent.
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise KeyEncryptionError(f"{self.id}: the token may not {what} with this key, or has expired.")
        if answer.status_code != httpx.codes.OK:
            raise KeyEncryptionError(f"{self.id}: {what} was answered with {answer.status_code}.")
        try:
            data: dict[str, Any] = answer.json()["data"]
            return str(data[field])
        except (ValueError, KeyError, TypeError):
            raise KeyEncryptionError(f"{self.id}: the answer to {what} is not one of Vault's.") from None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def key_encryption(specifications: Sequence[str]) -> tuple[KeyEncryption, ...]:
    """The keys that were named. Raises `KeyEncryptionError`."""
    return tuple(key for each in specifications for key in _named(each))


def _named(specification: str) -> Sequence[KeyEncryption]:
    kind, _, rest = specification.partition(":")
    if kind == "file" and rest:
        # A change of the key is under way where the file holds two (`chassis.kek_file`).
        return [LocalKey(_base64(line, rest), rest) for line in _read(Path(rest)).split() or [""]]
    return [_one(kind, rest)]


def _one(kind: str, rest: str) -> KeyEncryption:
    if kind == "env" and rest:
        if rest not in os.environ:
            raise KeyEncryptionError(f"The key-encryption key is to be in {rest}, which is not set.")
        return LocalKey(_base64(os.environ[rest], rest), rest)
    if kind == "vault":
        return _vault(rest)
    raise KeyEncryptionError(f"'{kind}:' is no kind of key-encryption key; there are file:, env: and vault:.")


def _vault(address: str) -> VaultTransit:
    parts = urlsplit(address)
    mount, _, name = parts.path.strip("/").rpartition("/")
    # Without TLS the unwrapped keys would go over the network in the clear; on the same machine (an agent) they do not.
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"})
    if not (safe and mount and name and parts.fragment):
        raise KeyEncryptionError(
            "vault: is to be vault:https://host:8200/<mount>/<key>#<file with the token>; http is for 127.0.0.1 only."
        )
    return VaultTransit(f"{parts.scheme}://{parts.netloc}", mount, name, _read(Path(parts.fragment)))


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise KeyEncryptionError(f"{path} cannot be read ({error.strerror}). Put it back from where you keep it.") from None


def _base64(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise KeyEncryptionError(f"{where}: a key-encryption key is {KEK_BYTES} random bytes, base64 encoded.") from None
