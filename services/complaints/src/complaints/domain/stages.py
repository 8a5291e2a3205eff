"""The stages of a complaint: which steps are legal when, and what each step makes of a complaint.

Pure: a step takes a complaint as it is and gives back what it becomes, or raises a `DomainError` with a stable slug. A step
that was taken before with the same facts gives back the same object: recording it twice changes nothing. `drawing` draws what
`LEGAL` and `LEADS_TO` say; docs/guides/complaint-clocks.md shows it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum

from chassis.calendar import WorkingDays
from chassis.errors import DomainError
from complaints.domain import stage_checks as checks
from complaints.domain.case import Case, Decision, Finding, Phase, Request, Rules, Stage
from complaints.domain.clock import Ending, Facts, Suspension


class Step(StrEnum):
    """What can be done to a complaint after it was received."""

    ACKNOWLEDGE = "acknowledge"
    AGREE = "agree"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    HOLD_PANEL = "hold-panel"
    REPORT = "report"
    RESPOND = "respond"
    PASS_OVER = "pass-over"  # noqa: S105 - no password
    END = "end"
    REQUEST = "request"
    DECIDE = "decide"
    REFER = "refer"


LEGAL: Mapping[Phase, frozenset[Step]] = {
    Phase.RUNNING: frozenset(Step) - {Step.REQUEST, Step.DECIDE, Step.REFER},
    Phase.ANSWERED: frozenset({Step.REQUEST, Step.REFER}),
    Phase.REQUESTED: frozenset({Step.DECIDE}),
    Phase.DECLINED: frozenset(),
    Phase.ENDED: frozenset(),
    Phase.REFERRED: frozenset(),
}
LEADS_TO: Mapping[Step, tuple[Phase, ...]] = {
    Step.RESPOND: (Phase.ANSWERED,),
    Step.END: (Phase.ENDED,),
    Step.REQUEST: (Phase.REQUESTED,),
    Step.DECIDE: (Phase.RUNNING, Phase.DECLINED),
    Step.REFER: (Phase.REFERRED,),
}
"""Where a step leads; those that are not here leave the complaint running."""


def drawing() -> str:
    """The machine as a Mermaid diagram, drawn from what the steps go by."""
    return "\n".join(["stateDiagram-v2", "    [*] --> running: receive", *_arrows()])


def _arrows() -> Iterator[str]:
    for phase, steps in LEGAL.items():
        for step in sorted(steps):
            for after in LEADS_TO.get(step, (phase,)):
                yield f"    {phase} --> {after}: {step}"
        if not steps or phase is Phase.ANSWERED:
            yield f"    {phase} --> [*]"


def receive(rules: Rules, received_on: date, points: tuple[str, ...], *, today: date) -> Case:
    """A complaint that came in: stage 1 begins at once. Raises `date-in-the-future`."""
    checks.not_in_future(received_on, today, "/received_on")
    first = rules.stage(1)
    return Case(rules, received_on, points, (Stage(1, first.terms, Facts(received_on), received_on),))


def acknowledge(case: Case, number: int, acknowledged_on: date, *, calendar: WorkingDays, today: date) -> Case:
    """Stage `number` was acknowledged to the complainant.

    Raises `nothing-to-acknowledge`, `already-acknowledged`, `extended-too-late` and what `running` raises.
    """
    if (stage := case.begun(number)) is not None and stage.facts.acknowledged_on == acknowledged_on:
        return case
    stage = running(case, number, Step.ACKNOWLEDGE)
    if stage.terms.acknowledge_within is None:
        raise DomainError("nothing-to-acknowledge", "The procedure has no acknowledgement for this stage.")
    if stage.facts.acknowledged_on is not None:
        detail = f"Stage {number} was acknowledged on {stage.facts.acknowledged_on}. Nothing was changed."
        raise DomainError("already-acknowledged", detail)
    checks.in_order(stage, acknowledged_on, today, "/acknowledged_on")
    return _with_origin(case, stage, calendar, acknowledged_on=acknowledged_on)


def agree(case: Case, number: int, agreed_on: date, *, calendar: WorkingDays, today: date) -> Case:
    """The statement of complaint of a later stage was agreed with the complainant.

    The limit counts from the request all the same, unless the profile says otherwise. Raises `nothing-to-agree`,
    `already-agreed`, `extended-too-late` and what `running` raises.
    """
    if (stage := case.begun(number)) is not None and stage.facts.agreed_on == agreed_on:
        return case
    stage = running(case, number, Step.AGREE)
    if number == 1:
        raise DomainError("nothing-to-agree", "A statement of complaint is agreed at a later stage, not at the first.")
    if stage.facts.agreed_on is not None:
        detail = f"The statement of complaint was agreed on {stage.facts.agreed_on}. Nothing was changed."
        raise DomainError("already-agreed", detail)
    # It may be agreed before the request was accepted: day 0 is the earliest that it can be.
    checks.not_in_future(agreed_on, today, "/agreed_on")
    checks.not_before(agreed_on, stage.facts.started_on, f"stage {number} was asked for", "/agreed_on")
    return _with_origin(case, stage, calendar, agreed_on=agreed_on)


def extend(case: Case, number: int, extended_on: date, *, to: int | None = None, calendar: WorkingDays, today: date) -> Case:
    """The limit of stage `number` was extended, once, `to` a limit in all: without one, all that the procedure allows.

    Also while the stage is suspended. Raises `cannot-be-extended`, `already-extended`, `extended-too-far`,
    `extended-too-late` and what `running` raises.
    """
    stage = case.begun(number)
    if stage is not None and stage.facts.extended_on is not None:
        facts = stage.facts
        if facts.extended_on == extended_on and facts.extended_to == _extended_to(stage, to):
            return case
        raise checks.already_extended(stage, calendar)
    stage = running(case, number, Step.EXTEND)
    if stage.terms.extension_to is None:
        detail = f"The procedure '{case.rules.procedure}' knows no extension of stage {number}: its limit is "
        raise DomainError("cannot-be-extended", f"{detail}{stage.terms.limit} working days.")
    checks.extension_fits(stage.terms, to)
    checks.in_order(stage, extended_on, today, "/extended_on")
    checks.extendable(stage, extended_on, calendar)
    return case.with_stage(_changed(stage, extended_on=extended_on, extended_to=_extended_to(stage, to)))


def _extended_to(stage: Stage, to: int | None) -> int | None:
    return stage.terms.extension_to if to is None else to


def suspend(case: Case, number: int, from_on: date, reason: str, *, today: date) -> Case:
    """Stage `number` stands still after a day, for a reason of the profile: a court, the police.

    Raises `already-suspended`, `dates-out-of-order` and what `running` raises.
    """
    # Told again of one that ended since: another one from the same day would lie within it.
    begun = case.begun(number)
    before = begun.facts.suspensions if begun else ()
    if any((each.from_on, each.reason) == (from_on, reason) and each.until_on and each.until_on > from_on for each in before):
        return case
    stage = running(case, number, Step.SUSPEND)
    holds = stage.facts.suspended
    if holds is not None:
        if (holds.from_on, holds.reason) == (from_on, reason):
            return case
        detail = f"Stage {number} has been suspended since {holds.from_on}. Resume it first. Nothing was changed."
        raise DomainError("already-suspended", detail)
    checks.in_order(stage, from_on, today, "/suspended_on")
    if stage.facts.suspensions and (resumed := stage.facts.suspensions[-1].until_on) is not None:
        checks.not_before(from_on, resumed, "it was resumed after the suspension before", "/suspended_on")
    suspensions = (*stage.facts.suspensions, Suspension(from_on, None, reason))
    return case.with_stage(_changed(stage, suspensions=suspensions))


def resume(case: Case, number: int, until_on: date, *, today: date) -> Case:
    """The suspension of stage `number` ended; its clock runs again from the day after.

    Raises `not-suspended`, `dates-out-of-order` and what `running` raises.
    """
    begun = case.begun(number)
    if (
        begun is not None
        and begun.facts.suspended is None
        and any(each.until_on == until_on for each in begun.facts.suspensions)
    ):
        return case
    stage = running(case, number, Step.RESUME)
    suspensions = stage.facts.suspensions
    holds = stage.facts.suspended
    if holds is None:
        raise DomainError("not-suspended", f"Stage {number} is not suspended: its clock runs. Nothing was changed.")
    checks.not_in_future(until_on, today, "/resumed_on")
    checks.not_before(until_on, holds.from_on, "it was suspended", "/resumed_on")
    return case.with_stage(_changed(stage, suspensions=(*suspensions[:-1], replace(holds, until_on=until_on))))


def hold_panel(case: Case, number: int, panel_on: date, *, today: date) -> Case:
    """The review panel met; the limit for its report runs. Raises `no-panel`, `already-held`, `suspended` and `running`'s."""
    if (stage := case.begun(number)) is not None and stage.facts.panel_on == panel_on:
        return case
    stage = running(case, number, Step.HOLD_PANEL)
    checks.heard_by_panel(case.rules.procedure, stage)
    if stage.facts.panel_on is not None:
        raise DomainError("already-held", f"The panel was held on {stage.facts.panel_on}. Nothing was changed.")
    checks.not_suspended(stage)
    checks.in_order(stage, panel_on, today, "/panel_on")
    return case.with_stage(_changed(stage, panel_on=panel_on))


