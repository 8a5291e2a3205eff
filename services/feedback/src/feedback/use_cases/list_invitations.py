"""List invitations by their state; what was answered is not in it."""

from collections.abc import Collection
from uuid import UUID

from chassis.unit_of_work import Transaction
from feedback.adapters import invitations
from feedback.domain.invitation import Invitation


async def list_invitations(
    transaction: Transaction, after: UUID | None, limit: int, areas: Collection[str]
) -> tuple[list[Invitation], UUID | None]:
    """A page of invitations, newest first, and the id after which the next one begins (None: that was all)."""
    found = await invitations.page(transaction, after, limit + 1, areas)
    return found[:limit], found[limit - 1].id if len(found) > limit else None
