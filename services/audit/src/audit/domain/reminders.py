"""Who is to be reminded of what, today. Pure: dates in, reminders out; what was sent before is the queue's to know.

Worcestershire's timetable (docs/guides/mail.md) has reminders before and after each due date, and what is late visible to the
quality-assurance officer, never silent. Reminders go out on working days only. Each has a key that says which it is, so that
asking again, today or tomorrow, asks for the same mail; what was missed while nothing ran is not made up for, only the latest
that applies goes out. Officers get one mail about everything that is late, not one about each thing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chassis.calendar import WorkingDays

_BEYOND = timedelta(days=366)
"""What is due later than this is not due for a reminder under any rule: the calendar need not reach so far."""

DAYS_BEFORE = 3
"""Working days before a day on which somebody is reminded, where no programme says otherwise."""

CHASED = timedelta(days=91)
"""For how long after its day people are asked to read a result, or to discuss it: a quarter. Its page goes on saying so."""

AFTER = (1, 5)
"""Working days after the day on which somebody is reminded again."""


class DeadlineKind(StrEnum):
    """What somebody has to do by a day."""

    SUBMISSION = "submission"  # an auditor, or an agency, submits its part
    MODERATION = "moderation"  # the moderator fixes the grades
    ACKNOWLEDGEMENT = "acknowledgement"  # the team manager says that the result has been read
    DISCUSSION = "discussion"  # the team manager discusses it with the worker and records that
    ACTION = "action"  # its owner does it
    REVIEW = "review"  # the reviewer looks whether the actions were done
    CONCERN = "concern"  # the team manager takes over what could not wait; due the day it was raised
    DISPUTE = "dispute"  # whoever answers a stage of a dispute
    CIRCULATION = "circulation"  # the officers have a round ready to go out


@dataclass(frozen=True)
class Deadline:
    """Something that a person has to do by a day, of an audit known by its reference (of a dispute or round, by its own).

    `person` is the person's code, empty where the directory has nobody who could. `item` tells several of a kind apart (an
    action's id); empty where there is one. `remind_before` is in working days.
    """

    kind: DeadlineKind
    audit: str
    person: str
    due_on: date
    item: str = ""
    remind_before: int = DAYS_BEFORE


@dataclass(frozen=True)
class Reminder:
    """A reminder that is due: `offset` is its working day counted from the due day, before it negative, on it 0.

    `fell_on` is the day from which on it applied, today or earlier.
    """

    deadline: Deadline
    offset: int
    fell_on: date

    @property
    def key(self) -> str:
        """The same for the same reminder whenever it is asked for; another where the due date was moved. Codes only."""
        due = self.deadline
        step = f"{abs(self.offset)}-{'before' if self.offset < 0 else 'after'}" if self.offset else "on-the-day"
        return f"reminder:{due.kind}:{due.audit}:{due.item}:{due.person}:{due.due_on}:{step}"


def reminders_due(deadlines: Iterable[Deadline], today: date, calendar: WorkingDays) -> list[Reminder]:
    """The reminders that apply today, in the order of the deadlines; for each deadline the latest one only.

    The same answer until the next one's day: the caller asks for each under its key, and one that was asked for before does
    nothing. Nothing on a day that is no working day, nothing to nobody. Raises OutsideCalendarError.
    """
    if not calendar.is_working_day(today):
        return []
    near = (each for each in deadlines if each.person and each.due_on - today < _BEYOND)
    return [reminder for each in near for reminder in _of(each, today, calendar)]


@dataclass(frozen=True)
class Late:
    """What everybody is late with, as an officer is told of it: the oldest first, each thing once."""

    deadlines: tuple[Deadline, ...]

    @classmethod
    def of(cls, deadlines: Iterable[Deadline], today: date) -> "Late":
        """What of these was due before today. A thing that several people could do is one thing."""
        things = {(each.kind, each.audit, each.item): each for each in deadlines if each.due_on < today}
        return cls(tuple(sorted(things.values(), key=lambda each: (each.due_on, each.audit, each.kind, each.item))))

    def is_news(self, today: date, calendar: WorkingDays) -> bool:
        """Whether officers are told today: something became late since the last working day, or the week begins.

        Raises OutsideCalendarError.
        """
        if not self.deadlines or not calendar.is_working_day(today):
            return False
        before = calendar.add(today, -1)
        return self.deadlines[-1].due_on >= before or before.isocalendar()[:2] != today.isocalendar()[:2]


def chased_from(today: date) -> date:
    """The earliest day of a reading or a discussion that is still chased."""
    return today - CHASED


def last_working_day(calendar: WorkingDays, day: date) -> date:
    """The last working day that is not after a day: by then it must be done. Raises OutsideCalendarError."""
    return day if calendar.is_working_day(day) else calendar.add(day, -1)


def _of(deadline: Deadline, today: date, calendar: WorkingDays) -> Iterator[Reminder]:
    last = last_working_day(calendar, deadline.due_on)
    elapsed = calendar.count(last, today)
    # Of a concern they were told the moment it was raised; from then on every working day of the week after it.
    offsets = range(1, AFTER[-1] + 1) if deadline.kind is DeadlineKind.CONCERN else (-deadline.remind_before, 0, *AFTER)
    reached = [offset for offset in offsets if offset <= elapsed]
    if reached:
        yield Reminder(deadline, reached[-1], calendar.add(last, reached[-1]))
