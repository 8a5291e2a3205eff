"""Find links: who has not answered, by what was issued and never by what was said."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import invitation_list, sendings
from feedback.adapters.invitation_list import Listed
from feedback.adapters.sealing import SEND_HINT
from feedback.adapters.sendings import Standing
from feedback.context import Context
from feedback.domain.link_list import Narrowed


@dataclass(frozen=True, slots=True)
class FoundLink:
    """One link; `next` took its place, `before` is the one whose place it took.

    `standing` is of its messages, where we send it; `sent_to` a hint of the address, for whoever issued it.
    """

    listed: Listed
    next: UUID | None
    before: UUID | None
    standing: Standing | None
    sent_to: str | None = field(default=None, repr=False)


async def find_links(
    transaction: Transaction, narrowed: Narrowed, after: UUID | None, limit: int, areas: Collection[str], now: datetime
) -> tuple[list[Listed], UUID | None]:
    """A page of links, newest first, and the id after which the next one begins (None: that was all)."""
    found = await invitation_list.page(transaction, narrowed, after, limit + 1, areas, british_day(now))
    return found[:limit], found[limit - 1].invitation.id if len(found) > limit else None


async def find_link(transaction: Transaction, context: Context, identity: Identity, ident: UUID) -> FoundLink:
    """One link. Whoever issued it sees a hint of where it was sent, as long as that is kept. Raises `DomainError` not-found."""
    areas = identity.areas
    listed = await invitation_list.one(transaction, ident)
    if listed is None or (areas and listed.invitation.service_area not in areas):
        raise not_found("link")
    after, before = await invitation_list.chain(transaction, ident)
    standing = await sendings.standing(transaction, ident)
    hint = None
    if standing is not None and standing.hint is not None and standing.made_by == identity.subject:
        hint = context.secrets.open(transaction.org, SEND_HINT, standing.hint)
    return FoundLink(listed, after, before, standing, hint)
