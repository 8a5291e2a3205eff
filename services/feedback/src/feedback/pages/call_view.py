"""What the pages of calls show, in words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from feedback.adapters.calls import Logged, Record
from feedback.domain.call import OPEN, Ground, State, Step
from feedback.domain.call_progress import Progress, days_left, month_end
from feedback.domain.profile import FeedbackProfile
from feedback.pages.links_desk import day, moment, several
from feedback.use_cases.keep_callers import Rota

CALLS = "/feedback/calls"
STATES = {
    State.DUE: ("To be called", "blue"),
    State.CALL_BACK: ("Call back", "yellow"),
    State.DONE: ("Made", "green"),
    State.DECLINED: ("Declined", "grey"),
    State.CLOSED: ("Closed", "grey"),
}
HAPPENED = {
    "added": "Added",
    Step.NO_ANSWER: "No answer",
    Step.WRONG_NUMBER: "Wrong number",
    Step.CALL_BACK: "They want to be called back",
    Step.DECLINED: "They did not want to talk",
    Step.DONE: "Made: the answers are stored",
    Step.TAKE: "Taken",
    Step.HAND_OVER: "Handed over",
    Step.CLOSE: "Closed",
    Step.REOPEN: "Opened again",
}
GROUNDS = {
    Ground.NOT_REACHED: ("Nobody was reached", "So many attempts were made as your organisation asks for."),
    Ground.NO_NUMBER: ("The number is wrong and there is no other", "Tell whoever keeps the case-management system."),
    Ground.NOT_TO_BE_CALLED: ("They are not to be called", "A crisis, a bereavement, or the worker asks not to."),
    Ground.MISTAKE: ("It was added by mistake", "It stands twice, or belongs to another programme."),
}


def line(record: Record, profile: FeedbackProfile, rota: Rota, today: date) -> dict[str, Any]:
    """A call in a list."""
    words, colour = STATES[record.call.state]
    programme = profile.calls.programme(record.wanted.programme)
    return {
        "href": f"{CALLS}/{record.id}",
        "reference": record.wanted.reference,
        "programme": programme.name if programme else record.wanted.programme,
        "state": words,
        "colour": colour,
        "when": when(record, today),
        "late": record.call.state in OPEN and record.wanted.due_on < today,
        "tried": tried(record, today),
        "caller": rota.name(record.call.caller),
        "free": record.call.caller is None,
    }


def when(record: Record, today: date) -> str:
    """By when it is to be made, what was promised, or how it ended."""
    call = record.call
    if call.state is State.CALL_BACK and call.call_back_on is not None:
        if call.call_back_on == today:
            return "Promised for today"
        return f"Promised for {day(call.call_back_on)}" + (": that day is over" if call.call_back_on < today else "")
    if call.state in OPEN:
        return f"{'Late: it was due' if record.wanted.due_on < today else 'Due'} by {day(record.wanted.due_on)}"
    ground = f": {lower(GROUNDS[call.ground][0])}" if call.ground else ""
    return f"{STATES[call.state][0]} on {day(call.ended_on)}{ground}"


def tried(record: Record, today: date) -> str:
    """What was tried so far."""
    call = record.call
    if not call.attempts:
        return "Not tried yet"
    last = "today" if call.tried_on == today else day(call.tried_on)
    number = ". The number was wrong: look for another" if call.wrong_number else ""
    return f"{several(call.attempts, 'attempt')}, the last {last}{number}"


def history(logged: Sequence[Logged], rota: Rota) -> list[dict[str, str]]:
    """A call's log, oldest first."""
    return [
        {"at": moment(each.at), "what": _what(each, rota), "by": each.by, "note": each.note}
        for each in logged
    ]  # fmt: skip


def _what(each: Logged, rota: Rota) -> str:
    words = HAPPENED[each.what]
    if each.what == Step.CLOSE and each.code:
        return f"{words}: {lower(GROUNDS[Ground(each.code)][0])}"
    if each.what in {Step.HAND_OVER, "added"} and each.code:
        return f"{words}, for {rota.name(each.code)}"
    if each.what == Step.CALL_BACK:
        return f"{words} on {day(each.call_back_on)}"
    return f"{words}. They agreed to answer" if each.consent else words


def standing(progress: Progress, profile: FeedbackProfile, rota: Rota, month: date, today: date) -> dict[str, Any]:
    """How far a caller is in a programme and month, as a row."""
    programme = profile.calls.programme(progress.programme)
    made = progress.made
    return {
        "caller": rota.name(progress.subject),
        "programme": programme.name if programme else progress.programme,
        "done": made.done,
        "minimum": progress.minimum,
        "declined": made.declined,
        "attempts": made.attempts,
        "missing": missing(progress, month, today),
        "short": bool(progress.missing),
    }


def missing(progress: Progress, month: date, today: date) -> str:
    """What is missing for the minimum, with the days that are left."""
    if progress.minimum is None:
        return "No number is owed"
    if not progress.missing:
        return "Reached"
    left = days_left(month, today)
    if today < month:
        return f"{several(progress.missing, 'call')} from {day(month)} on"
    if not left:
        return f"{several(progress.missing, 'call')} missing"
    return f"{several(progress.missing, 'call')} missing, {several(left, 'day')} left"


def month_name(month: date) -> str:
    """A month as people say it: November 2026."""
    return f"{month:%B %Y}"


def month_left(month: date, today: date) -> str:
    """How long a month goes on."""
    left = days_left(month, today)
    if today < month:
        return "This month has not begun."
    return f"{several(left, 'day')} left, until {day(month_end(month))}." if left else "This month is over."


def lower(words: str) -> str:
    """Words that go on within a sentence."""
    return f"{words[:1].lower()}{words[1:]}"
