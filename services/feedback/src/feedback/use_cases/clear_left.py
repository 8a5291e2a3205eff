"""What was begun and is of no use any more is cleared away by the worker, hourly: nobody has to begin something new for it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from chassis.days import british_day
from chassis.outbox import now as current_time
from chassis.rounds import each_organisation, in_transaction
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, UnitOfWork
from feedback.adapters import code_failures, drafts_left, entries
from feedback.domain.invitation import MOST_DAYS

VISIT_DAYS = 8
"""One more than a visit's cookie lives."""


def clearing(uow: UnitOfWork, now: Callable[[], datetime] = current_time) -> list[Callable[[], Awaitable[int]]]:
    """What housekeeping calls; each answers how much was cleared."""

    async def of_organisation(transaction: Transaction) -> int:
        today = british_day(now())
        emptied = today - timedelta(days=VISIT_DAYS)
        drafts = await drafts_left.clear(transaction, emptied, emptied - timedelta(days=MOST_DAYS))
        return drafts + await entries.clear(transaction, now())

    async def of_installation() -> int:
        async with uow.begin(INSTALLATION) as transaction:
            return await code_failures.forget(transaction, now())

    return [
        partial(each_organisation, uow, in_transaction(uow, of_organisation), "housekeeping.organisation_put_off"),
        of_installation,
    ]
