"""What is learned from a point: an action, followed until it is done and reviewed, or a recorded reason for none. Pure.

The words are those of audits' actions (open, done, dropped; note, done, reopen, drop, move), so that one list of what the
service learns reads alike wherever the learning came from. A complaint's action has one step more: it is reviewed for whether
it made a difference, because a complaint has no review of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from chassis.errors import DomainError, FieldError, Kind
from complaints.domain.case import Finding, Stage

Status = Literal["open", "done", "reviewed", "dropped"]
Standing = Literal["reviewed", "done", "dropped", "on-track", "due-soon", "overdue"]
Difference = Literal["yes", "partly", "no"]
Step = Literal["note", "done", "reopen", "drop", "move", "review"]

SOON = timedelta(days=7)
MOST_LETTERS = 4000
MOST_ACTIONS = 20
"""Of one point: more is a plan, and belongs into one."""

RAG: Mapping[Standing, str] = {
    "reviewed": "green",
    "done": "green",
    "on-track": "green",
    "due-soon": "amber",
    "overdue": "red",
    "dropped": "grey",
}
"""The colour that a standing is shown in, always beside its words."""

ASKS: frozenset[Finding] = frozenset({"upheld", "partially-upheld"})
"""Findings after which an action, or a reason for none, is asked for."""


@dataclass(frozen=True)
class Owner:
    """Who sees to an action: a person, who need not sign in here, or a team (`team` of the action) without anybody named."""

    name: str = ""
    sign_in: str = ""
    email: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be done, by whom, where and by when."""

    what: str
    owner: Owner
    service_area: str
    team: str | None
    due_on: date
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """An action as far as its state goes."""

    plan: Plan
    status: Status = "open"
    done_on: date | None = None
    evidence: str = ""
    reviewed_on: date | None = None
    difference: Difference | None = None


@dataclass(frozen=True)
class Asked:
    """What somebody wants of an action: the step and what it needs."""

    step: Step
    note: str = ""
    due_on: date | None = None
    difference: Difference | None = None


@dataclass(frozen=True)
class Found:
    """The finding on a point that counts now: that of the latest answered stage which made one."""

    stage: int
    finding: Finding

    @property
    def asks(self) -> bool:
        """Whether it asks for an action, or a reason for none."""
        return self.finding in ASKS


def found_on(points: Iterable[str], stages: Iterable[Stage]) -> Found | None:
    """The finding that counts now, of a point and those that it came from; None as long as no answered stage made one."""
    named = tuple(points)
    made = [Found(each.number, each.findings[point]) for each in stages for point in named if point in each.findings]
    return max(made, key=lambda each: each.stage) if made else None


def standing(status: Status, due_on: date, today: date) -> Standing:
    """How an action stands. Due today is due soon, not overdue."""
    if status != "open":
        return status
    if due_on < today:
        return "overdue"
    return "due-soon" if due_on - today <= SOON else "on-track"


def possible(action: Action) -> tuple[Step, ...]:
    """The steps that can be taken with an action now."""
    match action.status:
        case "open":
            return ("done", "note", "move", "drop")
        case "done":
            return ("review", "reopen", "note")
        case _:
            return ("reopen", "note")


def take(action: Action, asked: Asked, today: date) -> Action:
    """The action after a step.

    Done needs evidence; dropping, moving and opening again need a reason; a review says whether it made a difference and what
    shows it. Raises `action-open`, `action-closed`, `action-not-done`, and `invalid-step` with every place.
    """
    if asked.step not in possible(action):
        raise _not_now(action, asked)
    _check(asked, today)
    note = asked.note.strip()
    match asked.step:
        case "done":
            return replace(action, status="done", done_on=today, evidence=note)
        case "review":
            return replace(action, status="reviewed", reviewed_on=today, difference=asked.difference)
        case "drop":
            return replace(action, status="dropped")
        case "move":
            return replace(action, plan=replace(action.plan, due_on=asked.due_on or today))
        case "reopen":
            plan = replace(action.plan, due_on=asked.due_on or today)
            return Action(plan)  # what was done and said stands in the history
        case _:
            return action


def change(action: Action, plan: Plan, today: date) -> Action:
    """The action with another plan; the day is moved by a step of its own, with a reason. Raises as `check_plan`."""
    if action.status != "open":
        raise _not_now(action, Asked("move"))
    kept = replace(plan, due_on=action.plan.due_on)
    check_plan(kept, min(today, kept.due_on))
    return replace(action, plan=kept)


def check_plan(plan: Plan, today: date) -> None:
    """Raise `invalid-action` with every place unless it says what, who and a day that is still to come."""
    errors = []
    if not 0 < len(plan.what.strip()) <= MOST_LETTERS:
        errors.append(FieldError("/what", f"Say what is to be done, in {MOST_LETTERS:,} letters at most"))
    if not plan.owner.name.strip() and plan.team is None:
        errors.append(FieldError("/owner_name", "Say who sees to it: a person, or choose a team"))
    if (plan.owner.sign_in or plan.owner.email) and not plan.owner.name.strip():
        errors.append(FieldError("/owner_name", "Give the name of the person with this sign-in or e-mail address"))
    if plan.due_on < today:
        errors.append(FieldError("/due_on", "Give a day that is still to come"))
    if errors:
        raise DomainError("invalid-action", "The action was not stored. See `errors`.", Kind.MALFORMED, tuple(errors))


def check_reason(reason: str) -> None:
    """Raise `invalid-reason` unless a reason for no action says something."""
    if not 0 < len(reason.strip()) <= MOST_LETTERS:
        error = FieldError("/reason", f"Say why there is no action, in {MOST_LETTERS:,} letters at most")
        raise DomainError("invalid-reason", "The reason was not stored. See `errors`.", Kind.MALFORMED, (error,))


def _not_now(action: Action, asked: Asked) -> DomainError:
    if asked.step == "reopen":
        return DomainError("action-open", "This action is open already. Nothing was changed.")
    if asked.step == "review" and action.status == "open":
        return DomainError("action-not-done", "Say that it is done first, then review it. Nothing was changed.")
    return DomainError("action-closed", f"This action is {action.status}. Open it again first. Nothing was changed.")


_NEEDED = {
    "note": "Write a note",
    "done": "Say what shows that it was done",
    "reopen": "Say why it is opened again",
    "review": "Say what shows whether it made a difference",
}


def _check(asked: Asked, today: date) -> None:
    errors = []
    if not asked.note.strip():
        errors.append(FieldError("/note", _NEEDED.get(asked.step, "Say why")))
    if len(asked.note) > MOST_LETTERS:
        errors.append(FieldError("/note", f"{MOST_LETTERS:,} letters at most; this has {len(asked.note):,}"))
    if asked.step in {"move", "reopen"} and (asked.due_on is None or asked.due_on < today):
        errors.append(FieldError("/due_on", "Give the new day, today or later"))
    if asked.step == "review" and asked.difference is None:
        errors.append(FieldError("/difference", "Choose whether it made a difference"))
    if errors:
        raise DomainError("invalid-step", "This cannot be recorded as it is. See `errors`.", Kind.MALFORMED, tuple(errors))
