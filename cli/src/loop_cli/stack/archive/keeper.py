"""Keeping the archive of an embedded installation while it runs: the log of writing as it comes, a base copy a day.

PostgreSQL hands a finished segment over by its `archive_command`, which waits for a mark of ours in the data folder. The mark
is made when the segment is in the archive and on its disk; until then PostgreSQL keeps the segment and asks again. So killing
any of it loses nothing, and PostgreSQL's account needs neither a Python nor rights in the archive.
"""

import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.copies import note
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.stack.archive.base import Copying, leftovers
from loop_cli.stack.archive.sealing import recipients_of
from loop_cli.stack.archive.series import Series
from loop_cli.stack.database import DATABASE
from loop_cli.stack.layout import Layout

PAUSE = 0.1
BASE_EVERY = timedelta(hours=24)
AGAIN_SECONDS = 300.0
"""After which a base copy that failed is tried again."""
ASKED_SECONDS = 5
"""For how long PostgreSQL waits for a mark before it counts a failure and asks again: a stop must not hang on it for long."""

NOTED = "archive"
"""In the version stamp of a data folder: where its archive is and which series is its own; nothing while there is none."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Where the archive is, for whom it is encrypted, how many seconds may be lost, for how many days one can go back."""

    folder: Path
    recipients: tuple[str, ...]
    seconds: int = 300
    days: int = 30


