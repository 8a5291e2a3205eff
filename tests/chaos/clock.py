"""A clock of its own for PostgreSQL and for each program of an installation, which a fault puts wrong and right again.

`clock.c`, built with this machine's compiler, stands before libc in every process that is started meanwhile (Linux). NATS asks
the kernel itself, and keeps the machine's time. libfaketime was tried first: put back to nought it stays where it was, and
sleeping fails then.
"""

import contextlib
import os
import random
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from loop_cli.stack.programs import Programs

SOURCE = Path(__file__).with_name("clock.c")
FILE = "CHAOS_CLOCK_FILE"
"""Names the file of a process; known to `clock.c`. Not LOOP_: those are taken away from programs."""
FOLDER = "LOOP_CHAOS_CLOCKS"
"""Names the folder of all; of this process, for the faults."""
POSTGRES = "postgres"
"""Whose clock everything has that is given none of its own: the server, and commands that are run by the way."""
MINUTE, HOUR, DAY = 60, 3600, 86_400
WRONG_BY = (2 * MINUTE, 2 * HOUR, 26 * HOUR, 3 * DAY)
"""Seconds, forward or back: just beyond what is borne, a zone or two, a day, and a weekend."""


class OwnClocks(Programs):
    """Programs that are each given a clock, where there are clocks."""

    def start_again(self, name: str) -> None:
        """Start it with its clock, right or wrong as it stands."""
        if (folder := os.environ.get(FOLDER)) is not None:
            process = self.processes[name]
            process.env = {**(process.env or {}), FILE: str(_file(Path(folder), name))}
        super().start_again(name)


@contextlib.contextmanager
def own_clocks(folder: Path, tell: Callable[[str], None]) -> Iterator[Path | None]:
    """Let every process that is started meanwhile take its time from files below `folder`; None, with the reason told."""
    clocks, library = folder / "clocks", folder / "clock.so"
    if reason := _build(library):
        tell(f"The clocks are not put wrong: {reason}")
        yield None
        return
    clocks.mkdir(mode=0o711)
    settings = {"LD_PRELOAD": str(library), FILE: str(_file(clocks, POSTGRES)), FOLDER: str(clocks)}
    if not _works(clocks, settings):
        tell("The clocks are not put wrong: what was built for it does not work here.")
        yield None
        return
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield clocks
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _build(library: Path) -> str:
    """Build it; gives the reason where that does not go."""
    if sys.platform != "linux":
        return "that is done on Linux only."
    try:
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-lpthread"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        return f"there is no C compiler here that builds {SOURCE.name} ({getattr(error, 'stderr', None) or error})."
    library.chmod(0o755)
    return ""


def _file(clocks: Path, name: str) -> Path:
    """The file of a process; a right clock where there was none."""
    file = clocks / name
    if not file.exists():
        file.write_bytes(struct.pack("q", 0))
        file.chmod(0o644)
    return file


def put(clocks: Path, name: str, seconds: int) -> None:
    """Put the clock of a process wrong by so much, at once; 0: right."""
    # Written over, not anew: the processes look at this file.
    with _file(clocks, name).open("r+b", buffering=0) as file:
        file.write(struct.pack("q", seconds))


def _works(clocks: Path, settings: Mapping[str, str]) -> bool:
    seen = []
    for wrong_by in (HOUR, -HOUR, 0):
        put(clocks, POSTGRES, wrong_by)
        command = [sys.executable, "-c", "import time; print(time.time())"]
        answer = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        if answer.returncode:
            return False
        seen.append(float(answer.stdout) - time.time() - wrong_by)
    return all(abs(each) < MINUTE for each in seen)


def jump(names: tuple[str, ...], chance: random.Random) -> None:
    """The clocks of these processes jump by the same, forward or back, and some seconds later to where they were."""
    clocks = Path(os.environ[FOLDER])
    wrong_by = chance.choice((-1, 1)) * chance.choice(WRONG_BY)
    try:
        for name in names:
            put(clocks, name, wrong_by)
        time.sleep(chance.uniform(4, 8))
    finally:
        for name in names:
            put(clocks, name, 0)
