"""Old complaints taken through the stage machine: what is assumed, what is a fault, and what the clock makes of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.complaints.tests.support import profile_document

from chassis.calendar import WorkingDays
from complaints.domain.case import Phase, Rules
from complaints.domain.old_cases import Built, OldCase, OldPoint, OldStage, build
from complaints.domain.profile import Profile

CALENDAR = WorkingDays.load()
TODAY = date(2022, 7, 29)
DOCUMENT = {name: each for name, each in profile_document("worcestershire").items() if name != "version"}
RULES: dict[str, Rules] = {each.code: each.rules() for each in Profile.model_validate(DOCUMENT).complaints.procedures}


def on(month: int, day: int, year: int = 2022) -> date:
    return date(year, month, day)


def old(procedure: str = "childrens-statutory", finding: str | None = "upheld", **changes: Any) -> OldCase:
    stages = {number: OldStage(**told) for number, told in changes.pop("stages", {}).items()}
    findings: Any = dict.fromkeys((1, 2, 3), finding) if finding else {}
    points = (OldPoint("communication", None, findings), OldPoint("decision-making", None, findings))
    plain = {"row": 2, "reference": "C-1", "service_area": "safeguarding", "team": None, "need": None, "route": None}
    return OldCase(
        **{**plain, "procedure": procedure, "received_on": on(1, 5), "raised_by": None, "points": points, **changes},
        stages=stages,
    )


def made(**changes: Any) -> Built:
    case = old(**changes)
    return build(case, RULES[case.procedure], CALENDAR, TODAY)


def fault(**changes: Any) -> tuple[str, str]:
    [found] = made(**changes).faults
    return found.column, found.detail


class TestBuild:
    def test_one_that_was_answered_has_the_days_that_the_calendar_counts(self) -> None:
        built = made(received_on=on(4, 28, 2022), stages={1: {"responded_on": on(5, 16), "days": 12}})
        assert built.case is not None
        assert built.case.phase is Phase.ANSWERED
        # The bank holiday of 2 May lies between.
        assert [(count.state, count.days, count.theirs, count.differs) for count in built.counts] == [
            ("answered-late", 11, 12, True)
        ]

    def test_an_extension_to_a_day_is_one_of_working_days_and_its_day_is_assumed(self) -> None:
        built = made(stages={1: {"extended_by": on(1, 26), "responded_on": on(1, 25)}})
        assert built.case is not None
        facts = built.case.current.facts
        assert (facts.extended_to, facts.extended_on) == (15, on(1, 19))
        assert [each.column for each in built.remarks] == ["stage 1 extended on"]

    def test_an_acknowledgement_that_the_procedure_does_not_know_is_left_out_and_said(self) -> None:
        built = made(stages={1: {"acknowledged_on": on(1, 6), "responded_on": on(1, 12)}})
        assert built.case is not None
        assert [each.column for each in built.remarks] == ["stage 1 acknowledged"]
        assert not made(procedure="corporate", stages={1: {"acknowledged_on": on(1, 6), "responded_on": on(1, 12)}}).remarks

    def test_a_later_stage_is_taken_as_accepted_when_it_was_asked_for(self) -> None:
        built = made(stages={1: {"responded_on": on(1, 12)}, 2: {"requested_on": on(1, 20), "responded_on": on(2, 20)}})
        assert built.case is not None
        assert built.case.request_of(2).decided_on == on(1, 20)  # type: ignore[union-attr]
        assert [each.column for each in built.remarks] == ["stage 2 accepted"]

    def test_a_request_that_nothing_followed_waits_for_its_decision(self) -> None:
        built = made(stages={1: {"responded_on": on(1, 12)}, 2: {"requested_on": on(1, 20)}})
        assert built.case is not None
        assert built.case.phase is Phase.REQUESTED

    def test_a_panel_keeps_all_its_limits(self) -> None:
        third = {"requested_on": on(3, 1), "panel_on": on(4, 5), "reported_on": on(4, 8), "responded_on": on(4, 20)}
        stages = {1: {"responded_on": on(1, 12)}, 2: {"requested_on": on(1, 20), "responded_on": on(2, 20)}, 3: third}
        built = made(stages=stages)
        assert [each.state for each in built.counts] == ["answered-in-time", "answered-in-time", "answered-in-time"]
        assert fault(stages={**stages, 3: {**third, "reported_on": None}})[0] == "stage 3 panel report"

    def test_one_that_was_withdrawn_ends(self) -> None:
        built = made(finding=None, closed_on=on(1, 7), closed_as="withdrawn")
        assert built.case is not None
        assert built.case.phase is Phase.ENDED
        assert [each.state for each in built.counts] == ["ended"]

    @pytest.mark.parametrize(
        ("changes", "column"),
        [
            ({"received_on": on(8, 1)}, "received"),
            ({"received_on": date(2150, 1, 1)}, "received"),
            ({"stages": {1: {"responded_on": on(1, 4)}}}, "stage 1 response"),
            ({"stages": {1: {"responded_on": on(1, 12)}}, "finding": None}, "stage 1 finding"),
            ({"stages": {2: {"requested_on": on(1, 12)}}}, "stage 2 requested"),
            ({"stages": {1: {"responded_on": on(1, 12)}, 2: {"responded_on": on(2, 1)}}}, "stage 2 requested"),
            ({"stages": {1: {"extended_on": on(2, 20), "extended_to": 20}}}, "stage 1 extended to days"),
            ({"stages": {1: {"extended_to": 40}}}, "stage 1 extended to days"),
            ({"stages": {1: {"extended_by": on(1, 26), "extended_to": 20}}}, "stage 1 extended to"),
            ({"closed_on": on(1, 20)}, "stage 1 response"),
            ({"closed_as": "withdrawn"}, "closed on"),
            ({"stages": {1: {"responded_on": on(1, 12)}}, "closed_on": on(1, 20), "closed_as": "withdrawn"}, "closed as"),
            ({"procedure": "fostering", "stages": {1: {"responded_on": on(1, 12)}, 2: {"requested_on": on(1, 14)}}},
             "stage 2 requested"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_a_fault_in_its_column(self, changes: dict[str, Any], column: str) -> None:
        assert fault(**changes)[0] == column

    @given(st.data())
    def test_whatever_a_list_says_is_a_case_or_a_fault(self, data: st.DataObject) -> None:
        days = st.one_of(st.none(), st.integers(0, 200).map(lambda n: on(1, 1) + timedelta(days=n)), st.just(date.max))
        names = ("requested_on", "accepted_on", "declined_on", "acknowledged_on", "agreed_on", "extended_on", "extended_by",
                 "panel_on", "reported_on", "responded_on")  # fmt: skip
        told = {number: {name: data.draw(days) for name in names} for number in data.draw(st.sets(st.integers(1, 3)))}
        closed = data.draw(st.sampled_from([None, "answered", "withdrawn", "discontinued"]))
        procedure = data.draw(st.sampled_from(sorted(RULES)))
        built = made(procedure=procedure, stages=told, closed_on=data.draw(days), closed_as=closed)
        assert (built.case is None) == bool(built.faults)
