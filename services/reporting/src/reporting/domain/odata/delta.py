"""Delta links: how a puller says how far it has been told, and where a page of changes begins (OData 4.0 part 1, 11.3).

A token names the epoch of the marks, the mark from which changes are wanted and, within a pull, the mark up to which and the
last item that was given. It is no secret and no permission: what it may be used for is decided anew at each request.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reporting.domain.odata.model import Edm, EntitySet, ODataError, Property, malformed

_EXPIRED = (
    "What this link goes on from is no more: it is older than 90 days, the reports were rebuilt or restored, the table has "
    "other columns than then, or your credential sees other service areas. Nothing is lost: pull the whole table again, with "
    "'Prefer: odata.track-changes', and go on from the new delta link."
)
_NOT_OURS = "$deltatoken is not one that was given out here. Pull the whole table again with 'Prefer: odata.track-changes'."
_OTHER_QUERY = "$deltatoken belongs to a table read with another $filter or $select. Use the delta link as it was given out."
MOST_XID = 2**63


@dataclass(frozen=True)
class Position:
    """The last item that was given: its stage, its transaction, what it belongs to and its key."""

    stage: int
    xid: int
    of: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Since:
    """From where changes are wanted; on later pages, up to where and after which."""

    epoch: str
    xid: int
    until: int | None = None
    after: Position | None = None


def expired() -> ODataError:
    """The error for a token of another epoch: everything has to be pulled again (OData 4.0 part 1, 11.3)."""
    return ODataError(410, "delta-expired", _EXPIRED)


def asked(entities: EntitySet, options: Sequence[str]) -> str:
    """What tells one query from another, in short."""
    return _digest([entities.name, *options])


def reach(entities: EntitySet, org: str, areas: frozenset[str]) -> str:
    """What tells apart who reads, and which columns there are."""
    columns = [f"{each.name} {each.type}" for each in entities.properties]
    return _digest([org, *sorted(areas), "/", *columns])


def write(query: str, since: Since) -> str:
    """The token."""
    after = since.after and [since.after.stage, since.after.xid, since.after.of, *since.after.key]
    content = json.dumps([query, since.epoch, since.xid, since.until, after], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read(entities: EntitySet, query: str, token: str) -> Since:
    """What a token says. Raises ODataError where it is none, or belongs to another query."""
    try:
        held, epoch, xid, until, after = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        since = _since(entities, epoch, xid, until, after)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise malformed(_NOT_OURS) from None
    if held != query:
        raise malformed(_OTHER_QUERY)
    return since


def _since(entities: EntitySet, epoch: Any, xid: Any, until: Any, after: Any) -> Since:
    if not (
        isinstance(epoch, str) and _is_xid(xid) and (until is None or _is_xid(until)) and (until is None) == (after is None)
    ):
        raise ValueError
    return Since(epoch, xid, until, None if after is None else _position(entities, after))


def removed(entities: EntitySet, key: Sequence[str], reason: str) -> dict[str, Any]:
    """An item that is not there any more: as OData 4.0 has it (`id`, `reason`), as 4.01 has it (`@removed`), with its key."""
    typed = {name: _value(entities.property(name), part) for name, part in zip(entities.key, key, strict=True)}
    parts = {name: _literal(entities.property(name), part) for name, part in zip(entities.key, key, strict=True)}
    ident = next(iter(parts.values())) if len(parts) == 1 else ",".join(f"{name}={value}" for name, value in parts.items())
    return {
        "@odata.context": f"#{entities.name}/$deletedEntity",
        "@removed": {"reason": reason},
        "id": f"{entities.name}({ident})",
        "reason": reason,
        **typed,
    }


def _position(entities: EntitySet, after: Any) -> Position:
    stage, xid, of, *key = after
    if not (isinstance(stage, int) and 0 <= stage <= len(entities.roots) and _is_xid(xid) and isinstance(of, str)):
        raise ValueError
    if len(key) != len(entities.key) or not all(isinstance(part, str) for part in key):
        raise ValueError
    try:
        for name, part in zip(entities.key, key, strict=True):
            entities.property(name).read(part)
        if stage < len(entities.roots):
            Property("record", Edm.GUID, "").read(of)
    except ODataError as error:
        raise ValueError from error
    return Position(stage, xid, of, tuple(key))


def _is_xid(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_XID


def _value(property_: Property, words: str) -> object:
    return int(words) if property_.type in {Edm.INT32, Edm.INT64} else words


def _literal(property_: Property, words: str) -> str:
    if property_.type is Edm.STRING:
        quoted = words.replace("'", "''")
        return f"'{quoted}'"
    return words


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
