"""The chain as arithmetic: what an entry says, and the hash that ties it to all before it. Pure.

`hash(n) = SHA-256(hash(n-1) || content(n))`, where content is the entry as JSON with sorted keys and no spaces, and `hash(0)`
is the SHA-256 of the words "learning-loop trail 1", the service and the organisation, with a space between each. So whoever has
the entries can compute it with any tool; docs/guides/trail.md shows it in a few lines of Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did, as it is kept. `events` are those that the work recorded in the service's event log."""

    number: int
    org: str
    at: datetime
    subject: str
    kind: str
    method: str
    route: str
    parameters: Mapping[str, str]
    request_id: str
    events: Sequence[UUID]

    def said(self) -> dict[str, Any]:
        """The entry as it is shown to machines, and hashed."""
        return {
            "number": self.number,
            "org": self.org,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "subject": self.subject,
            "kind": self.kind,
            "method": self.method,
            "route": self.route,
            "parameters": dict(self.parameters),
            "request_id": self.request_id,
            "events": [str(each) for each in self.events],
        }


def beginning(service: str, org: str) -> bytes:
    """The hash before the first entry: that of one organisation in one service, so that no chain can stand for another."""
    return sha256(f"learning-loop trail 1 {service} {org}".encode()).digest()


def link(previous: bytes, said: Mapping[str, Any]) -> bytes:
    """The hash of an entry (32 bytes), given the one before it and what it says."""
    return sha256(previous + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a chain begins: the number and hash of the last entry that was let go, when, and the seal of that.

    Number 0, without a moment: nothing was let go.
    """

    number: int
    hash: bytes
    at: datetime | None = None
    seal: str = ""


def beginning_text(service: str, org: str, number: int, hash_: bytes, at: datetime) -> str:
    """What is authenticated of a beginning. No checkpoint's text is the same: one cannot stand for the other."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"learning-loop beginning 1 {service} {org} {number} {hash_.hex()} {moment}"


def checkpoint_text(service: str, org: str, number: int, hash_: bytes) -> str:
    """What is authenticated of a checkpoint."""
    return f"learning-loop checkpoint 1 {service} {org} {number} {hash_.hex()}"
