"""Any step of a complaint in any order on any days, and any of its dates corrected afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from services.complaints.tests.stage_rules import CALENDAR, CORPORATE, INFORMAL, RECEIVED, SEND, STATUTORY, TODAY, UPHELD

from chassis.errors import DomainError
from complaints.domain import clock, corrections, early_referral, stages
from complaints.domain.case import Case, Rules, as_at
from complaints.domain.corrections import Correction, DateOf
from complaints.domain.stages import LEGAL, Step

KNOWN_SLUGS = {
    "agreement-required",
    "already-acknowledged",
    "already-answered",
    "already-decided",
    "already-extended",
    "already-referred",
    "already-requested",
    "already-agreed",
    "already-held",
    "already-reported",
    "already-suspended",
    "cannot-be-declined",
    "cannot-be-extended",
    "cannot-pass-over",
    "cannot-refer-early",
    "complaint-ended",
    "complaint-referred",
    "mostly-not-upheld",
    "date-in-the-future",
    "dates-out-of-order",
    "decision-followed",
    "extended-too-far",
    "extended-too-late",
    "findings-incomplete",
    "no-panel",
    "no-such-stage",
    "not-requested",
    "not-suspended",
    "nothing-to-acknowledge",
    "nothing-to-agree",
    "nothing-to-correct",
    "panel-not-held",
    "panel-not-reported",
    "reason-required",
    "request-too-late",
    "stage-not-answered",
    "stage-not-begun",
    "suspended",
}
offsets = st.integers(-3, 45)
numbers = st.integers(1, 4)
findings = st.sampled_from([UPHELD, {"1": "withdrawn", "2": "no-finding"}, {"1": "upheld"}, {}])


class AnyOrder(RuleBasedStateMachine):
    """Any step at any time: it is either refused with a known slug and changes nothing, or the complaint stays whole."""

    case: Case
    slugs: frozenset[str] = frozenset(KNOWN_SLUGS)

    @initialize(rules=st.sampled_from([STATUTORY, SEND, CORPORATE, INFORMAL]))
    def receive(self, rules: Rules) -> None:
        self.case = stages.receive(rules, RECEIVED, ("1", "2"), today=TODAY)

    def latest(self) -> date:
        facts = self.case.current.facts
        moments = [facts.started_on, facts.acknowledged_on, facts.extended_on, facts.responded_on, facts.panel_on]
        moments += [day for each in facts.suspensions for day in (each.from_on, each.until_on)]
        moments += [day for made in self.case.requests for day in (made.requested_on, made.decided_on)]
        return max(day for day in moments if day is not None)

    def taken(self, step: Callable[[Case], Case]) -> Case:
        """What a step makes of the complaint: the same object where it is refused, with a known slug and a whole sentence."""
        refusal = None
        try:
            return step(self.case)
        except DomainError as error:
            refusal = error
        assert refusal.slug in self.slugs, refusal
        assert refusal.detail.endswith("."), refusal
        return self.case

    def attempt(self, step: Step, taken: Any) -> None:
        before, legal = self.case, LEGAL[self.case.phase]
        self.case = self.taken(taken)
        assert self.case is before or step in legal

    @rule(number=numbers, days=offsets)
    def acknowledge(self, number: int, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.ACKNOWLEDGE, lambda case: stages.acknowledge(case, number, day, calendar=CALENDAR, today=TODAY))

    @rule(number=numbers, days=offsets, to=st.none() | st.integers(8, 70))
    def extend(self, number: int, days: int, to: int | None) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.EXTEND, lambda case: stages.extend(case, number, day, to=to, calendar=CALENDAR, today=TODAY))

    @rule(number=numbers, days=offsets)
    def agree(self, number: int, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.AGREE, lambda case: stages.agree(case, number, day, calendar=CALENDAR, today=TODAY))

    @rule(number=numbers, days=offsets)
    def suspend(self, number: int, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.SUSPEND, lambda case: stages.suspend(case, number, day, "court", today=TODAY))

    @rule(number=numbers, days=offsets)
    def resume(self, number: int, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.RESUME, lambda case: stages.resume(case, number, day, today=TODAY))

    @precondition(lambda self: hasattr(self, "case") and self.case.current.terms.panel)
    @rule(days=offsets)
    def hold_panel(self, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.HOLD_PANEL, lambda case: stages.hold_panel(case, 3, day, today=TODAY))

    @precondition(lambda self: hasattr(self, "case") and self.case.current.terms.panel)
    @rule(days=offsets)
    def report(self, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.REPORT, lambda case: stages.report(case, 3, day, today=TODAY))

    @rule(days=offsets, agreed=st.booleans())
    def pass_over(self, days: int, agreed: bool) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.PASS_OVER, lambda case: early_referral.pass_over(case, day, agreed=agreed, today=TODAY))

    @rule(days=offsets, agreed=st.booleans())
    def refer(self, days: int, agreed: bool) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.REFER, lambda case: early_referral.refer(case, day, agreed=agreed, today=TODAY))

    @rule(number=numbers, days=offsets, ending=st.sampled_from(["withdrawn", "discontinued"]))
    def end(self, number: int, days: int, ending: Any) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.END, lambda case: stages.end(case, number, day, ending, today=TODAY))

    @rule(number=numbers, of=st.sampled_from(get_args(DateOf)), days=st.integers(-30, 60), away=st.booleans())
    def correct(self, number: int, of: DateOf, days: int, away: bool) -> None:
        """A correction is refused by what the steps refuse, or leaves a complaint that the steps could have made."""
        day = None if away else self.latest() + timedelta(days=days)
        correction = Correction(number, of, day)
        self.case = self.taken(lambda case: corrections.correct(case, correction, calendar=CALENDAR, today=TODAY))

    @rule(number=numbers, days=offsets, found=findings)
    def respond(self, number: int, days: int, found: Any) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.RESPOND, lambda case: stages.respond(case, number, day, found, today=TODAY))

    @rule(number=numbers, days=offsets, discretion=st.booleans())
    def request(self, number: int, days: int, discretion: bool) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(
            Step.REQUEST,
            lambda case: stages.request(case, number, day, discretion=discretion, calendar=CALENDAR, today=TODAY),
        )

    @rule(number=numbers, days=offsets, decision=st.sampled_from(["accepted", "declined"]), reason=st.booleans())
    def decide(self, number: int, days: int, decision: Any, reason: bool) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.DECIDE, lambda case: stages.decide(case, number, day, decision, reason=reason, today=TODAY))

    @invariant()
    def stages_follow_one_another(self) -> None:
        if not hasattr(self, "case"):
            return
        assert [stage.number for stage in self.case.stages] == list(range(1, len(self.case.stages) + 1))
        assert all(stage.facts.responded_on is not None for stage in self.case.stages[:-1])
        for stage in self.case.stages[1:]:
            made = self.case.request_of(stage.number)
            assert made is not None
            assert made.decision == "accepted"
            assert (made.requested_on, made.decided_on) == (stage.facts.started_on, stage.opened_on)

    @invariant()
    def an_answered_stage_has_a_finding_on_each_point(self) -> None:
        if not hasattr(self, "case"):
            return
        for stage in self.case.stages:
            if stage.facts.responded_on is None:
                assert not stage.findings
            elif stage.ending == "passed-over":
                assert stage.number == 1
                assert not stage.findings
            elif self.case.rules.formality == "formal" or stage.findings:
                then = replace(self.case, changes=self.case.changes[: stage.points_changed])
                assert set(stage.findings) == set(then.live)

    @invariant()
    def no_date_contradicts_another(self) -> None:
        if not hasattr(self, "case"):
            return
        for stage in self.case.stages:
            facts = stage.facts
            for day in (facts.acknowledged_on, facts.extended_on, facts.responded_on, facts.panel_on, facts.reported_on):
                assert day is None or stage.opened_on <= day <= TODAY
            if facts.extended_on is not None:
                known = clock.known_on(facts, facts.extended_on)
                without = clock.read(CALENDAR, stage.terms, replace(known, extended_on=None), facts.extended_on)
                assert not without.overdue

    @invariant()
    def only_what_cannot_be_declined_is_never_declined(self) -> None:
        if not hasattr(self, "case"):
            return
        for made in self.case.requests:
            assert made.decision != "declined" or self.case.rules.stage(made.stage).can_decline

    @invariant()
    def today_it_stands_as_it_stands(self) -> None:
        if hasattr(self, "case"):
            assert as_at(self.case, TODAY) == self.case

    @invariant()
    def taken_again_in_the_order_of_its_days_it_is_the_same(self) -> None:
        if hasattr(self, "case"):
            assert corrections.replay(self.case, calendar=CALENDAR, today=TODAY) == self.case


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