class Keeper:
    """Writes the archive. `settings` go to PostgreSQL; `start` after it has started, `stop` after it has stopped."""

    def __init__(self, layout: Layout, archive: Archive, tell: Callable[[str], None]) -> None:
        """Raises `ServerError` where there is no key that could be encrypted to, or no such folder can be had."""
        if not archive.recipients:
            raise ServerError("An archive needs a public key that it is encrypted to: --archive-recipient age1…")
        self._recipients: Sequence[Any] = recipients_of(archive.recipients)
        self._archive = archive
        self._tell = tell
        self._marks = layout.root / "archived"
        self._ready = layout.postgres / "pg_wal"
        self.series = self._opened(layout)
        self._server: PostgresServer | None = None
        self._copying: Copying | None = None
        self._ceasing = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._trouble: set[str] = set()

    def _opened(self, layout: Layout) -> Series:
        folder = self._archive.folder.expanduser().absolute()
        noted = layout.stamp().get(NOTED) or {}
        self._marks.mkdir(exist_ok=True)
        self._marks.chmod(0o755)
        if noted.get("folder") == str(folder):
            # Where it is not there now (a disk that is not mounted), segments wait: another must not be begun in its place.
            return Series(folder / noted["series"])
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            series = Series.begin(folder, datetime.now(UTC))
        except OSError as error:
            raise ServerError(
                f"The archive cannot be written: {error.strerror}: {error.filename}. Nothing was started."
            ) from None
        for mark in self._marks.iterdir():
            mark.unlink()
        layout.note(**{NOTED: {"folder": str(folder), "series": series.folder.name}})
        return series

    def settings(self) -> Mapping[str, str]:
        """What PostgreSQL has to be told."""
        # %f becomes the name of the segment; a percent sign of the path is written twice.
        mark = shlex.quote(f"{str(self._marks).replace('%', '%%')}/%f")
        tries = ASKED_SECONDS * 10
        asking = f"n=0; until test -e {mark}; do n=$((n+1)); test $n -le {tries} || exit 1; sleep 0.1; done"
        return {"archive_mode": "on", "archive_command": asking, "archive_timeout": f"{self._archive.seconds}s"}

    def start(self, server: PostgresServer) -> None:
        """Begin."""
        self._server = server
        for path in leftovers(self.series):
            path.unlink(missing_ok=True)
        for name, work in (("segments", self._keep_segments), ("beats", self._beat), ("bases", self._keep_bases)):
            thread = threading.Thread(target=work, name=f"loop-archive-{name}")
            thread.start()
            self._threads.append(thread)

    def cease(self) -> None:
        """Begin no base copy any more, and end one that is under way; before PostgreSQL is stopped."""
        self._ceasing.set()
        if (copying := self._copying) is not None:
            copying.stop()

    def stop(self) -> None:
        """Store what PostgreSQL has left, and end."""
        self.cease()
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    # ---------------------------------------------------------------------------------------------------------- segments

    def _keep_segments(self) -> None:
        while not self._stopping.wait(PAUSE):
            self._try("segments", self.store)
        self._try("segments", self.store)

    def store(self) -> None:
        """Store every segment that PostgreSQL has finished, and mark it; forget marks that it has taken note of."""
        try:
            waiting = {path.name.removesuffix(".ready") for path in (self._ready / "archive_status").glob("*.ready")}
        except FileNotFoundError:
            return
        marked = {path.name for path in self._marks.iterdir()}
        for name in marked - waiting:
            (self._marks / name).unlink(missing_ok=True)
        for name in sorted(waiting - marked):
            self.series.store(self._ready / name, self._recipients)
            mark = self._marks / name
            mark.touch()
            mark.chmod(0o644)

    # ------------------------------------------------------------------------------------------------------- what is alive

    def _beat(self) -> None:
        """Write something now and then: the archive of an installation in which nothing happens goes on, too.

        Up to the last beat it is known that nothing else happened, and that the archive is alive.
        """
        while True:
            self._try("beats", lambda: self._sql("select pg_current_xact_id()"))
            if self._ceasing.wait(self._archive.seconds):
                return

    def _sql(self, statement: str) -> None:
        if self._server is None:
            raise ServerError("not started")
        self._server.run_sql(statement, database=DATABASE)

    # -------------------------------------------------------------------------------------------------------------- bases

    def _keep_bases(self) -> None:
        while not self._ceasing.is_set():
            if not self._try("bases", self.copy_if_due):
                self._ceasing.wait(AGAIN_SECONDS)
            self._ceasing.wait(1.0)

    def copy_if_due(self) -> None:
        """Make a base copy when the last is a day old, and then delete what is too old, in every series of the archive."""
        copies = self.series.copies()
        if copies and datetime.now(UTC) - copies[-1].ended_at < BASE_EVERY:
            return
        if self._server is None:
            return
        self._copying = Copying(self._server, self.series, self._recipients)
        try:
            if self._ceasing.is_set():
                return
            self._copying.run()
        finally:
            self._copying = None
        self._sql(note("base"))
        # Only now: a clock that is wrong, or copies that fail, must not leave nothing.
        self.prune(datetime.now(UTC))

    def prune(self, now: datetime) -> None:
        """Delete what is older than the days for which it is kept; a series that nobody writes any more as a whole."""
        limit = now - timedelta(days=self._archive.days)
        for path in sorted(self.series.folder.parent.iterdir()):
            other = Series(path)
            if not (other.segments.is_dir() and other.bases.is_dir()):
                continue
            other.prune(self._archive.days, now)
            if other != self.series and other.last_written() < limit:
                other.delete()

    # ------------------------------------------------------------------------------------------------------------ trouble

    def _try(self, what: str, work: Callable[[], None]) -> bool:
        """Do something that is done again anyway; what is wrong is said once, and that it is over. Gives whether it went."""
        try:
            work()
        except (ServerError, OSError) as error:
            if self._stopping.is_set() or (what != "segments" and self._ceasing.is_set()):
                return False
            if what not in self._trouble:
                self._trouble.add(what)
                lost = "" if self.series.folder.is_dir() else f"; {self.series.folder} is not there"
                self._tell(f"The archive is not written ({what}): {str(error).splitlines()[0]}{lost}; it is tried again")
            return False
        if what in self._trouble:
            self._trouble.discard(what)
            self._tell(f"The archive is written again ({what})")
        return True


def forget(layout: Layout) -> None:
    """Note that an installation runs without an archive: the next one begins a new series, since this one has a gap."""
    if layout.stamp().get(NOTED):
        layout.note(**{NOTED: None})
