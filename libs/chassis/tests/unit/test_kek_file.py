"""The key-encryption key is replaced while processes go on; a change that was killed is finished by the same command."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from chassis import kek_file, key_ring
from chassis.kek_file import replace_key
from chassis.key_encryption import KeyEncryptionError, key_encryption
from chassis.key_ring import KeyRing, RingFile, new_kek, read_ring
from chassis.private_files import write_private
from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION


class Killed(Exception):
    """The command ended here."""


class Service:
    """The key files of one service."""

    def __init__(self, folder: Path, name: str = "audit") -> None:
        self.kek, self.path = folder / f"kek-{name}.key", folder / f"key-ring-{name}.json"
        self.kek.write_text(new_kek() + "\n")
        self.file.make_if_missing()
        self.file.make_root()
        self.file.add("north")

    @property
    def file(self) -> RingFile:
        return RingFile(self.path, self.named())

    @property
    def named(self) -> "Callable[[], tuple]":  # type: ignore[type-arg]
        return partial(key_encryption, [f"file:{self.kek}"])

    def process(self) -> Secrets:
        """A process that starts now."""
        return Secrets(None, KeyRing(self.path, self.named(), self.named))

    def wrapped_with(self) -> set[str]:
        return {entry.kek for entry in read_ring(self.path) if entry.wrapped}


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def works(one: Secrets, sealed: bytes, pseudonym: str) -> None:
    assert one.open("north", "said", sealed) == "words"
    assert one.pseudonym("north", "case", "17") == pseudonym
    assert one.open("north", "said", one.seal("north", "said", "more")) == "more"


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "LOOK_SECONDS", 0.0)


class TestChange:
    def test_processes_that_run_and_that_start_go_on_and_the_old_key_opens_nothing(self, service: Service) -> None:
        running = service.process()
        sealed, pseudonym = running.seal("north", "said", "words"), running.pseudonym("north", "case", "17")
        old, before = service.kek.read_text(), service.wrapped_with()
        assert replace_key(service.kek, service.path) == 2
        works(running, sealed, pseudonym)
        works(service.process(), sealed, pseudonym)
        assert service.wrapped_with().isdisjoint(before)
        assert len(service.kek.read_text().split()) == 1
        assert service.kek.stat().st_mode & 0o777 == 0o600
        service.kek.write_text(old)
        with pytest.raises(KeyEncryptionError, match="Name the right key-encryption key"):
            service.process()

    def test_a_key_that_is_made_after_the_change_reaches_a_process_of_before(self, service: Service) -> None:
        running = service.process()
        replace_key(service.kek, service.path)
        entry = service.file.add("south")
        sealed = service.process().seal("south", "said", "words")
        assert sealed[1:9].hex() == entry.id
        assert running.open("south", "said", sealed) == "words"

    @pytest.mark.parametrize("writes", [0, 1, 2])
    def test_killed_anywhere_all_goes_on_and_the_same_command_finishes(
        self, service: Service, monkeypatch: pytest.MonkeyPatch, writes: int
    ) -> None:
        running = service.process()
        sealed, pseudonym = running.seal("north", "said", "words"), running.pseudonym("north", "case", "17")
        first = service.wrapped_with()
        done = 0

        def until_killed(path: Path, content: str) -> None:
            nonlocal done
            if done == writes:
                raise Killed
            done += 1
            write_private(path, content)

        with monkeypatch.context() as patch:
            patch.setattr(kek_file, "write_private", until_killed)
            patch.setattr(key_ring, "write_private", until_killed)
            with pytest.raises(Killed):
                replace_key(service.kek, service.path)
        works(running, sealed, pseudonym)
        works(service.process(), sealed, pseudonym)
        held = service.kek.read_text().split()
        replace_key(service.kek, service.path)
        works(running, sealed, pseudonym)
        works(service.process(), sealed, pseudonym)
        assert service.wrapped_with().isdisjoint(first)
        assert len(service.kek.read_text().split()) == 1
        if writes:
            assert service.kek.read_text().split() == held[:1], "a change that was begun is finished, not begun again"


class TestOfOneService:
    def test_another_service_derives_other_keys_and_opens_nothing(self, service: Service, tmp_path: Path) -> None:
        other = Service(tmp_path, "complaints")
        one, two = service.process(), other.process()
        assert one.pseudonym("north", "case", "17") != two.pseudonym("north", "case", "17")
        sealed = one.seal("north", "said", "words")
        with pytest.raises(Exception, match="not in the ring"):
            two.open("north", "said", sealed)
        with pytest.raises(KeyEncryptionError):
            KeyRing(service.path, other.named())

    def test_a_root_is_made_once_and_an_entry_is_of_no_use_as_another_kind(self, service: Service) -> None:
        before = service.process().key(INSTALLATION, "forms")
        service.file.make_root()
        assert service.process().key(INSTALLATION, "forms") == before
        content = json.loads(service.path.read_text())
        for entry in content["keys"]:
            entry["kind"] = {"root": "data", "data": "root"}[entry["kind"]]
        service.path.write_text(json.dumps(content))
        with pytest.raises(KeyEncryptionError, match="was changed"):
            service.process()

    def test_nothing_to_derive_from_ends_the_process_with_what_to_do(self, tmp_path: Path) -> None:
        kek = tmp_path / "kek"
        kek.write_text(new_kek())
        ring = RingFile(tmp_path / "ring", key_encryption([f"file:{kek}"]))
        ring.make_if_missing()
        with pytest.raises(KeyEncryptionError, match="LOOP_SECRET_KEY_FILE"):
            Secrets(None, KeyRing(ring.path, key_encryption([f"file:{kek}"])))
