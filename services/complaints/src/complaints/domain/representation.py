"""What came in, until somebody has decided what it is ("representation" is the word of the 2006 Regulations).

    received ──decide──▶ decided
       ▲                   │
       └──────undo─────────┘   only while nothing followed: no complaint, enquiry or compliment was made of it

Every decision is a person's; a machine takes none. Whoever decides has seen a revision: of two who decide at once one wins, and
the other is told.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from chassis.errors import DomainError, FieldError, Kind

MOST_WORDS = 20_000
"""Characters of what somebody says; a long letter has about 5,000."""

MOST_REASON = 4_000
MOST_SHORT = 300

CameBy = Literal["public-form", "post", "phone", "e-mail", "in-person", "councillor-or-mp", "other-system"]
Said = Literal["complaint", "comment", "compliment", "not-sure"]
AnswerBy = Literal["post", "e-mail", "phone", "other", "none"]
Standing = Literal["self", "on-behalf", "not-said"]
Eligible = Literal["own", "consent", "parental-responsibility", "sufficient-interest", "none"]
Timing = Literal["in-time", "late-taken", "late-declined"]
EarlyReferral = Literal["none", "stage-2", "ombudsman"]
Advocate = Literal["accepted", "declined"]
PersonRole = Literal["complainant", "representative", "advocate", "mp-or-councillor", "child"]


class State(StrEnum):
    """Where a representation stands."""

    RECEIVED = "received"
    DECIDED = "decided"


class Outcome(StrEnum):
    """What a representation was decided to be."""

    COMPLAINT = "complaint"
    ENQUIRY = "informal-enquiry"
    COMPLIMENT = "compliment"
    COMMENT = "comment"
    NOT_A_COMPLAINT = "not-a-complaint"
    DUPLICATE = "duplicate"


FOLLOWED = frozenset({Outcome.COMPLAINT, Outcome.ENQUIRY, Outcome.COMPLIMENT})
"""Outcomes that made a record which goes on by itself, and is counted."""


@dataclass(frozen=True, slots=True)
class Representation:
    """A representation as its rules see it. `revision` counts steps."""

    received_on: date
    from_child: bool = False
    happened_on: date | None = None
    state: State = State.RECEIVED
    revision: int = 0
    outcome: Outcome | None = None
    advocate_offered_on: date | None = None
    advocate: Advocate | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, having seen a revision. What an outcome does not need is None."""

    outcome: Outcome
    seen: int
    procedure: str | None = None
    standing: Eligible | None = None
    timing: Timing | None = None
    early_referral: EarlyReferral = "none"
    went_to: str | None = None
    duplicate_of: str | None = None
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """The codes of the profile that decisions use."""

    formal: Collection[str]
    informal: Collection[str]
    not_complaints: Collection[str]
    passing_over: Collection[str] = ()
    """Procedures whose stage 1 can be passed over."""


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or that month's last day where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError  # pragma: no cover - every month has a 28th


def is_late(received_on: date, happened_on: date | None) -> bool:
    """Whether it came more than 12 months after the events (2006 Regulations, regulation 9); not if nobody knows the day."""
    return happened_on is not None and happened_on < months_before(received_on, 12)


def decide(found: Representation, decision: Decision, known: Known) -> Representation:
    """The representation after a decision.

    Raises `decided-already` or `changed-meanwhile` (stale) where somebody was faster, and `incomplete` (malformed, with every
    field) where the decision lacks what its outcome needs.
    """
    _fresh(found, decision.seen)
    if found.state is State.DECIDED:
        raise DomainError("decided-already", "It has been decided. Nothing was changed. Take the decision back first.")
    wrong = [
        *_wrong_codes(decision, known),
        *_wrong_referral(decision, known),
        *_wrong_eligibility(found, decision),
        *_wrong_reason(decision),
    ]
    if wrong:
        detail = "Something is missing, or does not go together. Nothing was stored. See the fields."
        raise DomainError("incomplete", detail, Kind.MALFORMED, tuple(FieldError(f"/{name}", words) for name, words in wrong))
    return replace(found, state=State.DECIDED, outcome=decision.outcome, revision=found.revision + 1)


UNMADE = frozenset({Outcome.COMPLAINT, Outcome.ENQUIRY})
"""Outcomes whose record can be closed as made in error, while nothing happened to it."""


