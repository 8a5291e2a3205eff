"""A subscription to events as the gateway knows it, and the states and outcomes that its log speaks of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gateway.domain.webhook_events import Wish

Status = Literal["unverified", "live", "paused", "disabled", "deleted"]
MessageState = Literal["waiting", "sent", "failed", "dropped"]

KEPT = timedelta(days=30)
"""How long a message is kept; and how long a disabled subscription goes on collecting what could be sent later."""

MOST_OVERLAP_DAYS = 30
OVERLAP_DAYS = 7
"""For how long the old secret still signs beside the new one, unless somebody says otherwise."""

MOST = 50
"""Subscriptions of an organisation. Each event is looked at once for each of them."""

MOST_TYPES = 60
MOST_AREAS = 200

KINDS = {
    "ok": "Taken",
    "gone": "The receiver says that it is gone for good (410)",
    "refused": "The receiver refused it",
    "redirect": "The receiver sends us elsewhere, where we do not go",
    "too-many": "The receiver asks for time (429)",
    "trouble": "The receiver has trouble of its own",
    "timeout": "No answer within 15 seconds",
    "name": "The name of the receiver is not known",
    "forbidden": "The name leads to an address that is never called",
    "connection": "No connection, or it broke",
    "tls": "The certificate of the receiver is not trusted, or TLS failed",
    "answer": "The receiver answered with something that is no HTTP",
    "secret": "The signing secret cannot be opened with the key of this installation",
    "own": "Something went wrong on our side",
}
"""What came of an attempt, in words. What the receiver answered is never kept."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription; `address` is in clear only where it was opened for somebody."""

    org: str
    id: str
    name: str
    types: frozenset[str]
    areas: frozenset[str]
    status: Status
    reason: str | None
    revision: int
    created_at: datetime
    created_by: str
    client_id: str | None = None
    live_from: datetime | None = None
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    previous_until: datetime | None = None
    address: str = ""
    contact: str = ""
    """Mail address of who is told when it is disabled."""

    @property
    def wish(self) -> Wish:
        """What it asks for, without the limits of a machine."""
        return Wish(self.types, self.areas)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: a kind of `KINDS`, the status if there was one, and what `Retry-After` asked for."""

    kind: str
    status: int | None = None
    ms: int = 0
    wait: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.kind == "ok"


def kind_of(status: int) -> str:
    """What a status means for a message."""
    if 200 <= status < 300:  # noqa: PLR2004 - statuses of HTTP
        return "ok"
    if 300 <= status < 400:  # noqa: PLR2004
        return "redirect"
    special = {410: "gone", 429: "too-many"}
    return special.get(status, "trouble" if status >= 500 else "refused")  # noqa: PLR2004
