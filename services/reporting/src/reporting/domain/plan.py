"""Improvement plans: workstreams, actions, milestones, and how an action stands. Pure; the day is an argument.

How an action stands is said by a person, with a reason; what the calendar says weighs more: an action with a milestone whose
day is over and which was not met has missed it, whatever anybody said before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind

Rag = Literal["on-track", "may-miss", "missed", "completed", "dropped"]
Said = Literal["on-track", "may-miss", "missed"]
ActionStep = Literal["rag", "complete", "drop", "reopen", "note"]
MilestoneStep = Literal["met", "move", "drop", "reopen"]

RAGS: dict[str, str] = {
    "on-track": "On track",
    "may-miss": "May miss",
    "missed": "Missed",
    "completed": "Completed",
    "dropped": "Not needed",
}
COLOURS: dict[str, str] = {
    "on-track": "green", "may-miss": "yellow", "missed": "red", "completed": "blue", "dropped": "grey",
}  # fmt: skip

MOST_LETTERS = 4000
MOST_LINE = 200
"""Letters of a title, a name, a role."""

MOST_WORKSTREAMS, MOST_ACTIONS, MOST_MILESTONES, MOST_MEASURES = 30, 300, 30, 10
"""Of a plan: workstreams, actions; of an action: milestones, measures. A plan with more is several."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True)
class Head:
    """What a plan is, as a person writes it. `service_area` None: of the whole organisation."""

    title: str
    purpose: str
    service_area: str | None = None


@dataclass(frozen=True)
class Workstream:
    """A part of a plan, and who leads it: a role, or a name as it was typed.

    `person` is their code where they were chosen from the staff directory, since the revision `given`.
    """

    title: str
    lead: str
    person: str | None = None
    given: int = 1


@dataclass(frozen=True)
class Action:
    """What is to be done and who sees to it (a role, or a name as it was typed), and what a person says of it.

    `person` is the owner's code where they were chosen from the staff directory, since the revision `given`.
    """

    what: str
    owner: str
    state: Literal["open", "completed", "dropped"] = "open"
    rag: Said = "on-track"
    ended_on: date | None = None
    person: str | None = None
    given: int = 1


@dataclass(frozen=True)
class Milestone:
    """What is reached by a day."""

    what: str
    first_due_on: date
    due_on: date
    met_on: date | None = None
    dropped: bool = False

    @property
    def open(self) -> bool:
        """Neither met nor dropped."""
        return self.met_on is None and not self.dropped

    def late(self, today: date) -> bool:
        """Whether its day is over and it was not met. Due today is not late."""
        return self.open and self.due_on < today


@dataclass(frozen=True)
class Whose:
    """Who sees to something: a role or a name; `person` is their code where they were chosen from the staff directory."""

    name: str
    person: str | None = None


@dataclass(frozen=True)
class NewAction:
    """An action as it is typed, with its first milestone: without a day it would be no plan."""

    workstream: UUID
    what: str
    owner: str
    milestone: str
    due_on: date | None
    tracked: str | None = None
    person: str | None = None

    def checked(self, today: date) -> Milestone:
        """Its first milestone. Raises `invalid-action` with every place."""
        errors = [
            *_text("/what", self.what, "Say what is to be done"),
            *_line("/owner", self.owner, "Say who sees to it: a role or a name"),
            *_text("/milestone", self.milestone, "Say what is reached first"),
        ]
        if self.due_on is None or not today <= self.due_on <= LAST_DAY:
            errors.append(FieldError("/due", "Give the day by which it is reached: today or later"))
        _refuse("invalid-action", errors)
        return new_milestone(self.milestone, self.due_on, today)


@dataclass(frozen=True)
class AskedOfAction:
    """What somebody wants of an action."""

    step: ActionStep
    note: str
    rag: Said | None = None


@dataclass(frozen=True)
class AskedOfMilestone:
    """What somebody wants of a milestone; `on` is the day on which it was met, or its new day."""

    step: MilestoneStep
    note: str = ""
    on: date | None = None


def rag_on(action: Action, milestones: Iterable[Milestone], today: date) -> Rag:
    """How an action stands on a day: what ended it, else the calendar where a milestone was missed, else what a person said."""
    if action.state != "open":
        return action.state
    return "missed" if any(each.late(today) for each in milestones) else action.rag


def by_calendar(action: Action, milestones: Iterable[Milestone], today: date) -> bool:
    """Whether it is the calendar that says that it missed its day, and no person did."""
    return action.state == "open" and action.rag != "missed" and any(each.late(today) for each in milestones)


def check_head(head: Head, areas: Iterable[str]) -> None:
    """Raise `invalid-plan` with every place unless it says what it is, and its service area is one."""
    errors = [
        *_line("/title", head.title, "Say what the plan is called"),
        *_text("/purpose", head.purpose, "Say what it is for"),
    ]
    if head.service_area is not None and head.service_area not in set(areas):
        errors.append(FieldError("/service_area", "Choose a service area of the list"))
    _refuse("invalid-plan", errors)


def check_workstream(workstream: Workstream) -> None:
    """Raise `invalid-workstream` unless it has a title and somebody leads it."""
    errors = [
        *_line("/title", workstream.title, "Say what the workstream is called"),
        *_line("/lead", workstream.lead, "Say who leads it: a role or a name"),
    ]
    _refuse("invalid-workstream", errors)


