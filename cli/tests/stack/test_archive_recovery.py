"""An archive of a real PostgreSQL: back to moments between two writes, and refused where that cannot be."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from chassis.testing.fixtures import scratch_folder
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.stack.archive import recovery
from loop_cli.stack.archive.keeper import Archive, Keeper
from loop_cli.stack.archive.series import Series
from loop_cli.stack.layout import Layout

PATIENCE = 60.0


def until(what: Callable[[], Any], why: str) -> Any:
    """Wait for something, as long as it may take on a machine that is busy."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, why
        time.sleep(0.05)
    return found


@dataclass
class Kept:
    """A server with its archive, and who can read it."""

    server: PostgresServer
    keeper: Keeper
    folder: Path
    identity: Any
    told: list[str]
    moments: dict[int, datetime] = field(default_factory=dict)

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def series(self) -> Series:
        return self.keeper.series

    def write(self, number: int) -> None:
        """Commit a number, and note a moment after it and before all later ones."""
        self.server.run_sql(f"insert into written values ({number})", database="loop")
        self.moments[number] = datetime.fromisoformat(self.server.run_sql("select clock_timestamp()"))
        self.server.run_sql("select pg_sleep(0.01)")

    def close_segment(self) -> str:
        """Let PostgreSQL begin another segment, and wait until this one is in the archive; gives its name."""
        name = self.server.run_sql("select pg_walfile_name(pg_current_wal_insert_lsn())")
        self.server.run_sql("select pg_switch_wal()")
        until(lambda: name in self.series.stored(), f"{name} comes into the archive")
        return name

    def restored(self, to: datetime | None, into: Path) -> list[int]:
        """The numbers that are there after a return to a moment."""
        chosen = recovery.plan(self.archive, to, self.identity)
        server = PostgresServer(into, password=self.server.password)
        recovery.fill(server, chosen, self.identity, lambda _line: None)
        server.start()
        try:
            assert server.run_sql("select pg_is_in_recovery()") == "f"
            return [int(line) for line in server.run_sql("select n from written order by n", database="loop").split()]
        finally:
            server.stop()


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """Numbers 1 to 4: 1 before the base copy, a segment closed after each."""
    identity = pyrage.x25519.Identity.generate()
    with scratch_folder("archive") as folder:
        layout = Layout.at(folder / "data")
        layout.open()
        told: list[str] = []
        keeper = Keeper(layout, Archive(folder / "archive", (str(identity.to_public()),)), told.append)
        server = PostgresServer(layout.postgres, settings=keeper.settings())
        server.start()
        try:
            server.run_sql("create database loop")
            server.run_sql("create table written (n int)", database="loop")
            made = Kept(server, keeper, folder, identity, told)
            made.write(1)
            keeper.start(server)
            until(made.series.copies, "a base copy is made")
            until(lambda: datetime.now(UTC) >= made.series.copies()[0].ended_at, "its moment is over")
            for number in (2, 3, 4):
                made.write(number)
                made.close_segment()
            yield made
        finally:
            keeper.cease()
            server.stop()
            keeper.stop()


def test_what_was_written_until_then_is_there_and_nothing_after(kept: Kept) -> None:
    with scratch_folder("restored") as folder:
        assert kept.restored(kept.moments[2], folder / "data") == [1, 2]
        with pytest.raises(ServerError, match="There are data"):
            kept.restored(kept.moments[3], folder / "data")


def test_only_the_segments_that_are_needed_are_read(kept: Kept) -> None:
    whole = recovery.plan(kept.archive, None, kept.identity)
    part = recovery.plan(kept.archive, kept.moments[2], kept.identity)
    assert 0 < len(part.segments) < len(whole.segments)


