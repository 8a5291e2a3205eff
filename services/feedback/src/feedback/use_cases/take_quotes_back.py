"""Take quotes back: what may not be used any more is withdrawn in the transaction that finds out."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.days import british_day
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import comment_log, comments
from feedback.adapters.quotes import Quotes
from feedback.context import Context
from feedback.domain.quotes import Step
from feedback.events.out import quote_withdrawn
from feedback.use_cases.read_comments import held

Why = Literal[
    "The worry of this answer was opened again.", "Its writer does not want to be quoted.", "The answer was left out."
]
"""What stands in the history of a quote that nobody withdrew by hand; it holds no word of anybody."""


async def take_quotes_back(
    transaction: Transaction, context: Context, responses: Collection[UUID], identity: Identity, why: Why, now: datetime
) -> int:
    """Withdraw the quotes of these responses that are in use; how many. It takes two people to use one again.

    The transaction has to see the words of these responses, by one of the two reasons to read them.
    """
    quotes = Quotes(transaction, context.secrets)
    today = british_day(now)
    taken = await quotes.take_back(responses, identity.subject, today)
    for each in taken:
        await quotes.add_step(each.id, Step.WITHDRAW, each.revision, identity, now, why)
        transaction.record(quote_withdrawn(each.id, each.version, today), occurred_at=now)
    return len(taken)


async def end_consent(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> bool:
    """Note that whoever wrote a comment does not want to be quoted any more; False where there was no yes.

    It holds for all that they wrote in that answer, and cannot be given back here. Raises `not-found`.
    """
    stored = await held(transaction, identity, ident)
    if not await comments.end_consent(transaction, stored.response_id):
        return False
    await comment_log.add_look(transaction, context.secrets, "consent-ended", [ident], identity, now)
    why: Why = "Its writer does not want to be quoted."
    await take_quotes_back(transaction, context, [stored.response_id], identity, why, now)
    return True
