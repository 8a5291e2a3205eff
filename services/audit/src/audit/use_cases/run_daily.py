"""What the worker does by itself, organisation by organisation: sends out rounds on their day, and reminds people."""

import asyncio

import structlog

from audit.adapters.deadline_reader import DeadlineReader
from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.use_cases.circulate_round import circulate_round
from audit.use_cases.remind import remind
from audit.use_cases.take_round import Target
from chassis.days import british_time
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.repeating import repeat
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

EVERY_SECONDS = 600
FROM_HOUR = 7
"""By the clocks of the United Kingdom: nobody is reminded of anything in the night."""


class Daily:
    """The worker's task: looks every ten minutes."""

    def __init__(self, uow: UnitOfWork, context: Context) -> None:
        self._uow = uow
        self._context = context

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`. What fails for one organisation is logged and tried again; the others are not kept waiting."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="daily.put_off")

    async def once(self) -> int:
        """Do what is to be done now, each thing once however often this is called; answers how many mails it asked for."""
        if british_time(self._context.now()).hour < FROM_HOUR:
            return 0
        async with self._uow.begin(INSTALLATION) as transaction:
            organisations = await DeadlineReader(transaction.connection).organisations()
        asked = 0
        for org in organisations:
            try:
                # Rounds first: what goes out by itself is nothing to remind an officer of.
                await self._circulate(org)
                async with self._uow.begin(org) as transaction:
                    asked += await remind(transaction, self._context)
            except Exception:
                log.exception("daily.organisation_put_off", org=org)
        if asked:
            log.info("daily.reminded", mails=asked)
        return asked

    async def _circulate(self, org: str) -> None:
        """Send out what is due, each round in a transaction of its own. What cannot go out stays, and officers are told so."""
        async with self._uow.begin(org) as transaction:
            due = await RoundRepository(transaction).due(self._context.today)
        itself = Identity(org, "service:audit", "service")
        for round_id in due:
            try:
                async with self._uow.begin(org) as transaction:
                    await circulate_round(transaction, self._context, itself, Target(round_id))
                log.info("daily.circulated", org=org, round=str(round_id))
            except DomainError as refusal:
                log.warning("daily.not_circulated", org=org, round=str(round_id), reason=refusal.slug)
