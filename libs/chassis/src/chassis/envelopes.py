"""A message of the broker, read as far as a consumer needs it before it looks at the event itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from chassis.storable import is_storable

_MOST_DIGITS = 18  # of a sequence number, which is a bigint
TIME = TypeAdapter(AwareDatetime)


def envelope_of(message: bytes) -> dict[str, Any] | None:
    """The envelope in a message (CloudEvents 1.0, structured), or None for what no relay of ours can have written.

    What it tells of the event - number, identifier, time, type, organisation - can be read, so that whatever is wrong with the
    event itself can be put aside under it; that the type is known and the data fit, nobody has asked yet.
    """
    try:
        found = orjson.loads(message)
        if not isinstance(found, dict) or "data" not in found or not _is_number(found.get("sequence")):
            return None
        UUID(found["id"])
        TIME.validate_python(found["time"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, ValidationError):
        return None
    # PostgreSQL keeps no NUL, in JSON neither. Nothing is lost: what the producer has at this place, its log brings.
    is_plain = is_storable(found.get("type")) and is_storable(found.get("org")) and b"\\u0000" not in message
    return found if is_plain else None


def contiguous(envelopes: Sequence[dict[str, Any]], position: int) -> list[dict[str, Any]]:
    """The part of sorted envelopes that follows the position without a hole; repetitions inside are dropped."""
    run: list[dict[str, Any]] = []
    expected = position + 1
    for each in envelopes:
        sequence = int(each["sequence"])
        if sequence == expected:
            run.append(each)
            expected += 1
        elif sequence > expected:
            break
    return run


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS and int(value) > 0
