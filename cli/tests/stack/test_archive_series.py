"""What an archive keeps and lets go, and which of several series is meant: by names and times alone."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from loop_cli.servers import ServerError
from loop_cli.servers.postgres import major_version
from loop_cli.stack.archive import recovery
from loop_cli.stack.archive.keeper import NOTED, Archive, Keeper, forget
from loop_cli.stack.archive.series import Base, Series, after, name_of, segment_at
from loop_cli.stack.layout import Layout

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
IDENTITY = pyrage.x25519.Identity.generate()
KEY = str(IDENTITY.to_public())
FIRST = "000000010000000000000002"


def segments(count: int) -> list[str]:
    """Names of segments in a row."""
    found = [FIRST]
    while len(found) < count:
        found.append(after(found[-1]))
    return found


def series_of(archive: Path, begun: datetime, ended: datetime, copies: int = 1) -> Series:
    """A series with a copy a day and three segments for each, written until `ended`."""
    archive.mkdir(exist_ok=True)
    made = Series.begin(archive, begun)
    names = segments(3 * copies)
    for name in names:
        path = made.segments / f"{name}-{'0' * 32}.gz.age"
        path.touch()
        written = ended if name == names[-1] else begun
        os.utime(path, (written.timestamp(), written.timestamp()))
    for number in range(copies):
        at = begun + timedelta(days=number)
        base = Base(name_of(at), at, at + timedelta(minutes=1), names[3 * number], names[3 * number], major_version())
        made.copy_file(base.name).touch()
        made.note(base)
        os.utime(made.bases / f"{base.name}.json", (begun.timestamp(), begun.timestamp()))
    return made


class TestNames:
    def test_segments_follow_one_another_over_the_end_of_a_log(self) -> None:
        assert after("0000000100000000000000FF") == "000000010000000100000000"
        assert after("0000000A0000000200000009") == "0000000A000000020000000A"

    def test_a_position_lies_in_a_segment(self) -> None:
        assert segment_at("0/2000028", 1) == FIRST
        assert segment_at("1F/FF000000", 3) == "000000030000001F000000FF"


class TestStoring:
    def test_again_is_no_harm_and_another_content_is_refused(self, tmp_path: Path) -> None:
        series, source = Series.begin(tmp_path, NOW), tmp_path / FIRST
        recipients = [IDENTITY.to_public()]
        source.write_bytes(b"of one installation")
        stored = series.store(source, recipients)
        assert b"of one installation" not in stored.read_bytes()
        assert [path.stat().st_mode & 0o077 for path in (series.folder, series.segments, stored)] == [0, 0, 0]
        before = stored.stat().st_mtime_ns
        assert series.store(source, recipients) == stored
        assert stored.stat().st_mtime_ns == before
        source.write_bytes(b"of a copy of it")
        with pytest.raises(ServerError, match="is not the 0000"):
            series.store(source, recipients)

    def test_a_gap_is_seen_and_an_end_is_none(self, tmp_path: Path) -> None:
        series = series_of(tmp_path, NOW, NOW, copies=2)
        names = segments(6)
        assert series.run_from(names[0]) == (names, None)
        series.stored()[names[2]].unlink()
        assert series.run_from(names[0]) == (names[:2], names[2])
        assert series.run_from(names[3]) == (names[3:], None)


class TestKeptFor:
    def test_one_can_go_back_as_far_as_was_said_and_what_is_older_goes(self, tmp_path: Path) -> None:
        series = series_of(tmp_path, NOW - timedelta(days=10), NOW, copies=11)
        assert series.prune(7, NOW) > 0
        left = series.copies()
        assert left[0].ended_at <= NOW - timedelta(days=7) < left[1].ended_at
        assert min(series.stored()) == left[0].first
        assert len(list(series.bases.glob("*.age"))) == len(left) == 9
        assert series.prune(7, NOW) == 0

    def test_the_only_copy_stays_however_old(self, tmp_path: Path) -> None:
        series = series_of(tmp_path, NOW - timedelta(days=400), NOW)
        assert series.prune(7, NOW) == 0
        assert len(series.copies()) == 1

    def test_a_series_that_nobody_writes_any_more_goes_when_all_of_it_is_old(self, tmp_path: Path) -> None:
        old = series_of(tmp_path / "archive", NOW - timedelta(days=40), NOW - timedelta(days=31))
        late = series_of(tmp_path / "archive", NOW - timedelta(days=40), NOW - timedelta(days=29))
        layout = Layout.at(tmp_path / "data")
        layout.open()
        keeper = Keeper(layout, Archive(tmp_path / "archive", (KEY,), days=30), lambda _line: None)
        keeper.prune(NOW)
        assert (old.folder.exists(), late.folder.exists(), keeper.series.folder.exists()) == (False, True, True)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout.at(tmp_path / "data")
    made.open()
    return made


class TestWhichSeries:
    def test_a_data_folder_goes_on_with_its_own(self, layout: Layout, tmp_path: Path) -> None:
        archive = Archive(tmp_path / "archive", (KEY,))
        first = Keeper(layout, archive, lambda _line: None).series
        assert Keeper(layout, archive, lambda _line: None).series == first
        forget(layout)
        assert json.loads((layout.root / "layout.json").read_text())[NOTED] is None
        assert Keeper(layout, archive, lambda _line: None).series != first

    def test_one_that_is_not_there_now_is_not_begun_anew(self, layout: Layout, tmp_path: Path) -> None:
        archive = Archive(tmp_path / "archive", (KEY,))
        first = Keeper(layout, archive, lambda _line: None).series
        (tmp_path / "archive").rename(tmp_path / "away")
        assert Keeper(layout, archive, lambda _line: None).series == first
        assert not (tmp_path / "archive").exists()

    def test_without_a_key_there_is_no_archive(self, layout: Layout, tmp_path: Path) -> None:
        for keys in ((), ("age1nonsense",)):
            with pytest.raises(ServerError, match="public key"):
                Keeper(layout, Archive(tmp_path / "archive", keys), lambda _line: None)
        assert not (tmp_path / "archive").exists()

    def test_of_two_that_wrote_at_that_time_one_has_to_be_named(self, tmp_path: Path) -> None:
        hour = timedelta(hours=1)
        first = series_of(tmp_path, NOW - 10 * hour, NOW - 4 * hour)
        second = series_of(tmp_path, NOW - 3 * hour, NOW)
        third = series_of(tmp_path, NOW - 2 * hour, NOW - hour)
        chosen = recovery.chosen
        assert chosen(tmp_path, NOW - 5 * hour, None) == first
        assert chosen(tmp_path, NOW - 2.5 * hour, None) == second
        for moment in (NOW - 1.5 * hour, None):
            with pytest.raises(ServerError, match="--series") as refused:
                chosen(tmp_path, moment, None)
            assert third.folder.name in str(refused.value)
            assert first.folder.name not in str(refused.value)
        assert chosen(tmp_path, NOW - 1.5 * hour, third.folder.name) == third
        # Between two lives nothing was written: the one before says how far it goes.
        assert chosen(tmp_path, NOW - 3.5 * hour, None) == first

    def test_what_is_no_archive_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(ServerError, match="is no archive"):
            recovery.plan(tmp_path, None, IDENTITY)
