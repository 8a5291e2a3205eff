"""Where the key rings of an installation are, who reads which, and the way to the values that their keys seal."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.key_encryption import KeyEncryptionError, key_encryption
from chassis.key_ring import Entry, RingFile
from chassis.tenancy import is_organisation
from loop_cli.servers import ServerError
from loop_cli.stack.database import DATABASE
from loop_cli.stack.keys import SEALING, Keys, specifications
from loop_cli.stack.layout import Layout, read_json
from loop_cli.stack.state import State


@dataclass(frozen=True)
class Held:
    """A ring, the services that read it, and the file with what wraps it, where `loop` made that."""

    services: tuple[str, ...]
    ring: RingFile
    kek: Path | None

    def of(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the services of this ring said."""
        return [line for line in lines if line["service"] in self.services]

    @property
    def name(self) -> str:
        """The services, for a person."""
        return ", ".join(self.services)


@dataclass(frozen=True)
class Place:
    """The rings of an installation, and the way to its database where it is the embedded one."""

    held: tuple[Held, ...]
    found: Keys
    port: int | None

    @classmethod
    def of(cls, data: Path) -> "Place":
        """Find it. Raises `ServerError`."""
        layout = Layout.at(data)
        found = Keys(read_json(layout.secrets / "passwords.json") or {}, layout.secrets)
        state = State.read(layout)
        server = (
            next((one for one in state.processes if one.name == "postgres"), None) if state and layout.is_locked() else None
        )
        named = os.environ.get("LOOP_KEY_RING_FILE")
        by_path: dict[Path, list[str]] = {}
        for service in SEALING:
            by_path.setdefault(Path(named) if named else found.ring_of(service), []).append(service)
        held = tuple(_held(found, path, tuple(services)) for path, services in by_path.items())
        return cls(held, found, server.port if server else None)

    def held_by(self, service: str) -> Held:
        """What a service holds."""
        return next(each for each in self.held if service in each.services)

    def orgs(self, named: list[str] | None) -> list[str]:
        """The organisations that were named, or all that have keys."""
        if wrong := [org for org in named or [] if not is_organisation(org)]:
            raise ServerError(f"'{wrong[0]}' is not the code of an organisation.")
        return named or sorted({entry.org for each in self.held for entry in each.ring.entries() if entry.kind == "data"})

    def ensure(self, org: str) -> list[Entry]:
        """A first data key of an organisation in every ring that has none; those that were made."""
        return [made for each in self.held if (made := each.ring.ensure(org)) is not None]

    def ask(self, what: str, orgs: list[str]) -> list[dict[str, Any]]:
        """Count or bring under the new key, service after service, each with the rights of its schema's owner."""
        if self.port is None:
            raise ServerError(
                "The installation does not run from this data folder. Start it with `loop up`; elsewhere run "
                f"`python -m <service>.sealed {what} {' '.join(orgs)}` in the image of each service, as the schema's owner."
            )
        lines: list[dict[str, Any]] = []
        for service in SEALING if orgs else ():
            owner = f"{service}_owner"
            url = f"postgresql://{owner}:{self.found.passwords[owner]}@127.0.0.1:{self.port}/{DATABASE}"
            ring = {"LOOP_KEY_RING_FILE": str(self.held_by(service).ring.path)}
            ours = {name: value for name, value in os.environ.items() if name != "LOOP_DATABASE_URL_FILE"}
            environment = ours | {"LOOP_DATABASE_URL": url} | self.found.environment_of(service) | ring
            if service == "gateway" and self.found.webhook_key.exists():
                environment["LOOP_SECRET_KEY_FILE"] = str(self.found.webhook_key)
            command = [sys.executable, "-m", f"{service}.sealed", what, *orgs]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise ServerError(f"{service}: {(done.stderr.strip().splitlines() or ['it ended without a word'])[-1]}")
            lines += [json.loads(line) for line in done.stdout.splitlines()]
        return lines


def _held(found: Keys, path: Path, services: tuple[str, ...]) -> Held:
    if not path.exists():
        raise ServerError(f"There is no key ring at {path}. Start the installation once, or name it in LOOP_KEY_RING_FILE.")
    try:
        return Held(
            services,
            RingFile(path, key_encryption(specifications(found.key_encryption_of(services[0])))),
            found.kek_of(services[0]),
        )
    except KeyEncryptionError as error:
        raise ServerError(str(error)) from None
