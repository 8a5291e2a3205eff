"""The steps of a dispute: which is legal when, and what each makes of it. The state machine of the process.

Pure: a step takes a dispute as it is and gives back what it becomes, or raises a `DomainError` with a stable slug.

    waiting ──answer──> answered ──resolve──> resolved ──reopen──┐
     │  │ │                │  │                                  │
     │  │ └─escalate─┐     │  └─withdraw─┐                       │
     │  │ ◀──────────┴─────┘ escalate    ▼                       │
     │  └───────────withdraw───────▶ withdrawn ──reopen──▶ waiting
     └─resolve (settled in talks)──▶ resolved

A stage may be passed over, and a dispute goes on from a stage that was not answered as well as from one whose answer was not
enough (IRO Handbook, 6.2). Corrections are in `dispute_correction`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from audit.domain.dispute import Answer, BegunBy, Dispute, Ending, Phase, Stage
from audit.domain.dispute_clock import REACHED, timed
from audit.domain.dispute_profile import Disputes, StageRules
from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind, unknown_code

EARLIEST = date(1990, 1, 1)
"""The Children Act 1989 came into force in 1991: an older day is a slip."""


class Step(StrEnum):
    """What can be done to a dispute after it was raised."""

    ANSWER = "answer"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    CORRECT = "correct"


LEGAL: Mapping[Phase, frozenset[Step]] = {
    Phase.WAITING: frozenset({Step.ANSWER, Step.ESCALATE, Step.RESOLVE, Step.WITHDRAW, Step.CORRECT}),
    Phase.ANSWERED: frozenset({Step.ESCALATE, Step.RESOLVE, Step.WITHDRAW, Step.CORRECT}),
    Phase.RESOLVED: frozenset({Step.REOPEN, Step.CORRECT}),
    Phase.WITHDRAWN: frozenset({Step.REOPEN, Step.CORRECT}),
}

_REFUSED: Mapping[Phase, str] = {
    Phase.WAITING: "It waits for an answer: record that, or go on.",
    Phase.ANSWERED: "It is answered: resolve it, or escalate it to the next stage.",
    Phase.RESOLVED: "It is resolved: open it again first.",
    Phase.WITHDRAWN: "It was withdrawn: open it again first.",
}


@dataclass(frozen=True)
class Addressee:
    """Who must answer a stage: a person by code, or in words who that is, or any manager of the child's team."""

    person: str | None = None
    role: str = field(default="", repr=False)


def begin(dispute: Dispute, rules: Disputes, to: Addressee, *, calendar: WorkingDays, today: date) -> Dispute:
    """A dispute that is raised, which has no stage yet: its first stage begins on the day of the raising.

    Raises `nobody-to-answer` where neither a person nor a role nor a team says who must answer, and on days that cannot be.
    """
    dispute = replace(dispute, limit_in_all=rules.limit_in_all, stages=())
    if not (to.person or to.role or dispute.team):
        raise nobody("expected a person, a role or a team that must answer")
    _sane(dispute.raised_on, today, "/raised_on")
    first = _stage(dispute, rules.stages[0], "raise", dispute.raised_on, to, calendar)
    begun = replace(dispute, stages=(replace(first, to_team=dispute.team is not None and to.person is None),))
    in_order(begun, today)
    return begun


def answer(dispute: Dispute, given: Answer, rules: Disputes, *, today: date) -> Dispute:
    """The answer of a manager at the current stage: its clock stops. Raises `step-not-possible` and on days that cannot be."""
    legal(dispute, Step.ANSWER)
    one_of("/answered_by", given.by, [level.code for level in rules.answered_by])
    return _changed(dispute, replace(dispute.current, answer=given), today)


def escalate(
    dispute: Dispute,
    rules: Disputes,
    to_stage: str | None,
    on: date,
    to: Addressee,
    reason: str,
    *,
    calendar: WorkingDays,
    today: date,
) -> Dispute:
    """On to the next stage, or to a named later one.

    Raises `step-not-possible`, `no-later-stage`, `nobody-to-answer` and on codes and days that cannot be.
    """
    legal(dispute, Step.ESCALATE)
    later = rules.later(dispute.current.code)
    if not later:
        detail = f"'{dispute.current.code}' is the last stage: record what came of it, also where there is no agreement."
        raise DomainError("no-later-stage", detail)
    one_of("/stage", to_stage or later[0].code, [stage.code for stage in later])
    chosen = next(stage for stage in later if to_stage in (None, stage.code))
    return _reach(dispute, _stage(dispute, chosen, "escalate", on, to, calendar), reason, today)


def resolve(dispute: Dispute, ending: Ending, rules: Disputes, *, today: date) -> Dispute:
    """Who raised it says what came of it. Without an answer at the current stage it was settled in talks, and says so.

    Raises `step-not-possible`, `not-answered`, `was-answered` and on codes and days that cannot be.
    """
    legal(dispute, Step.RESOLVE)
    one_of("/outcome", ending.outcome, [outcome.code for outcome in rules.outcomes])
    if dispute.phase is Phase.WAITING and not ending.informal:
        errors = (FieldError("/informal", "say that it was settled informally, or record the answer first"),)
        detail = "No answer is recorded at this stage. Record the answer first, or say that it was settled informally."
        raise DomainError("not-answered", detail, Kind.MALFORMED, errors)
    if dispute.phase is Phase.ANSWERED and ending.informal:
        errors = (FieldError("/informal", "expected false: this stage was answered formally"),)
        raise DomainError("was-answered", "An answer is recorded at this stage. Nothing was stored.", Kind.MALFORMED, errors)
    return _changed(dispute, replace(dispute.current, ending=ending), today)


