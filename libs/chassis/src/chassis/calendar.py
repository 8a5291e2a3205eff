"""Working days: the one calendar that every clock of Learning Loop is counted by.

A working day is not a Saturday, a Sunday or a bank holiday, one-off ones included (regulation 2 of the Children Act 1989
Representations Procedure (England) Regulations 2006; Banking and Financial Dealings Act 1971). Day 0 is the day of the event.

The bank holidays are versioned data in `calendar_data/`. A result keeps the version that it was made with, and old versions
stay, so that a holiday proclaimed later never changes a figure that somebody has already seen.
"""

import hashlib
import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate

ENGLAND_AND_WALES = "england-and-wales"
JURISDICTIONS = (ENGLAND_AND_WALES, "scotland", "northern-ireland")

_SATURDAY = 5


class CalendarError(ValueError):
    """Base of what can go wrong with a calendar; `slug` is stable."""

    slug = "calendar"


class UnknownCalendarError(CalendarError):
    """There is no such version or jurisdiction, or its data were altered after they were published."""

    slug = "unknown-calendar"


class OutsideCalendarError(CalendarError):
    """The question reaches beyond the years for which bank holidays are known."""

    slug = "outside-calendar"


@dataclass(frozen=True)
class CalendarData:
    """One published version of the bank holidays: `holidays[jurisdiction][day]` is the name of the day."""

    version: str
    first_year: int
    last_year: int
    holidays: Mapping[str, Mapping[date, str]]

    def digest(self) -> str:
        """Return the eight hexadecimal digits that end the version: a hash of everything in it."""
        content = {
            "years": [self.first_year, self.last_year],
            "jurisdictions": {
                jurisdiction: {day.isoformat(): name for day, name in days.items()}
                for jurisdiction, days in self.holidays.items()
            },
        }
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:8]


class WorkingDays:
    """The working days of one jurisdiction by one version of the data. Every question is answered in constant time."""

    def __init__(self, data: CalendarData, jurisdiction: str) -> None:
        """Lay the days out: `_elapsed[i]` working days from the first day to day i, `_days[k]` the k-th working day."""
        self.version = data.version
        self.jurisdiction = jurisdiction
        self.first = date(data.first_year, 1, 1)
        self.last = date(data.last_year, 12, 31)
        self._holidays = dict(data.holidays[jurisdiction])
        self._origin = self.first.toordinal()
        days = [self.first + timedelta(days=i) for i in range(self.last.toordinal() - self._origin + 1)]
        working = [day.weekday() < _SATURDAY and day not in self._holidays for day in days]
        self._elapsed = array("l", accumulate(working))
        self._days = array("l", (day.toordinal() for day, works in zip(days, working, strict=True) if works))

    @staticmethod
    def load(version: str | None = None, jurisdiction: str = ENGLAND_AND_WALES) -> "WorkingDays":
        """Return the calendar of a jurisdiction, by the newest version unless another is named.

        Calendars are immutable and kept: loading again is free. Raises UnknownCalendarError.
        """
        return _load(version or versions()[-1], jurisdiction)

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is a working day. Raises OutsideCalendarError."""
        index = self._index(day)
        return self._elapsed[index] > (self._elapsed[index - 1] if index else 0)

    def holiday(self, day: date) -> str | None:
        """Return the name of the bank holiday on a day, None on any other day. Raises OutsideCalendarError."""
        self._index(day)
        return self._holidays.get(day)

    def add(self, day: date, n: int) -> date:
        """Return the n-th working day after a day, which is itself day 0 and need not be a working day.

        A negative n counts back: the n-th working day before. Zero returns the day. Raises OutsideCalendarError.
        """
        index = self._index(day)
        if n == 0:
            return day
        up_to = self._elapsed[index]
        position = up_to + n - 1 if n > 0 else up_to - self.is_working_day(day) + n
        if not 0 <= position < len(self._days):
            raise OutsideCalendarError(
                f"{n} working days from {day} leave the calendar {self.version}, which holds {self.first} to {self.last}"
            )
        return date.fromordinal(self._days[position])

    def count(self, from_: date, to: date) -> int:
        """Return the working days elapsed from day 0 (`from_`, not counted) to the end of the day `to` (counted).

        The inverse of `add`: `count(day, add(day, n)) == n`. Negative when `to` comes first, so the days left until a due
        date turn negative once it has passed. Raises OutsideCalendarError.
        """
        start, end = self._index(from_), self._index(to)
        if start <= end:
            return self._elapsed[end] - self._elapsed[start]
        return (self._elapsed[end] - self.is_working_day(to)) - (self._elapsed[start] - self.is_working_day(from_))

    def last_of_month(self, year: int, month: int) -> date:
        """Return the last working day of a month. Raises OutsideCalendarError."""
        after = date(year + month // 12, month % 12 + 1, 1)
        last = after - timedelta(days=1)
        return last if self.is_working_day(last) else self.add(last, -1)

    def _index(self, day: date) -> int:
        if isinstance(day, datetime):
            raise TypeError("a working day is asked for by date: which date a moment falls on depends on the time zone")
        if not self.first <= day <= self.last:
            raise OutsideCalendarError(
                f"{day} is outside the calendar {self.version}, which holds {self.first} to {self.last}: publish a longer one"
            )
        return day.toordinal() - self._origin


@cache
def versions() -> tuple[str, ...]:
    """Return the versions of the data, oldest first. A version is the day it was made and a hash of its content."""
    folder = files("chassis") / "calendar_data"
    return tuple(sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")))


@cache
def read(version: str) -> CalendarData:
    """Return the data of a version. Raises UnknownCalendarError when it does not exist or is not what was published."""
    if version not in versions():
        raise UnknownCalendarError(f"there is no calendar version {version!r}; there are {', '.join(versions())}")
    raw = json.loads((files("chassis") / "calendar_data" / f"{version}.json").read_text("utf-8"))
    data = CalendarData(
        version=version,
        first_year=raw["years"][0],
        last_year=raw["years"][1],
        holidays={
            jurisdiction: {date.fromisoformat(day): name for day, name in days.items()}
            for jurisdiction, days in raw["jurisdictions"].items()
        },
    )
    # A calendar that was edited in place would silently change past results.
    if not version.endswith(f"-{data.digest()}"):
        raise UnknownCalendarError(f"the data of calendar {version} were edited: make a new version instead")
    return data


@cache
def _load(version: str, jurisdiction: str) -> WorkingDays:
    data = read(version)
    if jurisdiction not in data.holidays:
        raise UnknownCalendarError(
            f"calendar {version} has no jurisdiction {jurisdiction!r}; it has {', '.join(data.holidays)}"
        )
    return WorkingDays(data, jurisdiction)
