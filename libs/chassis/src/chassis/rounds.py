"""What a worker does for every organisation in turn: by the minute, or on mornings.

Which organisations there are is read off the profiles; the migration of a service lets its worker see that one table of all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy import text

from chassis.days import british_time
from chassis.outbox import now as current_time
from chassis.repeating import repeat
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, UnitOfWork

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600
FROM_HOUR = 7
"""By the clocks of the United Kingdom: nobody is reminded of anything in the night."""

Round = Callable[[str], Awaitable[int]]
"""Does what is due of one organisation, each thing once however often it is called; answers how many mails it asked for."""

_ORGANISATIONS = text("select distinct org from profile order by org")


async def organisations(uow: UnitOfWork) -> list[str]:
    """The organisations that have a profile."""
    async with uow.begin(INSTALLATION) as transaction:
        return list((await transaction.connection.execute(_ORGANISATIONS)).scalars())


def in_transaction(uow: UnitOfWork, work: Callable[[Transaction], Awaitable[int]]) -> Round:
    """A round that is done in one transaction of the organisation."""

    async def done(org: str) -> int:
        async with uow.begin(org) as transaction:
            return await work(transaction)

    return done


async def each_organisation(uow: UnitOfWork, serve: Round, put_off: str, **about: str) -> int:
    """Serve each and add up. What fails is logged as the event `put_off`; the others are not kept waiting."""
    total = 0
    for org in await organisations(uow):
        try:
            total += await serve(org)
        except Exception:
            log.exception(put_off, org=org, **about)
    return total


class Daily:
    """A worker's task: looks every ten minutes, and does nothing before seven in the morning."""

    def __init__(self, uow: UnitOfWork, rounds: Mapping[str, Round], now: Callable[[], datetime] = current_time) -> None:
        """Keep the rounds by their names; they are done in their order, each on its own."""
        self._uow = uow
        self._rounds = rounds
        self._now = now

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails is logged, and tried again the next time."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="daily.put_off")

    async def once(self) -> int:
        """Do every round of every organisation; answers how many mails they asked for."""
        if british_time(self._now()).hour < FROM_HOUR:
            return 0
        asked = 0
        for name, round_ in self._rounds.items():
            asked += await each_organisation(self._uow, round_, "daily.organisation_put_off", round=name)
        if asked:
            log.info("daily.reminded", mails=asked)
        return asked
