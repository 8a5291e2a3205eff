from pathlib import Path

import pytest

from loop_cli.stack import EmbeddedStack, Layout, StackError
from loop_cli.stack.keys import load_or_make
from loop_cli.stack.layout import LONG_LOG


class TestLayout:
    def test_a_new_folder_is_stamped_and_known_again(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        assert folder.open() is True
        assert folder.open() is False
        assert folder.root.stat().st_mode & 0o077 == 0

    def test_data_of_another_layout_are_left_alone(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        folder.open()
        folder.note(layout=0)
        with pytest.raises(StackError, match=r"have layout 0; this version reads layout 1\. Nothing was changed"):
            folder.open()

    def test_a_folder_of_something_else_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.doc").touch()
        with pytest.raises(StackError, match="is not a data folder of Learning Loop, and it is not empty"):
            Layout.at(tmp_path).open()

    def test_a_folder_of_something_else_is_not_deleted(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.doc").touch()
        with pytest.raises(StackError, match="nothing was deleted"):
            Layout.at(tmp_path).delete()
        assert (tmp_path / "thesis.doc").exists()

    def test_deleting_leaves_nothing(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        folder.open()
        folder.nats.mkdir()
        folder.delete()
        assert not folder.root.exists()
        folder.delete()

    def test_a_deletion_that_was_interrupted_can_be_done_again(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        folder.open()
        folder.secrets.rmdir()
        folder.logs.rmdir()
        folder.delete()
        assert not folder.root.exists()

    def test_one_process_at_a_time_has_the_folder(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        held = folder.lock()
        assert held is not None
        assert folder.is_locked()
        assert folder.lock() is None
        held.close()
        assert not folder.is_locked()

    def test_a_long_log_is_begun_anew_and_the_one_before_kept(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        folder.open()
        (folder.logs / "audit.log").write_text("short")
        with (folder.logs / "gateway.log").open("wb") as long:
            long.truncate(LONG_LOG + 1)
        folder.set_old_logs_aside()
        assert sorted(path.name for path in folder.logs.iterdir()) == ["audit.log", "gateway.log.1"]

    def test_a_full_disk_is_noticed_before_anything_is_started(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Layout, "free_bytes", lambda _self: 3 * 2**20)
        stack = EmbeddedStack(tmp_path / "data", port=1)
        with pytest.raises(StackError, match=r"has 3 MB left; 512 MB are needed to start\. Make room"):
            stack.start()
        assert not (tmp_path / "data" / "postgres").exists()


class TestKeys:
    def test_they_are_made_once(self, tmp_path: Path) -> None:
        folder = Layout.at(tmp_path / "data")
        folder.open()
        first = load_or_make(folder, has_data=False)
        contents = {path.name: path.read_text() for path in folder.secrets.iterdir()}
        assert load_or_make(folder, has_data=True) == first
        assert {path.name: path.read_text() for path in folder.secrets.iterdir()} == contents
        assert first.passwords.keys() >= {"postgres", "nats", "audit_owner", "audit_app", "audit_worker", "gateway_app"}

    @pytest.mark.parametrize("lost", ["key-ring-audit.json", "kek-gateway.key"])
    def test_a_lost_key_is_never_replaced_where_there_are_data(self, tmp_path: Path, lost: str) -> None:
        folder = Layout.at(tmp_path / "data")
        folder.open()
        load_or_make(folder, has_data=False)
        (folder.secrets / lost).unlink()
        with pytest.raises(StackError, match="Put it back from"):
            load_or_make(folder, has_data=True)
