"""The stages of a complaint: which steps are legal when, and what each step makes of a complaint.

Pure: a step takes a complaint as it is and gives back what it becomes, or raises a `DomainError` with a stable slug. A step
that was taken before with the same facts gives back the same object: recording it twice changes nothing.

    running(1) ──respond──> answered(1) ──request──> requested(2) ──accept──> running(2) ──respond──> answered(2)
     │  ▲                                             └──decline──> declined(2)
     └──┘ acknowledge, extend (once)
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum

from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind
from complaints.domain import clock
from complaints.domain.case import Case, Decision, Finding, Phase, Request, Rules, Stage, StageRules
from complaints.domain.clock import Facts


class Step(StrEnum):
    """What can be done to a complaint after it was received."""

    ACKNOWLEDGE = "acknowledge"
    EXTEND = "extend"
    RESPOND = "respond"
    REQUEST = "request"
    DECIDE = "decide"


LEGAL: Mapping[Phase, frozenset[Step]] = {
    Phase.RUNNING: frozenset({Step.ACKNOWLEDGE, Step.EXTEND, Step.RESPOND}),
    Phase.ANSWERED: frozenset({Step.REQUEST}),
    Phase.REQUESTED: frozenset({Step.DECIDE}),
    Phase.DECLINED: frozenset(),
}


def receive(rules: Rules, received_on: date, points: tuple[str, ...], *, today: date) -> Case:
    """A complaint that came in: stage 1 begins at once. Raises `date-in-the-future`."""
    _not_in_future(received_on, today, "/received_on")
    first = rules.stage(1)
    return Case(rules, received_on, points, (Stage(1, first.terms, Facts(received_on), received_on),))


def acknowledge(case: Case, number: int, acknowledged_on: date, *, calendar: WorkingDays, today: date) -> Case:
    """Stage `number` was acknowledged to the complainant.

    Raises `nothing-to-acknowledge`, `already-acknowledged`, `extended-too-late` and what `_running` raises.
    """
    stage = case.begun(number)
    if stage is not None and stage.facts.acknowledged_on == acknowledged_on:
        return case
    stage = _running(case, number, Step.ACKNOWLEDGE)
    if stage.terms.acknowledge_within is None:
        raise DomainError("nothing-to-acknowledge", "The procedure has no acknowledgement for this stage.")
    if stage.facts.acknowledged_on is not None:
        detail = f"Stage {number} was acknowledged on {stage.facts.acknowledged_on}. Nothing was changed."
        raise DomainError("already-acknowledged", detail)
    _in_order(stage, acknowledged_on, today, "/acknowledged_on")
    acknowledged = replace(stage, facts=replace(stage.facts, acknowledged_on=acknowledged_on))
    extended_on = stage.facts.extended_on
    if extended_on is not None:
        _extendable(acknowledged, extended_on, calendar)
    return _with(case, acknowledged)


def extend(case: Case, number: int, extended_on: date, *, calendar: WorkingDays, today: date) -> Case:
    """The limit of stage `number` was extended, once, to the limit in all that the procedure knows.

    Raises `cannot-be-extended`, `already-extended`, `extended-too-late` and what `_running` raises.
    """
    stage = case.begun(number)
    if stage is not None and stage.facts.extended_on == extended_on:
        return case
    if stage is not None and stage.facts.extended_on is not None:
        due_on = clock.timing(calendar, stage.terms, stage.facts).due_on
        raise DomainError(
            "already-extended",
            f"Stage {number} was extended on {stage.facts.extended_on} to {stage.terms.extension_to} working days in all, due "
            f"on {due_on}. That is the limit: it cannot be extended again.",
        )
    stage = _running(case, number, Step.EXTEND)
    if stage.terms.extension_to is None:
        detail = f"The procedure '{case.rules.procedure}' knows no extension of stage {number}: its limit is "
        raise DomainError("cannot-be-extended", f"{detail}{stage.terms.limit} working days.")
    _in_order(stage, extended_on, today, "/extended_on")
    _extendable(stage, extended_on, calendar)
    return _with(case, replace(stage, facts=replace(stage.facts, extended_on=extended_on)))


def respond(case: Case, number: int, responded_on: date, findings: Mapping[str, Finding], *, today: date) -> Case:
    """The response of stage `number` was sent to the complainant, with the finding on each point.

    An enquiry (informal) may be answered without findings. Raises `already-answered`, `findings-incomplete` and what
    `_running` raises.
    """
    stage = case.begun(number)
    if stage is not None and stage.facts.responded_on is not None:
        if stage.facts.responded_on == responded_on and stage.findings == findings:
            return case
        detail = f"Stage {number} was answered on {stage.facts.responded_on}, with findings. Nothing was changed."
        raise DomainError("already-answered", detail)
    stage = _running(case, number, Step.RESPOND)
    _in_order(stage, responded_on, today, "/responded_on")
    _complete(case, findings)
    return _with(case, replace(stage, facts=replace(stage.facts, responded_on=responded_on), findings=dict(findings)))


def request(case: Case, number: int, requested_on: date, *, discretion: bool, calendar: WorkingDays, today: date) -> Case:
    """The complainant asked for stage `number`. After the limit it takes `discretion`: a reason that was recorded.

    Raises `already-requested`, `no-such-stage`, `stage-not-answered`, `request-too-late` and on dates out of order.
    """
    made = case.request_of(number)
    if made is not None:
        if made.requested_on == requested_on:
            return case
        raise DomainError("already-requested", f"Stage {number} was requested on {made.requested_on}. Nothing was changed.")
    rules = case.rules.stage(number)
    before = case.begun(number - 1)
    answered_on = before.facts.responded_on if before is not None else None
    if case.begun(number) is not None or answered_on is None or Step.REQUEST not in LEGAL[case.phase]:
        detail = f"Stage {number} can be asked for once stage {number - 1} is answered. Record that response first."
        raise DomainError("stage-not-answered", detail)
    _not_in_future(requested_on, today, "/requested_on")
    _not_before(requested_on, answered_on, f"stage {number - 1} was answered", "/requested_on")
    late = False
    if rules.request_within is not None:
        last = calendar.add(answered_on, rules.request_within)
        late = requested_on > last
        if late and not discretion:
            raise DomainError(
                "request-too-late",
                f"Stage {number} could be asked for until {last}: {rules.request_within} working days after the response of "
                f"{answered_on}. To take it all the same, give the reason in `discretion_reason`.",
            )
    return replace(case, requests=(*case.requests, Request(number, requested_on, late)))


def decide(case: Case, number: int, decided_on: date, decision: Decision, *, reason: bool, today: date) -> Case:
    """A request for stage `number` was accepted, which starts the stage on the day of the request, or declined with a reason.

    Raises `already-decided`, `not-requested`, `cannot-be-declined`, `reason-required` and on dates out of order.
    """
    made = case.request_of(number)
    if made is None:
        raise DomainError("not-requested", f"Nobody has asked for stage {number}. Record the request first.")
    if made.decision is not None:
        if (made.decided_on, made.decision) == (decided_on, decision):
            return case
        detail = f"The request for stage {number} was {made.decision} on {made.decided_on}. Nothing was changed."
        raise DomainError("already-decided", detail)
    rules = case.rules.stage(number)
    if decision == "declined":
        _may_decline(case.rules, rules, reason=reason)
    _not_in_future(decided_on, today, "/decided_on")
    _not_before(decided_on, made.requested_on, "it was asked for", "/decided_on")
    decided = replace(made, decided_on=decided_on, decision=decision)
    requests = tuple(decided if each is made else each for each in case.requests)
    if decision == "declined":
        return replace(case, requests=requests)
    begun = Stage(number, rules.terms, Facts(made.requested_on), decided_on)
    return replace(case, requests=requests, stages=(*case.stages, begun))


def _running(case: Case, number: int, step: Step) -> Stage:
    """The stage, if it runs and the step is legal. Raises `no-such-stage`, `stage-not-begun`, `already-answered`."""
    stage = case.begun(number)
    if stage is None:
        case.rules.stage(number)
        raise DomainError("stage-not-begun", f"Stage {number} has not begun: it is asked for and accepted first.")
    if stage.facts.responded_on is not None or step not in LEGAL[case.phase]:
        detail = f"Stage {number} was answered on {stage.facts.responded_on}. Its clock has stopped; nothing was changed."
        raise DomainError("already-answered", detail)
    return stage


def _with(case: Case, stage: Stage) -> Case:
    return replace(case, stages=tuple(stage if each.number == stage.number else each for each in case.stages))


def _extendable(stage: Stage, extended_on: date, calendar: WorkingDays) -> None:
    """An extension is made while the limit runs; a limit that has passed was missed, and the record says so."""
    before = replace(stage.facts, extended_on=None)
    due_on = clock.timing(calendar, stage.terms, before).due_on
    if extended_on > due_on:
        raise DomainError(
            "extended-too-late",
            f"The limit of stage {stage.number} passed on {due_on}; an extension of {extended_on} comes too late to move it. "
            "Record the response when it is sent: the days it took are reported as they were.",
        )


def _complete(case: Case, findings: Mapping[str, Finding]) -> None:
    if case.rules.formality == "informal" and not findings:
        return
    errors = [
        FieldError("/findings", f"There is no point '{point}'. Points: {', '.join(case.points)}.")
        for point in findings
        if point not in case.points
    ]
    missing = [point for point in case.points if point not in findings]
    if missing:
        errors.append(FieldError("/findings", f"Points without a finding: {', '.join(missing)}."))
    if errors:
        detail = "A response has one finding on each point. Nothing was stored. See `errors`."
        raise DomainError("findings-incomplete", detail, Kind.MALFORMED, tuple(errors))


def _may_decline(rules: Rules, stage: StageRules, *, reason: bool) -> None:
    if not stage.can_decline:
        raise DomainError(
            "cannot-be-declined",
            f"The procedure '{rules.procedure}' does not let a council decline stage {stage.number} to somebody eligible: "
            "accept it.",
        )
    if not reason:
        errors = (FieldError("/reason", "expected the reason for declining, which the complainant is told"),)
        raise DomainError("reason-required", "A request is declined with a reason.", Kind.MALFORMED, errors)


def _in_order(stage: Stage, day: date, today: date, pointer: str) -> None:
    """A new fact of a stage is not in the future, and not before what already happened in it."""
    facts = stage.facts
    _not_in_future(day, today, pointer)
    _not_before(day, stage.opened_on, "the stage began", pointer)
    if pointer != "/responded_on":
        return
    for earlier, what in ((facts.acknowledged_on, "it was acknowledged"), (facts.extended_on, "it was extended")):
        if earlier is not None:
            _not_before(day, earlier, what, pointer)


def _not_in_future(day: date, today: date, pointer: str) -> None:
    if day > today:
        errors = (FieldError(pointer, f"expected a day up to today ({today}), found {day}"),)
        raise DomainError("date-in-the-future", "What has not happened yet cannot be recorded.", Kind.MALFORMED, errors)


def _not_before(day: date, earliest: date, what: str, pointer: str) -> None:
    if day < earliest:
        errors = (FieldError(pointer, f"expected {earliest} or later, the day {what}; found {day}"),)
        raise DomainError("dates-out-of-order", "The dates contradict one another.", Kind.MALFORMED, errors)
