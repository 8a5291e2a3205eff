"""What a list of learning is narrowed to."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from complaints.domain.learning import RAG, SOON, Standing

Show = Literal["open", "overdue", "to-review", "reviewed", "dropped", "all"]
Colour = Literal["red", "amber", "green"]


@dataclass(frozen=True)
class LearningFilters:
    """`areas` are those to which the caller is limited (empty: all); `owners` are keyed hashes, of which one must fit.

    `since` and `until` are days on which an action was recorded.
    """

    today: date
    show: Show = "open"
    service_area: str | None = None
    theme: str | None = None
    colour: Colour | None = None
    owners: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    areas: frozenset[str] = frozenset()


_STATUSES: dict[Show, tuple[str, ...]] = {
    "open": ("open",),
    "overdue": ("open",),
    "to-review": ("done",),
    "reviewed": ("reviewed",),
    "dropped": ("dropped",),
    "all": ("open", "done", "reviewed", "dropped"),
}


def statuses(filters: LearningFilters) -> tuple[str, ...]:
    """The statuses that are shown."""
    shown = _STATUSES[filters.show]
    if filters.colour is None:
        return shown
    fitting = {_status(each) for each, colour in RAG.items() if colour == filters.colour}
    return tuple(each for each in shown if each in fitting)


def due_between(filters: LearningFilters) -> tuple[date | None, date | None]:
    """First and last due day of the open ones that are shown; None for no bound."""
    today = filters.today
    if filters.show == "overdue" or filters.colour == "red":
        return None, date.fromordinal(today.toordinal() - 1)
    match filters.colour:
        case "amber":
            return today, today + SOON
        case "green":
            return date.fromordinal((today + SOON).toordinal() + 1), None
        case _:
            return None, None


def _status(standing: Standing) -> str:
    return standing if standing in {"done", "reviewed", "dropped"} else "open"
