"""What the worker of webhooks clears away: messages after thirty days, old secrets, and the inbox of its consumer."""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.outbox import now
from chassis.repeating import repeat
from gateway.domain.webhook_messages import first_id_of
from gateway.domain.webhooks import KEPT

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600.0
_BATCH = 2_000

_OLD = text(
    """
    delete from webhook_message where message_id in (
        select message_id from webhook_message where message_id < :before order by message_id limit :batch)
    """
)
_OF_DELETED = text(
    """
    delete from webhook_message where message_id in (
        select m.message_id from webhook_subscription s join webhook_message m using (subscription_id)
         where s.status = 'deleted' limit :batch)
    """
)
# The position alone says what was applied. The inbox is kept for as long as a message is.
_INBOX = text(
    """
    delete from inbox where (consumer, event_id) in (
        select consumer, event_id from inbox where consumer = :consumer and event_id < :before order by event_id limit :batch)
    """
)
_SECRETS = text(
    """
    update webhook_subscription set previous_secret = null, previous_until = null
     where previous_until < now()
    """
)


class Clearing:
    """A worker's task: every ten minutes, in small transactions, so that nobody waits for it."""

    def __init__(self, engine: AsyncEngine, consumer: str) -> None:
        self._engine = engine
        self._consumer = consumer

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="webhook.clearing_put_off")

    async def once(self, kept: timedelta = KEPT) -> int:
        """Clear away what is older than `kept`; answers how many rows."""
        before = first_id_of(now() - kept)
        cleared = 0
        for statement in (_OLD, _OF_DELETED, _INBOX):
            names = {"before": before, "batch": _BATCH, "consumer": self._consumer}
            used = {name: names[name] for name in statement.compile().params}
            while True:
                async with self._engine.begin() as connection:
                    found = (await connection.execute(statement, used)).rowcount
                cleared += found
                if found < _BATCH:
                    break
        async with self._engine.begin() as connection:
            cleared += (await connection.execute(_SECRETS)).rowcount
        if cleared:
            log.info("webhook.cleared", rows=cleared)
        return cleared