def withdraw(dispute: Dispute, on: date, reason: str, *, today: date) -> Dispute:
    """Who raised it takes it back, with a reason. Raises `step-not-possible` and on days that cannot be."""
    legal(dispute, Step.WITHDRAW)
    return _changed(dispute, replace(dispute.current, ending=Ending("withdrawn", on, words=reason)), today)


def reopen(
    dispute: Dispute,
    rules: Disputes,
    at_stage: str | None,
    on: date,
    to: Addressee,
    reason: str,
    *,
    calendar: WorkingDays,
    today: date,
) -> Dispute:
    """A dispute that ended goes on, at the stage where it ended unless another is named, with a clock of its own.

    Raises `step-not-possible`, `nobody-to-answer` and on codes and days that cannot be.
    """
    legal(dispute, Step.REOPEN)
    code = at_stage or dispute.current.code
    one_of("/stage", code, [stage.code for stage in rules.stages])
    chosen = next(stage for stage in rules.stages if stage.code == code)
    return _reach(dispute, _stage(dispute, chosen, "reopen", on, to, calendar), reason, today)


def legal(dispute: Dispute, step: Step) -> None:
    """Raise `step-not-possible` unless the step can be taken where the dispute stands."""
    if step not in LEGAL[dispute.phase]:
        raise DomainError("step-not-possible", f"{_REFUSED[dispute.phase]} Nothing was changed.")


def one_of(pointer: str, code: str | None, known: list[str]) -> None:
    """Raise `unknown-codes` unless a code is among the known ones."""
    if code not in known:
        errors = (unknown_code(pointer, code or "", known),)
        detail = "Codes are not in the organisation's profile. Nothing was stored. See `errors`."
        raise DomainError("unknown-codes", detail, Kind.MALFORMED, errors)


def in_order(dispute: Dispute, today: date, *, correcting: bool = False) -> None:
    """Raise `date-in-the-future` or `dates-out-of-order`, with the place, where the days of a dispute cannot be so.

    The place is that in what a step sends, or in a correction. Raises `informal-incomplete` for a talk without day or words.
    """
    if (dispute.informal_on is None) != (not dispute.informal):
        errors = (FieldError("/informal" if dispute.informal_on else "/informal_on", "a talk has a day and words, or neither"),)
        detail = "Say when it was talked about before, and what was said. Nothing was stored."
        raise DomainError("informal-incomplete", detail, Kind.MALFORMED, errors)
    if dispute.informal_on is not None:
        _sane(dispute.informal_on, dispute.raised_on, "/informal_on", "the day it was raised")
    before, what = dispute.raised_on, "it was raised"
    for stage in dispute.stages:
        for day, pointer, happened in _days_of(stage, correcting=correcting):
            _sane(day, today, pointer)
            if day < before:
                errors = (FieldError(pointer, f"expected {before} or later, the day {what}; found {day}"),)
                raise DomainError("dates-out-of-order", "The dates contradict one another.", Kind.MALFORMED, errors)
            before, what = day, happened


def _days_of(stage: Stage, *, correcting: bool) -> list[tuple[date, str, str]]:
    reached, answered, ended = REACHED[stage.begun_by], "/answered_on", ""
    if stage.ending is not None:
        ended = f"/{stage.ending.result}_on"
    if correcting:
        reached = reached if stage.number == 1 else f"/stages/{stage.number}/reached_on"
        answered, ended = f"/stages/{stage.number}/answered_on", "/ending/ended_on"
    days = [(stage.reached_on, reached, "the stage was reached")]
    if stage.answer is not None:
        days.append((stage.answer.on, answered, "it was answered"))
    if stage.ending is not None:
        days.append((stage.ending.on, ended, "it ended"))
    return days


def _sane(day: date, latest: date, pointer: str, what: str = "today") -> None:
    if not EARLIEST <= day <= latest:
        errors = (FieldError(pointer, f"expected a day up to {what} ({latest}), found {day}"),)
        slug = "date-in-the-future" if day > latest and what == "today" else "dates-out-of-order"
        raise DomainError(slug, "A day cannot be right. Nothing was stored. See `errors`.", Kind.MALFORMED, errors)


def nobody(words: str, pointer: str = "/person") -> DomainError:
    """The refusal of a stage that nobody would have to answer."""
    detail = "Say who must answer: a person of the staff directory, or in words who it is."
    return DomainError("nobody-to-answer", detail, Kind.MALFORMED, (FieldError(pointer, words),))


def _stage(dispute: Dispute, rules: StageRules, by: BegunBy, on: date, to: Addressee, calendar: WorkingDays) -> Stage:
    number = len(dispute.stages) + 1
    stage = Stage(number, rules.code, by, on, rules.limit, on, calendar.version, to.person, to.role)
    # A slip of the keyboard is said as such, not as a year without bank holidays.
    return stage if not EARLIEST <= on <= calendar.last else timed(stage, on, calendar)


def _reach(dispute: Dispute, stage: Stage, reason: str, today: date) -> Dispute:
    if not (stage.person or stage.role):
        raise nobody("expected a person or a role that must answer")
    reached = replace(dispute, stages=(*dispute.stages, replace(stage, reason=reason)))
    in_order(reached, today)
    return reached


def _changed(dispute: Dispute, current: Stage, today: date) -> Dispute:
    changed = replace(dispute, stages=(*dispute.stages[:-1], current))
    in_order(changed, today)
    return changed
