"""Back to a moment: a base copy of before it, and the log of writing from there up to it, into an empty folder.

All that can be known before is looked at before: which copy, whether the log has a gap, up to when it goes, whether all opens.
"""

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Self

from loop_cli.servers import PostgresServer, ServerError
from loop_cli.servers.postgres import environment, installation, major_version
from loop_cli.stack.archive.sealing import unseal
from loop_cli.stack.archive.series import SEGMENT_BYTES, Base, Series, all_series

RECOVERY_SECONDS = 24 * 3600.0
"""How long PostgreSQL may read its log; it is ended when it gives up."""
_ENDED = re.compile(r"desc: (?:COMMIT|ABORT)\w* .*?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC")
OTHER_EPOCH = """
do $$ begin
    if to_regclass('reporting.feed_epoch') is not null then
        update reporting.feed_epoch set number = greatest(number + 1, extract(epoch from now())::bigint);
    end if;
end $$;
"""
"""Links by which others pull what is new count transactions, of which there are others from that moment on. PostgreSQL's
timeline tells one life from another, but a second return from the same archive has the same number as the first."""
_BLOCK = 64 * 1024
_ZEROS = bytes(_BLOCK)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read: a base copy and the segments from its first on; `until` None: all that there is."""

    series: Series
    base: Base
    segments: tuple[str, ...]
    until: datetime | None


def moment_of(text: str) -> datetime:
    """A moment with its zone, as ISO 8601. Raises `ServerError`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None:
        raise ServerError(f"'{text}' is no moment. Write 2026-12-01T14:04:00+00:00. Nothing was restored.")
    if found.tzinfo is None:
        raise ServerError(
            f"'{text}' does not say in which zone. Write {text}Z for UTC and British winter time, {text}+01:00 for British "
            "summer time. Nothing was restored."
        )
    return found.astimezone(UTC)


def plan(archive: Path, until: datetime | None, identity: Any, named: str | None = None) -> Plan:
    """Choose what is read for a moment (None: as late as there is anything).

    Raises `ServerError` that says what is possible, before anything is written.
    """
    series = chosen(archive, until, named)
    copies = series.copies()
    before = [each for each in copies if until is None or each.ended_at <= until]
    if not before:
        raise ServerError(
            f"The first base copy was ready at {_said(copies[0].ended_at)}: one can go back to that, not further."
        )
    base = before[-1]
    if base.postgres != major_version():
        raise ServerError(f"It was written by PostgreSQL {base.postgres}, and this version brings {major_version()}.")
    run, missing = series.run_from(base.first)
    if base.last not in run:
        raise ServerError(f"{missing or base.last} is missing, without which the base copy {base.name} is worth nothing.")
    with _Reading(series, identity) as reading:
        last = reading.last_end(run, len(run) - 1)
        if until is None or (last is not None and until > last):
            _refuse_beyond(series, base, last, missing, until)
            return Plan(series, base, tuple(run), None)
        return Plan(series, base, tuple(run[: reading.reaching(run, until) + 1]), until)


def chosen(archive: Path, until: datetime | None, named: str | None) -> Series:
    """The series that is meant. Raises `ServerError` where several were written at that time and none is named."""
    found = {each.folder.name: each for each in all_series(archive) if each.copies()}
    if not found:
        raise ServerError(f"{archive} has no whole base copy: there is nothing that could be restored.")
    if named is not None:
        if named not in found:
            raise ServerError(f"{archive} has no series {named}. It has: {', '.join(found)}.")
        return found[named]
    spans = {name: (each.copies()[0].ended_at, each.last_written()) for name, each in found.items()}
    if until is None:
        latest = max(spans, key=lambda name: spans[name][1])
        fitting = [name for name, span in spans.items() if span[1] >= spans[latest][0]]
    else:
        fitting = [name for name, span in spans.items() if span[0] <= until <= span[1]]
        begun = [name for name, span in spans.items() if span[0] <= until]
        # In none of them: the one that came last before it, or the first of all, says what is possible.
        fitting = fitting or [max(begun or [min(spans)], key=lambda name: spans[name][1])]
    if len(fitting) > 1:
        lines = "\n  ".join(f"{name}: {_said(spans[name][0])} to {_said(spans[name][1])}" for name in fitting)
        raise ServerError(f"Several installations have written at that time. Say which with --series:\n  {lines}")
    return found[fitting[0]]


def _refuse_beyond(series: Series, base: Base, last: datetime | None, missing: str | None, until: datetime | None) -> None:
    """Refuse what is later than the log goes, or than it goes without a gap."""
    up_to = _said(last or base.ended_at)
    if missing is not None:
        later = [each.ended_at for each in series.copies() if each.first > missing]
        again = f", and again to moments from {_said(later[0])} on" if later else ""
        raise ServerError(f"The log has a gap: {missing} is missing. One can go back to {up_to} at the latest{again}.")
    if until is not None:
        raise ServerError(
            f"The archive goes up to {up_to}. Name that or an earlier moment, or leave --to away for all that there is."
        )


