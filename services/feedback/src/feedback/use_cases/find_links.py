"""Find links: who has not answered, by what was issued and never by what was said."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import not_found
from chassis.unit_of_work import Transaction
from feedback.adapters import invitation_list
from feedback.adapters.invitation_list import Listed
from feedback.domain.link_list import Narrowed


@dataclass(frozen=True, slots=True)
class FoundLink:
    """One link; `next` took its place, `before` is the one whose place it took."""

    listed: Listed
    next: UUID | None
    before: UUID | None


async def find_links(
    transaction: Transaction, narrowed: Narrowed, after: UUID | None, limit: int, areas: Collection[str], now: datetime
) -> tuple[list[Listed], UUID | None]:
    """A page of links, newest first, and the id after which the next one begins (None: that was all)."""
    found = await invitation_list.page(transaction, narrowed, after, limit + 1, areas, british_day(now))
    return found[:limit], found[limit - 1].invitation.id if len(found) > limit else None


async def find_link(transaction: Transaction, ident: UUID, areas: Collection[str]) -> FoundLink:
    """One link. Raises `DomainError` not-found."""
    listed = await invitation_list.one(transaction, ident)
    if listed is None or (areas and listed.invitation.service_area not in areas):
        raise not_found("link")
    return FoundLink(listed, *await invitation_list.chain(transaction, ident))
