"""Somebody wants no more reminders. The address is deleted; the link goes on working, and no answer is read or written."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from contracts.feedback import RemindersDeclined
from feedback.adapters import sealing, sendings
from feedback.context import Context
from feedback.domain import links


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked on the page, and in which language."""

    organisation: str
    language: str


def capability_of(context: Context, token: str) -> str | None:
    """What is kept of a token that ends reminders; None where it cannot be one."""
    token = token.lower()
    return links.no_hash(sealing.say_no_key(context.secrets), token) if links.is_no_token(token) else None


async def look(transaction: Transaction, context: Context, ident: UUID) -> Asked:
    """What the page shows."""
    profile = (await context.profiles.current(transaction)).profile
    language, code = await sendings.language_of(transaction, ident)
    questionnaire = profile.questionnaire(code)
    return Asked(profile.organisation.name, questionnaire.language(language) if questionnaire else "en")


async def say_no(transaction: Transaction, ident: UUID, now: datetime) -> None:
    """Stop the reminders of an invitation. Saying it twice changes nothing.

    A first message that has not gone out yet does not go out either.
    """
    today = british_day(now)
    if await sendings.say_no(transaction, ident, today):
        transaction.record(RemindersDeclined(invitation_id=ident, declined_on=today), occurred_at=now)
    await sendings.stop(transaction, [ident])
