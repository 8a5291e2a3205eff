"""What the learning tracker is narrowed to, and in which order it is shown."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from reporting.domain.tracker import OPEN, Standing

Show = Literal["open", "on-track", "may-miss", "missed", "completed", "dropped", "all"]
Sort = Literal["due", "set", "area"]

SHOWN: dict[str, str] = {
    "open": "Open: all that is not completed",
    "on-track": "On track",
    "may-miss": "May miss",
    "missed": "Missed: overdue",
    "completed": "Completed",
    "dropped": "Not needed",
    "all": "All",
}
SORTS: dict[str, str] = {"due": "First due first", "set": "Last set first", "area": "By service area"}


@dataclass(frozen=True)
class TrackerFilters:
    """`day` is the one whose end is shown; `areas` those that the reader is limited to (empty: all).

    `first` and `last` are days on which an action was set. `keys`, where there are any, are the only actions that are wanted.
    """

    day: date
    areas: frozenset[str] = frozenset()
    source: str | None = None
    service_area: str | None = None
    team: str | None = None
    theme: str | None = None
    show: Show = "open"
    first: date | None = None
    last: date | None = None
    sort: Sort = "due"
    keys: tuple[str, ...] = ()

    @property
    def standings(self) -> tuple[Standing, ...] | None:
        """The standings that are shown; None for all."""
        if self.show == "all":
            return None
        return OPEN if self.show == "open" else (self.show,)


@dataclass(frozen=True)
class TrackerCounts:
    """How many actions there are of each standing, whatever standing is shown; and what is known of the completed ones."""

    on_track: int
    may_miss: int
    missed: int
    completed: int
    dropped: int
    evidenced: int
    to_review: int
    reviewed: int
    asked: int
    difference: int

    @property
    def open(self) -> int:
        """Neither completed nor dropped."""
        return self.on_track + self.may_miss + self.missed

    @property
    def all(self) -> int:
        """Every action that the other filters let through."""
        return self.open + self.completed + self.dropped
