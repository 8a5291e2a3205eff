"""What the worker does by itself, organisation by organisation. A round is added in `worker.py`; each runs on its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog

from chassis.days import british_time
from chassis.outbox import now as current_time
from chassis.repeating import repeat
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, UnitOfWork
from complaints.adapters.waiting_learning import organisations

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600
FROM_HOUR = 7
"""By the clocks of the United Kingdom: nobody is reminded of anything in the night."""

Round = Callable[[Transaction], Awaitable[int]]
"""Does what is due of one organisation, each thing once however often it is called; answers how many mails it asked for."""


class Daily:
    """The worker's task: looks every ten minutes."""

    def __init__(self, uow: UnitOfWork, rounds: Mapping[str, Round], now: Callable[[], datetime] = current_time) -> None:
        self._uow = uow
        self._rounds = rounds
        self._now = now

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails for one organisation is logged and tried again; the others are not kept waiting."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="daily.put_off")

    async def once(self) -> int:
        """Do every round of every organisation, each in a transaction of its own; answers how many mails they asked for."""
        if british_time(self._now()).hour < FROM_HOUR:
            return 0
        async with self._uow.begin(INSTALLATION) as transaction:
            orgs = await organisations(transaction)
        asked = 0
        for org in orgs:
            for name, round_ in self._rounds.items():
                try:
                    async with self._uow.begin(org) as transaction:
                        asked += await round_(transaction)
                except Exception:
                    log.exception("daily.organisation_put_off", org=org, round=name)
        if asked:
            log.info("daily.reminded", mails=asked)
        return asked
