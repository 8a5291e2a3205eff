"""Correcting a date of a complaint: every clock is counted anew.

Everything that was recorded is taken again from the beginning with the right date. So what results is what the steps would have
made of it, and nothing that they refuse.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind
from complaints.domain import early_referral, stages
from complaints.domain.case import Case, Early, Request, Rules, Stage, StageRules
from complaints.domain.clock import Facts, Suspension

DateOf = Literal[
    "received_on",
    "acknowledged_on",
    "agreed_on",
    "extended_on",
    "suspended_on",
    "resumed_on",
    "panel_on",
    "reported_on",
    "responded_on",
    "requested_on",
    "decided_on",
    "referred_on",
]
"""The dates that can be corrected; `suspended_on` and `resumed_on` are of the last suspension."""

_ALWAYS = frozenset({"received_on", "requested_on"})
"""Dates that can be other days, and not be taken away. A decision is taken back with its day, while nothing followed it."""


@dataclass(frozen=True)
class Correction:
    """A date of a stage is another day, or (None) was recorded in error: it did not happen."""

    stage: int
    of: DateOf
    day: date | None


@dataclass(frozen=True)
class ClockChange:
    """What a correction made of the clock of a stage: its due dates and the state that it has today."""

    stage: int
    due_before: date
    due_after: date
    words_before: str
    words_after: str


Move = Callable[[Case], Case]


def correct(case: Case, correction: Correction, *, calendar: WorkingDays, today: date) -> Case:
    """The complaint with one date corrected; a request that becomes late by it is taken at discretion.

    The same object where the date stands already. Raises `nothing-to-correct`, and what the steps raise that contradict it.
    """
    corrected = _with(case, correction)
    return case if corrected == case else replay(corrected, calendar=calendar, today=today)


def replay(case: Case, *, calendar: WorkingDays, today: date) -> Case:
    """Take every step of a complaint again, in the order of their days. Raises what a step raises."""
    again = stages.receive(_rules_of(case), case.received_on, case.points, today=today)
    again = replace(again, first=case.first, changes=case.changes)
    for stage in case.stages:
        if stage.number > 1 and not _by_passing_over(case, stage.number):
            again = _asked(again, case.request_of(stage.number), calendar, today)
        for _, _, move in sorted(_moves(stage, calendar, today), key=lambda each: each[:2]):
            again = move(again)
    for made in case.requests:
        if case.begun(made.stage) is None:
            again = _asked(again, made, calendar, today)
    if case.referred_on is not None:
        again = early_referral.referred(again, case.referred_on, today=today)
    return replace(again, rules=case.rules)


def _by_passing_over(case: Case, number: int) -> bool:
    """Whether a stage began, without anybody asking for it, because stage 1 was passed over."""
    return number == 2 and case.stages[0].ending == "passed-over"  # noqa: PLR2004 - the stage after the first


def clock_changes(before: Case, after: Case, calendar: WorkingDays, today: date) -> tuple[ClockChange, ...]:
    """The clocks of stages that say something else than before."""
    changes = []
    for old in before.stages:
        new = after.begun(old.number)
        if new is None or (old.terms, old.facts) == (new.terms, new.facts):
            continue
        was, now = (each.read(calendar, max(today, each.facts.started_on)) for each in (old, new))
        changes.append(ClockChange(old.number, was.due_on, now.due_on, was.words, now.words))
    return tuple(changes)


def _rules_of(case: Case) -> Rules:
    """The rules of a complaint with the terms that its stages began with."""
    begun = {stage.number: stage.terms for stage in case.stages}
    rules = tuple(
        StageRules(each.number, begun.get(each.number, each.terms), each.request_within, each.can_decline)
        for each in case.rules.stages
    )
    # What was allowed when it was done is not refused because the profile has changed.
    early: frozenset[Early] = frozenset({"stage-2"} if case.stages[0].ending == "passed-over" else ())
    return replace(case.rules, stages=rules, early=case.rules.early | early)


def _asked(case: Case, made: Request | None, calendar: WorkingDays, today: date) -> Case:
    if made is None:  # pragma: no cover - a later stage has a request
        msg = "a stage that began was asked for"
        raise ValueError(msg)
    case = stages.request(case, made.stage, made.requested_on, discretion=True, calendar=calendar, today=today)
    if made.decided_on is None or made.decision is None:
        return case
    return stages.decide(case, made.stage, made.decided_on, made.decision, reason=True, today=today)


def _moves(stage: Stage, calendar: WorkingDays, today: date) -> Iterator[tuple[date, int, Move]]:
    """The steps of a stage: day, order on one day, and the step."""
    number, facts = stage.number, stage.facts
    if facts.acknowledged_on is not None:
        yield facts.acknowledged_on, 0, partial(_acknowledged, number, facts.acknowledged_on, calendar, today)
    if facts.agreed_on is not None:
        yield facts.agreed_on, 0, partial(_agreed, number, facts.agreed_on, calendar, today)
    if facts.extended_on is not None:
        yield facts.extended_on, 2, partial(_extended, number, facts.extended_on, facts.extended_to, calendar, today)
    for place, each in enumerate(facts.suspensions):
        yield from _pause(number, place, each, today)
    if facts.panel_on is not None:
        yield facts.panel_on, 50, partial(_held, number, facts.panel_on, today)
    if facts.reported_on is not None:
        yield facts.reported_on, 51, partial(_reported, number, facts.reported_on, today)
    if facts.responded_on is not None:
        yield facts.responded_on, 99, partial(_ended, stage, facts.responded_on, today)


def _acknowledged(number: int, day: date, calendar: WorkingDays, today: date, case: Case) -> Case:
    return stages.acknowledge(case, number, day, calendar=calendar, today=today)


def _agreed(number: int, day: date, calendar: WorkingDays, today: date, case: Case) -> Case:
    return stages.agree(case, number, day, calendar=calendar, today=today)


def _extended(number: int, day: date, to: int | None, calendar: WorkingDays, today: date, case: Case) -> Case:
    return stages.extend(case, number, day, to=to, calendar=calendar, today=today)


def _held(number: int, day: date, today: date, case: Case) -> Case:
    return stages.hold_panel(case, number, day, today=today)


def _reported(number: int, day: date, today: date, case: Case) -> Case:
    return stages.report(case, number, day, today=today)


def _pause(number: int, place: int, each: Suspension, today: date) -> Iterator[tuple[date, int, Move]]:
    # One suspension may begin on the day on which the one before ended.
    order = 3 + 2 * min(place, 20)
    yield each.from_on, order, lambda case: stages.suspend(case, number, each.from_on, each.reason, today=today)
    if (until := each.until_on) is not None:
        yield until, order + 1, lambda case: stages.resume(case, number, until, today=today)


def _ended(stage: Stage, day: date, today: date, case: Case) -> Case:
    # On the points as they were then; what was changed about them since was changed after it.
    then = replace(case, changes=case.changes[: stage.points_changed])
    if stage.ending is None or stage.ending == "answered":
        ended = stages.respond(then, stage.number, day, stage.findings, today=today)
    elif stage.ending == "passed-over":
        ended = early_referral.pass_over(then, day, agreed=True, today=today)
    else:
        confirmed_on, review = stage.confirmed_on, stage.internal_review
        ended = stages.end(
            then, stage.number, day, stage.ending, confirmed_on=confirmed_on, internal_review=review, today=today
        )
    return replace(ended, changes=case.changes)


def _with(case: Case, correction: Correction) -> Case:
    """The complaint as it would be recorded with the right date, before anything was checked."""
    if correction.day is None and correction.of in _ALWAYS:
        raise _nothing(f"The day '{correction.of}' can be another day; it cannot be taken away.")
    if correction.day is not None and correction.of == "received_on":
        return _received(case, correction, correction.day)
    if correction.of == "referred_on":
        if case.referred_on is None or correction.stage != case.current.number:
            raise _nothing("The complaint was not referred to the Ombudsman at this stage.")
        return replace(case, referred_on=correction.day)
    if _by_passing_over(case, correction.stage) and correction.of in {"requested_on", "decided_on"}:
        raise _nothing("Stage 2 began because stage 1 was passed over: correct the day of that, at stage 1.")
    if _by_passing_over(case, correction.stage + 1) and correction.of == "responded_on":
        return _passed_over(case, correction.day)
    if correction.of == "decided_on" and correction.day is None:
        return _undecided(case, correction.stage)
    if correction.day is not None and correction.of in {"requested_on", "decided_on"}:
        return _requested(case, correction, correction.day)
    stage = case.begun(correction.stage)
    if stage is None:
        raise _nothing(f"Stage {correction.stage} has not begun.")
    return case.with_stage(_corrected(stage, correction))


def _received(case: Case, correction: Correction, day: date) -> Case:
    if correction.stage != 1:
        raise _nothing("The day of receipt is of stage 1.")
    first = case.stages[0]
    moved = replace(first, facts=replace(first.facts, started_on=day), opened_on=day)
    return replace(case.with_stage(moved), received_on=day)


def _requested(case: Case, correction: Correction, day: date) -> Case:
    made = case.request_of(correction.stage)
    begun = case.begun(correction.stage)
    if made is None or (correction.of == "decided_on" and made.decided_on is None):
        raise _nothing(f"There is no such date of a request for stage {correction.stage}.")
    if correction.of == "requested_on":
        made = replace(made, requested_on=day)
        moved = None if begun is None else replace(begun, facts=replace(begun.facts, started_on=day))
    else:
        made = replace(made, decided_on=day)
        moved = None if begun is None else replace(begun, opened_on=day)
    case = case if moved is None else case.with_stage(moved)
    return replace(case, requests=tuple(made if each.stage == made.stage else each for each in case.requests))


def _undecided(case: Case, number: int) -> Case:
    """The complaint without the decision on a request: the stage that it began has not begun. Raises `decision-followed`."""
    made, begun = case.request_of(number), case.begun(number)
    if made is None or made.decision is None:
        raise _nothing(f"There is no decision on a request for stage {number}.")
    if begun is not None and (since := list(_happened(begun))):
        detail = f"Stage {number} was {', '.join(since)} since it was accepted. Take that back first, by correcting each day: "
        raise DomainError("decision-followed", f"{detail}leave it empty. Nothing was changed.")
    undecided = replace(made, decided_on=None, decision=None)
    requests = tuple(undecided if each is made else each for each in case.requests)
    return replace(case, requests=requests, stages=tuple(each for each in case.stages if each.number != number))


def _passed_over(case: Case, day: date | None) -> Case:
    """Stage 1 was passed over on another day, or (None) was not. Raises `decision-followed`."""
    first, second = case.stages[0], case.stages[1]
    if day is None:
        if len(case.stages) > 2 or (since := list(_happened(second))):  # noqa: PLR2004 - stages 1 and 2
            told = "answered" if len(case.stages) > 2 else ", ".join(since)  # noqa: PLR2004
            detail = (
                f"Stage 2 was {told} since stage 1 was passed over. Take that back first, by correcting each day: leave it "
            )
            raise DomainError("decision-followed", f"{detail}empty. Nothing was changed.")
        again = Stage(1, first.terms, replace(first.facts, responded_on=None), first.opened_on)
        return replace(case, stages=(again,), requests=())
    moved = replace(first, facts=replace(first.facts, responded_on=day))
    begun = replace(second, facts=replace(second.facts, started_on=day), opened_on=day)
    asked = replace(case.requests[0], requested_on=day, decided_on=day)
    return replace(case, stages=(moved, begun, *case.stages[2:]), requests=(asked, *case.requests[1:]))


def _happened(stage: Stage) -> Iterator[str]:
    """What was recorded of a stage after it began."""
    facts = stage.facts
    told = {
        "acknowledged": facts.acknowledged_on,
        "agreed": facts.agreed_on,
        "extended": facts.extended_on,
        "heard by its panel": facts.panel_on,
        stage.ending or "answered": facts.responded_on,
    }
    yield from (f"{words} on {day}" for words, day in told.items() if day is not None)
    yield from (f"suspended on {each.from_on}" for each in facts.suspensions)


def _corrected(stage: Stage, correction: Correction) -> Stage:
    facts, day = stage.facts, correction.day
    if correction.of in {"suspended_on", "resumed_on"}:
        return replace(stage, facts=_suspension(facts, correction))
    if getattr(facts, correction.of) is None:
        raise _nothing(f"Stage {stage.number} has no '{correction.of}': record it by its step.")
    changed = replace(facts, **{correction.of: day})  # type: ignore[arg-type]
    if correction.of == "extended_on" and day is None:
        changed = replace(changed, extended_to=None)
    if correction.of == "responded_on" and day is None:
        return Stage(stage.number, stage.terms, changed, stage.opened_on)
    return replace(stage, facts=changed)


def _suspension(facts: Facts, correction: Correction) -> Facts:
    if not facts.suspensions:
        raise _nothing(f"Stage {correction.stage} was not suspended.")
    *before, last = facts.suspensions
    if correction.of == "resumed_on":
        if last.until_on is None:
            raise _nothing(f"Stage {correction.stage} is suspended still: resume it by its step.")
        return replace(facts, suspensions=(*before, replace(last, until_on=correction.day)))
    if correction.day is None:
        return replace(facts, suspensions=tuple(before))
    return replace(facts, suspensions=(*before, replace(last, from_on=correction.day)))


def _nothing(detail: str) -> DomainError:
    errors = (FieldError("/date_of", detail),)
    return DomainError("nothing-to-correct", f"{detail} Nothing was changed.", Kind.MALFORMED, errors)
