"""List invitations by their state; what was answered is not in it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from chassis.unit_of_work import Transaction
from feedback.adapters import invitation_list
from feedback.adapters.invitation_list import Listed
from feedback.domain.link_list import Narrowed


async def list_invitations(
    transaction: Transaction, after: UUID | None, limit: int, areas: Collection[str], today: date
) -> tuple[list[Listed], UUID | None]:
    """A page of invitations, newest first, and the id after which the next one begins (None: that was all)."""
    found = await invitation_list.page(transaction, Narrowed(), after, limit + 1, areas, today)
    return found[:limit], found[limit - 1].invitation.id if len(found) > limit else None
