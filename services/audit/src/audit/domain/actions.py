"""Actions of an audit: what may be done with them, and how they stand. Pure; the day is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

from audit.domain.judgement import MOST_LETTERS
from chassis.errors import DomainError, FieldError, Kind

Standing = Literal["done", "dropped", "on-track", "due-soon", "overdue"]
SOON = timedelta(days=7)

RAG: dict[Standing, str] = {"done": "green", "on-track": "green", "due-soon": "amber", "overdue": "red", "dropped": "grey"}
"""The colour that a standing is shown in, always beside its words."""


class _Action(Protocol):
    @property
    def status(self) -> Literal["open", "done", "dropped"]: ...
    @property
    def due_on(self) -> date: ...


@dataclass(frozen=True)
class Asked:
    """What somebody wants of an action: the step and what it needs."""

    step: Literal["note", "done", "reopen", "drop", "move"]
    note: str = ""
    due_on: date | None = None


def standing(action: _Action, today: date) -> Standing:
    """How an action stands. Due today is due soon, not overdue."""
    if action.status != "open":
        return action.status
    if action.due_on < today:
        return "overdue"
    return "due-soon" if action.due_on - today <= SOON else "on-track"


def open_number(actions: Iterable[_Action]) -> int:
    """How many are open."""
    return sum(action.status == "open" for action in actions)


def check_step(action: _Action, asked: Asked, today: date) -> None:
    """Raise `DomainError` unless a step may be taken.

    Done needs evidence, dropping and moving need a reason; only what is open can be done, dropped or moved, and only what is
    not open can be opened again.
    """
    is_open = action.status == "open"
    if asked.step == "reopen" and is_open:
        raise DomainError("action-open", "This action is open already. Nothing was changed.")
    if asked.step in {"done", "drop", "move"} and not is_open:
        raise DomainError("action-closed", f"This action is {action.status}. Open it again first. Nothing was changed.")
    errors = []
    if not asked.note.strip():
        words = {"note": "Write a note", "done": "Say what shows that it was done", "reopen": "Say why it is opened again"}
        errors.append(FieldError("/note", words.get(asked.step, "Say why")))
    if len(asked.note) > MOST_LETTERS:
        errors.append(FieldError("/note", f"{MOST_LETTERS:,} letters at most; this has {len(asked.note):,}"))
    if asked.step in {"move", "reopen"} and (asked.due_on is None or asked.due_on < today):
        errors.append(FieldError("/due_on", "Give the new day, today or later"))
    if errors:
        raise DomainError("invalid-step", "This cannot be recorded as it is. See `errors`.", Kind.MALFORMED, tuple(errors))
