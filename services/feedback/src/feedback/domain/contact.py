"""A family that asks to be contacted: what they write, and the steps of whoever contacts them.

    waiting ──take──▶ taken ──reached──▶ reached ──close──▶ closed
                       │ ▲ └────────────close──────────────▶ │
                       └─┘ tried

Taking can be done again, by somebody who takes over. One that nobody could reach is closed with words that say so.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError, FieldError, Kind
from chassis.mail.message import is_address
from feedback.domain.links import ALPHABET

MOST_SHORT, MOST_ABOUT, MOST_WORDS = 200, 500, 4000
MOST_DAYS = 90
"""After so many days a request is deleted, whether somebody was reached or not."""

_REFERENCE = 5
_PHONE = re.compile(r"\+?[\d\s().\-–/]{6,40}")
_DIGITS = (9, 15)  # of a telephone number: Jersey's shortest, E.164's longest


class State(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    REACHED = "reached"
    CLOSED = "closed"


class Step(StrEnum):
    """What a person does with a request."""

    TAKE = "take"
    TRIED = "tried"
    REACHED = "reached"
    CLOSE = "close"


LEGAL: Mapping[Step, frozenset[State]] = {
    Step.TAKE: frozenset({State.WAITING, State.TAKEN, State.REACHED}),
    Step.TRIED: frozenset({State.TAKEN}),
    Step.REACHED: frozenset({State.TAKEN}),
    Step.CLOSE: frozenset({State.TAKEN, State.REACHED}),
}
_AFTER = {Step.TRIED: State.TAKEN, Step.REACHED: State.REACHED, Step.CLOSE: State.CLOSED}
_REFUSED: Mapping[State, str] = {
    State.WAITING: "Nobody has taken it yet: take it first.",
    State.TAKEN: "It is not closed yet.",
    State.REACHED: "They were reached: close it when there is nothing more to do.",
    State.CLOSED: "It is closed.",
}


@dataclass(frozen=True, slots=True)
class Details:
    """What a family wrote. Its representation shows nothing."""

    name: str = field(repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    best: str = field(default="", repr=False)
    about: str = field(default="", repr=False)

    @property
    def words(self) -> str:
        """All that may hold a worry."""
        return f"{self.name}\n{self.best}\n{self.about}"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as its rules see it. `last_step` and `last_by` are of the newest step."""

    state: State = State.WAITING
    revision: int = 0
    taken_by: str | None = None
    closed_on: date | None = None
    last_step: Step | None = None
    last_by: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that a person wants to take, having seen a revision."""

    step: Step
    by: str
    seen: int
    words: str = field(default="", repr=False)


def new_reference() -> str:
    """A fresh reference: C-7KQ4M. Random, so that it tells neither how many there are nor who came before whom."""
    return "C-" + "".join(secrets.choice(ALPHABET) for _ in range(_REFERENCE))


def wrong_details(details: Details) -> dict[str, str]:
    """What is wrong with what was written, by field: slugs of messages."""
    wrong: dict[str, str] = {}
    if not details.name:
        wrong["name"] = "name"
    if not details.phone and not details.email:
        wrong["phone"] = "phone"
    if details.phone and not _is_phone(details.phone):
        wrong["phone"] = "phone-wrong"
    if details.email and not is_address(details.email):
        wrong["email"] = "email-wrong"
    limits = {"name": MOST_SHORT, "best": MOST_SHORT, "about": MOST_ABOUT}
    return wrong | {name: "long" for name, most in limits.items() if len(getattr(details, name)) > most}


def _is_phone(text: str) -> bool:
    digits = sum(each.isascii() and each.isdigit() for each in text)
    return _PHONE.fullmatch(text) is not None and _DIGITS[0] <= digits <= _DIGITS[1]


def due_on(asked_on: date, within_days: int, calendar: WorkingDays) -> date:
    """The last working day on which they are to be contacted."""
    try:
        return calendar.add(asked_on, within_days)
    except OutsideCalendarError:
        # A request is taken in whatever the year; a bank holiday too few is better than none at all.
        return asked_on + timedelta(days=within_days + 2 * (1 + within_days // 5))


def is_late(due: date, state: State, today: date) -> bool:
    """Whether somebody should have been contacted by now and was not."""
    return state in {State.WAITING, State.TAKEN} and today > due


def possible(request: Request, by: str) -> tuple[Step, ...]:
    """The steps that a person can take now, in their order."""
    return tuple(step for step in Step if _refusal(request, step, by) is None)


def is_repetition(request: Request, asked: Asked) -> bool:
    """Whether it is the second click on a step that was taken already: the same step of the same person on what they saw."""
    return request.revision == asked.seen + 1 and (request.last_step, request.last_by) == (asked.step, asked.by)


def take(request: Request, asked: Asked, today: date) -> Request:
    """The request after a step.

    Raises `changed-meanwhile` (stale) where it is not what the person saw, `step-not-possible` (conflict), and `incomplete`
    (malformed, with the field) where closing lacks words or words are too many.
    """
    if request.revision != asked.seen:
        detail = "Somebody else has taken a step since you opened this page. Nothing was changed. Look at it and decide again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    if refusal := _refusal(request, asked.step, asked.by):
        raise DomainError("step-not-possible", f"{refusal} Nothing was changed.")
    if wrong := _wrong_words(asked):
        detail = "Something is missing. Nothing was changed. See `errors`."
        raise DomainError("incomplete", detail, Kind.MALFORMED, (FieldError("/words", wrong),))
    after = replace(request, revision=request.revision + 1, last_step=asked.step, last_by=asked.by, taken_by=asked.by)
    if asked.step is Step.TAKE:
        return replace(after, state=State.TAKEN if request.state is State.WAITING else request.state)
    return replace(after, state=_AFTER[asked.step], closed_on=today if asked.step is Step.CLOSE else None)


def _refusal(request: Request, step: Step, by: str) -> str | None:
    if request.state not in LEGAL[step]:
        return _REFUSED[request.state]
    if step is Step.TAKE and request.taken_by == by:
        return "You have taken it already."
    return None


def _wrong_words(asked: Asked) -> str | None:
    if asked.step is Step.CLOSE and not asked.words.strip():
        return "Say what was done, or why they could not be reached"
    return f"Make it shorter: {MOST_WORDS} characters fit in here" if len(asked.words) > MOST_WORDS else None
