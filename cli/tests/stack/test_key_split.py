"""An older installation, whose services share a master key and a ring, is divided: records are found as before."""

import base64
import json
from pathlib import Path

import pytest

from audit.sealed import SEALED as AUDIT
from chassis.key_encryption import key_encryption
from chassis.key_ring import KeyRing, RingFile, new_kek, read_ring
from chassis.secrets import SealError, Secrets
from chassis.tenancy import INSTALLATION
from complaints.sealed import SEALED as COMPLAINTS
from loop_cli import key_split
from loop_cli.key_split import BEFORE, split
from loop_cli.servers import ServerError
from loop_cli.stack.keys import SEALING, Keys, load_or_make, make_ring
from loop_cli.stack.layout import Layout
from loop_cli.stack.services import WITH_WORKER

ORG = "worcestershire"


class Old:
    """An installation of before: one master key, one ring."""

    def __init__(self, layout: Layout) -> None:
        layout.open()
        self.layout, self.folder = layout, layout.secrets
        (self.folder / "secret.key").write_text(base64.b64encode(b"m" * 32).decode())
        (self.folder / "kek.key").write_text(new_kek())
        self.ring = RingFile(self.folder / "key-ring.json", key_encryption([f"file:{self.folder / 'kek.key'}"]))
        self.ring.make_if_missing()

    def shared(self) -> Secrets:
        return Secrets.from_file(
            self.folder / "secret.key", KeyRing(self.ring.path, key_encryption([f"file:{self.folder / 'kek.key'}"]))
        )

    def process(self, service: str) -> Secrets:
        """A process as the supervisor would start it."""
        found = Keys({}, self.folder).environment_of(service)
        ring = KeyRing(Path(found["LOOP_KEY_RING_FILE"]), key_encryption(json.loads(found["LOOP_KEY_ENCRYPTION"])))
        path = found.get("LOOP_SECRET_KEY_FILE")
        return Secrets.from_file(Path(path), ring) if path else Secrets(None, ring)


@pytest.fixture
def old(tmp_path: Path) -> Old:
    return Old(Layout.at(tmp_path / "data"))


def test_an_older_installation_goes_on_as_it_was(old: Old) -> None:
    before = old.shared().pseudonym(ORG, "case", "17")
    load_or_make(old.layout, has_data=True)
    assert {old.process(service).pseudonym(ORG, "case", "17") for service in WITH_WORKER} == {before}
    assert not (old.folder / "key-ring-audit.json").exists()
    assert (old.folder / "key-ring-gateway.json").exists()


def test_a_new_installation_has_no_master_key_and_nothing_in_common(tmp_path: Path) -> None:
    layout = Layout.at(tmp_path / "new")
    layout.open()
    load_or_make(layout, has_data=False)
    found = [Keys({}, layout.secrets).environment_of(service) for service in SEALING]
    assert not any("LOOP_SECRET_KEY_FILE" in each for each in found)
    assert len({each["LOOP_KEY_RING_FILE"] for each in found}) == len({each["LOOP_KEY_ENCRYPTION"] for each in found}) == 5
    assert not (layout.secrets / "secret.key").exists()


def test_records_are_found_as_before_and_no_service_has_what_is_anothers(old: Old) -> None:
    derived = old.shared().seal(ORG, AUDIT.purposes[0], "from before data keys")
    old.ring.add(ORG)
    shared = old.shared()
    sealed = shared.seal(ORG, "words", "under the shared data key")
    assert "Each service has keys of its own" in split(old.layout.root)
    audit, complaints = old.process("audit"), old.process("complaints")
    for org in (ORG, INSTALLATION):
        assert all(audit.key(org, purpose) == shared.key(org, purpose) for purpose in AUDIT.derived)
        assert all(complaints.key(org, purpose) == shared.key(org, purpose) for purpose in COMPLAINTS.derived)
        for purpose in set(COMPLAINTS.keyed) | set(COMPLAINTS.purposes) - AUDIT.derived:
            assert audit.key(org, purpose) != shared.key(org, purpose), purpose
    assert audit.open(ORG, "words", sealed) == "under the shared data key"
    assert audit.open(ORG, AUDIT.purposes[0], derived) == "from before data keys"
    with pytest.raises(SealError):
        old.process("reporting").open(ORG, AUDIT.purposes[0], derived)
    assert sorted(path.name for path in (old.folder / BEFORE).iterdir()) == ["kek.key", "key-ring.json", "secret.key"]
    assert "already" in split(old.layout.root)
    load_or_make(old.layout, has_data=True)
    assert audit.key(ORG, "case") == old.process("audit").key(ORG, "case")


@pytest.mark.parametrize("killed_at", [0, 2, 4])
def test_killed_in_the_middle_it_is_begun_anew(old: Old, monkeypatch: pytest.MonkeyPatch, killed_at: int) -> None:
    old.ring.add(ORG)
    before = old.shared().key(ORG, "case")
    calls = 0
    real = make_ring

    def killed(keys: Keys, service: str) -> RingFile:
        nonlocal calls
        if calls == killed_at:
            raise KeyboardInterrupt
        calls += 1
        return real(keys, service)

    if killed_at < len(WITH_WORKER):
        monkeypatch.setattr(key_split, "make_ring", killed)
    else:
        monkeypatch.setattr(key_split, "_set_aside", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        split(old.layout.root)
    assert old.process("audit").key(ORG, "case") == before
    monkeypatch.undo()
    split(old.layout.root)
    assert old.process("audit").key(ORG, "case") == before
    kinds = [entry.kind for entry in read_ring(old.folder / "key-ring-audit.json")]
    assert sorted(kinds) == ["data", "kept", "kept", "root"]


def test_it_waits_for_organisations_without_data_keys(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_split, "_organisations", lambda *_: {ORG})
    with pytest.raises(ServerError, match=r"worcestershire has no data keys yet: .* Nothing was changed"):
        split(old.layout.root)
    assert not (old.folder / "key-ring-audit.json").exists()


def test_it_is_refused_while_the_installation_runs(old: Old) -> None:
    lock = old.layout.lock()
    assert lock
    with pytest.raises(ServerError, match="loop down"):
        split(old.layout.root)
    lock.close()
