"""The steps of a call, in any order."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from feedback.domain.call import (
    FOLLOWS,
    MOST_NOTE,
    OPEN,
    OUTCOMES,
    Asked,
    Call,
    Ground,
    State,
    Step,
    grounds,
    is_repetition,
    possible,
    take,
)

TODAY = date(2026, 11, 30)
MINE = Call(caller="kim")


def asked(call: Call, step: Step, **more: Any) -> Asked:
    """A step of Kim's with all that it needs."""
    needs: dict[str, Any] = {"by": "kim", "seen": call.revision}
    if step is Step.CALL_BACK:
        needs["day"] = TODAY + timedelta(days=2)
    if step is Step.HAND_OVER:
        needs["code"] = "lee"
    if step is Step.CLOSE:
        needs["code"] = Ground.NOT_TO_BE_CALLED.value
    return Asked(step, **{**needs, "consent": step is Step.DONE, **more})


def taken(call: Call, step: Step, **more: Any) -> Call:
    """The call after a step."""
    return take(call, asked(call, step, **more), TODAY, 3)


def slug(call: Call, step: Step, **more: Any) -> str:
    """Why a step is refused."""
    with pytest.raises(DomainError) as refused:
        taken(call, step, **more)
    return refused.value.slug


class TestAttempts:
    def test_nobody_answers_and_the_call_stays_due(self) -> None:
        call = taken(MINE, Step.NO_ANSWER)
        assert (call.state, call.attempts, call.tried_on) == (State.DUE, 1, TODAY)

    def test_a_wrong_number_is_remembered_until_somebody_is_reached(self) -> None:
        call = taken(taken(MINE, Step.WRONG_NUMBER), Step.NO_ANSWER)
        assert call.wrong_number
        assert not taken(call, Step.CALL_BACK).wrong_number

    def test_a_promised_day_is_kept_and_forgotten_by_the_next_attempt(self) -> None:
        call = taken(MINE, Step.CALL_BACK)
        assert (call.state, call.call_back_on) == (State.CALL_BACK, date(2026, 12, 2))
        assert taken(call, Step.NO_ANSWER).call_back_on is None

    @pytest.mark.parametrize("day", [None, TODAY - timedelta(days=1), TODAY + timedelta(days=93)])
    def test_a_call_back_needs_a_day_that_can_be_kept(self, day: date | None) -> None:
        assert slug(MINE, Step.CALL_BACK, day=day) == "incomplete"

    def test_nothing_is_stored_without_consent(self) -> None:
        assert slug(MINE, Step.DONE, consent=False) == "incomplete"
        assert taken(MINE, Step.DONE).state is State.DONE

    def test_whoever_calls_for_a_call_that_is_nobodys_takes_it(self) -> None:
        assert taken(Call(), Step.NO_ANSWER).caller == "kim"

    def test_anothers_call_is_not_made_not_even_by_an_officer(self) -> None:
        theirs = Call(caller="lee")
        assert slug(theirs, Step.NO_ANSWER) == "step-not-possible"
        assert slug(theirs, Step.DONE, officer=True) == "step-not-possible"
        assert taken(theirs, Step.TAKE, officer=True).caller == "kim"

    def test_a_long_note_is_refused(self) -> None:
        assert slug(MINE, Step.NO_ANSWER, note="x" * (MOST_NOTE + 1)) == "incomplete"


class TestEnding:
    def test_that_nobody_was_reached_can_be_said_after_so_many_attempts(self) -> None:
        assert grounds(MINE, 3) == (Ground.NOT_TO_BE_CALLED, Ground.MISTAKE)
        assert slug(MINE, Step.CLOSE, code="not-reached") == "incomplete"
        call = MINE
        for _ in range(3):
            call = taken(call, Step.NO_ANSWER)
        assert taken(call, Step.CLOSE, code="not-reached").ground is Ground.NOT_REACHED

    def test_that_there_is_no_number_once_it_was_wrong(self) -> None:
        assert taken(taken(MINE, Step.WRONG_NUMBER), Step.CLOSE, code="no-number").state is State.CLOSED

    @pytest.mark.parametrize("step", [Step.DECLINED, Step.CLOSE])
    def test_what_ended_can_be_opened_again_by_its_caller_or_an_officer(self, step: Step) -> None:
        call = taken(MINE, step)
        assert slug(call, Step.NO_ANSWER) == "step-not-possible"
        assert slug(call, Step.REOPEN, by="lee") == "step-not-possible"
        assert taken(call, Step.REOPEN, by="lee", officer=True).state is State.DUE
        again = taken(call, Step.REOPEN)
        assert (again.state, again.ground, again.ended_on) == (State.DUE, None, None)

    def test_what_was_done_stays_done(self) -> None:
        call = taken(MINE, Step.DONE)
        assert possible(call, "kim", officer=True) == ()

    def test_a_call_is_handed_to_somebody_else(self) -> None:
        assert taken(MINE, Step.HAND_OVER).caller == "lee"
        assert slug(MINE, Step.HAND_OVER, code="kim") == "incomplete"
        assert slug(MINE, Step.HAND_OVER, code=None) == "incomplete"


class TestTwoAtOnce:
    def test_who_saw_an_older_call_is_refused(self) -> None:
        assert slug(taken(MINE, Step.NO_ANSWER), Step.NO_ANSWER, seen=0) == "changed-meanwhile"

    def test_a_second_click_is_known(self) -> None:
        first = asked(MINE, Step.CALL_BACK)
        call = take(MINE, first, TODAY, 3)
        assert is_repetition(call, first)
        assert not is_repetition(call, asked(MINE, Step.CALL_BACK, day=TODAY))
        assert not is_repetition(call, asked(MINE, Step.NO_ANSWER))


STEPS = st.builds(
    lambda step, by, officer, code, day, consent: (step, {"by": by, "officer": officer, "code": code, "day": day,
                                                          "consent": consent}),
    st.sampled_from(list(Step)),
    st.sampled_from(["kim", "lee"]),
    st.booleans(),
    st.sampled_from([None, "kim", "lee", "not-reached", "no-number", "not-to-be-called", "nonsense"]),
    st.sampled_from([None, TODAY, TODAY + timedelta(days=9), TODAY - timedelta(days=1)]),
    st.booleans(),
)  # fmt: skip


def outcome(call: Call, wanted: Asked) -> tuple[Call | None, str]:
    """The call after a step, or why it is refused."""
    try:
        return take(call, wanted, TODAY, 3), ""
    except DomainError as refused:
        return None, refused.slug


@given(st.lists(STEPS, max_size=25))
def test_in_any_order_the_call_stays_whole(steps: list[tuple[Step, dict[str, Any]]]) -> None:
    call = Call()
    attempts = 0
    for step, more in steps:
        offered = step in possible(call, more["by"], officer=more["officer"])
        after, refused = outcome(call, Asked(step, seen=call.revision, **more))
        if after is None:
            assert refused == ("incomplete" if offered else "step-not-possible")
            continue
        assert offered
        attempts += step in OUTCOMES
        assert after.revision == call.revision + 1
        assert after.state is FOLLOWS.get(step, call.state)
        call = after
        assert call.attempts == attempts
        assert (call.state in OPEN) == (call.ended_on is None)
        assert (call.state is State.CALL_BACK) == (call.call_back_on is not None)
        assert (call.state is State.CLOSED) == (call.ground is not None)
        assert call.caller is not None or call.attempts == 0
