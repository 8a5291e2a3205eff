"""The clock of a stage: when it is due, which working day it is today, and how far over.

Day 0 is the day of the event; a day that is no working day is never counted (`chassis.calendar`). Everything here is a function
of dates: what the clock said on any past day is asked with that day, and counts only what had happened by then.

Two sentences hold always and everywhere, in the API, on pages and in events: a stage is due `limit` working days after
`day_zero`, and it is overdue on every later day until it is answered.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from chassis.calendar import WorkingDays

CountsFrom = Literal["received", "acknowledged", "requested"]
State = Literal["running", "overdue", "answered-in-time", "answered-late"]


@dataclass(frozen=True)
class Terms:
    """The limits of a stage in working days, as the profile had them when the stage began.

    `extension_to` is the limit in all once extended, None where it cannot be. Where a stage counts from its acknowledgement,
    `acknowledge_within` is the limit for that.
    """

    limit: int
    extension_to: int | None
    counts_from: CountsFrom
    acknowledge_within: int | None = None


@dataclass(frozen=True)
class Facts:
    """What has happened in a stage, each by its own date. `started_on` is the day of receipt, or of the request."""

    started_on: date
    acknowledged_on: date | None = None
    extended_on: date | None = None
    responded_on: date | None = None


@dataclass(frozen=True)
class Timing:
    """From when and to when a stage runs: `due_on` is always the `limit`-th working day after `day_zero`."""

    day_zero: date
    limit: int
    due_on: date


@dataclass(frozen=True)
class Clock:
    """What a stage's clock says on a day. `day` is the working day it stopped at, or is at; 0 is the day of the event."""

    on: date
    state: State
    day_zero: date
    limit: int
    due_on: date
    day: int
    days_left: int
    days_over: int
    acknowledge_by: date | None
    calendar: str
    words: str

    @property
    def overdue(self) -> bool:
        """Whether the limit has passed and the stage is not answered."""
        return self.state == "overdue"


def timing(calendar: WorkingDays, terms: Terms, facts: Facts) -> Timing:
    """When a stage is due.

    A stage that counts from its acknowledgement is due, while none is recorded, as if it were acknowledged on the last day for
    that (docs/guides/profiles.md): both limits together, from the day it started. Raises OutsideCalendarError.
    """
    limit = terms.limit
    if facts.extended_on is not None and terms.extension_to is not None:
        limit = terms.extension_to
    day_zero = facts.started_on
    if terms.counts_from == "acknowledged":
        if facts.acknowledged_on is None:
            limit += terms.acknowledge_within or 0
        else:
            day_zero = facts.acknowledged_on
    return Timing(day_zero, limit, calendar.add(day_zero, limit))


def known_on(facts: Facts, on: date) -> Facts:
    """The facts that had happened by the end of a day. The stage must have started by then."""

    def by_then(day: date | None) -> date | None:
        return day if day is not None and day <= on else None

    return replace(
        facts,
        acknowledged_on=by_then(facts.acknowledged_on),
        extended_on=by_then(facts.extended_on),
        responded_on=by_then(facts.responded_on),
    )


def read(calendar: WorkingDays, terms: Terms, facts: Facts, on: date) -> Clock:
    """What the clock of a stage said, or says, on a day, which must not be before the stage started.

    Raises ValueError for an earlier day and OutsideCalendarError beyond the calendar.
    """
    if on < facts.started_on:
        msg = f"the stage started on {facts.started_on}: there is no clock on {on}"
        raise ValueError(msg)
    then = known_on(facts, on)
    when = timing(calendar, terms, then)
    stop = then.responded_on or on
    day = calendar.count(when.day_zero, stop)
    over = max(0, day - when.limit)
    late = stop > when.due_on
    state: State = "overdue" if late else "running"
    if then.responded_on is not None:
        state = "answered-late" if late else "answered-in-time"
    return Clock(
        on=on,
        state=state,
        day_zero=when.day_zero,
        limit=when.limit,
        due_on=when.due_on,
        day=day,
        days_left=max(0, when.limit - day) if then.responded_on is None else 0,
        days_over=over,
        acknowledge_by=_acknowledge_by(calendar, terms, then),
        calendar=calendar.version,
        words=_words(state, day, when, over),
    )


def _acknowledge_by(calendar: WorkingDays, terms: Terms, facts: Facts) -> date | None:
    if terms.acknowledge_within is None or facts.acknowledged_on is not None or facts.responded_on is not None:
        return None
    return calendar.add(facts.started_on, terms.acknowledge_within)


def _words(state: State, day: int, when: Timing, over: int) -> str:
    words = f"day {day} of {when.limit}"
    if state.startswith("answered"):
        words = f"answered on {words}"
    if over:
        return f"{words}, {over} working {'day' if over == 1 else 'days'} over"
    # A weekend after the last day: no working day has been lost yet, and the date has passed all the same.
    return f"{words}, after the due date" if state in {"overdue", "answered-late"} else words
