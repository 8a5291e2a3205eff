"""`loop backup` and `loop restore`: the whole database, encrypted to a public key (age), and back into an empty installation.

The machine that makes backups holds the recipient's public key only and cannot read them. The event log is in the database, so
JetStream is not backed up: streams are made anew and consumers read the logs. Keys are not in it: keep them apart from it.
To a moment between two backups one goes back from an archive (`loop_cli.stack.archive`).
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any
from urllib.parse import unquote, urlsplit

import asyncpg
import pyrage
import typer
from rich.console import Console

from chassis.copies import note
from chassis.direct import verifier
from loop_cli.bi_roles import admin_url
from loop_cli.consistency import Check, check
from loop_cli.key_place import Place
from loop_cli.options import DEFAULT_DATA, Data
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.servers.postgres import SUPERUSER, installation
from loop_cli.stack.archive import recovery
from loop_cli.stack.archive.sealing import identity_of, recipients_of
from loop_cli.stack.database import DATABASE, schema_sql, verified_role_sql
from loop_cli.stack.keys import SEALING, Keys, load_or_make
from loop_cli.stack.layout import Layout
from loop_cli.stack.services import WITH_WORKER

app = typer.Typer()
NOTHING = "Nothing was restored."
console = Console(highlight=False, soft_wrap=True)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File to write, or a folder.")],
    recipient: Annotated[list[str], typer.Option("--recipient", help="Public key (age1…) of who may read it; repeat it.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Write an encrypted copy of the whole database, from one moment, while everything goes on."""
    recipients = recipients_of(recipient)
    path = target / f"loop-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump.age" if target.is_dir() else target
    if path.exists():
        raise ServerError(f"{path} is there already. Nothing was written.")
    aside = path.with_name(path.name + ".part")
    command = [str(installation() / "bin" / "pg_dump"), "--format=custom", "--no-password"]
    url = admin_url(data)
    environment = os.environ | _libpq(url)
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as job:
                pyrage.encrypt_io(_pipe(job.stdout), file, recipients)
                complaint = _pipe(job.stderr).read().decode(errors="replace").strip()
            if job.returncode:
                raise ServerError(f"pg_dump failed; nothing was kept. {complaint}")
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
    asyncio.run(_noted(url))
    console.print(f"{path}: {path.stat().st_size / 2**20:.1f} MB. The keys are not in it; docs/runbooks/restore.md.")


