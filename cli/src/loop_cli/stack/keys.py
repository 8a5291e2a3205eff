"""Keys and passwords of an embedded installation: made once, kept in files that only their owner can read."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chassis.identity import new_key
from chassis.key_encryption import key_encryption
from chassis.key_ring import RingFile, new_kek
from loop_cli.stack.layout import Layout, StackError, read_json, write_json
from loop_cli.stack.passwords import KEPT, new_password, note_changed
from loop_cli.stack.services import CONNECTED, SERVICES, WITH_WORKER, roles

SIGNERS = ("gateway", "reporting")
"""Who signs identities: the gateway for all that come in, reporting when it reads the services' event logs."""

SEALING = (*WITH_WORKER, "gateway")
"""Who seals something in the database, and has a key ring for it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Passwords by role, and where the key files are."""

    passwords: dict[str, str]
    folder: Path

    @property
    def identity_keys(self) -> Path:
        """Public keys of all signers."""
        return self.folder / "identity-keys.json"

    @property
    def secret_key(self) -> Path:
        """Master key of an older installation, base64 of 32 random bytes: its services share it until `loop keys split`."""
        return self.folder / "secret.key"

    @property
    def key_ring(self) -> Path:
        """The ring that its services share."""
        return self.folder / "key-ring.json"

    @property
    def kek(self) -> Path:
        """What wraps it, base64 of 32 random bytes."""
        return self.folder / "kek.key"

    def shares(self, service: str) -> bool:
        """Whether a service has its keys together with others: an older installation that was not split."""
        return service in WITH_WORKER and self.secret_key.exists()

    def own_ring(self, service: str) -> Path:
        """The ring of one service."""
        return self.folder / f"key-ring-{service}.json"

    def ring_of(self, service: str) -> Path:
        """The ring that a service reads."""
        return self.key_ring if self.shares(service) else self.own_ring(service)

    def own_kek(self, service: str) -> Path:
        """What wraps the keys of one service."""
        return self.folder / f"kek-{service}.key"

    def kek_of(self, service: str) -> Path | None:
        """The file with what wraps the ring that a service reads; None where the environment names others."""
        if _named(service):
            return None
        return self.kek if self.shares(service) else self.own_kek(service)

    def key_encryption_of(self, service: str) -> str:
        """The key-encryption keys of a service as its processes get them: those of the environment, or the one made here."""
        return _named(service) or json.dumps([f"file:{self.kek_of(service)}"])

    def environment_of(self, service: str) -> dict[str, str]:
        """The variables by which a service, or a job for it, finds its keys."""
        found = {"LOOP_KEY_RING_FILE": str(self.ring_of(service)), "LOOP_KEY_ENCRYPTION": self.key_encryption_of(service)}
        return found | ({"LOOP_SECRET_KEY_FILE": str(self.secret_key)} if self.shares(service) else {})

    @property
    def trail_key(self) -> Path:
        """What seals the gateway's trail, base64 of 32 random bytes."""
        return self.folder / "gateway-trail.key"

    @property
    def webhook_key(self) -> Path:
        """What sealed webhooks in an installation from before the gateway had a ring."""
        return self.folder / "webhook.key"

    @property
    def operator_key(self) -> Path:
        """The operator's bearer key."""
        return self.folder / "operator.key"

    def signing_key(self, signer: str) -> Path:
        """Private JWK of a signer."""
        return self.folder / f"{signer}-signing.jwk"


def load_or_make(layout: Layout, *, has_data: bool) -> Keys:
    """Read the keys; make what is missing, unless there are data already, which lost keys would make unreadable."""
    folder = layout.secrets
    keys = Keys(read_json(folder / KEPT) or {}, folder)
    _refuse_lost(keys, has_data=has_data)
    if not all(path.exists() for path in (keys.identity_keys, *map(keys.signing_key, SIGNERS))):
        _make_signing_keys(keys)
    for service in SEALING:
        if not keys.shares(service):
            make_ring(keys, service).make_root()
    if keys.secret_key.exists():
        if not keys.key_ring.exists() and not _named(WITH_WORKER[0]):
            _make(keys.kek, new_kek)
        RingFile(keys.key_ring, key_encryption(specifications(keys.key_encryption_of(WITH_WORKER[0])))).make_if_missing()
    _make(keys.trail_key, lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    _make(keys.operator_key, lambda: secrets.token_urlsafe(32))
    brokers = (f"nats-{service}" for service in CONNECTED)
    wanted = ["postgres", "nats", *brokers, *(role for service in SERVICES for role in roles(service))]
    if made := {name: new_password() for name in wanted if name not in keys.passwords}:
        keys.passwords.update(made)
        note_changed(layout, made)
        write_json(folder / KEPT, keys.passwords)
    return keys


def _refuse_lost(keys: Keys, *, has_data: bool) -> None:
    if has_data and not keys.secret_key.exists():
        for path in (keys.own_ring(service) for service in SEALING):
            if not path.exists():
                raise StackError(
                    f"{path} is missing (in an older installation: {keys.secret_key.name}), and without it the encrypted data "
                    "cannot be read. Put it back from your backup. Nothing was changed."
                )
    for service in SEALING:
        ring, kek = keys.ring_of(service), keys.kek_of(service)
        if ring.exists() and kek is not None and not kek.exists():
            raise StackError(
                f"{kek} is missing, and without it the keys in {ring} cannot be opened. "
                "Put it back from where you keep it. Nothing was changed."
            )


def make_ring(keys: Keys, service: str) -> RingFile:
    """The ring of a service's own, with what wraps it; both are made where they are missing."""
    kek = None if _named(service) else keys.own_kek(service)
    if kek is not None:
        _make(kek, new_kek)
    ring = RingFile(keys.own_ring(service), key_encryption(specifications(_named(service) or json.dumps([f"file:{kek}"]))))
    ring.make_if_missing()
    return ring


def specifications(text: str) -> list[str]:
    """What LOOP_KEY_ENCRYPTION says. Raises `StackError`."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise StackError('LOOP_KEY_ENCRYPTION is a JSON list of key-encryption keys: ["file:/run/secrets/kek"].')
    return found


def _named(service: str) -> str | None:
    return os.environ.get(f"LOOP_KEY_ENCRYPTION_{service.upper()}") or os.environ.get("LOOP_KEY_ENCRYPTION")


def _make_signing_keys(keys: Keys) -> None:
    public = {}
    for signer in SIGNERS:
        private, public[signer] = new_key()
        write_json(keys.signing_key(signer), private)
    write_json(keys.identity_keys, {"issuers": public})


def _make(path: Path, content: Callable[[], str]) -> None:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content() + "\n")
