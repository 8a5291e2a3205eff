"""Files with secrets: written whole or not at all, kept to their owner, and there after a power cut."""

import os
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Put `content` in the place of the file, which nobody but its owner can read."""
    aside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
