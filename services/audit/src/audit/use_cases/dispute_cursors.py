"""Cursors of the lists of disputes and acknowledgements: the sort key of the last line, opaque to those who pass it on."""

from datetime import date
from typing import Any
from uuid import UUID

from chassis import keyset

MOST_RANK = 2**31 - 1


def rank_of(cursor: str | None) -> tuple[int, UUID] | None:
    """The (rank, id) in a cursor of the list of disputes. Raises `malformed-cursor`."""
    if cursor is None:
        return None
    rank, ident = keyset.decode(cursor, 2)
    if type(rank) is not int or not -MOST_RANK <= rank <= MOST_RANK:
        raise keyset.malformed()
    return rank, _uuid(ident)


def day_of(cursor: str | None) -> tuple[date, UUID] | None:
    """The (day, id) in a cursor of the list of acknowledgements. Raises `malformed-cursor`."""
    if cursor is None:
        return None
    day, ident = keyset.decode(cursor, 2)
    try:
        return date.fromisoformat(day), _uuid(ident)
    except (TypeError, ValueError):
        raise keyset.malformed() from None


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise keyset.malformed() from None
