"""What a service declares of a kind of record: when it is over, and what of it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

GONE = "Deleted: its time was over, or somebody asked for it."
"""What pages show in the place of words that had to be there."""
NOBODY = "deleted"
"""Stands in the place of a staff member's subject, or of who sent something, where a column may not be empty."""


class Told(Protocol):
    """What is needed of an event that a record told of itself; the events stand in `contracts`."""

    subject: ClassVar[str]
    personal: ClassVar[Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text that is sealed into a column which may not be empty."""

    purpose: str
    text: str = GONE


@dataclass(frozen=True, slots=True)
class Delete:
    """Rows that go whole. `where` is SQL on the table `t`, of the record `:id`."""

    table: str
    where: str


@dataclass(frozen=True, slots=True)
class Empty:
    """Columns that are emptied in rows that stay: to an SQL expression, or to a text that is sealed."""

    table: str
    where: str
    columns: Mapping[str, str | Sealed]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of the log that tell of the record: those whose member `key` is one of `ids` (SQL, uuid[])."""

    key: str
    models: tuple[type[Told], ...]
    ids: str = "array[r.id]"


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of record. What is SQL reads the record as `r`, and sees rows of its organisation alone.

    `over` says when nothing is to be done about it any more, `since` from which day its time counts. `names` are the references
    under which somebody may know it, `covers` the ids that are part of it: a hold on any of these holds it.
    """

    code: str
    name: str
    goes: str
    stays: str
    counts_from: str
    table: str
    over: str
    since: str
    steps: tuple[Delete | Empty, ...]
    only: str = "true"
    """Which rows of the table are of this kind."""
    reference: str = "null::text"
    area: str = "null::text"
    names: str = "array[]::text[]"
    covers: str = "array[r.id]"
    events: tuple[Events, ...] = ()
    at_least: int = 0
    """Months below which no organisation may go."""
    because: str = ""
    parts: str = "array[r.id]"
    """SQL for the ids of what goes with it, itself among them: what people were told and said of these goes too."""
    posted: str = "array[]::text[]"
    """SQL for the keys under which systems post it (`known.posted_as`): who posts it again is told that it was reduced."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """What has a period and no records of its own: it ends in a way that is not one of steps."""

    code: str
    name: str
    goes: str
    stays: str
    counts_from: str
    at_least: int
    because: str


TRAIL = Lasting(
    "trail",
    "The trail: who read or changed what",
    "the oldest entries, up to a sealed checkpoint: who it was, what they opened or changed and when",
    "all younger ones, and the checkpoint after which they begin: the chain is checked from there. An entry says what went",
    "Each entry's time counts from its day. Any hold or restriction, of whatever record, keeps the whole trail; a request of a "
    "person that is open keeps what was in its time when it came.",
    12,
    "matters are brought, and asked about, within twelve months, and who opened a record has to be known for that long",
)
"""Of every service (`chassis.retention.of_trail`)."""


@dataclass(frozen=True, eq=False)
class Declared:
    """What a service says of itself: its kinds, what it does not cover (with why), and how it tells that one was reduced."""

    service: str
    kinds: tuple[Kind, ...]
    not_covered: Mapping[str, str]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Kinds that go by a rule of their own, by code: they can be held, and are not reduced here."""
    none_needed: Mapping[str, str] = field(default_factory=dict)
    """Tables that no kind reduces, each with the reason; every other table of the service is in one. A test holds it."""

    def kind(self, code: str) -> Kind | None:
        """A kind by its code."""
        return next((each for each in self.kinds if each.code == code), None)

    @property
    def tables(self) -> frozenset[str]:
        """The tables of which something goes."""
        return frozenset(step.table for kind in self.kinds for step in kind.steps)

    @property
    def names(self) -> dict[str, str]:
        """What each kind that can be held is called, by code."""
        return {**{each.code: each.name for each in self.kinds}, **self.elsewhere, TRAIL.code: TRAIL.name}


def values(step: Empty, seal: Any) -> tuple[str, dict[str, Any]]:
    """The assignments of a step, and what they need; `seal(purpose, text)` makes a sealed value."""
    parts, names = [], dict[str, Any]()
    for column, value in step.columns.items():
        if isinstance(value, Sealed):
            names[f"sealed_{column}"] = seal(value.purpose, value.text)
            parts.append(f"{column} = :sealed_{column}")
        else:
            parts.append(f"{column} = {value}")
    return ", ".join(parts), names
