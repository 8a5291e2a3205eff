"""The key ring of a service: its keys, wrapped, in one file that its processes read and the operator writes (ADR 0020, 0032).

Data keys of organisations seal values. A root is what the service derives all other keys from, so that it needs no master key.
Kept keys are those that an organisation had by the master key of an installation which all services shared.


A process reads it at its start and again when it has changed: at most a second later, and at once when it meets a value of a
key it does not know. So a new key needs no restart, and no process ever meets a key that it cannot get.
"""

import base64
import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from chassis.key_encryption import KeyEncryption, KeyEncryptionError
from chassis.private_files import write_private
from chassis.tenancy import INSTALLATION

log = structlog.get_logger(__name__)

KEY_BYTES = 32
ID_BYTES = 8
LOOK_SECONDS = 1.0
"""How often a process looks whether the file has changed."""

_LOOK_AGAIN_SECONDS = 0.05  # values that carry no key's id (a changed byte) must not make every one of them read the disk


@dataclass(frozen=True, slots=True)
class Entry:
    """A key as it stands in the ring. Times are ISO 8601 in UTC; without `wrapped` it was destroyed."""

    id: str
    org: str
    made_at: str
    seals_from: str
    kek: str
    wrapped: str | None
    retired_at: str | None = None
    destroyed_at: str | None = None
    kind: Literal["data", "root", "kept"] = "data"

    @property
    def bound(self) -> bytes:
        """What is bound into the wrapped key: it is of no use to another organisation, under another id, or as another kind."""
        return f"learning-loop/{self.kind}-key/{self.org}/{self.id}".encode()


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key that can be used."""

    id: bytes
    org: str
    key: bytes
    seals_from: float


class KeyRing:
    """The data keys of all organisations, as one process uses them. Safe to use from several threads."""

    def __init__(
        self, path: Path, keks: Sequence[KeyEncryption], again: Callable[[], Sequence[KeyEncryption]] | None = None
    ) -> None:
        """Read the ring. Raises `KeyEncryptionError` where it or a key-encryption key is missing or wrong.

        `again` reads the key-encryption keys anew, for a ring that came under another one while this process ran.
        """
        self._path = path
        self._keks = {kek.id: kek for kek in keks}
        self._again = again
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._looked = 0.0
        self._by_id: Mapping[bytes, DataKey] = {}
        self._by_org: Mapping[str, tuple[DataKey, ...]] = {}
        self._raw: Mapping[str, bytes] = {}
        self._root: bytes | None = None
        self._kept: Mapping[str, Mapping[str, bytes]] = {}
        self._read()

    @property
    def root(self) -> bytes | None:
        """What the service derives keys from; None where it has a master key in a file."""
        return self._root

    def kept(self, org: str, purpose: str) -> bytes | None:
        """The key that an organisation had for a purpose by the master key of before."""
        return self._kept.get(org, {}).get(purpose)

    def sealing(self, org: str) -> DataKey | None:
        """The key under which an organisation's values are sealed now; None where it has none of its own yet."""
        self._look(LOOK_SECONDS)
        now = time.time()
        return next((key for key in self._by_org.get(org, ()) if key.seals_from <= now), None)

    def opening(self, key_id: bytes) -> DataKey | None:
        """The key of an id; None where the ring has none, also after a look at the file.

        A key that was destroyed opens nothing from a second later on, also in a process that has known it.
        """
        self._look(LOOK_SECONDS)
        found = self._by_id.get(key_id)
        if found is None:
            self._look(_LOOK_AGAIN_SECONDS)
            found = self._by_id.get(key_id)
        return found

    def _look(self, every: float) -> None:
        if time.monotonic() - self._looked < every:
            return
        with self._lock:
            if time.monotonic() - self._looked < every:
                return
            try:
                if _stamp(self._path) != self._stamp:
                    self._read()
            except (OSError, KeyEncryptionError) as error:
                # What is known stays in use: a ring that cannot be read just now must not stop those who work.
                log.error("key_ring.not_read", reason=str(error))  # noqa: TRY400 - the reason says it, a traceback does not
            self._looked = time.monotonic()

    def _read(self) -> None:
        try:
            stamp = _stamp(self._path)
        except OSError as error:
            raise KeyEncryptionError(
                f"The key ring {self._path} cannot be read ({error.strerror}). Put it back from its copy: without it the "
                "sealed values cannot be opened. Nothing was changed."
            ) from None
        # A key that is known stays as it is: a key management system is asked for what is new only.
        raw: dict[str, bytes] = {}
        entries = [entry for entry in read_ring(self._path) if entry.wrapped is not None]
        for entry in entries:
            raw[entry.id] = self._raw[entry.id] if entry.id in self._raw else self._unwrapped(entry)
        self._root = next((raw[entry.id] for entry in entries if entry.kind == "root"), None)
        self._kept = {entry.org: _purposes(raw[entry.id]) for entry in entries if entry.kind == "kept"}
        keys = [
            (entry, DataKey(bytes.fromhex(entry.id), entry.org, raw[entry.id], _seconds(entry.seals_from)))
            for entry in entries
            if entry.kind == "data"
        ]
        by_org: dict[str, list[DataKey]] = {}
        for entry, key in keys:
            if entry.retired_at is None:
                by_org.setdefault(entry.org, []).append(key)
        self._by_org = {
            org: tuple(sorted(some, key=lambda each: each.seals_from, reverse=True)) for org, some in by_org.items()
        }
        self._by_id = {key.id: key for _, key in keys}
        self._raw = raw
        self._stamp, self._looked = stamp, time.monotonic()

    def _unwrapped(self, entry: Entry) -> bytes:
        if entry.kek not in self._keks and self._again is not None:
            self._keks = {kek.id: kek for kek in self._again()}
        return unwrap(entry, self._keks)


