"""Cursors of lists by day: the (day, id) of the last line, opaque to those who pass it on."""

from datetime import date
from uuid import UUID

from chassis import keyset


def key_of(after: str | None) -> tuple[date, UUID] | None:
    """The (day, id) from after which a list goes on. Raises `malformed-cursor`."""
    if not after:
        return None
    on, ident = keyset.decode(after, 2)
    try:
        return date.fromisoformat(on), UUID(ident)
    except (TypeError, ValueError, AttributeError):
        raise keyset.malformed() from None
