"""The month in which a request is answered, as the Information Commissioner counts it.

UK GDPR, Article 12(3): one month from receipt, which may be extended by two further months. The ICO's guidance on the right of
access: it runs from the day of receipt (or on which identity was confirmed), whether a working day or not, to the corresponding
calendar day of the next month; where that month has no such day, to its last; and where that is a weekend or a bank holiday, to
the next working day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from chassis.calendar import OutsideCalendarError, WorkingDays

MONTHS = 1
EXTENDED = 3
"""One month, and two further ones."""

_YEAR = 12


def months_after(day: date, months: int) -> date:
    """The corresponding day so many months later, or the last of a month that has none."""
    month = day.month - 1 + months
    year, month = day.year + month // _YEAR, month % _YEAR + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def due_on(starts_on: date, calendar: WorkingDays, *, extended: bool = False) -> date:
    """The last day on which a request may be answered. Raises `OutsideCalendarError` beyond the years that are known."""
    day = months_after(starts_on, EXTENDED if extended else MONTHS)
    return day if calendar.is_working_day(day) else calendar.add(day, 1)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a request stands: `days` are calendar days left, negative once they are over."""

    due_on: date
    days: int
    state: str

    @property
    def colour(self) -> str:
        """Of its tag."""
        return {"overdue": "red", "soon": "yellow", "open": "green"}.get(self.state, "grey")

    @property
    def words(self) -> str:
        """How it is said beside the day."""
        if self.state == "closed":
            return "Closed"
        if self.days < 0:
            return f"{-self.days} day{'s' if self.days < -1 else ''} overdue"
        return "Due today" if self.days == 0 else f"{self.days} day{'s' if self.days > 1 else ''} left"


SOON = 7


def clock_of(due: date, today: date, *, closed: bool) -> Clock:
    """The clock of a request on a day."""
    days = (due - today).days
    if closed:
        return Clock(due, days, "closed")
    return Clock(due, days, "overdue" if days < 0 else "soon" if days <= SOON else "open")


__all__ = ["Clock", "OutsideCalendarError", "clock_of", "due_on", "months_after"]
