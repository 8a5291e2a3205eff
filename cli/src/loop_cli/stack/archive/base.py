"""A base copy: the files of PostgreSQL while it runs, as one encrypted stream."""

import os
import re
import subprocess
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from loop_cli.servers import PostgresServer, ServerError
from loop_cli.servers.postgres import SUPERUSER, environment, installation, major_version
from loop_cli.stack.archive.sealing import seal
from loop_cli.stack.archive.series import Base, Series, name_of, segment_at

_RANGE = re.compile(rb'"WAL-Ranges": \[\s*\{ "Timeline": (\d+), "Start-LSN": "([0-9A-F/]+)", "End-LSN": "([0-9A-F/]+)" \}\s*\]')
"""Near the end of the manifest, which is the last file of the copy (PostgreSQL's documentation, Backup Manifest Format)."""
_TAIL = 16 * 1024


class Copying:
    """One base copy under way; `stop` from another thread ends it, and nothing of it is kept."""

    def __init__(self, server: PostgresServer, series: Series, recipients: Sequence[Any]) -> None:
        self._server = server
        self._series = series
        self._recipients = recipients
        self._job: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()

    def run(self) -> Base:
        """Copy, and let it count once all is on the disk. Raises `ServerError`.

        PostgreSQL says that it is done when the log that the copy needs is in the archive, too.
        """
        began_at = datetime.now(UTC)
        name = name_of(began_at)
        command = [
            str(installation() / "bin" / "pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=none",
            "--checkpoint=fast", "--no-password",
        ]  # fmt: skip
        address = {"PGHOST": "127.0.0.1", "PGPORT": str(self._server.port), "PGUSER": SUPERUSER}
        told: list[bytes] = []
        with subprocess.Popen(
            command,
            env=environment() | address | {"PGPASSWORD": self._server.password},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as job:
            self._job = job
            if self._stopped.is_set():
                job.kill()
            # What it tells is read meanwhile: a full pipe would stop it.
            listening = threading.Thread(target=_listen, args=(job.stderr, told), name="loop-base-told")
            listening.start()
            whole = _Whole(job)
            try:
                seal(whole, self._series.copy_file(name), self._recipients)
            except (ServerError, OSError) as error:
                job.kill()
                listening.join()
                words = b"".join(told).decode(errors="replace").strip().rpartition("\n")[2]
                raise ServerError(f"No base copy was made: {error}. {words}") from None
            finally:
                listening.join()
        return self._noted(name, began_at, whole.tail)

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        if (job := self._job) is not None:
            job.kill()

    def _noted(self, name: str, began_at: datetime, tail: bytes) -> Base:
        found = _RANGE.search(tail)
        if found is None:
            self._series.copy_file(name).unlink(missing_ok=True)
            raise ServerError("pg_basebackup's copy does not say which part of the log it needs; nothing was kept.")
        timeline, first, last = int(found[1]), found[2].decode(), found[3].decode()
        # A whole second that is not before its end: people give it back as the first moment.
        ended_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        made = Base(name, began_at, ended_at, segment_at(first, timeline), segment_at(last, timeline), major_version())
        self._series.note(made)
        return made


class _Whole:
    """What a program writes; an error in place of an end where it failed, so that half a copy is never taken for one."""

    def __init__(self, job: "subprocess.Popen[bytes]") -> None:
        self._job = job
        self.tail = b""

    def read(self, size: int = -1, /) -> bytes:
        block = self._job.stdout.read(size) if self._job.stdout else b""
        if not block and (code := self._job.wait()):
            raise ServerError(f"pg_basebackup ended with {code}")
        self.tail = (self.tail + block)[-_TAIL:]
        return block


def _listen(stream: IO[bytes] | None, told: list[bytes]) -> None:
    while stream is not None and (block := os.read(stream.fileno(), 4096)):
        told.append(block)


def leftovers(series: Series) -> list[Path]:
    """Files of copies that do not count and of writing that was broken off. Call while nobody writes."""
    counted = {each.name for each in series.copies()}
    files = [path for path in series.bases.glob("*.age") if path.name.partition(".")[0] not in counted]
    return [*files, *series.bases.glob("*.part"), *series.segments.glob("*.part")]
