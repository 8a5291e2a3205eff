"""Keys and passwords of an embedded installation: made once, kept in files that only their owner can read."""

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chassis.identity import new_key
from loop_cli.stack.layout import Layout, StackError, read_json, write_json
from loop_cli.stack.services import SERVICES, roles

SIGNERS = ("gateway", "reporting")
"""Who signs identities: the gateway for all that come in, reporting when it reads the services' event logs."""


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
        """Master key, base64 of 32 random bytes."""
        return self.folder / "secret.key"

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
    keys = Keys(read_json(folder / "passwords.json") or {}, folder)
    files = [keys.secret_key, keys.operator_key, keys.identity_keys, *map(keys.signing_key, SIGNERS)]
    missing = [path.name for path in files if not path.exists()]
    if has_data and keys.secret_key.name in missing:
        raise StackError(
            f"{keys.secret_key} is missing, and without it the encrypted data in {layout.root} cannot be read. "
            "Put it back from your backup. Nothing was changed."
        )
    if keys.identity_keys.name in missing or any(keys.signing_key(signer).name in missing for signer in SIGNERS):
        _make_signing_keys(keys)
    _make(keys.secret_key, lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    _make(keys.operator_key, lambda: secrets.token_urlsafe(32))
    wanted = ["postgres", "nats", *(role for service in SERVICES for role in roles(service))]
    if any(name not in keys.passwords for name in wanted):
        keys.passwords.update({name: secrets.token_urlsafe(24) for name in wanted if name not in keys.passwords})
        write_json(folder / "passwords.json", keys.passwords)
    return keys


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
