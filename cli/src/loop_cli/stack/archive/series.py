"""What lies where in an archive: one folder a life of a data folder (a series), with base copies and segments of the log.

```
<archive>/20261201T040500Z-7f3a2c/            begun at, and a random part
    base/20261201T040501Z.tar.gz.age          files of PostgreSQL
    base/20261201T040501Z.json                written last: then it counts
    wal/000000010000000000000002-<digest>.gz.age
```
A restored installation, and one whose archive was off for a while, begins a series of its own: within one there is one line of
history, and names never come twice. The digest is of what a segment holds, so that one can be told from another of its name.
"""

import hashlib
import io
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loop_cli.servers import ServerError
from loop_cli.stack.archive.sealing import SUFFIX, seal
from loop_cli.stack.layout import write_json

SEGMENT_BYTES = 16 * 1024 * 1024
"""PostgreSQL's own choice, which `initdb` of the embedded installation leaves as it is."""
_PER_LOG = 0x1_0000_0000 // SEGMENT_BYTES
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_STORED = re.compile(rf"(?P<name>[0-9A-F]{{8}}[0-9A-Fa-z.]*)-(?P<digest>[0-9a-f]{{32}}){re.escape(SUFFIX)}")
_MOMENT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Base:
    """A base copy: when it began and ended (UTC), and the segments of the log that it cannot do without."""

    name: str
    began_at: datetime
    ended_at: datetime
    first: str
    last: str
    postgres: str


@dataclass(frozen=True, slots=True)
class Series:
    """One folder of an archive."""

    folder: Path

    @classmethod
    def begin(cls, archive: Path, now: datetime) -> "Series":
        """Make a new one."""
        made = cls(archive / f"{now:{_MOMENT}}-{secrets.token_hex(3)}")
        for folder in (made.folder, made.bases, made.segments):
            folder.mkdir(mode=0o700)
        return made

    @property
    def bases(self) -> Path:
        """Where base copies lie."""
        return self.folder / "base"

    @property
    def segments(self) -> Path:
        """Where segments of the log lie."""
        return self.folder / "wal"

    @property
    def began_at(self) -> datetime:
        """When it was begun."""
        return moment_of(self.folder.name.partition("-")[0])

    def copies(self) -> list[Base]:
        """The whole base copies, the oldest first."""
        found = []
        for path in sorted(self.bases.glob("*.json")):
            said = json.loads(path.read_text())
            times = {name: datetime.fromisoformat(said[name]) for name in ("began_at", "ended_at")}
            found.append(Base(**said | times))
        return found

    def copy_file(self, name: str) -> Path:
        """The file of a base copy."""
        return self.bases / f"{name}.tar{SUFFIX}"

    def note(self, base: Base) -> None:
        """Let a base copy count, whose file is on the disk."""
        write_json(self.bases / f"{base.name}.json", json.loads(json.dumps(asdict(base), default=datetime.isoformat)))

    def stored(self) -> dict[str, Path]:
        """Every file of the log that is here, by the name that PostgreSQL gives it."""
        matches = ((path, _STORED.fullmatch(path.name)) for path in self.segments.iterdir())
        return {match["name"]: path for path, match in matches if match is not None}

    def store(self, source: Path, recipients: Sequence[Any]) -> Path:
        """Take a file of the log in; on the disk when this returns. Again is no harm.

        Raises `ServerError` where one of its name is there that holds something else: two installations write here.
        """
        content = source.read_bytes()
        target = self.segments / f"{source.name}-{hashlib.sha256(content).hexdigest()[:32]}{SUFFIX}"
        for other in self.segments.glob(f"{source.name}-*{SUFFIX}"):
            if other != target:
                raise ServerError(f"{other} is there already and is not the {source.name} of this installation")
        if not target.exists():
            seal(io.BytesIO(content), target, recipients)
        return target

    def last_written(self) -> datetime:
        """When something was last written here, by the clock of who wrote it."""
        paths = [*self.segments.glob(f"*{SUFFIX}"), *self.bases.glob("*.json")]
        last = max((path.stat().st_mtime for path in paths), default=0.0)
        return datetime.fromtimestamp(last, UTC)

    def run_from(self, first: str) -> tuple[list[str], str | None]:
        """The segments from `first` on without a gap; and, where others come after a gap, the first that is missing."""
        there = {name for name in self.stored() if _SEGMENT.fullmatch(name) and name >= first}
        found = []
        name = first
        while name in there:
            found.append(name)
            name = after(name)
        return found, name if len(there) > len(found) else None

    def prune(self, days: int, now: datetime) -> int:
        """Delete what is not needed to go back `days` days: gives how many files went.

        A base copy goes when a later one is that old, too; then the log from before the oldest that is kept.
        """
        copies = self.copies()
        limit = now - timedelta(days=days)
        old = [each for each in copies if each.ended_at <= limit][:-1]
        gone = 0
        for each in old:
            # What says that it counts goes first.
            for path in (self.bases / f"{each.name}.json", self.copy_file(each.name)):
                path.unlink(missing_ok=True)
                gone += 1
        kept = copies[len(old) :]
        for name, path in self.stored().items() if kept else ():
            if _SEGMENT.match(name) and name[:24] < kept[0].first:
                path.unlink()
                gone += 1
        return gone

    def delete(self) -> None:
        """Delete it all; what says that copies count goes first."""
        for path in (*self.bases.glob("*.json"), *self.bases.iterdir(), *self.segments.iterdir()):
            path.unlink(missing_ok=True)
        for folder in (self.bases, self.segments, self.folder):
            folder.rmdir()


def all_series(archive: Path) -> list[Series]:
    """Every series of an archive, the oldest first. Raises `ServerError` where the folder is no archive."""
    found = [Series(path) for path in sorted(archive.iterdir()) if (path / "wal").is_dir() and (path / "base").is_dir()]
    if not found:
        raise ServerError(f"{archive} is no archive that `loop up --archive` has written.")
    return found


def after(name: str) -> str:
    """The segment that follows, on the same timeline."""
    log, segment = int(name[8:16], 16), int(name[16:], 16)
    number = log * _PER_LOG + segment + 1
    return f"{name[:8]}{number // _PER_LOG:08X}{number % _PER_LOG:08X}"


def segment_at(position: str, timeline: int) -> str:
    """The segment in which a position in the log (`0/2000028`) lies."""
    high, low = (int(part, 16) for part in position.split("/"))
    return f"{timeline:08X}{high:08X}{low // SEGMENT_BYTES:08X}"


def moment_of(name: str) -> datetime:
    """The moment that stands in a name."""
    return datetime.strptime(name, _MOMENT).replace(tzinfo=UTC)


def name_of(moment: datetime) -> str:
    """A moment in a name."""
    return f"{moment:{_MOMENT}}"
