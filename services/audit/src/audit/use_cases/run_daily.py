"""What the worker does by itself, organisation by organisation: sends out rounds on their day, and reminds people."""

from functools import partial

import structlog

from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.use_cases.circulate_round import circulate_round
from audit.use_cases.remind import remind
from audit.use_cases.take_round import Target
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.rounds import Daily, Round, in_transaction
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)


def daily(uow: UnitOfWork, context: Context) -> Daily:
    """The worker's task."""
    # What goes out by itself is nothing to remind an officer of.
    rounds: dict[str, Round] = {
        "circulate": partial(_circulate, uow, context),
        "remind": in_transaction(uow, lambda transaction: remind(transaction, context)),
    }
    return Daily(uow, rounds, context.now)


async def _circulate(uow: UnitOfWork, context: Context, org: str) -> int:
    """Send out what is due, each round in a transaction of its own. What cannot go out stays, and officers are told so."""
    async with uow.begin(org) as transaction:
        due = await RoundRepository(transaction).due(context.today)
    itself = Identity(org, "service:audit", "service")
    for round_id in due:
        try:
            async with uow.begin(org) as transaction:
                await circulate_round(transaction, context, itself, Target(round_id))
            log.info("daily.circulated", org=org, round=str(round_id))
        except DomainError as refusal:
            log.warning("daily.not_circulated", org=org, round=str(round_id), reason=refusal.slug)
    return 0
