"""What a process may use at most."""

import resource
from contextlib import suppress


def limit(*, megabytes: int, seconds: int) -> None:
    """Bound this process: address space, time of the processor, and no image of its memory on disk when it dies.

    A system that does not know one of the limits (macOS has none of address space) goes without it; the time-out stands.
    """
    for kind, value in (
        (resource.RLIMIT_AS, megabytes * 2**20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