async def _noted(url: str) -> None:
    """Let `loop doctor` and alerts know when the last copy was made; that they do not is no reason to have none."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute(note("dump"))
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        console.print(
            f"The moment could not be noted in the database ({type(error).__name__}): `loop doctor` does not know of it."
        )


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The backup, or the folder of an archive.", exists=True)],
    secrets: Annotated[Path, typer.Option("--secrets", help="Copy of the secrets folder.", exists=True, file_okay=False)],
    identity: Annotated[Path, typer.Option("--identity", help="File with the private key (AGE-SECRET-KEY-1…).", exists=True)],
    data: Data = DEFAULT_DATA,
    to: Annotated[
        str | None, typer.Option("--to", help="Moment to go back to, from an archive: 2026-12-01T14:04:00+00:00.")
    ] = None,
    series: Annotated[str | None, typer.Option("--series", help="Which of several in the archive.")] = None,
) -> None:
    """Put a backup, or an archive as of a moment, into an installation that is empty, with its keys put back, and check it."""
    layout = Layout.at(data)
    if missing := [path.name for path in needed(Keys({}, secrets)) if not path.exists()]:
        raise ServerError(
            f"{secrets} lacks {', '.join(missing)}, without which the backup cannot be read. Nothing was restored."
        )
    if layout.postgres.exists() and any(layout.postgres.iterdir()):
        raise ServerError(f"There are data in {layout.postgres} already. Restore into an empty folder; nothing was changed.")
    who = identity_of(identity)
    fill = _from_archive(source, to, series, who) if source.is_dir() else _from_backup(source, to, who)
    lock = layout.lock()
    if lock is None:
        raise ServerError("It is running. Stop it first: `loop down`.")
    try:
        layout.open()
        for path in (each for each in secrets.iterdir() if each.is_file()):
            shutil.copy(path, layout.secrets / path.name)
            (layout.secrets / path.name).chmod(0o600)
        found = _restored(layout, fill, data)
    finally:
        lock.close()
    for name, number in found.figures.items():
        console.print(f"{name:<40} {number}")
    if found.wrong:
        raise ServerError("It was restored, and is not whole:\n  " + "\n  ".join(found.wrong))
    console.print("Restored and whole. `loop up`, then `loop replay reporting` (docs/runbooks/restore.md).")


def needed(keys: Keys) -> list[Path]:
    """What of a secrets folder a backup is worth nothing without: rings, and what wraps them where it is a file of ours."""
    # In an older installation the gateway's ring may be younger than the copy.
    rings = {keys.ring_of(each): keys.kek_of(each) for each in (WITH_WORKER if keys.secret_key.exists() else SEALING)}
    return [path for pair in rings.items() for path in pair if path is not None]


Fill = Callable[[PostgresServer, dict[str, str]], None]
"""Puts data into the empty folder of a server, with the passwords that are kept, and leaves it running."""


def _from_backup(source: Path, to: str | None, who: Any) -> Fill:
    if to is not None:
        raise ServerError(f"{source} holds one moment. Only from an archive (a folder) one can go back to another.")

    def fill(server: PostgresServer, passwords: dict[str, str]) -> None:
        server.start()
        _put_back(server, passwords, source, who)

    return fill


def _from_archive(source: Path, to: str | None, series: str | None, who: Any) -> Fill:
    try:
        chosen = recovery.plan(source, recovery.moment_of(to) if to else None, who, series)
    except ServerError as error:
        raise ServerError(f"{str(error).removesuffix(NOTHING)} {NOTHING}") from None

    def fill(server: PostgresServer, passwords: dict[str, str]) -> None:
        try:
            recovery.fill(server, chosen, who, console.print)
        except ServerError as error:
            raise ServerError(f"{error} Nothing of it was kept.") from None
        # Roles came with the files, with the passwords of then.
        server.alone(f"alter role {SUPERUSER} password '{verifier(passwords['postgres'])}'")
        server.start()
        server.run_sql(verified_role_sql(passwords))
        server.run_sql(schema_sql() + recovery.OTHER_EPOCH, database=DATABASE)

    return fill


def _restored(layout: Layout, fill: Fill, data: Path) -> Check:
    keys = load_or_make(layout, has_data=True)
    server = PostgresServer(layout.postgres, password=keys.passwords["postgres"], log=layout.logs / "postgres.log")
    whole = False
    try:
        fill(server, keys.passwords)
        whole = True
        url = f"postgresql://postgres:{keys.passwords['postgres']}@127.0.0.1:{server.port}/{DATABASE}"
        return check(url, Place.of(data))
    finally:
        server.stop()
        if not whole:
            # Nothing of it counts, and the next try needs an empty folder.
            server.wipe()


def _put_back(server: PostgresServer, passwords: dict[str, str], source: Path, who: Any) -> None:
    server.run_sql(verified_role_sql(passwords))
    server.run_sql(f"create database {DATABASE}")
    command = [
        str(installation() / "bin" / "pg_restore"),
        "--exit-on-error",
        "--single-transaction",
        "--no-password",
        "-d",
        DATABASE,
    ]
    environment = os.environ | _libpq(f"postgresql://postgres:{passwords['postgres']}@127.0.0.1:{server.port}/{DATABASE}")
    damaged = False
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as job:
        try:
            with source.open("rb") as file, _pipe(job.stdin) as stream:
                pyrage.decrypt_io(file, stream, [who])
        except (pyrage.DecryptError, OSError):
            damaged = True
        complaint = _pipe(job.stderr).read().decode(errors="replace").strip()
    if job.returncode or damaged:
        why = "The backup does not open with this key, or is damaged." if damaged else "pg_restore failed."
        raise ServerError(f"{why} Nothing of it was kept. {complaint}".strip())
    server.run_sql(schema_sql(), database=DATABASE)


def _libpq(url: str) -> dict[str, str]:
    """An address for the programs of PostgreSQL: it holds a password, so it is no argument."""
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "127.0.0.1",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/") or DATABASE,
    }


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:  # pragma: no cover - they were asked for
        raise ServerError("the program has no pipe")
    return stream
