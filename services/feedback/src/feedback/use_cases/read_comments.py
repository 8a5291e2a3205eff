"""Read what families wrote: a page of comments, one of them, or those in which words stand. Who is shown which is logged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.secrets import SealError
from chassis.unit_of_work import Transaction
from feedback.adapters import comment_log, comments
from feedback.adapters.comment_log import Change, Look, LookPage
from feedback.adapters.comments import Place, Stored
from feedback.adapters.sealing import TEXT
from feedback.context import Context
from feedback.domain.comments import Narrowed, Search

LOST = "These words cannot be opened: the key that sealed them is not here. Ask the operator."
AT_ONCE = 500  # texts opened between two questions to the database
MOST_SCANNED = 5_000
"""Texts that one search opens: about half a second (`tests/search_measure.py`), in a thread of its own."""
MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its words."""

    stored: Stored
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Comments, newest first; `more` is the place after which there may be others. `scanned` is how many a search opened."""

    comments: Sequence[Comment]
    more: Place | None
    scanned: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One comment, who saw it and what was done with it; `next` is the one that follows in the narrowed list."""

    comment: Comment
    looks: Sequence[Look]
    changes: Sequence[Change]
    next: UUID | None


def _open(context: Context, org: str, sealed: bytes) -> str:
    try:
        return context.secrets.open(org, TEXT, sealed)
    except SealError:
        return LOST


def _matches(context: Context, org: str, search: Search, texts: Sequence[tuple[Place, bytes]]) -> list[bool]:
    return [search.finds(_open(context, org, sealed)) for _, sealed in texts]


async def _shown(
    transaction: Transaction, context: Context, identity: Identity, page: LookPage, stored: Sequence[Stored], now: datetime
) -> list[Comment]:
    """Comments with their words. That the caller is shown them is logged in the same transaction."""
    await comment_log.add_look(transaction, context.secrets, page, [each.id for each in stored], identity, now)
    return [Comment(each, _open(context, transaction.org, each.sealed)) for each in stored]


async def find_comments(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    narrowed: Narrowed,
    after: Place | None,
    limit: int,
    now: datetime,
) -> Found:
    """A page of comments of the caller's service areas."""
    await comments.read_for_comments(transaction)
    found = await comments.page(transaction, narrowed, after, limit + 1, identity.areas)
    shown = await _shown(transaction, context, identity, "list", found[:limit], now)
    return Found(shown, found[limit - 1].place if len(found) > limit else None)


async def search_comments(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    narrowed: Narrowed,
    search: Search,
    after: Place | None,
    now: datetime,
) -> Found:
    """Comments in which words stand, newest first: the texts are opened one after the other, since no index holds a word.

    At most 5,000 are opened at once and 50 shown; `more` is where to look on.
    """
    await comments.read_for_comments(transaction)
    place, scanned, hits = after, 0, []
    more: Place | None = None
    while scanned < MOST_SCANNED and search:
        texts = await comments.scan(transaction, narrowed, place, AT_ONCE, identity.areas)
        # In a thread: everybody else's requests go on meanwhile.
        found = await asyncio.to_thread(_matches, context, transaction.org, search, texts)
        for (place, _), matches in zip(texts, found, strict=True):
            scanned += 1
            if matches:
                hits.append(place[1])
                if len(hits) == MOST_FOUND:
                    break
        full = len(hits) == MOST_FOUND
        more = place if full or len(texts) == AT_ONCE else None
        if full or len(texts) < AT_ONCE:
            break
    stored = await comments.some(transaction, hits, identity.areas) if hits else []
    return Found(await _shown(transaction, context, identity, "search", stored, now), more, scanned)


async def held(transaction: Transaction, identity: Identity, ident: UUID) -> Stored:
    """A comment of the caller's service areas, its words sealed. Raises `not-found`, also where it shows an open worry."""
    await comments.read_for_comments(transaction)
    stored = await comments.one(transaction, ident, identity.areas)
    if stored is None:
        raise not_found("comment")
    return stored


async def read_comment(
    transaction: Transaction, context: Context, identity: Identity, ident: UUID, narrowed: Narrowed, now: datetime
) -> Seen:
    """One comment. That the caller read it is logged. Raises `not-found`."""
    stored = await held(transaction, identity, ident)
    looks = await comment_log.looks(transaction, context.secrets, ident)
    [comment] = await _shown(transaction, context, identity, "comment", [stored], now)
    following = await comments.scan(transaction, narrowed, stored.place, 1, identity.areas)
    changes = await comment_log.changes(transaction, context.secrets, ident)
    return Seen(comment, looks, changes, following[0][0][1] if following else None)


async def read_for_quote(transaction: Transaction, context: Context, identity: Identity, ident: UUID, now: datetime) -> Comment:
    """A comment whose words are looked at for a quote; logged. Raises `not-found`."""
    stored = await held(transaction, identity, ident)
    [comment] = await _shown(transaction, context, identity, "quote", [stored], now)
    return comment
