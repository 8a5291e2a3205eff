"""Actions: how they stand on a day, and what may be done with them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.actions import RAG, Asked, Standing, check_step, open_number, standing
from audit.domain.judgement import MOST_LETTERS
from chassis.errors import DomainError

TODAY = date(2027, 1, 4)
LATER = TODAY + timedelta(weeks=4)
Status = Literal["open", "done", "dropped"]


@dataclass(frozen=True)
class Action:
    due_on: date = LATER
    status: Status = "open"


def refusal(action: Action, asked: Asked) -> tuple[str, list[str]] | None:
    """The slug, and the places of what is wrong; None where the step may be taken."""
    try:
        check_step(action, asked, TODAY)
    except DomainError as error:
        return error.slug, [each.pointer for each in error.errors]
    return None


class TestStanding:
    @pytest.mark.parametrize(
        ("days", "expected"), [(-1, "overdue"), (0, "due-soon"), (7, "due-soon"), (8, "on-track"), (400, "on-track")]
    )
    def test_an_open_one_stands_by_its_day_and_due_today_is_not_late(self, days: int, expected: Standing) -> None:
        assert standing(Action(TODAY + timedelta(days=days)), TODAY) == expected

    @pytest.mark.parametrize("status", ["done", "dropped"])
    def test_what_is_over_is_never_late(self, status: Status) -> None:
        assert standing(Action(date(2020, 1, 1), status), TODAY) == status

    def test_every_standing_has_a_colour(self) -> None:
        assert set(RAG) == set(get_args(Standing))

    @given(st.dates(date(2026, 1, 1), date(2028, 1, 1)), st.dates(date(2026, 1, 1), date(2028, 1, 1)))
    def test_it_only_ever_becomes_more_pressing(self, due_on: date, day: date) -> None:
        order = ["on-track", "due-soon", "overdue"]
        before, after = (standing(Action(due_on), on) for on in (day, day + timedelta(days=1)))
        assert order.index(before) <= order.index(after)

    def test_open_ones_are_counted(self) -> None:
        assert open_number([Action(), Action(status="done"), Action(status="dropped"), Action()]) == 2


class TestCheckStep:
    @pytest.mark.parametrize("asked", [
        Asked("note", "Half of it."), Asked("done", "Sent."), Asked("drop", "She moved."), Asked("move", "Ill.", LATER),
        Asked("move", "Today then.", TODAY),
    ], ids=str)  # fmt: skip
    def test_what_is_open_can_be_noted_done_dropped_and_moved(self, asked: Asked) -> None:
        assert refusal(Action(), asked) is None

    @pytest.mark.parametrize("status", ["done", "dropped"])
    def test_what_is_not_open_can_be_noted_and_opened_again_only(self, status: Status) -> None:
        action = Action(status=status)
        assert refusal(action, Asked("note", "See above.")) is None
        assert refusal(action, Asked("reopen", "It came back.", LATER)) is None
        for step in ("done", "drop", "move"):
            assert refusal(action, Asked(step, "Why.", LATER)) == ("action-closed", [])

    def test_what_is_open_is_not_opened_again(self) -> None:
        assert refusal(Action(), Asked("reopen", "Why.", LATER)) == ("action-open", [])

    @pytest.mark.parametrize(("step", "status"), [("note", "open"), ("done", "open"), ("drop", "open"), ("note", "done")])
    @pytest.mark.parametrize("words", ["", " \n "])
    def test_every_step_says_something(self, step: Any, status: Status, words: str) -> None:
        assert refusal(Action(status=status), Asked(step, words)) == ("invalid-step", ["/note"])

    def test_it_does_not_say_a_book(self) -> None:
        assert refusal(Action(), Asked("note", "x" * MOST_LETTERS)) is None
        assert refusal(Action(), Asked("note", "x" * (MOST_LETTERS + 1))) == ("invalid-step", ["/note"])

    @pytest.mark.parametrize("day", [None, TODAY - timedelta(days=1)])
    def test_a_new_day_is_today_or_later(self, day: date | None) -> None:
        assert refusal(Action(), Asked("move", "Ill.", day)) == ("invalid-step", ["/due_on"])
        assert refusal(Action(status="done"), Asked("reopen", "", day)) == ("invalid-step", ["/note", "/due_on"])

    @given(
        st.sampled_from(["open", "done", "dropped"]),
        st.sampled_from(["note", "done", "reopen", "drop", "move"]),
        st.text(max_size=5),
        st.none() | st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
    )
    def test_a_step_is_taken_or_refused_with_a_reason(self, status: Any, step: Any, note: str, due_on: date | None) -> None:
        refused = refusal(Action(status=status), Asked(step, note, due_on))
        assert refused is None or refused[0] in {"action-open", "action-closed", "invalid-step"}
        if refused is None:
            assert note.strip()
            assert (step == "note") or (step == "reopen") != (status == "open")