def _purposes(raw: bytes) -> Mapping[str, bytes]:
    return {purpose: base64.b64decode(key) for purpose, key in json.loads(raw).items()}


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()


def unwrap(entry: Entry, keks: Mapping[str, KeyEncryption]) -> bytes:
    """The data key of an entry. Raises `KeyEncryptionError` that says which key-encryption key is missing."""
    kek = keks.get(entry.kek)
    if kek is None:
        held = ", ".join(keks) or "none"
        raise KeyEncryptionError(
            f"The {entry.kind} key {entry.id} of {entry.org} was wrapped with {entry.kek}, and LOOP_KEY_ENCRYPTION names "
            f"{held}. Name the right key-encryption key besides; without it what was sealed with it cannot be read. "
            "Nothing was changed."
        )
    raw = kek.unwrap(entry.wrapped or "", entry.bound)
    if entry.kind != "kept" and len(raw) != KEY_BYTES:
        raise KeyEncryptionError(f"The {entry.kind} key {entry.id} of {entry.org} has not {KEY_BYTES} bytes.")
    return raw


def read_ring(path: Path) -> list[Entry]:
    """The entries of a ring. Raises `KeyEncryptionError` where it is none."""
    try:
        content = json.loads(path.read_text())
        return [Entry(**each) for each in content["keys"]]
    except OSError as error:
        raise KeyEncryptionError(f"The key ring {path} cannot be read ({error.strerror}).") from None
    except (ValueError, KeyError, TypeError):
        raise KeyEncryptionError(f"{path} is no key ring, or a damaged one. Put it back from its copy.") from None


