"""What came in: which decision is legal when, and what each needs."""

from dataclasses import replace
from datetime import date

import pytest

from chassis.errors import DomainError, Kind
from complaints.domain.representation import (
    Decision,
    Known,
    Outcome,
    Representation,
    State,
    advocate_to_offer,
    decide,
    is_late,
    months_before,
    offer_advocate,
    undo,
)

KNOWN = Known(("childrens-statutory", "corporate"), ("send-informal",), ("safeguarding-referral", "too-late"))
CAME = Representation(date(2022, 7, 20))
COMPLAINT = Decision(Outcome.COMPLAINT, 0, "corporate", "own", "in-time")


def refusal(found: Representation, decision: Decision) -> tuple[str, Kind, list[str]]:
    with pytest.raises(DomainError) as caught:
        decide(found, decision, KNOWN)
    error = caught.value
    return error.slug, error.kind, [each.pointer for each in error.errors]


class TestDecide:
    @pytest.mark.parametrize(
        "decision",
        [
            COMPLAINT,
            Decision(Outcome.ENQUIRY, 0, "send-informal"),
            Decision(Outcome.COMPLIMENT, 0),
            Decision(Outcome.COMMENT, 0),
            Decision(Outcome.NOT_A_COMPLAINT, 0, went_to="safeguarding-referral", reason="A child is hurt."),
            Decision(Outcome.DUPLICATE, 0, duplicate_of="R-2022-0001"),
            Decision(Outcome.COMPLAINT, 0, "corporate", "consent", "late-taken", reason="She was in hospital."),
        ],
    )
    def test_each_outcome_with_what_it_needs_is_taken(self, decision: Decision) -> None:
        after = decide(CAME, decision, KNOWN)
        assert (after.state, after.outcome, after.revision) == (State.DECIDED, decision.outcome, 1)

    @pytest.mark.parametrize(
        ("decision", "fields"),
        [
            (Decision(Outcome.COMPLAINT, 0), ["/procedure", "/standing", "/timing"]),
            (replace(COMPLAINT, procedure="send-informal"), ["/procedure"]),
            (replace(COMPLAINT, standing="none"), ["/standing"]),
            (replace(COMPLAINT, timing="late-taken"), ["/reason"]),
            (replace(COMPLAINT, timing="late-declined", reason="Too late."), ["/timing"]),
            (replace(COMPLAINT, early_referral="stage-2"), ["/early_referral", "/reason"]),
            (replace(COMPLAINT, early_referral="ombudsman", reason="All of it is upheld."), ["/early_referral"]),
            (Decision(Outcome.ENQUIRY, 0, "corporate"), ["/procedure"]),
            (Decision(Outcome.NOT_A_COMPLAINT, 0), ["/went_to", "/reason"]),
            (Decision(Outcome.DUPLICATE, 0), ["/duplicate_of"]),
            (replace(COMPLAINT, reason="x" * 4001), ["/reason"]),
        ],
    )
    def test_what_is_missing_is_said_at_its_field(self, decision: Decision, fields: list[str]) -> None:
        assert refusal(CAME, decision) == ("incomplete", Kind.MALFORMED, fields)

    def test_a_child_must_have_been_offered_an_advocate_before_it_is_a_complaint(self) -> None:
        child = replace(CAME, from_child=True)
        assert advocate_to_offer(child)
        assert refusal(child, COMPLAINT) == ("incomplete", Kind.MALFORMED, ["/advocate"])
        offered = offer_advocate(child, 0, date(2022, 7, 21), None, date(2022, 7, 29))
        assert not advocate_to_offer(offered)
        assert decide(offered, replace(COMPLAINT, seen=1), KNOWN).outcome is Outcome.COMPLAINT

    def test_nothing_is_asked_of_a_child_who_says_thank_you(self) -> None:
        assert decide(replace(CAME, from_child=True), Decision(Outcome.COMPLIMENT, 0), KNOWN).outcome is Outcome.COMPLIMENT

    def test_more_than_twelve_months_after_the_events_is_not_in_time(self) -> None:
        late = replace(CAME, happened_on=date(2021, 7, 19))
        assert refusal(late, COMPLAINT) == ("incomplete", Kind.MALFORMED, ["/timing"])
        assert decide(replace(CAME, happened_on=date(2021, 7, 20)), COMPLAINT, KNOWN).outcome is Outcome.COMPLAINT

    def test_of_two_who_decide_at_once_one_wins(self) -> None:
        after = decide(CAME, COMPLAINT, KNOWN)
        assert refusal(after, COMPLAINT)[:2] == ("changed-meanwhile", Kind.STALE)
        assert refusal(after, replace(COMPLAINT, seen=1))[:2] == ("decided-already", Kind.CONFLICT)


class TestUndo:
    def test_a_decision_that_nothing_followed_is_taken_back_with_a_reason(self) -> None:
        after = undo(decide(CAME, Decision(Outcome.COMMENT, 0), KNOWN), 1, "She says it is a complaint.")
        assert (after.state, after.outcome, after.revision) == (State.RECEIVED, None, 2)

    @pytest.mark.parametrize(
        ("found", "seen", "reason", "slug"),
        [
            (decide(CAME, COMPLAINT, KNOWN), 1, "x", "followed"),
            (CAME, 0, "x", "not-decided"),
            (decide(CAME, Decision(Outcome.COMMENT, 0), KNOWN), 1, "", "incomplete"),
            (decide(CAME, Decision(Outcome.COMMENT, 0), KNOWN), 0, "x", "changed-meanwhile"),
        ],
    )
    def test_other_ones_are_not(self, found: Representation, seen: int, reason: str, slug: str) -> None:
        with pytest.raises(DomainError) as caught:
            undo(found, seen, reason)
        assert caught.value.slug == slug


class TestAdvocate:
    @pytest.mark.parametrize("on", [date(2022, 7, 19), date(2022, 7, 30)])
    def test_is_not_offered_before_it_came_or_tomorrow(self, on: date) -> None:
        with pytest.raises(DomainError):
            offer_advocate(CAME, 0, on, "accepted", date(2022, 7, 29))


class TestTwelveMonths:
    @pytest.mark.parametrize(
        ("day", "before"),
        [(date(2024, 2, 29), date(2023, 2, 28)), (date(2022, 3, 31), date(2021, 3, 31)), (date(2022, 1, 1), date(2021, 1, 1))],
    )
    def test_are_counted_by_the_calendar(self, day: date, before: date) -> None:
        assert months_before(day, 12) == before
        assert not is_late(day, before)
        assert not is_late(day, None)
