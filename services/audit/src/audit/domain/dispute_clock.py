"""The clock of a dispute: which working day of its limit a stage is at today, and how far over.

Day 0 is the day on which the stage is reached; a day that is no working day is never counted (`chassis.calendar`). A stage is
due `limit` working days after it was reached and overdue on every later day until it is answered, or left without an answer.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from audit.domain.dispute import Dispute, Stage
from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError, FieldError, Kind

State = Literal["running", "overdue", "answered-in-time", "answered-late", "left", "ended-in-time", "ended-late"]


@dataclass(frozen=True)
class Clock:
    """What a clock says on a day, in working days. `day` is the one that it is at, or stopped at."""

    state: State
    day: int
    limit: int
    due_on: date
    over: int
    words: str

    @property
    def overdue(self) -> bool:
        """Whether the limit has passed and it still runs."""
        return self.state == "overdue"


REACHED = {"raise": "/raised_on", "escalate": "/escalated_on", "reopen": "/reopened_on"}
"""Where the day on which a stage is reached stands in what is sent."""


_LEFT = {None: "Left without an answer on", "resolved": "Settled in talks on", "withdrawn": "Withdrawn on"}


def timed(stage: Stage, reached_on: date, calendar: WorkingDays) -> Stage:
    """The stage as reached on a day, its due day counted by a calendar. Raises `outside-calendar` (malformed)."""
    try:
        due_on = calendar.add(reached_on, stage.limit)
    except OutsideCalendarError as error:
        pointer, detail = REACHED[stage.begun_by], f"{reached_on} is outside the years for which bank holidays are known"
        errors = (FieldError(pointer, detail),)
        raise DomainError("outside-calendar", f"No clock can be counted: {error}.", Kind.MALFORMED, errors) from None
    return replace(stage, reached_on=reached_on, due_on=due_on, calendar=calendar.version)


def taken(dispute: Dispute, number: int) -> int | None:
    """The working days until a stage was answered or left; None while its clock runs."""
    stage = dispute.stages[number - 1]
    stopped = stage.answer.on if stage.answer is not None else dispute.left_on(number)
    return None if stopped is None else WorkingDays.load(stage.calendar).count(stage.reached_on, stopped)


def of_stage(dispute: Dispute, number: int, today: date) -> Clock:
    """What the clock of a stage says today, by the calendar that the stage was counted with."""
    stage = dispute.stages[number - 1]
    left_on = dispute.left_on(number)
    stop = stage.answer.on if stage.answer is not None else left_on or today
    day = WorkingDays.load(stage.calendar).count(stage.reached_on, stop)
    late = stop > stage.due_on
    state: State = "overdue" if late else "running"
    beginning = "Today is"
    if stage.answer is not None:
        state, beginning = "answered-late" if late else "answered-in-time", "Answered on"
    elif left_on is not None:
        state, beginning = "left", _LEFT[None if stage.ending is None else stage.ending.result]
    return _clock(state, beginning, day, stage.limit, stage.due_on, late=late)


def of_waiting(reached_on: date, limit: int, due_on: date, calendar: str, today: date) -> Clock:
    """What the clock of a stage that waits for its answer says today; what a line of a list needs."""
    late = today > due_on
    day = WorkingDays.load(calendar).count(reached_on, today)
    return _clock("overdue" if late else "running", "Today is", day, limit, due_on, late=late)


def of_whole(dispute: Dispute, today: date) -> Clock | None:
    """What the clock of the process as a whole says today; None where there is no limit for it."""
    if dispute.limit_in_all is None:
        return None
    calendar = WorkingDays.load(dispute.current.calendar)
    due_on = calendar.add(dispute.counts_from, dispute.limit_in_all)
    ending = dispute.current.ending
    stop = ending.on if ending is not None else today
    late = stop > due_on
    state: State = "overdue" if late else "running"
    if ending is not None:
        state = "ended-late" if late else "ended-in-time"
    beginning = "Today is" if ending is None else "Ended on"
    day = calendar.count(dispute.counts_from, stop)
    return _clock(state, beginning, day, dispute.limit_in_all, due_on, late=late)


def _clock(state: State, beginning: str, day: int, limit: int, due_on: date, *, late: bool) -> Clock:
    over = max(0, day - limit)
    words = f"{beginning} day {day} of {limit}"
    if over:
        words += f", {over} working {'day' if over == 1 else 'days'} over"
    elif late:
        # A weekend after the last day: no working day has been lost yet, and the date has passed all the same.
        words += ", after the due date"
    return Clock(state, day, limit, due_on, over, words)
