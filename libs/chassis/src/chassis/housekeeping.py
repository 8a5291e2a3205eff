"""What grows and is of no use any more is cleared away: answers kept for repeated requests of machines, old uploads."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

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
    """Clears away once an hour, in small transactions, so that nobody waits for it. `uploads`: the service keeps some."""

    def __init__(self, engine: AsyncEngine, *, uploads: bool = False) -> None:
        self._engine = engine
        self._uploads = uploads

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
        """Delete answers older than `kept`, and uploads that have expired; answers how many there were."""
        answers = await self._clear(_CLEAR, {"kept": kept, "batch": BATCH})
        uploads = await self._clear(_CLEAR_UPLOADS, {"batch": BATCH}) if self._uploads else 0
        if answers or uploads:
            log.info("housekeeping.cleared", answers=answers, uploads=uploads)
        return answers + uploads

    async def _clear(self, statement: TextClause, names: dict[str, Any]) -> int:
        cleared = 0
        while True:
            async with self._engine.begin() as connection:
                found = (await connection.execute(statement, names)).rowcount
            cleared += found
            if found < BATCH:
                return cleared