def fill(server: PostgresServer, wanted: Plan, identity: Any, tell: Callable[[str], None]) -> None:
    """Lay out the files, let PostgreSQL go through the log up to the moment, and stop it. Raises `ServerError`."""
    tell(f"Base copy of {_said(wanted.base.ended_at)} …")
    server.prepare_folder()
    _unpack(wanted.series.copy_file(wanted.base.name), server.directory, identity)
    _compare_with_manifest(server.directory)
    tell(f"{len(wanted.segments)} segments of the log, up to {_said(wanted.until) if wanted.until else 'its end'} …")
    with _Reading(wanted.series, identity) as reading:
        for name in wanted.segments:
            reading.lay(name, server.directory / "pg_wal" / name)
    (server.directory / "recovery.signal").touch()
    server.give_to_account(server.directory)
    settings = {
        # All that is needed lies there; PostgreSQL insists on a command for more.
        "restore_command": "false",
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        "hot_standby": "off",
        # Segments are written with holes: they must not be used again for new ones.
        "wal_recycle": "off",
    }
    if wanted.until is not None:
        settings["recovery_target_time"] = wanted.until.isoformat(sep=" ")
    recovering = server.another(settings)
    try:
        recovering.start(RECOVERY_SECONDS)
    finally:
        recovering.stop(300)


def _unpack(copy: Path, target: Path, identity: Any) -> None:
    reading, writing = os.pipe()
    trouble: list[ServerError] = []

    def pour() -> None:
        with os.fdopen(writing, "wb") as stream:
            try:
                unseal(copy, stream, identity)
            except ServerError as error:
                trouble.append(error)
            except BrokenPipeError:
                pass

    pouring = threading.Thread(target=pour, name="loop-base-opened")
    pouring.start()
    try:
        with os.fdopen(reading, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, OSError) as error:
        trouble.append(ServerError(f"{copy} cannot be unpacked: {error}"))
    finally:
        pouring.join()
    if trouble:
        raise trouble[0]
    for path in target.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _compare_with_manifest(folder: Path) -> None:
    """Whether every file is there as it was copied (the log comes from elsewhere)."""
    command: list[str | Path] = [installation() / "bin" / "pg_verifybackup", "--no-parse-wal", "--quiet", folder]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"The base copy is not whole: {done.stderr.strip()[-500:]}")


class _Reading:
    """Reads segments of a series: opened ones lie in a folder that goes in the end."""

    def __init__(self, series: Series, identity: Any) -> None:
        self._stored = series.stored()
        self._identity = identity
        self._folder = series.folder

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="loop-segments-"))
        return self

    def __exit__(self, *exception: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def lay(self, name: str, target: Path) -> None:
        """Open a segment to a file. Raises `ServerError`."""
        with target.open("wb") as file:
            unseal(self._stored[name], _Sparse(file), self._identity)
            file.truncate(file.tell())
        if (size := target.stat().st_size) != SEGMENT_BYTES:
            raise ServerError(f"{self._stored[name]} holds {size} bytes, no whole segment.")

    def last_end(self, names: Sequence[str], at: int) -> datetime | None:
        """When the last transaction ended that did so in `names[: at + 1]`; None where none did."""
        for name in reversed(names[: at + 1]):
            self.lay(name, self._folder / name)
            try:
                if found := _ends(self._folder, name):
                    return found
            finally:
                (self._folder / name).unlink()
        return None

    def reaching(self, names: Sequence[str], until: datetime) -> int:
        """Number of the first segment in which a transaction ended after `until`; one does in the last."""
        low, high = 0, len(names) - 1
        while low < high:
            middle = (low + high) // 2
            found = self.last_end(names, middle)
            low, high = (low, middle) if found is not None and found > until else (middle + 1, high)
        return low


class _Sparse:
    """Writes a file with holes where there are zeros: most of a segment that was closed early."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, content: bytes, /) -> int:
        for at in range(0, len(content), _BLOCK):
            block = content[at : at + _BLOCK]
            if block == _ZEROS[: len(block)]:
                self._file.seek(len(block), os.SEEK_CUR)
            else:
                self._file.write(block)
        return len(content)

    def flush(self) -> None:
        self._file.flush()


def _ends(folder: Path, name: str) -> datetime | None:
    command: list[str | Path] = [installation() / "bin" / "pg_waldump", "--path", folder, "--rmgr=Transaction", name]
    # It ends with an error where a record goes on in the next segment.
    done = subprocess.run(command, env=environment() | {"TZ": "UTC"}, capture_output=True, text=True, check=False)
    found = _ENDED.findall(done.stdout)
    return datetime.fromisoformat(found[-1]).replace(tzinfo=UTC) if found else None


def _said(moment: datetime) -> str:
    """A moment that can be given back to `--to`, rounded down to the millisecond."""
    return (moment - timedelta(microseconds=moment.microsecond % 1000)).isoformat(timespec="milliseconds")
