"""Withdraw a link."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError, not_found
from chassis.unit_of_work import Transaction
from feedback.adapters import invitations, sendings
from feedback.domain.sending import is_channel
from feedback.events.out import invitation_withdrawn


async def withdraw_invitation(transaction: Transaction, ident: UUID, now: datetime, areas: Collection[str] = ()) -> None:
    """Withdraw an invitation; from then on its link is as unknown as one that never was. Withdrawing twice changes nothing.

    Raises DomainError `not-found`, and `already-answered` for a letter that was answered.
    """
    invitation = await invitations.get(transaction, ident)
    if invitation is None or (areas and invitation.service_area not in areas):
        raise not_found("invitation")
    if invitation.used_on is not None:
        detail = "The letter was answered before it could be withdrawn. Nothing was changed; the answers count."
        raise DomainError("already-answered", detail)
    if invitation.withdrawn_on is None:
        today = british_day(now)
        await invitations.withdraw(transaction, ident, today)
        if is_channel(invitation.channel):
            await sendings.stop(transaction, [ident])
        transaction.record(invitation_withdrawn(ident, today), occurred_at=now)