class TestRefused:
    def test_a_moment_before_the_first_copy_says_when_that_was_ready(self, kept: Kept) -> None:
        with pytest.raises(ServerError, match="one can go back to that, not further") as refused:
            recovery.plan(kept.archive, kept.moments[1], kept.identity)
        said = re.findall(r"ready at (\S+):", str(refused.value))
        assert recovery.plan(kept.archive, recovery.moment_of(said[0]), kept.identity).segments

    def test_a_moment_that_the_log_does_not_reach_says_how_far_it_goes(self, kept: Kept) -> None:
        with pytest.raises(ServerError, match="The archive goes up to") as refused:
            recovery.plan(kept.archive, datetime.now(UTC) + timedelta(hours=1), kept.identity)
        last = recovery.moment_of(re.findall(r"up to (\S+)\.", str(refused.value))[0])
        assert last >= kept.moments[3]
        assert recovery.plan(kept.archive, last, kept.identity).until == last

    @pytest.mark.parametrize(("text", "why"), [("2026-12-01T14:04", "in which zone"), ("five to three", "is no moment")])
    def test_a_moment_is_not_guessed(self, text: str, why: str) -> None:
        with pytest.raises(ServerError, match=why):
            recovery.moment_of(text)

    def test_another_key_opens_nothing(self, kept: Kept) -> None:
        with pytest.raises(ServerError, match="does not open with this key"):
            recovery.plan(kept.archive, None, pyrage.x25519.Identity.generate())

    def test_a_gap_is_named_with_what_is_possible(self, kept: Kept) -> None:
        run, _ = kept.series.run_from(kept.series.copies()[0].first)
        path = kept.series.stored()[run[-2]]
        away = path.rename(kept.folder / path.name)
        try:
            with pytest.raises(ServerError, match=f"gap: {run[-2]} is missing. One can go back to") as refused:
                recovery.plan(kept.archive, kept.moments[4], kept.identity)
            with pytest.raises(ServerError, match=f"gap: {run[-2]} is missing"):
                recovery.plan(kept.archive, None, kept.identity)
            last = recovery.moment_of(re.findall(r"back to (\S+) at", str(refused.value))[0])
            assert recovery.plan(kept.archive, last, kept.identity).segments[-1] < run[-2]
        finally:
            away.rename(path)

    def test_a_damaged_segment_is_named_and_nothing_is_started(self, kept: Kept) -> None:
        run, _ = kept.series.run_from(kept.series.copies()[0].first)
        path = kept.series.stored()[run[-1]]
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        try:
            with pytest.raises(ServerError, match=run[-1]):
                recovery.plan(kept.archive, kept.moments[4], kept.identity)
        finally:
            path.write_bytes(whole)


KILLED = """
import os, sys, pathlib
from loop_cli.stack.archive.sealing import recipients_of
from loop_cli.stack.archive.series import Series
pathlib.Path.rename = lambda *_: os.kill(os.getpid(), 9)  # all is written, and nothing has its name yet
Series(pathlib.Path(sys.argv[1])).store(pathlib.Path(sys.argv[2]), recipients_of(sys.argv[3:]))
"""


def test_a_step_that_was_killed_and_a_disk_that_was_away_lose_nothing(kept: Kept) -> None:
    away = kept.series.folder.rename(kept.folder / "away")
    try:
        kept.write(5)
        name = kept.server.run_sql("select pg_walfile_name(pg_current_wal_insert_lsn())")
        kept.server.run_sql("select pg_switch_wal()")
        until(lambda: any("is not there" in line for line in kept.told), "somebody is told")
        segment = kept.server.directory / "pg_wal" / name
        command = [sys.executable, "-c", KILLED, str(away), str(segment), str(kept.identity.to_public())]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        assert name not in Series(away).stored()
        assert (segment.parent / "archive_status" / f"{name}.ready").exists()
    finally:
        away.rename(kept.series.folder)
    until(lambda: name in kept.series.stored(), "it comes into the archive when the disk is back")
    until(lambda: not (segment.parent / "archive_status" / f"{name}.ready").exists(), "PostgreSQL takes note")
    assert kept.told[-1] == "The archive is written again (segments)"
    with scratch_folder("restored") as folder:
        assert kept.restored(None, folder / "data") == [1, 2, 3, 4, 5]
