"""Who is to be mailed about which limit of a complaint today, and in which words. Pure; what was mailed before the queue knows.

A limit is a day by which something has to have happened: an acknowledgement, a draft inside the house, a panel, its report, the
answer. The complaints unit is told some working days before it, on it, and on the working day after it; when the last of them
has passed by some days, it goes up to the head of service. Mails go out on working days, of what was missed only the latest.
When a date moves, the new one is reminded of anew. A mail names the complaint's reference, and nothing of what it is about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.calendar import WorkingDays
from complaints.domain.clock import Clock, Facts, Terms, read
from complaints.domain.learning_profile import Learning
from complaints.domain.learning_reminders import FOOTER, Mail, long_day, short_day

What = Literal["acknowledge", "draft", "panel", "report", "answer"]
_BEYOND = timedelta(days=366)
LIMIT_WORDS: dict[What, str] = {
    "acknowledge": "the acknowledgement is to be sent",
    "draft": "the draft of the answer is wanted",
    "panel": "the review panel is to be held",
    "report": "the panel's report is to be sent",
    "answer": "the answer is to be sent",
}


class ClockReminders(BaseModel):
    """`clock_reminders:` of complaints.yaml, in working days."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    before: Annotated[int, Field(ge=1, le=20)] = 2
    escalate_after: Annotated[int, Field(ge=1, le=60)] = 3
    morning: bool = True
    """Whether the complaints unit gets one mail each working morning with everything that is due."""


@dataclass(frozen=True)
class RunningStage:
    """A stage that runs, of a complaint that somebody is to be reminded of."""

    complaint_id: UUID
    reference: str
    service_area: str
    number: int
    terms: Terms
    facts: Facts


@dataclass(frozen=True)
class Wanted:
    """What the Ombudsman waits for by a day."""

    id: UUID
    case_id: UUID
    reference: str
    service_area: str
    due_on: date


@dataclass(frozen=True)
class Limit:
    """By which day something has to have happened in a stage."""

    what: What
    by: date


def limits(clock: Clock) -> Iterator[Limit]:
    """The limits that a clock runs against. A suspended stage has none but that of its acknowledgement."""
    if clock.acknowledge_by is not None:
        yield Limit("acknowledge", clock.acknowledge_by)
    if clock.draft_by is not None and clock.state != "suspended":
        yield Limit("draft", clock.draft_by)
    if clock.answer_by is not None and clock.state != "suspended":
        yield Limit(clock.leg, clock.answer_by)


def clock_mails(
    running: Sequence[RunningStage],
    reminders: ClockReminders,
    learning: Learning,
    today: date,
    calendar: WorkingDays,
    base: str,
) -> list[Mail]:
    """Every mail that applies today; none on a day that is no working day, or without an address."""
    if not calendar.is_working_day(today):
        return []
    mails: list[Mail] = []
    for stage in running:
        for limit in limits(read(calendar, stage.terms, stage.facts, today)):
            mails += _about(stage, limit, reminders, learning, today, calendar, base)
    return mails


def deadline_mails(
    waiting: Sequence[Wanted],
    reminders: ClockReminders,
    learning: Learning,
    today: date,
    calendar: WorkingDays,
    base: str,
) -> list[Mail]:
    """The same of what the Ombudsman wants; its days are no working days, so the last one before it counts."""
    if not calendar.is_working_day(today):
        return []
    mails = []
    for each in waiting:
        if each.due_on - today > _BEYOND or each.due_on < calendar.first:
            continue  # years away, or mistyped: one such day must not keep the others from being reminded of
        last = each.due_on if calendar.is_working_day(each.due_on) else calendar.add(each.due_on, -1)
        for call, to in _calls(calendar.count(last, today), each.service_area, reminders, learning):
            late = each.due_on < today
            subject = f"{'Overdue' if late else 'Due'} {short_day(each.due_on)}: Ombudsman case {each.reference}"
            was = "wanted it by" if late else "wants it by"
            body = f"Something is open in Ombudsman case {each.reference}. The Ombudsman {was} {long_day(each.due_on)}.\n\n"
            link = f"{base}/complaints/ombudsman/{each.case_id}"
            key = f"ombudsman:{each.id}:{each.due_on}:{call}"
            mails.append(Mail(key, to, subject, f"{body}{link}\n\n{FOOTER}\n"))
    return mails


def _calls(elapsed: int, area: str, reminders: ClockReminders, learning: Learning) -> Iterator[tuple[str, str]]:
    """Which mails apply so many working days after a day, and to whom."""
    offsets = ((-reminders.before, "before"), (0, "due"), (1, "late"))
    reached = [call for offset, call in offsets if offset <= elapsed]
    unit, head = learning.complaints_unit_email, learning.head_of(area)
    if reached and unit:
        yield reached[-1], unit
    if elapsed >= reminders.escalate_after and head:
        yield "escalation", head


def _about(
    stage: RunningStage,
    limit: Limit,
    reminders: ClockReminders,
    learning: Learning,
    today: date,
    calendar: WorkingDays,
    base: str,
) -> Iterator[Mail]:
    for call, to in _calls(calendar.count(limit.by, today), stage.service_area, reminders, learning):
        # A draft inside the house is nobody else's affair.
        if call != "escalation" or limit.what != "draft":
            yield _mail(stage, limit, call, to, today, base)


def _mail(stage: RunningStage, limit: Limit, call: str, to: str, today: date, base: str) -> Mail:
    late = limit.by < today
    subject = f"{'Overdue' if late else 'Due'} {short_day(limit.by)}: complaint {stage.reference}, stage {stage.number}"
    was = "was to be by" if late else "is today," if limit.by == today else "is by"
    what = f"In stage {stage.number} of complaint {stage.reference} {LIMIT_WORDS[limit.what]}."
    body = f"{what} That {was} {long_day(limit.by)}.\n\n"
    link = f"{base}/complaints/{stage.complaint_id}"
    key = f"clock:{stage.complaint_id}:{stage.number}:{limit.what}:{limit.by}:{call}"
    return Mail(key, to, subject, f"{body}{link}\n\n{FOOTER}\n")
