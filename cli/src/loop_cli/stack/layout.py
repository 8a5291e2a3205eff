"""The data folder of an embedded installation: what lies where, its version stamp, its lock."""

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from loop_cli.servers import ServerError

LAYOUT = 1
"""Version of this folder's layout; raise it when an older program could not read what a newer one writes."""

STAMP = "layout.json"
NEEDED_BYTES = 512 * 1024 * 1024
"""Free space below which nothing is started: an empty installation and its logs take about half of it."""


LONG_LOG = 50 * 1024 * 1024
"""Size of a log from which a start begins it anew."""


class StackError(ServerError):
    """The embedded installation cannot do what was asked; the message says why and what to do."""


def write_json(path: Path, content: Any) -> None:
    """Write a file only we can read, whole or not at all."""
    aside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)


def read_json(path: Path) -> Any:
    """Read a JSON file; None where there is none."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below one data folder."""

    root: Path

    @classmethod
    def at(cls, folder: Path | str) -> "Layout":
        """Take a folder, made absolute; it need not exist."""
        return cls(Path(folder).expanduser().absolute())

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        """NATS' configuration and streams."""
        return self.root / "nats"

    @property
    def secrets(self) -> Path:
        """Keys and passwords, readable by the owner only."""
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """What runs now: process ids, ports, address."""
        return self.root / "state.json"

    def stamp(self) -> dict[str, Any]:
        """Read the version stamp; empty where there is none."""
        return read_json(self.root / STAMP) or {}

    def note(self, **values: Any) -> None:
        """Add to the version stamp."""
        write_json(self.root / STAMP, self.stamp() | values)

    def open(self) -> bool:
        """Make the folder, or check that it is one of ours and of this version; gives whether it is new.

        Raises `StackError` before anything is touched that is not ours.
        """
        stamp = self.stamp()
        if not stamp and self.root.exists() and any(path.name != "lock" for path in self.root.iterdir()):
            raise StackError(
                f"{self.root} is not a data folder of Learning Loop, and it is not empty. Name another with --data."
            )
        if stamp and stamp.get("layout") != LAYOUT:
            raise StackError(
                f"The data in {self.root} have layout {stamp.get('layout')}; this version reads layout {LAYOUT}. "
                "Nothing was changed. Start them with the version that wrote them, or name another folder with --data. "
                "`make reset` deletes them, if they are not needed."
            )
        for folder in (self.root, self.secrets, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.chmod(0o700)
        self.logs.chmod(0o700)
        if not stamp:
            self.root.chmod(0o700)
        if not stamp:
            self.note(layout=LAYOUT, made_at=datetime.now(UTC).isoformat(timespec="seconds"))
        return not stamp

    def set_old_logs_aside(self) -> None:
        """Begin long logs anew; the one before is kept as `<name>.log.1`. Call while nothing runs."""
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > LONG_LOG:
                path.replace(path.with_name(path.name + ".1"))

    def lock(self) -> IO[str] | None:
        """Take the folder for this process until the file is closed; None if another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        file = (self.root / "lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def is_locked(self) -> bool:
        """Whether a running installation holds the folder."""
        if not (self.root / "lock").exists():
            return False
        file = self.lock()
        if file is None:
            return True
        file.close()
        return False

    def free_bytes(self) -> int:
        """Space left on the disk that holds the folder."""
        there = next(path for path in (self.root, *self.root.parents) if path.exists())
        return shutil.disk_usage(there).free

    def check_space(self, needed: int = NEEDED_BYTES) -> None:
        """Raise `StackError` when the disk is nearly full."""
        if (free := self.free_bytes()) < needed:
            raise StackError(
                f"The disk that holds {self.root} has {free // 2**20} MB left; {needed // 2**20} MB are needed to start. "
                "Make room, or name a folder on another disk with --data. Nothing was lost."
            )

    def delete(self) -> None:
        """Delete the folder; refuses one that is not ours."""
        if not self.root.exists():
            return
        if not self.stamp():
            raise StackError(f"{self.root} is not a data folder of Learning Loop; nothing was deleted.")
        for path in self.root.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != STAMP:
                path.unlink()
        # The stamp goes last, so that a deletion that was interrupted can be done again.
        (self.root / STAMP).unlink()
        self.root.rmdir()
