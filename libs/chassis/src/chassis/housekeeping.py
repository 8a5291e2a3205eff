"""What grows and is of no use any more is cleared away: answers kept for repeated requests of machines, old uploads."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.same_time import assert_same_time

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
"""How long an answer is kept. A client that repeats a request after a month is told apart by its natural key."""

EVERY_SECONDS = 3600.0
BATCH = 5_000

_CLEAR = text(
    """
    delete from idempotency where ctid = any(array(
        select ctid from idempotency where created_at < now() - cast(:kept as interval) limit :batch
    ))
    """
)
_CLEAR_UPLOADS = text(
    "delete from upload where ctid = any(array(select ctid from upload where expires_at < now() limit :batch))"
)


class Housekeeping:
    """Clears away once an hour, in small transactions, so that nobody waits for it.

    `uploads`: the service keeps some. `also`: what else a service has to clear away, each answering how much it was.
    """

    def __init__(
        self, engine: AsyncEngine, *, uploads: bool = False, also: Sequence[Callable[[], Awaitable[int]]] = ()
    ) -> None:
        self._engine = engine
        self._uploads = uploads
        self._also = also

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        while not stopping.is_set():
            try:
                await self.clear()
            except Exception:
                log.exception("housekeeping.put_off")
            try:
                await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)
            except TimeoutError:
                continue

    async def clear(self, kept: timedelta = KEPT) -> int:
        """Delete answers older than `kept`, expired uploads, and what a service has besides; answers how many.

        Raises TimeInDoubtError where the database has another time.
        """
        async with self._engine.connect() as connection:
            await assert_same_time(connection)
        answers = await self._clear(_CLEAR, {"kept": kept, "batch": BATCH})
        uploads = await self._clear(_CLEAR_UPLOADS, {"batch": BATCH}) if self._uploads else 0
        others = sum([await each() for each in self._also])
        if answers or uploads or others:
            log.info("housekeeping.cleared", answers=answers, uploads=uploads, others=others)
        return answers + uploads + others

    async def _clear(self, statement: TextClause, names: dict[str, Any]) -> int:
        cleared = 0
        while True:
            async with self._engine.begin() as connection:
                found = (await connection.execute(statement, names)).rowcount
            cleared += found
            if found < BATCH:
                return cleared