class RingFile:
    """The ring as the operator's command changes it: under a lock, whole or not at all."""

    def __init__(self, path: Path, keks: Sequence[KeyEncryption]) -> None:
        if not keks:
            raise KeyEncryptionError("LOOP_KEY_ENCRYPTION names no key-encryption key, and nothing could be wrapped.")
        self.path = path
        self._first = keks[0]
        self._keks = {kek.id: kek for kek in keks}

    def entries(self) -> list[Entry]:
        """What is in it."""
        return read_ring(self.path)

    def make_if_missing(self) -> None:
        """An empty ring, where there is no file."""
        with self._locked():
            if not self.path.exists():
                self._write([])

    def add(self, org: str, *, after_seconds: float = 0.0) -> Entry:
        """A new data key, by which the organisation's values are sealed from `after_seconds` on; it opens at once."""
        with self._locked():
            entry = self._made(org, secrets.token_bytes(KEY_BYTES), "data", after_seconds)
            self._write([*self.entries(), entry])
            return entry

    def _made(self, org: str, raw: bytes, kind: Literal["data", "root", "kept"], after_seconds: float = 0.0) -> Entry:
        taken = {entry.id for entry in self.entries()}
        while (key_id := secrets.token_hex(ID_BYTES)) in taken:
            pass
        now = datetime.now(UTC)
        begins = datetime.fromtimestamp(now.timestamp() + after_seconds, UTC)
        blank = Entry(key_id, org, now.isoformat(), begins.isoformat(), self._first.id, None, kind=kind)
        return replace(blank, wrapped=self._first.wrap(raw, blank.bound))

    def make_root(self) -> None:
        """What the service derives keys from; once. Records are found and counted by them: another would find none of them."""
        with self._locked():
            entries = self.entries()
            if not any(entry.kind == "root" for entry in entries):
                self._write([*entries, self._made(INSTALLATION, secrets.token_bytes(KEY_BYTES), "root")])

    def take_over(self, others: "RingFile", kept: Mapping[str, Mapping[str, bytes]]) -> None:
        """Begin with the data keys of a ring that was shared, and the keys that organisations had by a shared master key."""
        with self._locked():
            entries = self.entries()
            known = {entry.id for entry in entries}
            moved = [
                replace(entry, kek=self._first.id, wrapped=self._first.wrap(others.raw(entry), entry.bound))
                for entry in others.entries()
                if entry.wrapped is not None and entry.id not in known
            ]
            texts = {
                org: json.dumps({purpose: base64.b64encode(key).decode() for purpose, key in sorted(by_purpose.items())})
                for org, by_purpose in kept.items()
            }
            made = [self._made(org, text.encode(), "kept") for org, text in texts.items()]
            self._write([*entries, *moved, *made])

    def ensure(self, org: str) -> Entry | None:
        """A first data key of an organisation that never had one; None where it had."""
        if any(entry.org == org and entry.kind == "data" for entry in self.entries()):
            return None
        return self.add(org)

    def rewrap(self) -> int:
        """Wrap every key with the first key-encryption key; answers how many were wrapped with another."""
        with self._locked():
            entries = self.entries()
            old = {entry.id for entry in entries if entry.wrapped is not None and entry.kek != self._first.id}
            self._write([self._rewrapped(entry) if entry.id in old else entry for entry in entries])
            return len(old)

    def _rewrapped(self, entry: Entry) -> Entry:
        return replace(entry, kek=self._first.id, wrapped=self._first.wrap(self.raw(entry), entry.bound))

    def raw(self, entry: Entry) -> bytes:
        """The key of an entry. Raises `KeyEncryptionError`."""
        return unwrap(entry, self._keks)

    def retire(self, ids: set[str]) -> None:
        """Note that nothing is sealed with some keys any more. They go on opening: a backup may be older."""
        self._mark(ids, retired_at=datetime.now(UTC).isoformat())

    def destroy(self, ids: set[str]) -> None:
        """Forget keys for good. What is sealed with them, wherever a copy of it lies, can never be read again."""
        now = datetime.now(UTC).isoformat()
        self._mark(ids, retired_at=now, destroyed_at=now, wrapped=None)

    def _mark(self, ids: set[str], **changes: Any) -> None:
        with self._locked():
            self._write([replace(entry, **changes) if entry.id in ids else entry for entry in self.entries()])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        beside = self.path.with_name(self.path.name + ".lock")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, entries: list[Entry]) -> None:
        whole = {"version": 1, "keys": [asdict(entry) for entry in entries]}
        write_private(self.path, json.dumps(whole, indent=1) + "\n")


def new_kek() -> str:
    """A key-encryption key for a file."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
