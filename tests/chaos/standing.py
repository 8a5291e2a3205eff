"""How far reporting is with each log, while whoever is asked may be away; and waiting for what has to come about."""

import contextlib
import itertools
import time
from collections.abc import Callable

from loop_cli.servers import ServerError
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.mixed import PATIENCE
from tests.projected import positions


def patient_positions(stack: EmbeddedStack) -> dict[str, tuple[int, int]]:
    """How far reporting is, asked again while the database is away."""
    for _ in itertools.repeat(None, 600):
        with contextlib.suppress(ServerError):
            return positions(stack)
        time.sleep(0.1)  # a database that is away tells nobody when it is back
    return positions(stack)


def wait(until: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for a condition; raises TimeoutError that says what did not come about."""
    deadline = time.monotonic() + patience
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)  # what is waited for tells nobody
