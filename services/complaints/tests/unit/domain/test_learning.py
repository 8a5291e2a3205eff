"""What may be done with an action, and what asks for one. Every status against every step."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from complaints.domain.case import Stage
from complaints.domain.clock import Facts, Terms
from complaints.domain.learning import (
    ASKS,
    RAG,
    Action,
    Asked,
    Found,
    Owner,
    Plan,
    Standing,
    Step,
    change,
    check_plan,
    check_reason,
    found_on,
    possible,
    standing,
    take,
)

TODAY = date(2022, 7, 29)
PLAN = Plan("Write to families each month.", Owner("Sam Okafor", "staff:sam"), "send", None, date(2022, 8, 31))
OPEN = Action(PLAN)
DONE = take(OPEN, Asked("done", "The letters went out."), TODAY)
REVIEWED = take(DONE, Asked("review", "Fewer calls.", difference="yes"), TODAY)
DROPPED = take(OPEN, Asked("drop", "The service has gone."), TODAY)


def stage(number: int, **findings: str) -> Stage:
    facts = Facts(date(2022, 5, 1), None, None, date(2022, 5, 10))
    return Stage(number, Terms(10, 20, "received", None), facts, date(2022, 5, 1), findings)  # type: ignore[arg-type]


class TestFound:
    def test_the_latest_stage_that_made_one_counts(self) -> None:
        both = (stage(1, a="upheld", b="upheld"), stage(2, a="not-upheld"))
        assert found_on(("a",), both) == Found(2, "not-upheld")
        assert found_on(("b",), both) == Found(1, "upheld")
        assert found_on(("c",), both) is None

    def test_upheld_and_partially_upheld_ask(self) -> None:
        assert {
            finding for finding in ("upheld", "partially-upheld", "not-upheld", "withdrawn") if Found(1, finding).asks
        } == ASKS


class TestStanding:
    @pytest.mark.parametrize(("days", "expected"), [(-1, "overdue"), (0, "due-soon"), (7, "due-soon"), (8, "on-track")])
    def test_of_an_open_action_is_by_its_day(self, days: int, expected: str) -> None:
        assert standing("open", TODAY + timedelta(days=days), TODAY) == expected

    def test_of_others_is_their_status_and_each_has_a_colour(self) -> None:
        for status in ("done", "reviewed", "dropped"):
            assert standing(status, TODAY - timedelta(days=9), TODAY) == status
        assert set(RAG) == set(get_args(Standing))


class TestTake:
    def test_an_action_is_done_with_evidence_and_then_reviewed(self) -> None:
        assert (DONE.status, DONE.done_on, DONE.evidence) == ("done", TODAY, "The letters went out.")
        assert (REVIEWED.status, REVIEWED.reviewed_on, REVIEWED.difference) == ("reviewed", TODAY, "yes")
        assert REVIEWED.evidence == DONE.evidence

    def test_one_that_is_opened_again_is_as_new_but_for_its_day(self) -> None:
        day = date(2022, 9, 30)
        for closed in (DONE, REVIEWED, DROPPED):
            assert take(closed, Asked("reopen", "It came back.", day), TODAY) == Action(replace(PLAN, due_on=day))

    def test_moving_changes_the_day_alone(self) -> None:
        day = date(2022, 10, 1)
        assert take(OPEN, Asked("move", "The supplier is late.", day), TODAY) == Action(replace(PLAN, due_on=day))

    @pytest.mark.parametrize("action", [OPEN, DONE, REVIEWED, DROPPED], ids=lambda each: each.status)
    @pytest.mark.parametrize("step", get_args(Step))
    def test_what_is_not_possible_is_refused_and_says_what_to_do(self, action: Action, step: Step) -> None:
        asked = Asked(step, "Because.", date(2022, 9, 30), "no")
        if step in possible(action):
            take(action, asked, TODAY)
            return
        with pytest.raises(DomainError, match=r"action-(open|closed|not-done).*Nothing was changed"):
            take(action, asked, TODAY)

    @pytest.mark.parametrize(
        ("action", "asked", "places"),
        [
            (OPEN, Asked("done", "  "), ["/note"]),
            (OPEN, Asked("note", ""), ["/note"]),
            (OPEN, Asked("drop", ""), ["/note"]),
            (OPEN, Asked("note", "x" * 4001), ["/note"]),
            (OPEN, Asked("move", "", None), ["/note", "/due_on"]),
            (OPEN, Asked("move", "Why", TODAY - timedelta(days=1)), ["/due_on"]),
            (DONE, Asked("reopen", "Why", None), ["/due_on"]),
            (DONE, Asked("review", "", None), ["/note", "/difference"]),
        ],
    )
    def test_what_is_missing_is_said_at_its_place(self, action: Action, asked: Asked, places: list[str]) -> None:
        with pytest.raises(DomainError, match="invalid-step") as refusal:
            take(action, asked, TODAY)
        assert [error.pointer for error in refusal.value.errors] == places

    @given(st.lists(st.tuples(st.sampled_from(get_args(Step)), st.integers(0, 400)), max_size=30))
    def test_whatever_is_tried_an_action_fits_together(self, tried: list[tuple[Step, int]]) -> None:
        action = OPEN
        for step, days in tried:
            if step in possible(action):
                action = take(action, Asked(step, "x", TODAY + timedelta(days=days), "no"), TODAY)
            # As the constraints of the table have it.
            assert (action.done_on is None) == (action.evidence == "")
            assert (action.status in {"done", "reviewed"}) == (action.done_on is not None)
            assert (action.status == "reviewed") == (action.reviewed_on is not None) == (action.difference is not None)


class TestPlan:
    def test_says_what_who_and_a_day_to_come(self) -> None:
        check_plan(PLAN, TODAY)
        check_plan(replace(PLAN, owner=Owner(), team="send-north"), TODAY)
        with pytest.raises(DomainError, match="invalid-action") as refusal:
            check_plan(Plan(" ", Owner(email="a@b.example"), "send", None, TODAY - timedelta(days=1)), TODAY)
        assert {error.pointer for error in refusal.value.errors} == {"/what", "/owner_name", "/due_on"}

    def test_a_change_keeps_the_day_also_of_one_that_is_overdue(self) -> None:
        late = Action(replace(PLAN, due_on=TODAY - timedelta(days=5)))
        after = change(late, replace(PLAN, what="Call them."), TODAY)
        assert (after.plan.what, after.plan.due_on) == ("Call them.", late.plan.due_on)

    def test_one_that_is_done_is_not_changed(self) -> None:
        with pytest.raises(DomainError, match="action-closed"):
            change(DONE, PLAN, TODAY)

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 4001])
    def test_a_reason_for_none_says_something(self, reason: str) -> None:
        with pytest.raises(DomainError, match="invalid-reason"):
            check_reason(reason)