def report(case: Case, number: int, reported_on: date, *, today: date) -> Case:
    """The panel's report was sent, with its recommendations; the authority's limit runs.

    Raises `no-panel`, `panel-not-held`, `already-reported`, `suspended` and what `running` raises.
    """
    if (stage := case.begun(number)) is not None and stage.facts.reported_on == reported_on:
        return case
    stage = running(case, number, Step.REPORT)
    checks.heard_by_panel(case.rules.procedure, stage)
    if stage.facts.panel_on is None:
        raise DomainError("panel-not-held", "The panel has not met. Record the day on which it was held first.")
    if stage.facts.reported_on is not None:
        raise DomainError("already-reported", f"The panel reported on {stage.facts.reported_on}. Nothing was changed.")
    checks.not_suspended(stage)
    checks.not_in_future(reported_on, today, "/reported_on")
    checks.not_before(reported_on, stage.facts.panel_on, "the panel was held", "/reported_on")
    return case.with_stage(_changed(stage, reported_on=reported_on))


def respond(case: Case, number: int, responded_on: date, findings: Mapping[str, Finding], *, today: date) -> Case:
    """The response of stage `number` was sent to the complainant, with the finding on each point.

    An enquiry (informal) may be answered without findings. Raises `already-answered`, `findings-incomplete`,
    `panel-not-reported` and what `running` raises.
    """
    stage = case.begun(number)
    if stage is not None and stage.facts.responded_on is not None:
        if stage.facts.responded_on == responded_on and stage.findings == findings and stage.ending == "answered":
            return case
        detail = f"Stage {number} was answered on {stage.facts.responded_on}, with findings. Nothing was changed."
        raise DomainError("already-answered", detail)
    stage = running(case, number, Step.RESPOND)
    if stage.terms.panel is not None and stage.facts.reported_on is None:
        detail = f"Stage {number} is answered after its panel was held and has reported. Record both first."
        raise DomainError("panel-not-reported", detail)
    checks.in_order(stage, responded_on, today, "/responded_on")
    checks.nothing_later(stage, responded_on, "/responded_on")
    checks.complete(case, findings)
    answered = _changed(stage, responded_on=responded_on)
    changed = len(case.changes)
    return case.with_stage(replace(answered, findings=dict(findings), ending="answered", points_changed=changed))


