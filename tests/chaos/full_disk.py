"""A disk of its own for the data of an installation, so that it can be filled without harm to anybody else."""

import contextlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.installation import Installation

SIZE = 12 * 2**30
"""Bytes; the file takes up what is written to it. JetStream reserves 2 GiB for each stream, of three quarters of the disk."""
FILLER = "filler"
PIECE = 64 * 1024
REST = 64 * 2**20


@contextlib.contextmanager
def own_disk(folder: Path, tell: Callable[[str], None]) -> Iterator[Path | None]:
    """A small file system below `folder`, gone in the end; None, with the reason told, where nobody may mount one."""
    place = folder / "disk"
    place.mkdir(mode=0o711)
    if os.geteuid() != 0:
        tell("The disk is not filled: only root can mount one that may be.")
        yield None
        return
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(SIZE)
    try:
        for command in (
            ["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", str(image)],
            ["mount", "-o", "loop", str(image), str(place)],
        ):
            subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        tell(f"The disk is not filled: {getattr(error, 'stderr', None) or error}")
        yield None
        return
    place.chmod(0o711)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=False)


def fill_disk(stack: "Installation", chance: random.Random) -> None:
    """Not a byte is left for some seconds: PostgreSQL, NATS and the logs share the disk, as on a small server."""
    filler = stack.layout.root / FILLER
    seconds = chance.uniform(3, 8)
    try:
        until = time.monotonic() + seconds
        with filler.open("wb", buffering=0) as file:
            # Not quite all: what the file system needs for its own book-keeping goes off what it says is free.
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(filler).free - REST)
            file.seek(0, os.SEEK_END)
            while time.monotonic() < until:
                try:
                    file.write(b"\0" * PIECE)
                except OSError:
                    time.sleep(0.05)  # full; whoever gives something back does not get it again
    finally:
        filler.unlink(missing_ok=True)