def undo(found: Representation, seen: int, reason: str, *, unmade: bool = False) -> Representation:
    """The representation after a decision was taken back; `unmade`: the record that was made of it is closed with it.

    Raises `changed-meanwhile` (stale), `not-decided`, `followed` where a record was made of it, and `incomplete`.
    """
    _fresh(found, seen)
    if found.outcome is None:
        raise DomainError("not-decided", "Nothing has been decided yet, so there is nothing to take back.")
    if found.outcome in FOLLOWED and not unmade:
        detail = (
            "A record was made of it, which goes on and is counted. Nothing was changed. Correct that record, or end it there."
        )
        raise DomainError("followed", detail)
    _reason_needed(reason)
    return replace(found, state=State.RECEIVED, outcome=None, revision=found.revision + 1)


def offer_advocate(found: Representation, seen: int, on: date, answer: Advocate | None, today: date) -> Representation:
    """The representation after an advocate was offered; the answer may come later, and may change.

    Raises `changed-meanwhile` (stale) and `incomplete` for a day before the receipt or after today.
    """
    _fresh(found, seen)
    if not found.received_on <= on <= today:
        errors = (FieldError("/offered", "Enter a day from the day of receipt up to today"),)
        raise DomainError("incomplete", "The day cannot be right. Nothing was stored.", Kind.MALFORMED, errors)
    return replace(found, advocate_offered_on=on, advocate=answer, revision=found.revision + 1)


def advocate_to_offer(found: Representation) -> bool:
    """Whether an advocate must still be offered (Children Act 1989, section 26A)."""
    return found.from_child and found.advocate_offered_on is None


def _fresh(found: Representation, seen: int) -> None:
    if found.revision != seen:
        detail = "Somebody has changed or decided it since you opened this page. Nothing was stored. Decide again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)


Wrong = list[tuple[str, str]]


def _wrong_codes(decision: Decision, known: Known) -> Wrong:
    outcome = decision.outcome
    if outcome is Outcome.COMPLAINT and decision.procedure not in known.formal:
        return [("procedure", "Choose the procedure of the complaint")]
    if outcome is Outcome.ENQUIRY and decision.procedure not in known.informal:
        return [("procedure", "Choose the procedure for enquiries")]
    if outcome is Outcome.NOT_A_COMPLAINT and decision.went_to not in known.not_complaints:
        return [("went_to", "Choose where it goes instead")]
    if outcome is Outcome.DUPLICATE and not decision.duplicate_of:
        return [("duplicate_of", "Enter the reference of the other one")]
    return []


def _wrong_referral(decision: Decision, known: Known) -> Wrong:
    if decision.early_referral == "ombudsman":
        return [("early_referral", "A complaint goes to the Ombudsman early after stage 2 at the soonest: leave it out here")]
    if decision.early_referral == "stage-2" and decision.outcome is not Outcome.COMPLAINT:
        return [("early_referral", "Only a complaint has a stage 2")]
    if decision.early_referral == "stage-2" and decision.procedure not in known.passing_over:
        return [("early_referral", "This procedure does not let stage 1 be passed over")]
    return []


def _wrong_eligibility(found: Representation, decision: Decision) -> Wrong:
    if decision.outcome is not Outcome.COMPLAINT:
        return []
    wrong: Wrong = []
    if decision.standing is None:
        wrong.append(("standing", "Say in what right the person complains"))
    if decision.standing == "none":
        wrong.append(("standing", "Somebody without standing is answered as “not a complaint”, with where they can go"))
    if decision.timing is None:
        wrong.append(("timing", "Say whether it came within 12 months of the events"))
    elif decision.timing == "late-declined":
        wrong.append(("timing", "A late one that is declined is “not a complaint”, with a reason"))
    elif decision.timing == "in-time" and is_late(found.received_on, found.happened_on):
        wrong.append(("timing", "It came more than 12 months after the events: take it as late with a reason, or decline it"))
    if advocate_to_offer(found):
        wrong.append(("advocate", "Offer the child or care leaver an advocate first, and record that you did"))
    return wrong


def _wrong_reason(decision: Decision) -> Wrong:
    needed = (
        decision.outcome is Outcome.NOT_A_COMPLAINT
        or decision.timing in {"late-taken", "late-declined"}
        or decision.early_referral != "none"
    )
    if needed and not decision.reason:
        return [("reason", "Say why: somebody may ask in a year")]
    if len(decision.reason) > MOST_REASON:
        return [("reason", f"Make it shorter: {MOST_REASON} characters fit in here")]
    return []


def _reason_needed(reason: str) -> None:
    if not 0 < len(reason) <= MOST_REASON:
        errors = (FieldError("/reason", f"Say why, in at most {MOST_REASON} characters"),)
        raise DomainError("incomplete", "A reason is needed. Nothing was changed.", Kind.MALFORMED, errors)
