"""What the pages of worries show, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from feedback.adapters.worries import Record
from feedback.adapters.worry_counts import Month, Told
from feedback.adapters.worry_history import Entry
from feedback.domain.profile import FeedbackProfile
from feedback.domain.worry import Finding, State, Step
from feedback.domain.worry_clock import Clock, is_late
from feedback.domain.worry_mails import due_words, moment_words, reference
from feedback.domain.worry_signs import Signs

STATES = {
    State.OPEN: ("Not looked at", "red"),
    State.ACKNOWLEDGED: ("Looked at", "yellow"),
    State.TRIAGED: ("Triaged", "blue"),
    State.HANDED_OVER: ("Handed over", "blue"),
    State.CLOSED: ("Closed", "grey"),
}
FINDINGS = {
    Finding.IMMEDIATE_DANGER: ("Somebody is in immediate danger", "Call 999 now, then hand it over."),
    Finding.FOLLOW_UP_TODAY: ("It needs follow-up today", "Somebody must speak to the family or the child today."),
    Finding.NO_CONCERN: (
        "No safeguarding concern",
        "You have read it yourself, and there is nothing to be done to keep anybody safe.",
    ),
}
HAPPENED = {
    "opened": "Came in", "read": "Read", "identified": "Looked up whose link it was", "acknowledge": "Took it on",
    "triage": "Triaged", "hand-over": "Handed over", "close": "Closed", "reopen": "Opened again",
}  # fmt: skip
CALLS = {
    "opened": "At once", "reminder": "After an hour", "escalation": "After four hours", "late": "When its day was over",
}  # fmt: skip
WHOM = {"duty": "to the duty address", "escalation": "to the escalation address"}
MAIL_STATES = {"waiting": "waits to be sent", "sending": "is being sent", "sent": "sent", "failed": "could not be sent"}
CHANNELS = {
    "link": "A link", "call": "Entered after a call", "visit": "Entered after a visit", "audit": "Entered in an audit",
    "paper": "Entered from paper", "asked": "A request to be contacted",
}  # fmt: skip


@dataclass(frozen=True)
class StepForm:
    """The words of a step's page."""

    title: str
    button: str
    label: str
    hint: str


STEPS = {
    Step.TRIAGE: StepForm(
        "What is it?", "Save what it is",
        "How do you know?", "What you read, whom you spoke to, what you looked up.",
    ),
    Step.HAND_OVER: StepForm(
        "To whom did you hand it over?", "Save to whom",
        "Who took it, and what did you tell them?", "Tell them first; where there is danger, by telephone. This page does not.",
    ),
    Step.CLOSE: StepForm(
        "What was done?", "Close it",
        "What was done to keep them safe?", "Whoever asks in a year must understand it.",
    ),
    Step.REOPEN: StepForm("Why is it opened again?", "Open it again", "Why?", "It is triaged anew after that."),
}  # fmt: skip


def line(record: Record, profile: FeedbackProfile, now: datetime) -> dict[str, Any]:
    """A worry in a list."""
    words, colour = STATES[record.worry.state]
    area = profile.organisation.area(record.service_area)
    return {
        "href": f"/feedback/worries/{record.id}",
        "reference": reference(record.number),
        "state": words,
        "colour": colour,
        "opened": moment_words(record.clock.opened_at),
        "clock": clock_words(record.clock, record.worry.triaged_at, now),
        "late": late(record, now),
        "area": area.name if area else record.service_area,
        "finding": FINDINGS[record.worry.finding][0] if record.worry.finding else "Not triaged yet",
        "closed": moment_words(record.worry.closed_at) if record.worry.closed_at else "",
    }


def opened_by(signs: Signs) -> str:
    """What opened a worry."""
    if not signs.in_words:
        return "An answer that was chosen opened this worry."
    first = "Words opened" if signs.in_words == signs.questions else "An answer that was chosen and words opened"
    return f"{first} this worry. A machine looks for words and does not understand them."


