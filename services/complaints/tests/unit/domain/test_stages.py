"""The stage machine: each step, and each refusal with its slug."""

from datetime import date, timedelta
from typing import Any

import pytest
from services.complaints.tests.stage_rules import CALENDAR, CORPORATE, INFORMAL, RECEIVED, SEND, STATUTORY, TODAY, UPHELD

from chassis.errors import DomainError
from chassis.testing.fixtures import ROOT
from complaints.domain import clock, stages
from complaints.domain.case import Case, Phase, Rules, as_at
from complaints.domain.clock import Suspension


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


class TestSuspend:
    def test_stands_still_until_it_is_resumed(self) -> None:
        case = stages.suspend(received(), 1, date(2022, 5, 5), "court", today=TODAY)
        assert case.current.facts.suspended == Suspension(date(2022, 5, 5), None, "court")
        case = stages.resume(case, 1, date(2022, 5, 17), today=TODAY)
        assert case.current.facts.suspensions == (Suspension(date(2022, 5, 5), date(2022, 5, 17), "court"),)

    def test_twice_the_same_changes_nothing_and_another_is_refused(self) -> None:
        case = stages.suspend(received(), 1, date(2022, 5, 5), "court", today=TODAY)
        assert stages.suspend(case, 1, date(2022, 5, 5), "court", today=TODAY) is case
        with refused("already-suspended"):
            stages.suspend(case, 1, date(2022, 5, 6), "court", today=TODAY)
        case = stages.resume(case, 1, date(2022, 5, 17), today=TODAY)
        assert stages.resume(case, 1, date(2022, 5, 17), today=TODAY) is case
        with refused("not-suspended"):
            stages.resume(case, 1, date(2022, 5, 18), today=TODAY)
        with refused("dates-out-of-order"):
            stages.suspend(case, 1, date(2022, 5, 16), "police", today=TODAY)

    def test_told_again_when_it_has_ended_or_the_stage_was_answered_changes_nothing(self) -> None:
        case = stages.suspend(received(), 1, date(2022, 5, 5), "court", today=TODAY)
        case = stages.resume(case, 1, date(2022, 5, 9), today=TODAY)
        ended = stages.end(case, 1, date(2022, 5, 12), "withdrawn", today=TODAY)
        for known in (case, ended):
            assert stages.suspend(known, 1, date(2022, 5, 5), "court", today=TODAY) is known
            assert stages.resume(known, 1, date(2022, 5, 9), today=TODAY) is known

    def test_it_can_be_extended_meanwhile(self) -> None:
        case = stages.suspend(received(), 1, date(2022, 5, 5), "court", today=TODAY)
        assert extend(case, date(2022, 5, 20)).current.facts.extended_on == date(2022, 5, 20)


class TestExtendTo:
    def test_less_than_all_that_is_allowed(self) -> None:
        case = stages.extend(received(), 1, date(2022, 5, 11), to=15, calendar=CALENDAR, today=TODAY)
        assert clock.timing(CALENDAR, case.current.terms, case.current.facts).due_on == date(2022, 5, 20)
        with refused("already-extended"):
            extend(case, date(2022, 5, 11))

    @pytest.mark.parametrize("to", [10, 21])
    def test_not_less_than_the_limit_and_not_more(self, to: int) -> None:
        with refused("extended-too-far"):
            stages.extend(received(), 1, date(2022, 5, 11), to=to, calendar=CALENDAR, today=TODAY)


