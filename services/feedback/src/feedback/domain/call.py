"""The steps of a call: which is legal when, and what each makes of it.

    due ◀──no answer, wrong number──┐        due, call-back ──done────▶ done       (with the answers, in their transaction)
     │                              │                       ──declined─▶ declined ──┐
     └──call back──▶ call-back ─────┘                       ──close────▶ closed ────┴──reopen──▶ due

Whoever logs an attempt of a call that is nobody's takes it. Another's call is handed over by its caller or by an officer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from chassis.errors import DomainError, FieldError, Kind

MOST_NOTE = 200
"""Characters of a note: what the next caller needs to know, and no report of the talk."""

FURTHEST = timedelta(days=92)
"""How far ahead a call back can be promised: a quarter. Beyond that it is another call."""


class State(StrEnum):
    """Where a call stands."""

    DUE = "due"
    CALL_BACK = "call-back"
    DONE = "done"
    DECLINED = "declined"
    CLOSED = "closed"


OPEN = frozenset({State.DUE, State.CALL_BACK})


class Step(StrEnum):
    """What is done with a call: an attempt and its outcome, or something without a telephone."""

    NO_ANSWER = "no-answer"
    WRONG_NUMBER = "wrong-number"
    CALL_BACK = "call-back"
    DECLINED = "declined"
    DONE = "done"
    TAKE = "take"
    HAND_OVER = "hand-over"
    CLOSE = "close"
    REOPEN = "reopen"


OUTCOMES = (Step.NO_ANSWER, Step.WRONG_NUMBER, Step.CALL_BACK, Step.DECLINED, Step.DONE)
"""The steps that are attempts."""

REACHED = frozenset({Step.CALL_BACK, Step.DECLINED, Step.DONE})
"""Outcomes of attempts in which somebody was spoken to."""


class Ground(StrEnum):
    """Why a call is closed without having been made."""

    NOT_REACHED = "not-reached"
    NO_NUMBER = "no-number"
    NOT_TO_BE_CALLED = "not-to-be-called"
    MISTAKE = "entered-by-mistake"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as its rules see it. `revision` counts steps; `last_…` are of the newest one."""

    state: State = State.DUE
    revision: int = 0
    attempts: int = 0
    caller: str | None = None
    call_back_on: date | None = None
    wrong_number: bool = False
    tried_on: date | None = None
    ground: Ground | None = None
    ended_on: date | None = None
    last_step: Step | None = None
    last_by: str | None = None
    last_code: str | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that a person wants to take, having seen a revision. `code` is a ground or a caller, `day` of a call back."""

    step: Step
    by: str
    seen: int
    officer: bool = False
    code: str | None = None
    day: date | None = None
    consent: bool = False
    note: str = field(default="", repr=False)


def possible(call: Call, by: str, *, officer: bool) -> tuple[Step, ...]:
    """The steps that a person can take now, in their order."""
    return tuple(step for step in Step if _refusal(call, step, by, officer=officer) is None)


def grounds(call: Call, close_after: int) -> tuple[Ground, ...]:
    """Why it may be closed now: that nobody was reached only after so many attempts, that the number is wrong once one was."""
    fits = {
        Ground.NOT_REACHED: call.attempts >= close_after,
        Ground.NO_NUMBER: call.wrong_number,
        Ground.NOT_TO_BE_CALLED: True,
        Ground.MISTAKE: True,
    }
    return tuple(ground for ground, open_ in fits.items() if open_)


def is_repetition(call: Call, asked: Asked) -> bool:
    """Whether it is the second click on a step that was taken already: the same step of the same person on what they saw."""
    mine = (call.last_step, call.last_by, call.last_code, call.last_day) == (asked.step, asked.by, asked.code, asked.day)
    return call.revision == asked.seen + 1 and mine


def take(call: Call, asked: Asked, today: date, close_after: int) -> Call:
    """The call after a step.

    Raises `changed-meanwhile` (stale) where it is not what the person saw, `step-not-possible` (conflict), and `incomplete`
    (malformed, with the field) where the step lacks a day, a caller, a ground or consent.
    """
    if call.revision != asked.seen:
        detail = "Somebody else has taken a step since you opened this page. Nothing was changed. Look at it and decide again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    refusal = _refusal(call, asked.step, asked.by, officer=asked.officer)
    if refusal is not None:
        raise DomainError("step-not-possible", f"{refusal} Nothing was changed.")
    _complete(call, asked, today, close_after)
    after = replace(
        call,
        revision=call.revision + 1,
        last_step=asked.step,
        last_by=asked.by,
        last_code=asked.code,
        last_day=asked.day,
    )
    return _tried(after, asked, today) if asked.step in OUTCOMES else _moved(after, asked, today)


def _tried(call: Call, asked: Asked, today: date) -> Call:
    tried = replace(
        call,
        attempts=call.attempts + 1,
        caller=asked.by,
        tried_on=today,
        call_back_on=None,
        state=State.DUE,
        wrong_number=asked.step is Step.WRONG_NUMBER or (call.wrong_number and asked.step is Step.NO_ANSWER),
    )
    match asked.step:
        case Step.CALL_BACK:
            return replace(tried, state=State.CALL_BACK, call_back_on=asked.day)
        case Step.DECLINED:
            return replace(tried, state=State.DECLINED, ended_on=today)
        case Step.DONE:
            return replace(tried, state=State.DONE, ended_on=today)
    return tried


def _moved(call: Call, asked: Asked, today: date) -> Call:
    match asked.step:
        case Step.HAND_OVER:
            return replace(call, caller=asked.code)
        case Step.CLOSE:
            return replace(call, state=State.CLOSED, ground=Ground(asked.code or ""), ended_on=today, call_back_on=None)
        case Step.REOPEN:
            return replace(call, state=State.DUE, ground=None, ended_on=None)
    return replace(call, caller=asked.by)


def _refusal(call: Call, step: Step, by: str, *, officer: bool) -> str | None:  # noqa: PLR0911 - one return a rule
    if step is Step.REOPEN:
        if call.state is State.DONE:
            return "It was made, and its answers are stored: add another call instead."
        if call.state in OPEN:
            return "It is not closed."
        return None if officer or call.caller == by else "It was another caller's: ask them or an officer to open it again."
    if call.state not in OPEN:
        return {
            State.DONE: "The call was made, and its answers are stored.",
            State.DECLINED: "They did not want to talk: nobody calls again unless it is opened again.",
        }.get(call.state, "It is closed: open it again first.")
    if step is Step.TAKE:
        if call.caller == by:
            return "It is yours already."
        return None if officer or call.caller is None else "It is another caller's: ask them or an officer to hand it over."
    if call.caller not in {None, by} and not (officer and step in {Step.HAND_OVER, Step.CLOSE}):
        return "It is another caller's: ask them or an officer to hand it over."
    return None


def _complete(call: Call, asked: Asked, today: date, close_after: int) -> None:
    wrong = []
    if asked.step is Step.CALL_BACK and (asked.day is None or not today <= asked.day <= today + FURTHEST):
        wrong.append(
            FieldError("/day", f"Write the day on which they want to be called, from today to {FURTHEST.days} days on")
        )
    if asked.step is Step.DONE and not asked.consent:
        wrong.append(FieldError("/consent", "Say that they agreed to answer. Without that, nothing is stored"))
    if asked.step is Step.HAND_OVER and not asked.code:
        wrong.append(FieldError("/code", "Choose who makes the call"))
    if asked.step is Step.HAND_OVER and asked.code == call.caller:
        wrong.append(FieldError("/code", "It is theirs already: choose somebody else"))
    if asked.step is Step.CLOSE and asked.code not in {ground.value for ground in grounds(call, close_after)}:
        tries = f"; that nobody was reached can be said after {close_after} attempts" if call.attempts < close_after else ""
        wrong.append(FieldError("/code", f"Choose why it is closed{tries}"))
    if len(asked.note) > MOST_NOTE:
        wrong.append(FieldError("/note", f"Make it shorter: {MOST_NOTE} characters fit in here"))
    if wrong:
        raise DomainError("incomplete", "The step was not taken. See `errors`.", Kind.MALFORMED, tuple(wrong))


FOLLOWS: Mapping[Step, State] = {
    Step.NO_ANSWER: State.DUE,
    Step.WRONG_NUMBER: State.DUE,
    Step.CALL_BACK: State.CALL_BACK,
    Step.DECLINED: State.DECLINED,
    Step.DONE: State.DONE,
    Step.CLOSE: State.CLOSED,
    Step.REOPEN: State.DUE,
}
"""The state that a step leads to, of those that lead to another."""
