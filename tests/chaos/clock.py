"""A clock of its own for the processes of an installation, by libfaketime where this machine has it."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.installation import Installation

LIBRARY = "LOOP_CHAOS_FAKETIME"
"""Names libfaketimeMT.so.1, where it is not where Debian puts it."""
OFFSET = "LOOP_CHAOS_CLOCK"
"""Names the file with what the clock is wrong by; of this process, for the fault."""
HOUR = 3600
TRIES = ("+3600", "+0")


def library() -> Path | None:
    """Where libfaketime is."""
    if named := os.environ.get(LIBRARY):
        return Path(named)
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@contextlib.contextmanager
def own_clock(folder: Path, tell: Callable[[str], None]) -> Iterator[Path | None]:
    """Let every process that is started meanwhile take its time from a file below `folder`; None, with the reason told."""
    found = library()
    if found is None:
        tell("The clocks are not put wrong: there is no libfaketime here (Debian: apt install libfaketime).")
        yield None
        return
    offset = folder / "clock"
    settings = {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",
        # Somebody set the clock; nobody turned the machine's heart.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        OFFSET: str(offset),
    }
    if not _works(offset, settings):
        tell(f"The clocks are not put wrong: {found} does not work here.")
        yield None
        return
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield offset
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _works(offset: Path, settings: dict[str, str]) -> bool:
    seen = []
    for wrong_by in TRIES:
        offset.write_text(wrong_by)
        offset.chmod(0o644)
        command = [sys.executable, "-c", "import time; print(time.time())"]
        answer = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        if answer.returncode:
            return False
        seen.append(float(answer.stdout) - time.time())
    return abs(seen[0] - HOUR) < HOUR / 10 and abs(seen[1]) < HOUR / 10


def jump(_: "Installation", chance: random.Random) -> None:
    """The clocks of all processes jump by hours, forward or back, and some seconds later to where they were."""
    offset = Path(os.environ[OFFSET])
    wrong_by = chance.choice((-1, 1)) * chance.randint(1, 12) * HOUR
    try:
        offset.write_text(f"{wrong_by:+d}")
        time.sleep(chance.uniform(4, 8))
    finally:
        offset.write_text("+0")
