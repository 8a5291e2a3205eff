"""What the worker does for every organisation in turn."""

from collections.abc import Awaitable, Callable

import structlog

from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, UnitOfWork
from feedback.adapters import waiting_worries

log = structlog.get_logger(__name__)


async def each_organisation(uow: UnitOfWork, serve: Callable[[Transaction], Awaitable[int]], put_off: str) -> int:
    """Serve each in a transaction of its own and add up. What fails is logged as `put_off`; the others go on."""
    async with uow.begin(INSTALLATION) as transaction:
        organisations = await waiting_worries.organisations(transaction)
    total = 0
    for org in organisations:
        try:
            async with uow.begin(org) as transaction:
                total += await serve(transaction)
        except Exception:
            log.exception(put_off, org=org)
    return total
