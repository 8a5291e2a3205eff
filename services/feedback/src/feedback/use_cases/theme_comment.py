"""Put themes to a comment, or say that comments are read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import comment_log, comments
from feedback.adapters.quotes import Quotes
from feedback.context import Context
from feedback.domain.comments import Themed, put_themes
from feedback.events.out import comment_themed, quote_released
from feedback.use_cases.read_comments import held


async def mark_read(transaction: Transaction, identity: Identity, ids: Sequence[UUID], now: datetime) -> None:
    """Say that somebody has read these comments; those that are not the caller's to read are passed over."""
    await comments.read_for_comments(transaction)
    await comments.mark_read(transaction, ids, identity.areas, british_day(now))


async def theme_comment(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    ident: UUID,
    seen: Collection[str],
    wanted: Collection[str],
    now: datetime,
) -> Themed:
    """The themes of a comment after the caller, who saw `seen`, chose `wanted`; it counts as read from then on.

    A second click changes nothing, and of two people at once neither undoes what the other did. Raises `not-found` and as
    `feedback.domain.comments.put_themes`.
    """
    stored = await held(transaction, identity, ident)
    themes = (await context.profiles.current(transaction)).profile.organisation.themes
    await comments.mark_read(transaction, [ident], identity.areas, british_day(now))
    before, revision = await comments.lock_themes(transaction, ident)
    themed = put_themes(before, seen, wanted, [theme.code for theme in themes])
    if themed.added or themed.removed:
        await comments.save_themes(transaction, ident, themed.themes, revision + 1)
        await comment_log.add_themes(transaction, context.secrets, ident, themed, revision + 1, identity, now)
        transaction.record(comment_themed(stored, themed.themes, now), occurred_at=now)
        # A quote in use says what its comment is about now; told again, it has the same version.
        quoted = await Quotes(transaction, context.secrets).put_themes(ident, themed.themes)
        if quoted is not None:
            transaction.record(quote_released(quoted), occurred_at=now)
    return themed