def end(
    case: Case,
    number: int,
    ended_on: date,
    ending: Ending,
    *,
    confirmed_on: date | None = None,
    internal_review: bool = False,
    today: date,
) -> Case:
    """The complaint was withdrawn, or is discontinued: its clock stops, and each point gets that as its finding.

    A withdrawal may be told by word of mouth; `confirmed_on` is when it was confirmed in writing, and is added later by the
    same step. Raises `already-answered` and what `running` raises.
    """
    ended: dict[str, Finding] = dict.fromkeys(case.live, "withdrawn" if ending == "withdrawn" else "discontinued")
    stage = case.begun(number)
    if stage is not None and stage.ending == ending and stage.facts.responded_on == ended_on:
        told = (confirmed_on or stage.confirmed_on, internal_review or stage.internal_review)
        if told == (stage.confirmed_on, stage.internal_review):
            return case
        _confirmed(ended_on, confirmed_on, today)
        return case.with_stage(replace(stage, confirmed_on=told[0], internal_review=told[1]))
    stage = running(case, number, Step.END)
    checks.in_order(stage, ended_on, today, "/ended_on")
    checks.nothing_later(stage, ended_on, "/ended_on")
    _confirmed(ended_on, confirmed_on, today)
    stopped = replace(_changed(stage, responded_on=ended_on), findings=ended, points_changed=len(case.changes))
    return case.with_stage(replace(stopped, ending=ending, confirmed_on=confirmed_on, internal_review=internal_review))


