"""Look at answers that came in a rush by an open link: a person says which count."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import comments, invitation_list, rushes
from feedback.adapters.rushes import Hour
from feedback.context import Context
from feedback.domain.invitation import Invitation
from feedback.domain.rush import SHORT, Standing, was_told
from feedback.events.out import response_counting_changed, response_submitted
from feedback.use_cases.take_quotes_back import Why, take_quotes_back

MOST_HOURS = 200
MOST_AT_ONCE = 20_000
"""Answers that one press decides: about a second's work. What is left is decided by pressing again."""


@dataclass(frozen=True, slots=True)
class Rush:
    """A poster, and its hours worth looking at."""

    invitation: Invitation
    hours: list[Hour]


async def look_at_rush(transaction: Transaction, ident: UUID, areas: Collection[str]) -> Rush:
    """The answers of an open link by the hour. Raises `DomainError` not-found, also for a letter."""
    listed = await invitation_list.one(transaction, ident)
    if listed is None or not listed.invitation.reusable or (areas and listed.invitation.service_area not in areas):
        raise not_found("open link")
    return Rush(listed.invitation, await rushes.hours(transaction, ident, MOST_HOURS))


async def hold_beginning(transaction: Transaction, ident: UUID, now: datetime) -> int:
    """Hold what came by an open link in the minutes before a burst was seen, and tell that it does not count now; how many."""
    held = await rushes.hold_beginning(transaction, ident, now - SHORT, now)
    for each in held:
        changed = response_counting_changed(each, counted=False, revision=1, on=british_day(now))
        transaction.record(changed, occurred_at=now)
    return len(held)


async def decide_rush(
    transaction: Transaction,
    context: Context,
    ident: UUID,
    hours: Sequence[datetime],
    standing: Standing,
    identity: Identity,
    now: datetime,
) -> int:
    """Count the answers of these hours, or leave them out; how many changed. Twice changes nothing.

    What was held is told to the other services when it counts for the first time, as of when it was sent.
    """
    await look_at_rush(transaction, ident, identity.areas)
    await rushes.lock(transaction, ident)
    found = await rushes.standing_otherwise(transaction, ident, hours, standing, MOST_AT_ONCE)
    await rushes.set_standing(transaction, found, standing, identity.subject, now)
    if standing == "left-out" and found:
        await comments.read_for_comments(transaction)
        why: Why = "The answer was left out."
        await take_quotes_back(transaction, context, [each.response.id for each in found], identity, why, now)
    for each in found:
        if was_told(each.history, before_held=each.before_held):
            counts, revision = standing == "counted", each.revision + 1
            changed = response_counting_changed(each.response.id, counted=counts, revision=revision, on=british_day(now))
            transaction.record(changed, occurred_at=now)
        elif standing == "counted":
            submitted = response_submitted(each.response, each.answers, each.submitted_at)
            transaction.record(submitted, occurred_at=each.submitted_at)
    return len(found)
