"""The same-day clock of a worry: when somebody reads it, until when it must be looked at, and when others are called.

What came in while somebody reads is due by the end of that day. What came in at night, at a weekend or on a bank holiday is due
by the end of the day on which somebody reads next, and every page says so. The calls do not wait for that: they count hours by
the clock on the wall, day and night, because whoever is on call may be another person than whoever reads.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.days import british_time
from feedback.domain.worry_profile import ReadingHours

REMIND_AFTER = timedelta(hours=1)
ESCALATE_AFTER = timedelta(hours=4)

MOST_ALONE = 20
"""Worries of an organisation that are told of one by one: of those that come in within an hour, and of those that wait. Where a
link is abused there are thousands, and a mailbox with thousands of mails is one in which nobody finds the true one."""

Call = Literal["reminder", "escalation", "late"]
"""What is said about a worry that waits: to the duty address again, to the escalation address, and to both."""

_SATURDAY = 5
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Clock:
    """When a worry came in, from when somebody reads it, and until when it must be triaged. Moments with a time zone."""

    opened_at: datetime
    read_from: datetime
    due_at: datetime

    @property
    def came_in_while_nobody_reads(self) -> bool:
        """Whether it waits for somebody to come."""
        return self.read_from > self.opened_at


def start(opened_at: datetime, hours: ReadingHours, calendar: WorkingDays) -> Clock:
    """The clock of a worry that came in at a moment."""
    local = british_time(opened_at)
    day, read_from = local.date(), opened_at
    if not reads_on(day, hours, calendar) or local.time() >= hours.ends:
        day = _next_day(day, hours, calendar)
        read_from = british_moment(day, hours.begins)
    elif local.time() < hours.begins:
        read_from = british_moment(day, hours.begins)
    return Clock(opened_at, read_from, british_moment(day + timedelta(days=1), _MIDNIGHT))


def calls(clock: Clock, now: datetime, *, acknowledged: bool, triaged: bool) -> tuple[Call, ...]:
    """Who is called about a worry by now; each call is made once. One that is late is told to both, instead of the others."""
    if triaged:
        return ()
    if now >= clock.due_at:
        return ("late",)
    waits = now - clock.opened_at
    if acknowledged or waits < REMIND_AFTER:
        return ()
    return ("reminder",) if waits < ESCALATE_AFTER else ("reminder", "escalation")


def is_late(due_at: datetime, triaged_at: datetime | None, now: datetime) -> bool:
    """Whether a worry was triaged after its time, or was not and its time has passed."""
    return (triaged_at or now) >= due_at


def british_moment(day: date, at: time) -> datetime:
    """The moment at which the clocks of the United Kingdom show a time of a day."""
    guess = datetime.combine(day, at, UTC)
    return guess - (british_time(guess).utcoffset() or timedelta())


def reads_on(day: date, hours: ReadingHours, calendar: WorkingDays) -> bool:
    """Whether a day is one of those on which somebody reads."""
    if hours.days == "every":
        return True
    try:
        return calendar.is_working_day(day)
    except OutsideCalendarError:
        # A worry is taken in whatever the year; a bank holiday too few is better than none at all.
        return day.weekday() < _SATURDAY


def _next_day(day: date, hours: ReadingHours, calendar: WorkingDays) -> date:
    day += timedelta(days=1)
    while not reads_on(day, hours, calendar):
        day += timedelta(days=1)
    return day
