"""How a report is issued, and the two people that it takes.

                 ┌─────── send back ───────┐
                 ▼                         │
(draft) ─prepare─▶ prepared ─check, by somebody else─▶ checked ─issue─▶ issued ─withdraw─▶ withdrawn
                      └─────── send back ──▶ sent back

What is prepared never changes: what was checked is what is issued. Whoever wants another figure or word in it sends it back and
prepares it anew.
"""

from collections.abc import Mapping
from enum import StrEnum

from chassis.errors import DomainError, FieldError, Kind

MOST_REASON = 1_000
"""Characters of a reason."""


class State(StrEnum):
    """Where a version stands."""

    PREPARED = "prepared"
    CHECKED = "checked"
    ISSUED = "issued"
    SENT_BACK = "sent-back"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What a person does with a version."""

    CHECK = "check"
    SEND_BACK = "send-back"
    ISSUE = "issue"
    WITHDRAW = "withdraw"


OPEN = (State.PREPARED, State.CHECKED)
SEEN = (State.ISSUED, State.WITHDRAWN)
"""States in which readers see a version."""

_AFTER: Mapping[Step, State] = {
    Step.CHECK: State.CHECKED,
    Step.SEND_BACK: State.SENT_BACK,
    Step.ISSUE: State.ISSUED,
    Step.WITHDRAW: State.WITHDRAWN,
}
_POSSIBLE: Mapping[State, tuple[Step, ...]] = {
    State.PREPARED: (Step.CHECK, Step.SEND_BACK),
    State.CHECKED: (Step.ISSUE, Step.SEND_BACK),
    State.ISSUED: (Step.WITHDRAW,),
    State.SENT_BACK: (),
    State.WITHDRAWN: (),
}
_FIRST = {State.PREPARED: "Somebody else has to check it first.", State.CHECKED: "It was checked already."}


def possible(state: State, by: str, prepared_by: str) -> tuple[Step, ...]:
    """The steps that a person can take now: whoever prepared it does not check it."""
    return tuple(step for step in _POSSIBLE[state] if not (step is Step.CHECK and by == prepared_by))


def is_repetition(state: State, step: Step) -> bool:
    """Whether it is the second click on a step that was taken."""
    return _AFTER[step] is state


def after(state: State, step: Step, by: str, prepared_by: str) -> State:
    """The state after a step. Raises `step-not-possible` (conflict) and `second-person` (forbidden)."""
    if step not in _POSSIBLE[state]:
        detail = f"This version is {state.value.replace('-', ' ')}. {_FIRST.get(state, '')} Nothing was changed."
        raise DomainError("step-not-possible", " ".join(detail.split()))
    if step not in possible(state, by, prepared_by):
        detail = "You prepared it, so somebody else has to read and check it before it is issued. Nothing was changed."
        raise DomainError("second-person", detail, Kind.FORBIDDEN)
    return _AFTER[step]


def reason_of(words: str, what: str) -> str:
    """A reason as it is kept. Raises `reason-missing` (malformed, with the field)."""
    text = words.strip()
    if not 0 < len(text) <= MOST_REASON:
        detail = f"Say {what}, in up to {MOST_REASON:,} characters"
        raise DomainError("reason-missing", detail, Kind.MALFORMED, (FieldError("/reason", detail),))
    return text
