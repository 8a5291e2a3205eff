"""Cursors of the lists of complaints: the sort key of the last line, opaque to those who pass it on."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import keyset
from complaints.domain.listing import Order
from complaints.use_cases.read_complaints import ItemView


def cursor_of(items: Sequence[ItemView], order: Order) -> str:
    """The cursor from which the next page goes on."""
    last = items[-1].item
    return keyset.encode(last.received_on if order == "received" else last.due_key, last.id)


def cursor_key(after: str | None) -> tuple[date, UUID] | None:
    """The sort key in a cursor. Raises `malformed-cursor`."""
    if after is None:
        return None
    key = keyset.decode(after, 2)
    try:
        return date.fromisoformat(key[0]), UUID(key[1])
    except (TypeError, ValueError, AttributeError):
        raise keyset.malformed() from None
