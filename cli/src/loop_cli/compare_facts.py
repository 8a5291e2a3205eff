"""What is counted of the records, for `loop_cli.compare_measures` and `loop_cli.compare_stages`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from loop_cli.compare_records import Definitions, Records

Dimensions = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a measure counts, `amount` times, with the codes that it has in each dimension.

    `of` is what it adds to the denominator of a measure that is a ratio; None for plain counts.
    """

    dimensions: Dimensions
    amount: int = 1
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A band of working days, both ends included; `is_open` holds what was not answered by the period's end."""

    code: str
    first: int | None
    last: int | None
    is_open: bool

    def holds(self, days: int | None) -> bool:
        """Whether so many working days (None: not answered) belong into it."""
        if days is None or self.is_open:
            return days is None and self.is_open
        return (self.first or 0) <= days and (self.last is None or days <= self.last)


def day(text: str | None) -> date | None:
    """A date of a record."""
    return date.fromisoformat(text) if text else None


def codes(**values: str | None) -> dict[str, frozenset[str]]:
    """The dimensions of a fact; one without a value has no code in that dimension."""
    return {name: frozenset([value] if value else []) for name, value in values.items()}


Measure = Callable[[Records, Definitions, Period, tuple[Band, ...]], Iterator[Fact]]
