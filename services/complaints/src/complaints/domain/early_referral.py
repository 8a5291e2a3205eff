"""Early referral, after the guidance "Getting the Best from Complaints" (Department for Education and Skills, 2006). Pure.

Straight to stage 2: complainant and authority agree that stage 1 is of no use. Stage 1 is passed over, which is recorded with
the reason and that both agreed; stage 2 begins on that day, with its own clock.
"""

from dataclasses import replace
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from complaints.domain import stage_checks as checks
from complaints.domain.case import Case, Request, Stage
from complaints.domain.clock import Facts
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