class TestEnd:
    def test_a_withdrawal_gives_each_point_its_finding(self) -> None:
        case = stages.end(received(), 1, date(2022, 5, 4), "withdrawn", today=TODAY)
        assert (case.phase, case.open) == (Phase.ENDED, False)
        assert case.current.findings == {"1": "withdrawn", "2": "withdrawn"}

    def test_is_confirmed_in_writing_later(self) -> None:
        case = stages.end(received(), 1, date(2022, 5, 4), "withdrawn", today=TODAY)
        confirmed = stages.end(case, 1, date(2022, 5, 4), "withdrawn", confirmed_on=date(2022, 5, 6), today=TODAY)
        assert confirmed.current.confirmed_on == date(2022, 5, 6)
        assert stages.end(confirmed, 1, date(2022, 5, 4), "withdrawn", today=TODAY) is confirmed
        with refused("dates-out-of-order"):
            stages.end(case, 1, date(2022, 5, 4), "withdrawn", confirmed_on=date(2022, 5, 3), today=TODAY)

    def test_no_further_stage_can_be_asked_for(self) -> None:
        case = stages.end(received(), 1, date(2022, 5, 4), "discontinued", today=TODAY)
        with refused("complaint-ended"):
            stages.request(case, 2, date(2022, 5, 6), discretion=True, calendar=CALENDAR, today=TODAY)

    def test_what_is_answered_is_not_withdrawn(self) -> None:
        with refused("already-answered"):
            stages.end(answered(), 1, date(2022, 5, 13), "withdrawn", today=TODAY)


def at_panel() -> Case:
    """A statutory complaint at stage 3, asked for on 4 July."""
    case = stages.decide(requested(), 2, date(2022, 5, 23), "accepted", reason=False, today=TODAY)
    case = stages.respond(case, 2, date(2022, 6, 20), {"1": "not-upheld", "2": "not-upheld"}, today=TODAY)
    case = stages.request(case, 3, date(2022, 7, 4), discretion=False, calendar=CALENDAR, today=TODAY)
    return stages.decide(case, 3, date(2022, 7, 5), "accepted", reason=False, today=TODAY)


class TestPanel:
    def test_is_held_reports_and_is_answered(self) -> None:
        case = stages.hold_panel(at_panel(), 3, date(2022, 8, 1), today=TODAY)
        case = stages.report(case, 3, date(2022, 8, 5), today=TODAY)
        case = stages.respond(case, 3, date(2022, 8, 19), UPHELD, today=TODAY)
        assert [stage.findings["1"] for stage in case.stages] == ["upheld", "not-upheld", "upheld"]

    def test_comes_in_that_order(self) -> None:
        with refused("panel-not-held"):
            stages.report(at_panel(), 3, date(2022, 8, 5), today=TODAY)
        with refused("panel-not-reported"):
            stages.respond(at_panel(), 3, date(2022, 8, 5), UPHELD, today=TODAY)
        with refused("no-panel"):
            stages.hold_panel(received(), 1, date(2022, 5, 5), today=TODAY)

    def test_does_not_meet_while_it_is_suspended(self) -> None:
        case = stages.suspend(at_panel(), 3, date(2022, 7, 11), "court", today=TODAY)
        with refused("suspended"):
            stages.hold_panel(case, 3, date(2022, 8, 1), today=TODAY)


class TestAgree:
    def test_moves_the_limit_only_where_the_profile_counts_from_it(self) -> None:
        case = stages.decide(requested(), 2, date(2022, 5, 23), "accepted", reason=False, today=TODAY)
        case = stages.agree(case, 2, date(2022, 6, 1), calendar=CALENDAR, today=TODAY)
        assert clock.timing(CALENDAR, case.current.terms, case.current.facts).day_zero == date(2022, 5, 20)
        with refused("already-agreed"):
            stages.agree(case, 2, date(2022, 6, 2), calendar=CALENDAR, today=TODAY)

    def test_is_nothing_for_stage_1(self) -> None:
        with refused("nothing-to-agree"):
            stages.agree(received(), 1, date(2022, 5, 3), calendar=CALENDAR, today=TODAY)


class TestRequestUntil:
    def test_counts_from_the_answer(self) -> None:
        assert stages.request_until(answered(), CALENDAR) == date(2022, 6, 13)
        assert stages.request_until(received(), CALENDAR) is None
        assert stages.request_until(answered(SEND), CALENDAR) is None


def test_the_machine_is_drawn_from_what_it_goes_by() -> None:
    drawing = stages.drawing().splitlines()
    assert "    running --> answered: respond" in drawing
    assert "    requested --> declined: decide" in drawing
    assert "    ended --> [*]" in drawing
    assert stages.drawing() in (ROOT / "docs" / "guides" / "complaint-clocks.md").read_text("utf-8")
