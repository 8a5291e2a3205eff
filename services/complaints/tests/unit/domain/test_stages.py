"""The stage machine: each refusal with its slug, and any order of steps on any days."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chassis.calendar import WorkingDays
from chassis.errors import DomainError
from complaints.domain import clock, stages
from complaints.domain.case import Case, Finding, Phase, Rules, StageRules, as_at
from complaints.domain.clock import Terms
from complaints.domain.stages import LEGAL, Step

CALENDAR = WorkingDays.load()
TODAY = date(2022, 12, 30)
STATUTORY = Rules(
    "childrens-statutory",
    "formal",
    (
        StageRules(1, Terms(10, 20, "received"), None, can_decline=False),
        StageRules(2, Terms(25, 65, "requested"), 20, can_decline=False),
        StageRules(3, Terms(30, None, "requested"), 20, can_decline=False),
    ),
)
SEND = Rules(
    "send",
    "formal",
    (
        StageRules(1, Terms(10, 20, "received"), None, can_decline=False),
        StageRules(2, Terms(25, 65, "requested"), None, can_decline=True),
    ),
)
CORPORATE = Rules(
    "corporate",
    "formal",
    (
        StageRules(1, Terms(10, 20, "acknowledged", 5), None, can_decline=False),
        StageRules(2, Terms(20, 40, "acknowledged", 5), None, can_decline=True),
    ),
)
INFORMAL = Rules("send-informal", "informal", (StageRules(1, Terms(10, None, "received"), None, can_decline=False),))
UPHELD: Mapping[str, Finding] = {"1": "upheld", "2": "not-upheld"}
RECEIVED = date(2022, 4, 28)  # due on 13 May, extended on 27 May


def received(rules: Rules = STATUTORY) -> Case:
    return stages.receive(rules, RECEIVED, ("1", "2"), today=TODAY)


def answered(rules: Rules = STATUTORY, on: date = date(2022, 5, 12)) -> Case:
    return stages.respond(received(rules), 1, on, UPHELD, today=TODAY)


def requested(rules: Rules = STATUTORY, on: date = date(2022, 5, 20)) -> Case:
    return stages.request(answered(rules), 2, on, discretion=False, calendar=CALENDAR, today=TODAY)


def extend(case: Case, on: date, number: int = 1) -> Case:
    return stages.extend(case, number, on, calendar=CALENDAR, today=TODAY)


def refused(slug: str) -> Any:
    return pytest.raises(DomainError, match=f"^{slug}: ")


class TestReceive:
    def test_stage_1_runs_at_once(self) -> None:
        case = received()
        assert (case.phase, case.current.number, case.open) == (Phase.RUNNING, 1, True)

    def test_tomorrow_is_refused(self) -> None:
        with refused("date-in-the-future"):
            stages.receive(STATUTORY, TODAY + timedelta(days=1), ("1",), today=TODAY)


class TestExtendStage:
    def test_moves_the_limit_to_its_extension_in_all(self) -> None:
        stage = extend(received(), date(2022, 5, 11)).current
        assert clock.timing(CALENDAR, stage.terms, stage.facts).due_on == date(2022, 5, 27)

    def test_second_extension_is_refused_with_the_limit(self) -> None:
        with pytest.raises(DomainError, match="20 working days in all, due on 2022-05-27") as caught:
            extend(extend(received(), date(2022, 5, 11)), date(2022, 5, 12))
        assert caught.value.slug == "already-extended"

    def test_the_same_extension_again_changes_nothing(self) -> None:
        case = extend(received(), date(2022, 5, 11))
        assert extend(case, date(2022, 5, 11)) is case

    def test_on_the_last_day_is_in_time_and_after_it_too_late(self) -> None:
        assert extend(received(), date(2022, 5, 13)).current.facts.extended_on == date(2022, 5, 13)
        with refused("extended-too-late"):
            extend(received(), date(2022, 5, 14))

    def test_a_stage_without_extension_names_its_limit(self) -> None:
        with pytest.raises(DomainError, match="its limit is 10 working days") as caught:
            extend(received(INFORMAL), date(2022, 5, 3))
        assert caught.value.slug == "cannot-be-extended"

    def test_before_the_stage_began_is_refused(self) -> None:
        with refused("dates-out-of-order"):
            extend(received(), date(2022, 4, 27))

    def test_after_the_response_is_refused(self) -> None:
        with refused("already-answered"):
            extend(answered(), date(2022, 5, 12))


class TestAcknowledgeStage:
    def test_a_procedure_without_one_refuses_it(self) -> None:
        with refused("nothing-to-acknowledge"):
            stages.acknowledge(received(), 1, date(2022, 4, 29), calendar=CALENDAR, today=TODAY)

    def test_becomes_day_0_where_the_stage_counts_from_it(self) -> None:
        case = stages.acknowledge(received(CORPORATE), 1, date(2022, 5, 3), calendar=CALENDAR, today=TODAY)
        assert clock.timing(CALENDAR, case.current.terms, case.current.facts).due_on == date(2022, 5, 17)

    def test_another_day_later_is_refused(self) -> None:
        case = stages.acknowledge(received(CORPORATE), 1, date(2022, 5, 3), calendar=CALENDAR, today=TODAY)
        assert stages.acknowledge(case, 1, date(2022, 5, 3), calendar=CALENDAR, today=TODAY) is case
        with refused("already-acknowledged"):
            stages.acknowledge(case, 1, date(2022, 5, 4), calendar=CALENDAR, today=TODAY)

    def test_one_that_would_put_the_extension_after_the_limit_is_refused(self) -> None:
        case = extend(received(CORPORATE), date(2022, 5, 20))
        with refused("extended-too-late"):
            stages.acknowledge(case, 1, date(2022, 5, 3), calendar=CALENDAR, today=TODAY)


class TestRespondStage:
    def test_each_point_has_a_finding(self) -> None:
        with pytest.raises(DomainError) as caught:
            stages.respond(received(), 1, date(2022, 5, 12), {"1": "upheld", "7": "upheld"}, today=TODAY)
        assert caught.value.slug == "findings-incomplete"
        assert [error.detail for error in caught.value.errors] == [
            "There is no point '7'. Points: 1, 2.",
            "Points without a finding: 2.",
        ]

    def test_an_enquiry_is_answered_without_findings(self) -> None:
        case = stages.respond(received(INFORMAL), 1, date(2022, 5, 3), {}, today=TODAY)
        assert case.phase is Phase.ANSWERED

    def test_twice_the_same_changes_nothing_and_another_is_refused(self) -> None:
        case = answered()
        assert stages.respond(case, 1, date(2022, 5, 12), dict(UPHELD), today=TODAY) is case
        with refused("already-answered"):
            stages.respond(case, 1, date(2022, 5, 13), UPHELD, today=TODAY)
        with refused("already-answered"):
            stages.respond(case, 1, date(2022, 5, 12), {"1": "upheld", "2": "upheld"}, today=TODAY)

    def test_before_the_extension_is_refused(self) -> None:
        with refused("dates-out-of-order"):
            stages.respond(extend(received(), date(2022, 5, 12)), 1, date(2022, 5, 11), UPHELD, today=TODAY)

    def test_of_a_stage_that_has_not_begun_or_does_not_exist_is_refused(self) -> None:
        with refused("stage-not-begun"):
            stages.respond(answered(), 2, date(2022, 5, 20), UPHELD, today=TODAY)
        with refused("no-such-stage"):
            stages.respond(answered(SEND), 3, date(2022, 5, 20), UPHELD, today=TODAY)

    def test_stage_2_keeps_its_findings_beside_those_of_stage_1(self) -> None:
        case = stages.decide(requested(), 2, date(2022, 5, 23), "accepted", reason=False, today=TODAY)
        case = stages.respond(case, 2, date(2022, 6, 20), {"1": "not-upheld", "2": "not-upheld"}, today=TODAY)
        assert [stage.findings["1"] for stage in case.stages] == ["upheld", "not-upheld"]


class TestRequestStage:
    # Answered on 12 May: 20 working days later, with two for the Jubilee, is 13 June.
    def test_within_its_limit_needs_no_reason(self) -> None:
        assert requested(on=date(2022, 6, 13)).requests[0].late is False

    def test_after_its_limit_takes_discretion(self) -> None:
        with pytest.raises(DomainError, match="until 2022-06-13: 20 working days") as caught:
            requested(on=date(2022, 6, 14))
        assert caught.value.slug == "request-too-late"
        late = stages.request(answered(), 2, date(2022, 6, 14), discretion=True, calendar=CALENDAR, today=TODAY)
        assert late.requests[0].late is True

    def test_without_a_limit_it_is_never_late(self) -> None:
        assert requested(SEND, on=date(2022, 12, 1)).requests[0].late is False

    def test_before_the_response_is_refused(self) -> None:
        with refused("stage-not-answered"):
            stages.request(received(), 2, date(2022, 5, 20), discretion=False, calendar=CALENDAR, today=TODAY)
        with refused("dates-out-of-order"):
            requested(on=date(2022, 5, 11))

    def test_an_informal_complaint_has_no_second_stage(self) -> None:
        with refused("no-such-stage"):
            requested(INFORMAL)

    def test_stage_3_is_not_asked_for_before_stage_2(self) -> None:
        with refused("stage-not-answered"):
            stages.request(answered(), 3, date(2022, 5, 20), discretion=False, calendar=CALENDAR, today=TODAY)


class TestDecideStage:
    def test_accepted_starts_the_stage_on_the_day_of_the_request(self) -> None:
        case = stages.decide(requested(), 2, date(2022, 5, 26), "accepted", reason=False, today=TODAY)
        assert (case.phase, case.current.facts.started_on) == (Phase.RUNNING, date(2022, 5, 20))
        assert case.current.opened_on == date(2022, 5, 26)

    def test_the_statutory_procedure_cannot_decline(self) -> None:
        with refused("cannot-be-declined"):
            stages.decide(requested(), 2, date(2022, 5, 26), "declined", reason=True, today=TODAY)

    @pytest.mark.parametrize("rules", [SEND, CORPORATE])
    def test_others_decline_with_a_reason(self, rules: Rules) -> None:
        with refused("reason-required"):
            stages.decide(requested(rules), 2, date(2022, 5, 26), "declined", reason=False, today=TODAY)
        case = stages.decide(requested(rules), 2, date(2022, 5, 26), "declined", reason=True, today=TODAY)
        assert (case.phase, case.open) == (Phase.DECLINED, False)

    def test_a_second_decision_is_refused(self) -> None:
        case = stages.decide(requested(SEND), 2, date(2022, 5, 26), "declined", reason=True, today=TODAY)
        assert stages.decide(case, 2, date(2022, 5, 26), "declined", reason=True, today=TODAY) is case
        with refused("already-decided"):
            stages.decide(case, 2, date(2022, 5, 27), "accepted", reason=False, today=TODAY)
        with refused("already-requested"):
            stages.request(case, 2, date(2022, 6, 1), discretion=False, calendar=CALENDAR, today=TODAY)

    def test_without_a_request_is_refused(self) -> None:
        with refused("not-requested"):
            stages.decide(answered(), 2, date(2022, 5, 26), "accepted", reason=False, today=TODAY)

    def test_before_the_request_is_refused(self) -> None:
        with refused("dates-out-of-order"):
            stages.decide(requested(), 2, date(2022, 5, 19), "accepted", reason=False, today=TODAY)


class TestAsAt:
    def test_leaves_out_what_had_not_happened(self) -> None:
        case = stages.decide(requested(), 2, date(2022, 5, 26), "accepted", reason=False, today=TODAY)
        assert as_at(case, date(2022, 5, 11)) == received()
        assert as_at(case, date(2022, 5, 12)) == answered()
        assert as_at(case, date(2022, 5, 25)) == requested()
        assert as_at(case, date(2022, 5, 26)) == case


KNOWN_SLUGS = {
    "already-acknowledged",
    "already-answered",
    "already-decided",
    "already-extended",
    "already-requested",
    "cannot-be-declined",
    "cannot-be-extended",
    "date-in-the-future",
    "dates-out-of-order",
    "extended-too-late",
    "findings-incomplete",
    "no-such-stage",
    "not-requested",
    "nothing-to-acknowledge",
    "reason-required",
    "request-too-late",
    "stage-not-answered",
    "stage-not-begun",
}
offsets = st.integers(-3, 45)
numbers = st.integers(1, 4)
findings = st.sampled_from([UPHELD, {"1": "withdrawn", "2": "no-finding"}, {"1": "upheld"}, {}])


class AnyOrder(RuleBasedStateMachine):
    """Any step at any time: it is either refused with a known slug and changes nothing, or the complaint stays whole."""

    case: Case

    @initialize(rules=st.sampled_from([STATUTORY, SEND, CORPORATE, INFORMAL]))
    def receive(self, rules: Rules) -> None:
        self.case = received(rules)

    def latest(self) -> date:
        facts = self.case.current.facts
        moments = [facts.started_on, facts.acknowledged_on, facts.extended_on, facts.responded_on]
        moments += [day for made in self.case.requests for day in (made.requested_on, made.decided_on)]
        return max(day for day in moments if day is not None)

    def attempt(self, step: Step, taken: Any) -> None:
        before, legal = self.case, LEGAL[self.case.phase]
        after, refusal = before, None
        try:
            after = taken(self.case)
        except DomainError as error:
            refusal = error
        assert refusal is None or refusal.slug in KNOWN_SLUGS, refusal
        assert refusal is None or refusal.detail.endswith("."), refusal
        if after is not before:
            assert step in legal
            self.case = after

    @rule(number=numbers, days=offsets)
    def acknowledge(self, number: int, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.ACKNOWLEDGE, lambda case: stages.acknowledge(case, number, day, calendar=CALENDAR, today=TODAY))

    @rule(number=numbers, days=offsets)
    def extend(self, number: int, days: int) -> None:
        day = self.latest() + timedelta(days=days)
        self.attempt(Step.EXTEND, lambda case: extend(case, day, number))

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
            elif self.case.rules.formality == "formal" or stage.findings:
                assert set(stage.findings) == set(self.case.points)

    @invariant()
    def no_date_contradicts_another(self) -> None:
        if not hasattr(self, "case"):
            return
        for stage in self.case.stages:
            facts = stage.facts
            for day in (facts.acknowledged_on, facts.extended_on, facts.responded_on):
                assert day is None or stage.opened_on <= day <= TODAY
            if facts.extended_on is not None:
                without = clock.timing(CALENDAR, stage.terms, replace(facts, extended_on=None))
                assert facts.extended_on <= without.due_on

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


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
