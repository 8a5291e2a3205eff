"""`loop keys split`: the services of an older installation, which shared one master key and one ring, each get their own.

It is done while nothing runs. Each service's ring begins with the shared data keys, so that all opens as before, with a root
for what is new, and with the keys which the organisations had by the master key for exactly the purposes that this service
declares. So records are found as before, and no service can derive what another needs. Killed in the middle it is begun anew:
as long as the master key lies in its place, it counts.
"""

import asyncio
import importlib
import shutil
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from chassis.key_encryption import key_encryption
from chassis.key_ring import RingFile
from chassis.sealed import Sealed
from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.stack import passwords
from loop_cli.stack.database import DATABASE
from loop_cli.stack.keys import Keys, load_or_make, make_ring, specifications
from loop_cli.stack.layout import Layout
from loop_cli.stack.services import WITH_WORKER

BEFORE = "before-split"
"""Folder beside the secrets for what was shared: older backups need it, the installation does not."""

_ORGS = "select distinct org from {service}.outbox where org <> '*'"


def split(data: Path) -> str:
    """Divide the keys of an installation that does not run; answers what to do next. Raises `ServerError`."""
    layout = Layout.at(data)
    lock = layout.lock()
    if lock is None:
        raise ServerError("It is running. Stop it first: `loop down`.")
    try:
        found = Keys({}, layout.secrets)
        if not found.secret_key.exists():
            _set_aside(found)
            return "Each service has keys of its own already."
        found = load_or_make(layout, has_data=(layout.postgres / "PG_VERSION").exists())
        known = _organisations(layout, found)
        shared = RingFile(found.key_ring, key_encryption(specifications(found.key_encryption_of(WITH_WORKER[0]))))
        if without := sorted(known - {entry.org for entry in shared.entries() if entry.wrapped is not None}):
            raise ServerError(
                f"{', '.join(without)} has no data keys yet: `loop up`, `loop keys rotate --org …` for each, `loop down`, then "
                "this again. Nothing was changed."
            )
        orgs = known | {entry.org for entry in shared.entries()}
        for service in WITH_WORKER:
            divide(found, service, shared, orgs)
        _set_aside(found)
    finally:
        lock.close()
    return (
        f"Each service has keys of its own. What was shared lies in {layout.secrets / BEFORE}: take it to where copies of the "
        "secrets are kept, and off this machine. `loop up`, then `loop keys rotate`: it brings values under data keys of each "
        "service's own. Copy the secrets folder anew."
    )


def divide(found: Keys, service: str, shared: RingFile, orgs: set[str]) -> None:
    """Make the ring of one service out of what was shared."""
    sealed: Sealed = importlib.import_module(f"{service}.sealed").SEALED
    # Left by a split that was broken off: nobody has used it.
    found.own_ring(service).unlink(missing_ok=True)
    own = make_ring(found, service)
    own.make_root()
    own.take_over(shared, kept_keys(Secrets.from_file(found.secret_key), sealed, orgs))


def kept_keys(master: Secrets, sealed: Sealed, orgs: set[str]) -> Mapping[str, Mapping[str, bytes]]:
    """What a service needs of the master key: a key an organisation for each purpose that it declares."""
    return {org: {purpose: master.key(org, purpose) for purpose in sealed.derived} for org in (*sorted(orgs), INSTALLATION)}


def _set_aside(found: Keys) -> None:
    """The master key first: from then on the rings of their own count."""
    folder = found.folder / BEFORE
    for path in (found.secret_key, found.key_ring, found.kek):
        if path.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            shutil.move(path, folder / path.name)


def _organisations(layout: Layout, found: Keys) -> set[str]:
    """Whoever has records in any service."""
    if not (layout.postgres / "PG_VERSION").exists():
        return set()
    server = PostgresServer(layout.postgres, password=found.passwords["postgres"], log=layout.logs / "postgres.log")
    server.start()
    try:
        wanted = passwords.coming(layout, found.passwords) or found.passwords
        passwords.enter(server, found.passwords["postgres"], wanted["postgres"])
        return asyncio.run(_read(server.url(DATABASE)))
    finally:
        server.stop()


async def _read(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {
            row["org"]
            for service in WITH_WORKER
            if await connection.fetchval("select to_regclass($1)", f"{service}.outbox")
            for row in await connection.fetch(_ORGS.format(service=service))
        }
    finally:
        await connection.close()
