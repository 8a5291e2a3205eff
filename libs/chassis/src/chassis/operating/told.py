"""The shapes of what a process tells, the same for who tells and who asks.

What could not be found out is None: it is not nought. Members that a newer process tells besides are left out, so that a page
can be older or newer than what it asks.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Part = Literal["web", "worker"]
DeadKind = Literal["unknown-type", "does-not-fit", "no-organisation", "projection", "refused"]
"""Why an event was put aside, in five kinds: the reason of each stands with it."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Outbox(_Told):
    """Events that wait to be published; `head` is the number of the newest that has one."""

    depth: int
    head: int
    oldest_seconds: float


class Stream(_Told):
    """A stream as the broker knows it. `replicas` is how many copies it should have, `behind` how many are away or old."""

    name: str
    messages: int
    bytes: int
    last_sequence: int
    replicas: int
    behind: int = 0
    leader: str | None = None


class Consumer(_Told):
    """How far a consumer is with one source.

    `position` is the number up to which nothing is missing, `moved_at` when it last went on. `behind` (events) and
    `behind_seconds` (since the first of them happened) are against the producer's own log; the rest is the broker's: None where
    that, or the log, did not answer.
    """

    consumer: str
    source: str
    position: int
    moved_at: datetime
    behind: int | None = None
    behind_seconds: float | None = None
    delivered: int | None = None
    pending: int | None = None
    redelivered: int | None = None


class Dead(_Told):
    """Dead letters of a consumer from one source, of one kind; counted up to 10,000 over all."""

    consumer: str
    source: str
    kind: DeadKind
    number: int
    oldest: datetime


class Mails(_Told):
    """Mails that are still to be sent."""

    waiting: int
    oldest_seconds: float


class Retention(_Told):
    """When this worker last looked through all organisations (None: not yet), and what it failed at since it began."""

    looked_at: datetime | None
    failed: int


class Trail(_Told):
    """How the trail stands: for how long the oldest entry waits to be joined, the last number of each organisation."""

    unjoined_seconds: float
    checked_at: datetime | None
    broken: int
    last: dict[str, int]


class Told(_Told):
    """All of a process. `checks` are those of /readyz."""

    service: str
    part: Part
    version: str
    started_at: datetime
    checks: dict[str, str]
    outbox: Outbox | None = None
    streams: list[Stream] | None = None
    consumers: list[Consumer] | None = None
    dead: list[Dead] | None = None
    mails: Mails | None = None
    retention: Retention | None = None
    trail: Trail | None = None

    @property
    def ready(self) -> bool:
        """Whether all of its checks pass."""
        return all(each == "ok" for each in self.checks.values())


class DeadLetter(_Told):
    """An event that was put aside. `envelope` is given for one alone, never in a list."""

    id: UUID
    consumer: str
    source: str
    sequence: int
    event_id: UUID
    type: str | None
    org: str
    time: str | None
    reason: str
    kind: DeadKind
    attempts: int
    failed_at: datetime
    redriven_at: datetime | None = None
    envelope: dict[str, Any] | None = None


class DeadLetters(_Told):
    """A page, those put aside last first."""

    items: list[DeadLetter]
    next: UUID | None = None


class Redrive(_Told):
    """What became of dead letters that were to be applied again; `result` is None until it was done."""

    id: UUID
    requested_by: str
    requested_at: datetime
    letters: list[UUID] | None = None
    done_at: datetime | None = None
    result: str | None = None
