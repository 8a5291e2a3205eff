"""The steps of a worry: which is legal when, and what each makes of it. Every step is a person's; a machine takes none.

    open ──acknowledge──▶ acknowledged ──triage──▶ triaged ──hand over──▶ handed over ──close──▶ closed
                               ▲                      └──────────────close─────────────────────▶ │
                               └──────────────────────────reopen─────────────────────────────────┘

Triaging and handing over can be done again. Whoever looks at it can be relieved: somebody else acknowledges it too. Somebody in
immediate danger must be handed over before the worry is closed; where a person found no safeguarding concern, there is nothing
to hand over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chassis.errors import DomainError, FieldError, Kind

MOST_WORDS = 4000
"""Characters of what a person says at a step."""


class State(StrEnum):
    """Where a worry stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    TRIAGED = "triaged"
    HANDED_OVER = "handed-over"
    CLOSED = "closed"


class Step(StrEnum):
    """What a person does with a worry."""

    ACKNOWLEDGE = "acknowledge"
    TRIAGE = "triage"
    HAND_OVER = "hand-over"
    CLOSE = "close"
    REOPEN = "reopen"


class Finding(StrEnum):
    """What a person found it to be."""

    IMMEDIATE_DANGER = "immediate-danger"
    FOLLOW_UP_TODAY = "follow-up-today"
    NO_CONCERN = "no-concern"


_UNDER_WAY = frozenset({State.ACKNOWLEDGED, State.TRIAGED, State.HANDED_OVER})
LEGAL: Mapping[Step, frozenset[State]] = {
    Step.ACKNOWLEDGE: frozenset({State.OPEN}) | _UNDER_WAY,
    Step.TRIAGE: _UNDER_WAY,
    Step.HAND_OVER: frozenset({State.TRIAGED, State.HANDED_OVER}),
    Step.CLOSE: frozenset({State.TRIAGED, State.HANDED_OVER}),
    Step.REOPEN: frozenset({State.CLOSED}),
}
"""From which states a step can be taken; more rules are in `possible`."""

_REFUSED: Mapping[State, str] = {
    State.OPEN: "Nobody has acknowledged it yet: do that first.",
    State.ACKNOWLEDGED: "It is not triaged yet: say first what it is.",
    State.TRIAGED: "It is triaged: hand it over, or close it.",
    State.HANDED_OVER: "It is handed over: close it when you know what was done.",
    State.CLOSED: "It is closed: open it again first.",
}


@dataclass(frozen=True, slots=True)
class Worry:
    """A worry as its rules see it. `revision` counts steps; `last_step`, `last_by` and `last_code` are of the newest one."""

    state: State = State.OPEN
    revision: int = 0
    looked_at_by: str | None = None
    finding: Finding | None = None
    handed_to: str | None = None
    acknowledged_at: datetime | None = None
    triaged_at: datetime | None = None
    closed_at: datetime | None = None
    last_step: Step | None = None
    last_by: str | None = None
    last_code: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that a person wants to take, having seen a revision. `code` is a finding or a place, by the step."""

    step: Step
    by: str
    seen: int
    code: str | None = None
    words: str = field(default="", repr=False)


def possible(worry: Worry, by: str) -> tuple[Step, ...]:
    """The steps that a person can take now, in their order."""
    return tuple(step for step in Step if _refusal(worry, step, by) is None)


def is_repetition(worry: Worry, asked: Asked) -> bool:
    """Whether it is the second click on a step that was taken already: the same step of the same person on what they saw."""
    mine = (worry.last_step, worry.last_by, worry.last_code) == (asked.step, asked.by, asked.code)
    return worry.revision == asked.seen + 1 and mine


def take(worry: Worry, asked: Asked, places: Collection[str], now: datetime) -> Worry:
    """The worry after a step.

    Raises `changed-meanwhile` (stale) where it is not what the person saw, `step-not-possible` (conflict), and `incomplete`
    (malformed, with the field) where the step lacks a finding, a place or words.
    """
    if worry.revision != asked.seen:
        detail = "Somebody else has taken a step since you opened this page. Nothing was changed. Look at it and decide again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    refusal = _refusal(worry, asked.step, asked.by)
    if refusal is not None:
        raise DomainError("step-not-possible", f"{refusal} Nothing was changed.")
    _complete(asked, places)
    after = replace(
        worry, revision=worry.revision + 1, last_step=asked.step, last_by=asked.by, last_code=asked.code, looked_at_by=asked.by
    )
    match asked.step:
        case Step.ACKNOWLEDGE:
            state = State.ACKNOWLEDGED if worry.state is State.OPEN else worry.state
            return replace(after, state=state, acknowledged_at=worry.acknowledged_at or now)
        case Step.TRIAGE:
            found = Finding(asked.code or "")
            # What was handed over stays so; where nothing is left to hand over, that is said by the finding.
            state = State.HANDED_OVER if worry.state is State.HANDED_OVER else State.TRIAGED
            return replace(after, state=state, finding=found, triaged_at=worry.triaged_at or now)
        case Step.HAND_OVER:
            return replace(after, state=State.HANDED_OVER, handed_to=asked.code)
        case Step.CLOSE:
            return replace(after, state=State.CLOSED, closed_at=now)
        case Step.REOPEN:
            return replace(after, state=State.ACKNOWLEDGED, closed_at=None)


def _refusal(worry: Worry, step: Step, by: str) -> str | None:
    if worry.state not in LEGAL[step]:
        return "It is not closed." if step is Step.REOPEN else _REFUSED[worry.state]
    if step is Step.ACKNOWLEDGE and worry.looked_at_by == by:
        return "You are looking at it already."
    if step is Step.HAND_OVER and worry.finding is Finding.NO_CONCERN:
        return "It was found to be no safeguarding concern: say what it is first, if that has changed."
    if step is Step.CLOSE and worry.finding is Finding.IMMEDIATE_DANGER and worry.state is not State.HANDED_OVER:
        return "Somebody is in immediate danger: hand it over first."
    return None


def _complete(asked: Asked, places: Collection[str]) -> None:
    wrong = []
    if asked.step is Step.TRIAGE and asked.code not in set(Finding):
        wrong.append(FieldError("/code", "Choose what it is"))
    if asked.step is Step.HAND_OVER and asked.code not in places:
        wrong.append(FieldError("/code", "Choose to whom you handed it over"))
    if asked.step is not Step.ACKNOWLEDGE and not asked.words.strip():
        wrong.append(FieldError("/words", _MISSING[asked.step]))
    if len(asked.words) > MOST_WORDS:
        wrong.append(FieldError("/words", f"Make it shorter: {MOST_WORDS} characters fit in here"))
    if wrong:
        raise DomainError(
            "incomplete", "Something is missing. Nothing was changed. See `errors`.", Kind.MALFORMED, tuple(wrong)
        )


_MISSING: Mapping[Step, str] = {
    Step.TRIAGE: "Say how you know",
    Step.HAND_OVER: "Say who took it and what you told them",
    Step.CLOSE: "Say what was done",
    Step.REOPEN: "Say why it is opened again",
}
