"""Compressed (gzip) and encrypted to public keys (age), as `loop backup` encrypts: who writes an archive cannot read it."""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pyrage

from loop_cli.servers import ServerError

SUFFIX = ".gz.age"
GZIP = 31
"""What zlib calls the gzip format with the largest window."""
LEVEL = 1
"""Most of a segment that was closed early is zeros; more effort gains little."""
BLOCK = 64 * 1024


class Source(Protocol):
    """Something that can be read."""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to `size` bytes; none at the end."""


class Target(Protocol):
    """Something that can be written to."""

    def write(self, content: bytes, /) -> int:
        """Take bytes; gives how many."""

    def flush(self) -> None:
        """Hand on what was taken."""


class _Compressing:
    """What is read of `source`, compressed. `length` are the bytes that went in."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
        self._ready = b""
        self._ended = False
        self.length = 0

    def read(self, size: int = -1, /) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            block = self._source.read(BLOCK)
            self.length += len(block)
            self._ready += self._squeeze.compress(block) if block else self._squeeze.flush()
            self._ended = not block
        if size < 0:
            size = len(self._ready)
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


class _Expanding:
    """Writes to `target` what was compressed."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._stretch = zlib.decompressobj(GZIP)

    def write(self, block: bytes, /) -> int:
        self._target.write(self._stretch.decompress(block))
        return len(block)

    def flush(self) -> None:
        self._target.flush()

    def finish(self) -> None:
        self._target.write(self._stretch.flush())
        if not self._stretch.eof:
            raise ServerError("it ends too early")


def recipients_of(keys: Sequence[str]) -> list[Any]:
    """Public keys (age1…). Raises `ServerError`."""
    try:
        return [pyrage.x25519.Recipient.from_str(each) for each in keys]
    except pyrage.RecipientError:
        raise ServerError("A recipient is a public key of age: age1 and 58 characters. `age-keygen` makes one.") from None


def identity_of(path: Path) -> Any:
    """The private key in a file. Raises `ServerError`."""
    lines = [line.strip() for line in path.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str(lines[0])
    except (IndexError, pyrage.IdentityError):
        raise ServerError(f"{path} holds no private key of age (AGE-SECRET-KEY-1…).") from None


def seal(source: Source, target: Path, recipients: Sequence[Any]) -> int:
    """Write a file that is there whole and on the disk, or not at all; gives the bytes that went in."""
    aside = target.with_name(f"{target.name}.part")
    compressing = _Compressing(source)
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            pyrage.encrypt_io(compressing, file, list(recipients))
            file.flush()
            os.fsync(file.fileno())
        aside.rename(target)
        settle(target.parent)
    finally:
        aside.unlink(missing_ok=True)
    return compressing.length


def unseal(source: Path, target: Target, identity: Any) -> None:
    """Write what a file holds to `target`. Raises `ServerError` where it is damaged, or meant for another key."""
    expanding = _Expanding(target)
    try:
        with source.open("rb") as file:
            pyrage.decrypt_io(file, expanding, [identity])
        expanding.finish()
    except (pyrage.DecryptError, zlib.error, ServerError, OSError) as error:
        # What is damaged within has no number; a full disk or a closed pipe has.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ServerError(f"{source} does not open with this key, or is damaged: {error}") from None


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
