"""Early referral, after the guidance "Getting the Best from Complaints" (Department for Education and Skills, 2006). Pure.

Straight to stage 2: complainant and authority agree that stage 1 is of no use. Stage 1 is passed over, which is recorded with
the reason and that both agreed; stage 2 begins on that day, with its own clock.

Early to the Ombudsman, without a review panel: stage 2 was answered, upheld most of the points, and both agreed. The complaint
is closed here, and no further stage can be asked for.
"""

from dataclasses import replace
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from complaints.domain import stage_checks as checks
from complaints.domain.case import Case, Request, Stage
from complaints.domain.clock import Facts
from complaints.domain.learning import ASKS
from complaints.domain.stages import Step, running


def pass_over(case: Case, on: date, *, agreed: bool, today: date) -> Case:
    """Stage 1 is passed over, and stage 2 begins. No finding is made at stage 1.

    Raises `cannot-pass-over`, `agreement-required`, what `stages.running` raises, and on dates out of order.
    """
    first = case.stages[0]
    if first.ending == "passed-over" and first.facts.responded_on == on:
        return case
    stage = running(case, 1, Step.PASS_OVER)
    if not checks.may_pass_over(case):
        detail = f"The procedure '{case.rules.procedure}' does not let stage 1 be passed over: answer it. Nothing was changed."
        raise DomainError("cannot-pass-over", detail)
    if not agreed:
        errors = (FieldError("/agreed", "expected that the complainant and the authority agreed to it"),)
        raise DomainError("agreement-required", "Stage 1 is passed over only where both agree.", Kind.MALFORMED, errors)
    checks.in_order(stage, on, today, "/passed_over_on")
    checks.nothing_later(stage, on, "/passed_over_on")
    ended = replace(stage, facts=replace(stage.facts, responded_on=on), ending="passed-over", points_changed=len(case.changes))
    begun = Stage(2, case.rules.stage(2).terms, Facts(on), on)
    request = Request(2, on, late=False, decided_on=on, decision="accepted")
    return replace(case.with_stage(ended), stages=(ended, begun), requests=(request,))


def refer(case: Case, on: date, *, agreed: bool, today: date) -> Case:
    """The complaint is referred to the Ombudsman after stage 2, without a panel.

    Raises `already-referred`, `cannot-refer-early`, `mostly-not-upheld`, `agreement-required`, and on dates out of order.
    """
    if case.referred_on == on:
        return case
    if case.referred_on is not None:
        detail = f"The complaint was referred to the Ombudsman on {case.referred_on}. Nothing was changed."
        raise DomainError("already-referred", detail)
    if not checks.may_refer(case):
        detail = (
            "A complaint is referred to the Ombudsman early after stage 2 was answered, where the procedure has a review panel"
        )
        raise DomainError("cannot-refer-early", f"{detail} and allows it. Nothing was changed.")
    if not mostly_upheld(case):
        detail = "Stage 2 did not uphold most of the points, in full or partly: a review panel is offered first."
        raise DomainError("mostly-not-upheld", f"{detail} Nothing was changed.")
    if not agreed:
        errors = (FieldError("/agreed", "expected that the complainant and the authority agreed to it"),)
        raise DomainError("agreement-required", "A panel is left out only where both agree.", Kind.MALFORMED, errors)
    return referred(case, on, today=today)


def referred(case: Case, on: date, *, today: date) -> Case:
    """The complaint as referred on a day, whatever the profile says by now. Raises on dates out of order."""
    checks.not_in_future(on, today, "/referred_on")
    answered_on = case.current.facts.responded_on
    if answered_on is None:
        raise checks.not_answered(case, case.current.number + 1)
    checks.not_before(on, answered_on, f"stage {case.current.number} was answered", "/referred_on")
    return replace(case, referred_on=on)


def mostly_upheld(case: Case) -> bool:
    """Whether more than half of the points were upheld, in full or partly, at the last stage that was answered."""
    stood = [case.standing(case.current.number, reference) for reference in case.live]
    upheld = sum(1 for each in stood if each is not None and each.finding in ASKS)
    return 2 * upheld > len(case.live)
