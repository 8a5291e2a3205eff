"""Comments: listed and counted, read (which is logged), and passed on to those who can make something of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.comments import Comment, Comments
from complaints.adapters.passed_on import PassedOn
from complaints.domain.heard import Heard
from complaints.domain.profile import Profile
from complaints.use_cases.pass_on import PassOn, passings, send_on
from complaints.use_cases.see_representations import see_representation
from complaints.use_cases.setup import Setup

PAGE = 50


@dataclass(frozen=True)
class Listed:
    """A page of comments, with the counts of all that the filters let through, by service area."""

    profile: Profile
    items: Sequence[Comment]
    counts: Mapping[str, tuple[int, int]]
    more: tuple[date, UUID] | None


@dataclass(frozen=True)
class Read:
    """A comment with what it says."""

    profile: Profile
    comment: Comment
    words: str = field(repr=False)
    passed_on: Sequence[tuple[PassedOn, str]]


async def list_comments(transaction: Transaction, setup: Setup, heard: Heard, before: tuple[date, UUID] | None) -> Listed:
    """Comments, newest first, and how many there are."""
    repository = Comments(transaction)
    items = await repository.page(heard, PAGE + 1, before)
    more = (items[PAGE - 1].received_on, items[PAGE - 1].id) if len(items) > PAGE else None
    profile = (await setup.profiles.current(transaction)).profile
    return Listed(profile, items[:PAGE], await repository.counts(heard), more)


async def read_comment(transaction: Transaction, setup: Setup, identity: Identity, ident: UUID) -> Read:
    """A comment with its words. That it was opened is logged. Raises `not-found`."""
    comment = await _one(transaction, identity, ident)
    seen = await see_representation(transaction, setup, identity, comment.representation_id)
    passed = await passings(transaction, setup, "comment", ident)
    return Read(seen.profile, comment, seen.details.narrative, passed)


async def pass_comment_on(transaction: Transaction, setup: Setup, identity: Identity, ident: UUID, to: PassOn) -> None:
    """Send it to the worker or the manager by mail, once each, and record that.

    Raises `not-found`, `passed-on-already`, and `incomplete` where it can be no mail.
    """
    await _one(transaction, identity, ident)
    await send_on(transaction, setup, identity, "comment", ident, to)


async def _one(transaction: Transaction, identity: Identity, ident: UUID) -> Comment:
    found = await Comments(transaction).one(ident, identity.areas)
    if found is None:
        raise not_found("comment")
    return found