def check_action(what: str, owner: str) -> None:
    """Raise `invalid-action` unless it says what and who."""
    errors = [
        *_text("/what", what, "Say what is to be done"),
        *_line("/owner", owner, "Say who sees to it: a role or a name"),
    ]
    _refuse("invalid-action", errors)


def new_milestone(what: str, due_on: date | None, today: date) -> Milestone:
    """A milestone. Raises `invalid-milestone` unless it says what, and a day that is still to come."""
    errors = list(_text("/what", what, "Say what is reached by then"))
    if due_on is None or not today <= due_on <= LAST_DAY:
        errors.append(FieldError("/due_on", "Give the day by which it is reached: today or later"))
    _refuse("invalid-milestone", errors)
    return Milestone(what.strip(), due_on or today, due_on or today)


def possible(action: Action) -> tuple[ActionStep, ...]:
    """The steps that can be taken with an action now."""
    return ("rag", "complete", "note", "drop") if action.state == "open" else ("reopen", "note")


def take(action: Action, milestones: Iterable[Milestone], asked: AskedOfAction, today: date) -> Action:
    """The action after a step; each needs words.

    Raises `step-not-possible`, `milestones-open` (conflict) where it is to be completed, or on track, against its milestones,
    and `invalid-step` with every place.
    """
    held = list(milestones)
    if asked.step not in possible(action):
        detail = "Open it again first." if action.state != "open" else "It is open already."
        raise DomainError("step-not-possible", f"This action is {_state(action)}. {detail} Nothing was changed.")
    errors = list(_text("/note", asked.note, _NEEDED[asked.step]))
    if asked.step == "rag" and asked.rag is None:
        errors.append(FieldError("/rag", "Choose how it stands"))
    _refuse("invalid-step", errors)
    match asked.step:
        case "rag":
            if asked.rag != "missed" and any(each.late(today) for each in held):
                detail = "A milestone was missed. Say that it was met, or move its day with a reason. Nothing was changed."
                raise DomainError("milestones-open", detail)
            return replace(action, rag=asked.rag or action.rag)
        case "complete":
            if any(each.open for each in held):
                detail = (
                    "Milestones are still open. Say of each that it was met, or that it is not needed. Nothing was changed."
                )
                raise DomainError("milestones-open", detail)
            return replace(action, state="completed", ended_on=today)
        case "drop":
            return replace(action, state="dropped", ended_on=today)
        case "reopen":
            return replace(action, state="open", rag="on-track", ended_on=None)
        case _:
            return action


def take_milestone(milestone: Milestone, asked: AskedOfMilestone, today: date) -> Milestone:
    """The milestone after a step; moving, dropping and opening again need a reason, and the first day stays.

    Raises `step-not-possible` and `invalid-step` with every place.
    """
    if (asked.step == "reopen") == milestone.open:
        detail = "It is open already." if milestone.open else "It is not open: open it again first."
        raise DomainError("step-not-possible", f"{detail} Nothing was changed.")
    errors = list(_text("/note", asked.note, "Say why")) if asked.step != "met" or asked.note.strip() else []
    if asked.step == "met" and (asked.on is None or not FIRST_DAY <= asked.on <= today):
        errors.append(FieldError("/on", "Give the day on which it was reached: today or earlier"))
    if asked.step in {"move", "reopen"} and (asked.on is None or not today <= asked.on <= LAST_DAY):
        errors.append(FieldError("/on", "Give the new day: today or later"))
    _refuse("invalid-step", errors)
    match asked.step:
        case "met":
            return replace(milestone, met_on=asked.on)
        case "move":
            return replace(milestone, due_on=asked.on or milestone.due_on)
        case "drop":
            return replace(milestone, dropped=True)
        case _:
            return replace(milestone, met_on=None, dropped=False, due_on=asked.on or milestone.due_on)


def check_reason(note: str) -> None:
    """Raise `invalid-step` unless a reason says something."""
    _refuse("invalid-step", list(_text("/note", note, "Say why")))


def stale() -> DomainError:
    """The refusal of a change to what somebody else changed meanwhile."""
    detail = "Somebody else has changed this since you opened the page. Nothing was changed; what you typed is below."
    return DomainError("stale", detail, Kind.STALE)


def closed() -> DomainError:
    """The refusal of a change to a plan that is closed."""
    return DomainError("plan-closed", "This plan is closed. Open it again first. Nothing was changed.")


_NEEDED = {
    "rag": "Say why it stands so",
    "complete": "Say what shows that it is done",
    "drop": "Say why it is not needed any more",
    "reopen": "Say why it is opened again",
    "note": "Write how far it is",
}


def _state(action: Action) -> str:
    return {"open": "open", "completed": "completed", "dropped": "not needed any more"}[action.state]


def _line(pointer: str, words: str, needed: str) -> Iterator[FieldError]:
    if not words.strip():
        yield FieldError(pointer, needed)
    elif len(words.strip()) > MOST_LINE:
        yield FieldError(pointer, f"{MOST_LINE} letters at most; this has {len(words.strip())}")


def _text(pointer: str, words: str, needed: str) -> Iterator[FieldError]:
    if not words.strip():
        yield FieldError(pointer, needed)
    elif len(words) > MOST_LETTERS:
        yield FieldError(pointer, f"{MOST_LETTERS:,} letters at most; this has {len(words):,}")


def _refuse(slug: str, errors: list[FieldError]) -> None:
    if errors:
        raise DomainError(slug, "Nothing was stored. See `errors`.", Kind.MALFORMED, tuple(errors))
