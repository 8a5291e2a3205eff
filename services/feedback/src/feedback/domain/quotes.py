"""Quotes: what may be made of somebody's words, and the two people that it takes.

waiting ──approve, by somebody else──▶ approved ──redact again──▶ waiting
   └──send back──▶ sent-back ──redact again──▶ waiting
any of them ──withdraw──▶ withdrawn ──redact again──▶ waiting

What was approved stays in use while its next text waits, until that is approved or the quote is withdrawn.

Words are left out or replaced by what stands in square brackets. Nobody puts words into the mouth of a family: what is not
in brackets was written by them, in that order.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chassis.errors import DomainError, FieldError, Kind
from feedback.domain.likely_names import Span, folded

MOST_REASON = 1000
"""Characters of why a quote is sent back or withdrawn."""


class State(StrEnum):
    """Where a quote stands."""

    WAITING = "waiting"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What a person does with a quote."""

    REDACT = "redact"
    APPROVE = "approve"
    SEND_BACK = "send-back"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as its rules see it. `version` is of its text: redacting an approved one again makes the next."""

    state: State
    revision: int
    version: int
    words: str = field(repr=False)
    redacted_by: str = ""
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A step after the redaction, by somebody who saw a revision."""

    step: Step
    by: str
    seen: int
    reason: str = field(default="", repr=False)


_BRACKETS = re.compile(r"\[[^\[\]\n]{1,40}\]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSIBLE: Mapping[State, tuple[Step, ...]] = {
    State.WAITING: (Step.APPROVE, Step.SEND_BACK, Step.WITHDRAW),
    State.SENT_BACK: (Step.WITHDRAW,),
    State.APPROVED: (Step.WITHDRAW,),
    State.WITHDRAWN: (),
}


def strange_words(original: str, edited: str) -> list[str]:
    """The words of an edited text, brackets apart, that were not written, or not in this order."""
    written = [folded(word) for word in _WORD.findall(original)]
    strange, at = [], 0
    for word in _WORD.findall(_BRACKETS.sub(" ", edited)):
        try:
            at = written.index(folded(word), at) + 1
        except ValueError:
            strange.append(word)
    return strange


def redacted(
    before: Quote | None,
    original: str,
    edited: str,
    by: str,
    find: Callable[[str], tuple[Span, ...]],
    *,
    looked: bool,
    seen: int,
) -> Quote:
    """The quote after somebody redacted a comment; it waits for another person from then on.

    Raises `changed-meanwhile` (stale) where `before` is not of revision `seen` (0: there was none), and `incomplete`
    (malformed, with the field) where nothing is left, words stand in it that were not written, or something that may say who
    somebody is was left without a person saying that they looked at it.
    """
    if (before.revision if before else 0) != seen:
        detail = (
            "Somebody else has worked on this quote since you opened the page. Nothing was changed; what you typed is below."
        )
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    words = edited.strip()
    wrong = []
    if not _WORD.search(_BRACKETS.sub("", words)):
        wrong.append(FieldError("/words", "Leave some of what was written"))
    elif strange := strange_words(original, words):
        listed = ", ".join(f"“{word}”" for word in strange[:5])
        wrong.append(
            FieldError("/words", f"Put words of your own in square brackets, such as [name]. Not written there: {listed}")
        )
    elif not looked and find(words):
        parts = ", ".join(f"“{words[each.start : each.end]}”" for each in find(words)[:8])
        wrong.append(
            FieldError("/looked", f"Look at what may still say who somebody is: {parts}. Then replace it, or tick the box")
        )
    if wrong:
        raise DomainError("incomplete", "The quote was not stored. See `errors`.", Kind.MALFORMED, tuple(wrong))
    version = 1 if before is None else before.version + (before.state in {State.APPROVED, State.WITHDRAWN})
    return Quote(State.WAITING, seen + 1, version, words, by)


def possible(quote: Quote, by: str) -> tuple[Step, ...]:
    """The steps that a person can take now: whoever redacted it approves nothing, however few people there are."""
    return tuple(step for step in _POSSIBLE[quote.state] if not (step is Step.APPROVE and by == quote.redacted_by))


def is_repetition(quote: Quote, asked: Decision) -> bool:
    """Whether it is the second click on a step that was taken."""
    done = {Step.APPROVE: State.APPROVED, Step.SEND_BACK: State.SENT_BACK, Step.WITHDRAW: State.WITHDRAWN}
    return quote.revision == asked.seen + 1 and quote.decided_by == asked.by and done.get(asked.step) is quote.state


def decide(quote: Quote, asked: Decision) -> Quote:
    """The quote after a step.

    Raises `changed-meanwhile` (stale), `step-not-possible` (conflict), `second-person` (forbidden) where the one who redacted
    it would approve it, and `incomplete` (malformed) where a reason is missing.
    """
    if quote.revision != asked.seen:
        detail = "Somebody else has worked on this quote since you opened the page. Nothing was changed. Look at it again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    if asked.step not in _POSSIBLE[quote.state]:
        raise DomainError("step-not-possible", f"This quote is {quote.state.value.replace('-', ' ')}. Nothing was changed.")
    if asked.step not in possible(quote, asked.by):
        detail = "You redacted this quote, so somebody else must look at it before it is used. Nothing was changed."
        raise DomainError("second-person", detail, Kind.FORBIDDEN)
    if asked.step is not Step.APPROVE and not 0 < len(asked.reason.strip()) <= MOST_REASON:
        wrong = (FieldError("/reason", f"Say why, in up to {MOST_REASON} characters"),)
        raise DomainError("incomplete", "Nothing was changed. See `errors`.", Kind.MALFORMED, wrong)
    state = {Step.APPROVE: State.APPROVED, Step.SEND_BACK: State.SENT_BACK}.get(asked.step, State.WITHDRAWN)
    return replace(quote, state=state, revision=quote.revision + 1, decided_by=asked.by)