def late(record: Record, now: datetime) -> bool:
    """Whether it was triaged too late, or should have been by now."""
    return is_late(record.clock.due_at, record.worry.triaged_at, now)


def clock_words(clock: Clock, triaged_at: datetime | None, now: datetime) -> str:
    """How a worry stands against its clock."""
    if triaged_at is not None:
        return f"Triaged {'late' if is_late(clock.due_at, triaged_at, now) else 'in time'}: {moment_words(triaged_at)}"
    if now >= clock.due_at:
        return f"Late. It was due by {due_words(clock.due_at)}"
    due = f"Due by {due_words(clock.due_at)}, {left(clock.due_at - now)} from now"
    if now < clock.read_from:
        return f"{due}. It came in while nobody reads; reading begins {moment_words(clock.read_from)}"
    return due


def left(time: timedelta) -> str:
    """A span of time, in hours or, under one, in minutes."""
    hours, minutes = time // timedelta(hours=1), time // timedelta(minutes=1)
    number, unit = (hours, "hour") if hours else (minutes, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def history(entries: Sequence[Entry], profile: FeedbackProfile) -> list[dict[str, str]]:
    """What happened, oldest first."""
    return [
        {
            "at": moment_words(entry.at),
            "what": _what(entry, profile),
            "by": entry.by or "The survey",
            "words": entry.words,
        }
        for entry in entries
    ]


def _what(entry: Entry, profile: FeedbackProfile) -> str:
    words = HAPPENED[entry.what]
    if entry.code is None:
        return words
    if entry.what == Step.TRIAGE:
        return f"{words}: {FINDINGS[Finding(entry.code)][0]}"
    return f"{words}: {place(profile, entry.code)}"


def place(profile: FeedbackProfile, code: str) -> str:
    """To whom it was handed over; a place that has left the profile is called by its code."""
    found = profile.worries.place(code)
    return found.name if found else code


def mails(told: Sequence[Told]) -> list[str]:
    """What became of the mails, a line each."""
    lines = []
    for each in told:
        state = f"sent {moment_words(each.sent_at)}" if each.sent_at else MAIL_STATES[each.state]
        reason = f" ({each.error})" if each.error and each.state != "sent" else ""
        lines.append(f"{CALLS.get(each.call, each.call)}, {WHOM.get(each.whom, each.whom)}: {state}{reason}")
    return lines


MONTH_COLUMNS = (
    ("came_in", "Came in"), ("in_time", "Triaged in time"), ("late", "Late"), ("not_closed", "Not closed"),
    ("danger", "Immediate danger"), ("follow_up", "Follow-up"), ("no_concern", "No concern"),
    ("false_alarms", "Of these by words"),
)  # fmt: skip


def month_words(month: str) -> str:
    """A month as it is written: 2026-11 is November 2026."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def month_table(months: Sequence[Month]) -> dict[str, Any]:
    """The counts as a table."""

    def cells(values: Sequence[int]) -> list[dict[str, Any]]:
        return [{"state": "value" if value else "zero", "value": value, "n": None, "of": None} for value in values]

    names = [name for name, _ in MONTH_COLUMNS]
    rows = [
        {"code": each.month, "label": month_words(each.month), "cells": cells([getattr(each, name) for name in names])}
        for each in months
    ]
    total = [sum(getattr(each, name) for each in months) for name in names]
    return {
        "code": "worries",
        "title": "Worries by the month in which they came in",
        "rows_label": "Month",
        "columns": [{"code": name, "label": label, "unit": None} for name, label in MONTH_COLUMNS],
        "rows": [*rows, {"code": "total", "label": "All", "total": True, "cells": cells(total)}],
        "notes": [
            "Late: triaged after its day, or not triaged and its day is over. Its day is the first on which somebody reads.",
            "Of these by words: a person found no safeguarding concern in what the word list alone had opened.",
        ],
    }
