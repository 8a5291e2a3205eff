"""What the gateway keeps sealed of webhooks: where they go, and what they are signed with.

The keys are the gateway's own, not the services': who faces the outside need not be able to open what they keep. They are
data keys of the gateway's ring, changed like all others (`python -m gateway.sealed`); a key in a file
(`LOOP_WEBHOOK_KEY_FILE`) seals where there is no ring, and opens what it sealed before there was one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson

from chassis.key_encryption import KeyEncryptionError
from chassis.secrets import SealError, Secrets
from chassis.settings import SettingsError

PREVIOUS = "webhook-previous-secrets"
ADDRESS = "webhook-address"
SECRET = "webhook-secret"  # noqa: S105 - the purpose of a key, not a secret
CONTACT = "webhook-contact"


@dataclass(frozen=True)
class OldSecret:
    """A secret that was followed by another, and signs beside it until a moment."""

    secret: str = field(repr=False)
    until: datetime


class WebhookKeys(Protocol):
    """Settings that say where the gateway's keys are."""

    @property
    def webhook_key_file(self) -> Path | None:
        """File with the key from before there was a ring."""
        ...

    @property
    def key_ring_file(self) -> Path | None:
        """File with the gateway's wrapped keys."""
        ...

    @property
    def key_encryption(self) -> tuple[str, ...]:
        """What wraps them."""
        ...


@dataclass(frozen=True)
class _Names:
    secret_key_file: Path | None
    key_ring_file: Path | None
    key_encryption: tuple[str, ...]


class WebhookSealing:
    """Seals and opens, bound to organisation and subscription."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    @classmethod
    def of(cls, settings: "WebhookKeys") -> "WebhookSealing | None":
        """By the keys of a process; None without any. Raises `SettingsError`, `KeyEncryptionError`: it does not start."""
        if settings.webhook_key_file is None and settings.key_ring_file is None:
            return None
        try:
            return cls(Secrets.of(_Names(settings.webhook_key_file, settings.key_ring_file, settings.key_encryption)))
        except KeyEncryptionError as error:
            raise SettingsError(f"LOOP_WEBHOOK_KEY_FILE, LOOP_KEY_RING_FILE: {error}") from None

    def address(self, org: str, subscription_id: str, url: str) -> bytes:
        """An address for its column."""
        return self._secrets.seal_bytes(org, ADDRESS, url.encode(), subscription_id)

    def secret(self, org: str, subscription_id: str, secret: str) -> bytes:
        """A signing secret for its column."""
        return self._secrets.seal_bytes(org, SECRET, secret.encode(), subscription_id)

    def contact(self, org: str, subscription_id: str, address: str) -> bytes | None:
        """The mail address of who is told, for its column; None for none."""
        return self._secrets.seal_bytes(org, CONTACT, address.encode(), subscription_id) if address else None

    def open_contact(self, org: str, subscription_id: str, sealed: bytes | None) -> str | None:
        """That address; None where there is none, or it was sealed with another key."""
        return self._open(org, CONTACT, subscription_id, sealed)

    @property
    def secrets(self) -> Secrets:
        """What seals; also the mails that tell of a subscription."""
        return self._secrets

    def open_address(self, org: str, subscription_id: str, sealed: bytes | None) -> str | None:
        """The address, or None where it is gone or was sealed with another key."""
        return self._open(org, ADDRESS, subscription_id, sealed)

    def open_secret(self, org: str, subscription_id: str, sealed: bytes | None) -> str | None:
        """The signing secret, or None likewise."""
        return self._open(org, SECRET, subscription_id, sealed)

    def previous(self, org: str, subscription_id: str, old: Sequence[OldSecret]) -> bytes:
        """Secrets that still sign for a while, for their column."""
        content = orjson.dumps([{"secret": each.secret, "until": each.until} for each in old])
        return self._secrets.seal_bytes(org, PREVIOUS, content, subscription_id)

    def open_previous(self, org: str, subscription_id: str, sealed: bytes | None) -> list[OldSecret]:
        """Those secrets; none where they were sealed with another key."""
        opened = self._open(org, PREVIOUS, subscription_id, sealed)
        found = orjson.loads(opened) if opened else []
        return [OldSecret(each["secret"], datetime.fromisoformat(each["until"])) for each in found]

    def _open(self, org: str, purpose: str, subscription_id: str, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        try:
            return self._secrets.open_bytes(org, purpose, sealed, subscription_id).decode()
        except SealError:
            return None
