"""The worker clears away entries of the trail that are before its sealed beginning.

The gateway seals, and may not delete; the worker deletes, by a role that has one function for it, and has no key to seal with.
What was not sealed by the key is found by the next walk.
"""

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.repeating import repeat
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600.0
BATCH = 5_000

_BEGUN = text("select org from trail_beginning order by org")
_ROLE = text("set local role gateway_retention")
_CLEAR = text("select trail_clear(:most)")


class TrailOver:
    """A worker's task: every ten minutes, in small transactions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._uow = UnitOfWork(engine)

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="trail_over.put_off")

    async def once(self, batch: int = BATCH) -> int:
        """Clear away what is before a beginning, of all organisations; answers how many entries."""
        async with self._engine.connect() as connection:
            orgs = (await connection.execute(_BEGUN)).scalars().all()
        cleared = 0
        for org in orgs:
            gone = batch
            while gone == batch:
                async with self._uow.begin(org) as transaction:
                    await transaction.connection.execute(_ROLE)
                    gone = (await transaction.connection.execute(_CLEAR, {"most": batch})).scalar_one()
                cleared += gone
        if cleared:
            log.info("trail_over.cleared", entries=cleared)
        return cleared
