"""What is to be done by which day: every limit that runs, the Ombudsman's days, and what waits without a limit. Pure.

The page of what is due and the mail of every morning say the same, since both are made of this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from chassis.calendar import WorkingDays
from complaints.domain.clock import read
from complaints.domain.clock_reminders import LIMIT_WORDS, RunningStage, Wanted, limits
from complaints.domain.learning_reminders import FOOTER, Mail, long_day, short_day

When = Literal["overdue", "today", "week", "later"]
MOST_LINES = 40
_SOON = timedelta(days=13)
"""The end of next week is at most so many days away."""


@dataclass(frozen=True)
class Due:
    """Something that has to have happened by a day. `path` leads to where it is done."""

    by: date
    what: str
    reference: str
    service_area: str
    path: str


@dataclass(frozen=True)
class Asked:
    """A next stage that was asked for and waits for a decision; its clock runs from the day it was asked for."""

    reference: str
    service_area: str
    stage: int
    asked_on: date
    path: str


@dataclass(frozen=True)
class Waiting:
    """What came in and nobody has decided: how many, since when, and how many of them hold words that may be urgent."""

    number: int = 0
    oldest: date | None = None
    urgent: int = 0


@dataclass(frozen=True)
class Agenda:
    """What is to be done as on a day. The lists do not overlap; each has what is due first on top."""

    on: date
    overdue: tuple[Due, ...]
    today: tuple[Due, ...]
    week: tuple[Due, ...]
    later: tuple[Due, ...]
    asked: tuple[Asked, ...]
    waiting: Waiting
    waited: int | None
    """Working days for which the oldest has waited."""

    def __bool__(self) -> bool:
        """Whether there is anything to say of what has to be done by the end of this week."""
        return bool(self.overdue or self.today or self.week or self.asked or self.waiting.number)


def agenda(
    running: Iterable[RunningStage],
    wanted: Iterable[Wanted],
    asked: Sequence[Asked],
    waiting: Waiting,
    today: date,
    calendar: WorkingDays,
) -> Agenda:
    """Everything that is due by the end of next week, or was due before. A suspended stage has only its acknowledgement."""
    found: dict[When, list[Due]] = {"overdue": [], "today": [], "week": [], "later": []}
    for each in (*_stages(running, today, calendar), *map(_deadline, wanted)):
        when = _when(each.by, today)
        if when is not None:
            found[when].append(each)
    lists = {when: tuple(sorted(known, key=lambda due: (due.by, due.reference))) for when, known in found.items()}
    waited = None if waiting.oldest is None or waiting.oldest < calendar.first else calendar.count(waiting.oldest, today)
    return Agenda(today, lists["overdue"], lists["today"], lists["week"], lists["later"], tuple(asked), waiting, waited)


def morning_mail(found: Agenda, to: str | None, calendar: WorkingDays, base: str) -> list[Mail]:
    """One mail each working morning with all of it; none where there is nothing, or no address."""
    if to is None or not found or not calendar.is_working_day(found.on):
        return []
    parts = [
        *_part("Overdue", found.overdue),
        *_part("Today", found.today),
        *_part("Later this week", found.week),
        *_part_asked(found),
        *_part_waiting(found),
    ]
    numbers = f"{len(found.overdue)} overdue, {len(found.today)} today, {len(found.week)} later this week"
    body = "\n\n".join(parts)
    link = f"{base}/complaints/due"
    subject = f"Complaints on {short_day(found.on)}: {numbers}"
    return [Mail(f"morning:{found.on}", to, subject, f"{body}\n\n{link}\n\n{FOOTER}\n")]


def _when(by: date, today: date) -> When | None:
    sunday = today + timedelta(days=7 - today.isoweekday())
    if by < today:
        return "overdue"
    if by == today:
        return "today"
    if by <= sunday:
        return "week"
    return "later" if by <= today + _SOON and by <= sunday + timedelta(days=7) else None


def _stages(running: Iterable[RunningStage], today: date, calendar: WorkingDays) -> Iterable[Due]:
    for stage in running:
        for limit in limits(read(calendar, stage.terms, stage.facts, today)):
            words = f"Stage {stage.number}: {LIMIT_WORDS[limit.what]}"
            path = f"/complaints/{stage.complaint_id}"
            yield Due(limit.by, words, stage.reference, stage.service_area, path)


def _deadline(wanted: Wanted) -> Due:
    words = "The Ombudsman waits for something"
    return Due(wanted.due_on, words, wanted.reference, wanted.service_area, f"/complaints/ombudsman/{wanted.case_id}")


def _part(title: str, known: Sequence[Due]) -> Iterable[str]:
    if known:
        lines = [f"- {long_day(each.by)}, {each.reference}. {each.what}." for each in known[:MOST_LINES]]
        more = [f"- and {len(known) - MOST_LINES} more"] if len(known) > MOST_LINES else []
        yield "\n".join([f"{title} ({len(known)})", *lines, *more])


def _part_asked(found: Agenda) -> Iterable[str]:
    if found.asked:
        lines = [
            f"- {each.reference}: stage {each.stage} was asked for on {long_day(each.asked_on)}."
            for each in found.asked[:MOST_LINES]
        ]
        yield "\n".join([f"A next stage to be decided on ({len(found.asked)})", *lines])


def _part_waiting(found: Agenda) -> Iterable[str]:
    if found.waiting.number:
        urgent = f", {found.waiting.urgent} of them marked Read now" if found.waiting.urgent else ""
        days = "working day" if found.waited == 1 else "working days"
        waited = "" if found.waited is None else f"; the oldest for {found.waited} {days}"
        yield f"{found.waiting.number} came in and nobody has decided what it is{urgent}{waited}. Their clocks run."
