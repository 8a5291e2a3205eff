"""Keyset paging: a cursor is the sort key of the last row seen, not a count of rows to skip."""

import base64
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.errors import DomainError, Kind


def encode(*key: Any) -> str:
    """An opaque cursor of a sort key (dates, UUIDs, numbers and strings)."""
    plain = [str(part) if isinstance(part, UUID | date | datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, parts: int) -> list[Any]:
    """The sort key in a cursor; a `DomainError` where it is not one of ours."""
    try:
        # Strict, and with an end to its nesting: neither halves of surrogate pairs nor numbers that no column holds.
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != parts or any(isinstance(part, str) and "\0" in part for part in key):
        raise malformed()
    return key


def malformed() -> DomainError:
    """The refusal of a cursor that is not ours, or whose parts are not what the list sorts by."""
    detail = "The cursor is not one that this list gave out. Start again without `after`."
    return DomainError("malformed-cursor", detail, Kind.MALFORMED)