def _confirmed(ended_on: date, confirmed_on: date | None, today: date) -> None:
    if confirmed_on is not None:
        checks.not_in_future(confirmed_on, today, "/confirmed_on")
        checks.not_before(confirmed_on, ended_on, "it was withdrawn", "/confirmed_on")


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
        raise checks.not_answered(case, number)
    checks.not_in_future(requested_on, today, "/requested_on")
    checks.not_before(requested_on, answered_on, f"stage {number - 1} was answered", "/requested_on")
    last = None if rules.request_within is None else calendar.add(answered_on, rules.request_within)
    late = last is not None and requested_on > last
    if late and not discretion:
        raise DomainError(
            "request-too-late",
            f"Stage {number} could be asked for until {last}: {rules.request_within} working days after the response of "
            f"{answered_on}. To take it all the same, give the reason in `discretion_reason`.",
        )
    return replace(case, requests=(*case.requests, Request(number, requested_on, late)))


def request_until(case: Case, calendar: WorkingDays) -> date | None:
    """Until when the next stage can be asked for without discretion: None where nothing can be, or no limit is set."""
    answered_on, number = case.current.facts.responded_on, case.current.number
    if case.phase is not Phase.ANSWERED or answered_on is None or number >= len(case.rules.stages):
        return None
    within = case.rules.stage(number + 1).request_within
    return None if within is None else calendar.add(answered_on, within)


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
        checks.may_decline(case.rules, rules, reason=reason)
    checks.not_in_future(decided_on, today, "/decided_on")
    checks.not_before(decided_on, made.requested_on, "it was asked for", "/decided_on")
    decided = replace(made, decided_on=decided_on, decision=decision)
    requests = tuple(decided if each is made else each for each in case.requests)
    if decision == "declined":
        return replace(case, requests=requests)
    begun = Stage(number, rules.terms, Facts(made.requested_on), decided_on)
    return replace(case, requests=requests, stages=(*case.stages, begun))


def running(case: Case, number: int, step: Step) -> Stage:
    """The stage, if it runs and the step is legal. Raises `no-such-stage`, `stage-not-begun`, `already-answered`."""
    stage = case.begun(number)
    if stage is None:
        case.rules.stage(number)
        raise DomainError("stage-not-begun", f"Stage {number} has not begun: it is asked for and accepted first.")
    if stage.facts.responded_on is not None or step not in LEGAL[case.phase]:
        how = stage.ending or "answered"
        detail = f"Stage {number} was {how} on {stage.facts.responded_on}. Its clock has stopped; nothing was changed."
        raise DomainError("already-answered", detail)
    return stage


def _changed(stage: Stage, **facts: object) -> Stage:
    return replace(stage, facts=replace(stage.facts, **facts))  # type: ignore[arg-type]


def _with_origin(case: Case, stage: Stage, calendar: WorkingDays, **facts: date) -> Case:
    """A new day 0, which must not put an extension that was made after the limit it was made in."""
    moved = _changed(stage, **facts)
    if stage.facts.extended_on is not None:
        checks.extendable(moved, stage.facts.extended_on, calendar)
    return case.with_stage(moved)


def possible(case: Case) -> tuple[tuple[Step, int], ...]:
    """The steps that can be taken now, each with its stage, in the order in which they usually come.

    A step that the days or the procedure forbid is still refused by itself; here stands what makes sense to offer.
    """
    number = case.current.number
    if case.phase is Phase.REQUESTED:
        return ((Step.DECIDE, case.requests[-1].stage),)
    if case.phase is Phase.ANSWERED and number < len(case.rules.stages):
        return ((Step.REQUEST, number + 1), *(((Step.REFER, number),) if checks.may_refer(case) else ()))
    if case.phase is not Phase.RUNNING:
        return ()
    offered = (step for step in Step if step in LEGAL[case.phase] and _makes_sense(step, case.current))
    return tuple((step, number) for step in offered if step is not Step.PASS_OVER or checks.may_pass_over(case))


def _makes_sense(step: Step, stage: Stage) -> bool:
    terms, facts = stage.terms, stage.facts
    asked = {
        Step.ACKNOWLEDGE: terms.acknowledge_within is not None and facts.acknowledged_on is None,
        Step.AGREE: stage.number > 1 and facts.agreed_on is None,
        Step.EXTEND: terms.extension_to is not None and facts.extended_on is None,
        Step.SUSPEND: facts.suspended is None,
        Step.RESUME: facts.suspended is not None,
        Step.HOLD_PANEL: terms.panel is not None and facts.panel_on is None and facts.suspended is None,
        Step.REPORT: facts.panel_on is not None and facts.reported_on is None and facts.suspended is None,
        Step.RESPOND: terms.panel is None or facts.reported_on is not None,
    }
    return asked.get(step, True)
