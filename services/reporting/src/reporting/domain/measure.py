"""What a measure is: how the catalogue shows it, and up to which day it is counted."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Collection(StrEnum):
    """What is collected together: before the first record of a collection a figure is not collected, rather than zero."""

    AUDITS = "audits"
    AUDITS_AT_WORK = "audits_at_work"
    DISPUTES = "disputes"
    ACKNOWLEDGEMENTS = "acknowledgements"
    FEEDBACK = "feedback"
    STARS = "stars"
    CALLS = "calls"
    COMPLAINTS = "complaints"
    COMPLIMENTS = "compliments"
    REPRESENTATIONS = "representations"
    LEARNING = "learning"
    TRACKED = "tracked"

    @property
    def used_for(self) -> str:
        """What a service area is used for in the profile when this is collected of it; `any` of what there is."""
        at_work = {Collection.AUDITS_AT_WORK, Collection.DISPUTES, Collection.ACKNOWLEDGEMENTS}
        if self is Collection.TRACKED:
            return "any"
        if self is Collection.STARS:
            return Collection.FEEDBACK.value
        if self is Collection.CALLS:
            return Collection.FEEDBACK.value
        if self in {Collection.REPRESENTATIONS, Collection.LEARNING}:
            return Collection.COMPLAINTS.value
        return (Collection.AUDITS if self in at_work else self).value


class Until(StrEnum):
    """Up to which day a period that has not ended is counted."""

    PERIOD = "period"  # what is dated later has not been told yet
    TODAY = "today"  # how things stand: today, where the period goes on
    YESTERDAY = "yesterday"  # what was due: the last day that is over


@dataclass(frozen=True)
class Measure:
    """A measure as the catalogue shows it. `denominator` is None for a count; `day` says which day decides the period."""

    code: str
    name: str
    definition: str
    numerator: str
    denominator: str | None
    unit: str
    grain: str
    day: str
    source: str
    caveats: tuple[str, ...]
    collection: Collection
    dimensions: tuple[str, ...]
    until: Until = Until.PERIOD

    @property
    def is_ratio(self) -> bool:
        """Whether it is a numerator over a denominator."""
        return self.denominator is not None

    def last_day(self, last: date, today: date) -> date:
        """The day up to which a period that ends on `last` is counted; before its first day where nothing can be yet."""
        match self.until:
            case Until.PERIOD:
                return last
            case Until.TODAY:
                return min(last, today)
            case Until.YESTERDAY:
                return min(last, today - timedelta(days=1))


def measure(code: str, name: str, definition: str, *, changes: dict[str, object], **fields: object) -> Measure:
    """A count of what `definition` says, with the fields that its kind shares and the `changes` that are its own."""
    both = {"numerator": definition, "denominator": None, "caveats": (), **fields, **changes}
    return Measure(code=code, name=name, definition=definition, **both)  # type: ignore[arg-type]  # fields of different types
