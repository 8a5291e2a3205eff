"""What the Ombudsman asks for by a day. The days are theirs, by the calendar on the wall: no working day is counted."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind

DeadlineKind = Literal["enquiry", "draft", "remedy"]
KINDS: tuple[DeadlineKind, ...] = get_args(DeadlineKind)
MOST_WORDS = 2000


@dataclass(frozen=True)
class Deadline:
    """By when the Ombudsman wants something: an answer to enquiries, comments on a draft, a remedy of the decision.

    `remedy` is the code of what the remedy is, where that was said.
    """

    id: UUID
    kind: DeadlineKind
    due_on: date
    done_on: date | None = None
    remedy: str | None = None

    def late(self, on: date) -> bool:
        """Whether it was missed: done after its day, or not done on a later one."""
        return (self.done_on or on) > self.due_on


def finish(deadline: Deadline, done_on: date, accepted_on: date, today: date) -> Deadline:
    """It was done on a day. The same day again changes nothing. Raises `already-done` and on a day that cannot be."""
    if deadline.done_on is not None:
        if deadline.done_on == done_on:
            return deadline
        raise DomainError("already-done", f"That was done on {deadline.done_on}. Nothing was changed.")
    if not accepted_on <= done_on <= today:
        errors = (
            FieldError("/done_on", f"expected a day from {accepted_on}, when the case was accepted, up to today ({today})"),
        )
        raise DomainError("dates-out-of-order", "That day cannot be.", Kind.MALFORMED, errors)
    return replace(deadline, done_on=done_on)


def check_new(due_on: date, what: str, accepted_on: date) -> None:
    """A deadline lies after the case was accepted, and says what is wanted. Raises `incomplete`."""
    errors = []
    if due_on < accepted_on:
        errors.append(FieldError("/due_on", f"expected {accepted_on} or later, the day the case was accepted"))
    if not what.strip() or len(what) > MOST_WORDS:
        errors.append(FieldError("/what", f"say in up to {MOST_WORDS:,} characters what is wanted"))
    if errors:
        raise DomainError("incomplete", "Something is missing. Nothing was stored.", Kind.MALFORMED, tuple(errors))
