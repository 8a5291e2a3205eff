"""What is over of signing in and of credentials goes by itself: nobody has to sign in for it, or to send the next token."""

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.repeating import repeat

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
_OVER = (
    # A week longer, for who looks at what was signed in.
    text("delete from session where least(expires_at, ended_at) < now() - interval '7 days'"),
    text("delete from operator_session where least(ends_at, ended_at) < now() - interval '7 days'"),
    text("delete from sign_in_attempt where expires_at < now()"),
    text("delete from logout_token where expires_at < now()"),
    text("delete from assertion where expires_at < now()"),
)


class Leftovers:
    """A worker's task: hourly, of all organisations."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="leftovers.put_off")

    async def once(self) -> int:
        """Delete what is over; answers how much it was."""
        gone = 0
        for statement in _OVER:
            async with self._engine.begin() as connection:
                gone += (await connection.execute(statement)).rowcount
        if gone:
            log.info("leftovers.cleared", rows=gone)
        return gone
