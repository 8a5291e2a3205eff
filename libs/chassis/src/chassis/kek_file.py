"""A key-encryption key in a file of its own, and its change while everything runs.

The file has a key a line; the first wraps, all open. A change is three steps, each written whole: a new key comes first; every
entry of the ring is wrapped with it; the old one is taken out. Killed anywhere, the file and the ring fit each other, and the
same command goes on: two keys in the file are a change that is under way, and no third is made.
"""

from pathlib import Path

from chassis.key_encryption import key_encryption
from chassis.key_ring import RingFile, new_kek
from chassis.private_files import write_private


def replace_key(file: Path, ring: Path) -> int:
    """Give a ring a new key-encryption key, or finish such a change; answers how many entries were wrapped anew.

    Processes that run notice nothing: what they have opened stays open, and the file is read again when the ring names a key
    that they do not know.
    """
    held = file.read_text().split()
    if len(held) == 1:
        held = [new_kek(), *held]
        write_private(file, "\n".join(held) + "\n")
    done = RingFile(ring, key_encryption([f"file:{file}"])).rewrap()
    write_private(file, held[0] + "\n")
    return done
