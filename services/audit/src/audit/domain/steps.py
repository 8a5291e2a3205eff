"""What may happen to an audit, and what becomes of it: one function a step. Pure; who and when are arguments.

Every step gives a new audit, or raises `DomainError` with what to do instead. `TABLE` is drawn in the service's README by
`python -m audit.domain.steps`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from audit.domain.audit import MODERATION, PEER, Audit, Difference, Part, PartState, Review, ReviewResult, State
from chassis.days import british_day
from chassis.errors import DomainError, Kind

TABLE: tuple[tuple[str, str, str], ...] = (
    ("planned", "circulate", "auditing"),
    ("planned", "withdraw", "withdrawn"),
    ("auditing", "submit, others still at work", "auditing"),
    ("auditing", "submit, the last of them", "submitted"),
    ("auditing", "submit, where there is no moderation", "moderated"),
    ("auditing", "take back", "auditing"),
    ("auditing", "withdraw", "withdrawn"),
    ("submitted", "take back within the grace period", "auditing"),
    ("submitted", "return to an auditor with a question", "auditing"),
    ("auditing", "return another part with a question", "auditing"),
    ("submitted", "moderate", "moderated"),
    ("submitted", "withdraw", "withdrawn"),
    ("moderated", "review: reopened", "moderated"),
    ("moderated", "review: closed", "closed"),
    ("moderated", "the last action is settled, where there is no review", "closed"),
    ("closed", "an action is opened again, where there is no review", "moderated"),
)
"""From, step, to. Held against `steps` by the tests."""

WITHDRAWABLE = frozenset({State.PLANNED, State.AUDITING, State.SUBMITTED})


def circulate(audit: Audit) -> Audit:
    """Send it out: from now on its auditors see it."""
    _expect(audit, "circulated", State.PLANNED)
    return replace(audit, state=State.AUDITING)


def submit(audit: Audit, part: str, person: str, now: datetime) -> Audit:
    """Hand in an auditor's part. The last one ends the audit work: the moderator's turn, or, without one, the result."""
    held = _held(audit, part, person)
    if part == MODERATION:
        raise DomainError("not-an-auditors-part", "A moderation is finished by moderating, not by submitting.")
    if held.is_submitted:
        raise DomainError("already-submitted", "This part was submitted already. Nothing was changed.")
    _expect(audit, "submitted", State.AUDITING)
    handed_in = replace(held, state=PartState.SUBMITTED, submitted_at=now, submissions=held.submissions + 1)
    after = _with_part(audit, handed_in)
    if not after.all_submitted:
        return after
    if after.moderation is None:
        return _finished(replace(after, submitted_at=now, shown_from=now), now)
    # Shown once, shown for good: a part that comes back from the moderator is not hidden again.
    shown_from = audit.shown_from or now + timedelta(hours=audit.rules.grace_hours)
    return replace(after, state=State.SUBMITTED, submitted_at=now, shown_from=shown_from)


def take_back(audit: Audit, part: str, person: str, now: datetime) -> Audit:
    """Correct a slip: open a submitted part again, as long as nobody else has been shown it."""
    held = _held(audit, part, person)
    if part == MODERATION or not held.is_submitted:
        raise DomainError("not-submitted", "There is nothing to take back: this part is not submitted.")
    _expect(audit, "taken back", State.AUDITING, State.SUBMITTED)
    if audit.is_shown(now):
        detail = "The others have been shown this part, so it cannot be taken back. Ask the moderator to return it to you."
        raise DomainError("grace-over", detail)
    opened = _with_part(audit, replace(held, state=PartState.OPEN, submitted_at=None))
    return replace(opened, state=State.AUDITING, submitted_at=None, shown_from=None)


def return_part(audit: Audit, part: str, person: str, now: datetime) -> Audit:
    """Give a part back to its auditor with a question; `person` is the moderator. Others may be with their auditors already."""
    if audit.state is State.AUDITING and audit.is_shown(now):
        _held(audit, MODERATION, person)
    else:
        _may_moderate(audit, person, now)
    held = audit.parts.get(part)
    if held is None or part == MODERATION:
        raise DomainError("no-such-part", "There is no such auditor's part.", Kind.NOT_FOUND)
    if not held.is_submitted:
        detail = "This part is with its auditor already, and not submitted again yet. Nothing was changed."
        raise DomainError("already-returned", detail)
    return replace(_with_part(audit, replace(held, state=PartState.RETURNED)), state=State.AUDITING)


def moderate(audit: Audit, person: str, now: datetime) -> Audit:
    """Fix grades, learning and actions."""
    held = _may_moderate(audit, person, now)
    done = replace(held, state=PartState.SUBMITTED, submitted_at=now, submissions=held.submissions + 1)
    return _finished(_with_part(audit, done), now)


def hold_review(
    audit: Audit,
    person: str,
    result: ReviewResult,
    open_actions: int,
    today: date,
    next_due_on: date | None = None,
    difference: Difference | None = None,
) -> Audit:
    """Say whether the actions were done. `closed` needs that none is open; `reopened` names the day of the next look."""
    review = audit.open_review
    if audit.state is not State.MODERATED or review is None:
        raise DomainError("no-review-open", "There is no review to hold: the audit is not moderated, or it is closed already.")
    if review.reviewer != person:
        raise DomainError("not-yours", "This review is given to somebody else. Ask the QA officer.", Kind.FORBIDDEN)
    held = replace(review, held_on=today, result=result, difference=difference)
    before = tuple(each for each in audit.reviews if each.number != review.number)
    if result == "closed":
        if open_actions:
            detail = f"{open_actions} of the actions are still open. Mark them done or dropped, or reopen with a new day."
            raise DomainError("actions-open", detail)
        return replace(audit, state=State.CLOSED, reviews=(*before, held))
    if next_due_on is None or next_due_on <= today:
        raise DomainError("next-day-missing", "Say when to look again: a day after today.", Kind.MALFORMED)
    return replace(audit, reviews=(*before, held, Review(review.number + 1, review.reviewer, next_due_on)))


def settle(audit: Audit, open_actions: int) -> Audit:
    """Where nobody reviews, the last action that is settled closes the loop, and one that is opened again opens it."""
    if audit.reviews or audit.state not in {State.MODERATED, State.CLOSED}:
        return audit
    return replace(audit, state=State.MODERATED if open_actions else State.CLOSED)


def withdraw(audit: Audit) -> Audit:
    """Take it out of its round. What was moderated counts and stays."""
    if audit.state not in WITHDRAWABLE:
        detail = "An audit that is moderated counts in reports and cannot be withdrawn."
        if audit.state is State.WITHDRAWN:
            detail = "This audit was withdrawn already."
        raise DomainError("not-withdrawable", detail)
    return replace(audit, state=State.WITHDRAWN)


def reallocate(audit: Audit, part: str, person: str, due_on: date | None = None) -> Audit:
    """Give a part that is not submitted to somebody else. What the one before wrote in it stays with the part.

    Nobody gets a second part of the same audit: two judgements by one person are not two.
    """
    held = audit.parts.get(part)
    if held is None:
        raise DomainError("no-such-part", "There is no such part.", Kind.NOT_FOUND)
    if held.is_submitted or audit.state not in WITHDRAWABLE:
        raise DomainError("already-submitted", "This part was submitted and cannot be given to somebody else.")
    if any(other.person == person for other in audit.parts.values() if other.code != part):
        raise DomainError("holds-another-part", "They have another part of this audit already. Choose somebody else.")
    return _with_part(audit, replace(held, person=person, due_on=due_on or held.due_on))


def may_write(audit: Audit, part: str, person: str, now: datetime) -> None:
    """Raise `DomainError` unless a person may save entries of a part now."""
    held = _held(audit, part, person)
    if part == MODERATION:
        _may_moderate(audit, person, now)
        return
    if held.is_submitted:
        detail = "This part is submitted and can no longer be changed. Nothing of it was changed."
        raise DomainError("already-submitted", detail)
    _expect(audit, "changed", State.AUDITING)


def _may_moderate(audit: Audit, person: str, now: datetime) -> Part:
    held = _held(audit, MODERATION, person)
    if audit.state in {State.MODERATED, State.CLOSED}:
        raise DomainError("already-moderated", "This audit was moderated already. Nothing was changed.")
    if audit.state is not State.SUBMITTED or not audit.is_shown(now):
        detail = "It is not the moderator's turn: the auditors are still at work, or may still correct a slip."
        raise DomainError("not-yet-shown", detail)
    return held


def _held(audit: Audit, part: str, person: str) -> Part:
    """The part, if the person holds it; otherwise it looks as if it were not there."""
    held = audit.parts.get(part)
    if held is None or held.person != person or audit.state is State.PLANNED:
        raise DomainError("not-found", "There is no such part of an audit for you.", Kind.NOT_FOUND)
    if audit.state is State.WITHDRAWN:
        raise DomainError("withdrawn", "This audit was withdrawn. There is nothing more to do, and nothing was changed.")
    return held


def _finished(audit: Audit, now: datetime) -> Audit:
    today = british_day(now)
    completed = british_day(audit.submitted_at) if audit.submitted_at else today
    rules = audit.rules
    counted_from = today if rules.review_counts_from == "moderation" else completed
    reviewer = audit.parts[PEER].person if rules.reviewed_by == "peer" and PEER in audit.parts else audit.reviewer
    reviews: tuple[Review, ...] = ()
    if reviewer is not None and rules.review_after_weeks is not None:
        reviews = (Review(1, reviewer, counted_from + timedelta(weeks=rules.review_after_weeks)),)
    return replace(audit, state=State.MODERATED, moderated_at=now, moderated_on=today, reviews=reviews)


def _with_part(audit: Audit, part: Part) -> Audit:
    parts: Mapping[str, Any] = {**audit.parts, part.code: part}
    return replace(audit, parts=parts)


def _expect(audit: Audit, done: str, *states: State) -> None:
    if audit.state not in states:
        detail = f"The audit is {audit.state.value}, so it cannot be {done}. Nothing was changed."
        raise DomainError("wrong-state", detail, extra={"state": audit.state.value})


def drawing() -> str:
    """The state machine as a Mermaid diagram (states, and the steps between them)."""
    lines = [f"    {before} --> {after}: {step}" for before, step, after in TABLE]
    return "\n".join(["stateDiagram-v2", "    [*] --> planned: allocate", *lines])


if __name__ == "__main__":
    print(drawing())  # noqa: T201 - it is a command
