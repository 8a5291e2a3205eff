"""A worker's task that looks again and again, and outlives whatever goes wrong while it looks."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def repeat(once: Callable[[], Awaitable[object]], seconds: float, stopping: asyncio.Event, *, put_off: str) -> None:
    """Do something at once and then every so many seconds, until `stopping`.

    What fails is logged as the event `put_off`, and tried again the next time.
    """
    while not stopping.is_set():
        try:
            await once()
        except Exception:
            # Whatever it was: a task that ends would not be missed before somebody misses what it does.
            log.exception(put_off)
        try:
            await asyncio.wait_for(stopping.wait(), seconds)
        except TimeoutError:
            continue
