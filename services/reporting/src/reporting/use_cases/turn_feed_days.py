"""A worker's task: the feed of every organisation comes up to today within a minute after midnight (ADR 0022)."""

import asyncio

import structlog

from chassis.repeating import repeat
from chassis.rounds import each_organisation, in_transaction
from chassis.unit_of_work import UnitOfWork
from reporting.adapters import feed_calendar

EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


class FeedDays:
    """Looks once a minute; costs three small queries an organisation where nothing is due."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="feed_days.put_off")

    async def once(self) -> int:
        """Bring every organisation up to today; answers how many records look different by that."""
        moved = await each_organisation(
            self._uow, in_transaction(self._uow, feed_calendar.turn), "feed_days.organisation_put_off"
        )
        if moved:
            log.info("feed_days.turned", records=moved)
        return moved
