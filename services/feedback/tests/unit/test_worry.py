"""The steps of a worry: a stateful test walks through all of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import DomainError, Kind
from feedback.domain.worry import LEGAL, MOST_WORDS, Asked, Finding, State, Step, Worry, is_repetition, possible, take

NOW = datetime(2026, 12, 4, 10, tzinfo=UTC)
PLACES = ("front-door", "police")


def asked(worry: Worry, step: Step, by: str = "dee", code: str | None = None, words: str = "Rang her.") -> Asked:
    """A step on what is there."""
    return Asked(step, by, worry.revision, code, words)


def after(*steps: tuple[Step, str | None]) -> Worry:
    """A worry after steps of one person."""
    worry = Worry()
    for step, code in steps:
        worry = take(worry, asked(worry, step, code=code), PLACES, NOW)
    return worry


LOOKED = (Step.ACKNOWLEDGE, None)
DANGER, HARMLESS, TODAY = (
    (Step.TRIAGE, finding.value) for finding in (Finding.IMMEDIATE_DANGER, Finding.NO_CONCERN, Finding.FOLLOW_UP_TODAY)
)
HANDED = (Step.HAND_OVER, "police")


def refused(worry: Worry, wanted: Asked) -> DomainError:
    """The refusal of a step, which changes nothing."""
    with pytest.raises(DomainError) as caught:
        take(worry, wanted, PLACES, NOW)
    return caught.value


class TestSteps:
    def test_danger_goes_from_open_to_closed_and_every_step_is_somebodys(self) -> None:
        worry = after(LOOKED, DANGER, HANDED, (Step.CLOSE, None))
        assert (worry.state, worry.revision, worry.handed_to, worry.looked_at_by) == (State.CLOSED, 4, "police", "dee")
        assert worry.acknowledged_at == worry.triaged_at == worry.closed_at == NOW

    def test_danger_is_not_closed_before_it_is_handed_over(self) -> None:
        worry = after(LOOKED, DANGER)
        assert "danger" in refused(worry, asked(worry, Step.CLOSE)).detail

    def test_no_concern_is_closed_and_handed_to_nobody(self) -> None:
        worry = after(LOOKED, HARMLESS)
        assert refused(worry, asked(worry, Step.HAND_OVER, code="police")).slug == "step-not-possible"
        assert take(worry, asked(worry, Step.CLOSE), PLACES, NOW).state is State.CLOSED

    def test_what_was_found_first_can_be_found_to_be_more(self) -> None:
        worry = after(LOOKED, HARMLESS, DANGER)
        assert worry.finding is Finding.IMMEDIATE_DANGER
        assert worry.triaged_at == NOW

    def test_triage_again_keeps_when_it_was_first_triaged(self) -> None:
        worry = after(LOOKED, TODAY)
        again = take(worry, asked(worry, Step.TRIAGE, code="no-concern"), PLACES, NOW + timedelta(hours=1))
        assert again.triaged_at == NOW

    def test_somebody_else_can_take_over_and_oneself_cannot(self) -> None:
        worry = after(LOOKED)
        assert take(worry, asked(worry, Step.ACKNOWLEDGE, by="sam"), PLACES, NOW).looked_at_by == "sam"
        assert "already" in refused(worry, asked(worry, Step.ACKNOWLEDGE)).detail

    def test_a_closed_one_is_opened_again_with_a_reason_and_triaged_anew(self) -> None:
        worry = after(LOOKED, HARMLESS, (Step.CLOSE, None), (Step.REOPEN, None))
        assert (worry.state, worry.closed_at) == (State.ACKNOWLEDGED, None)
        assert refused(worry, asked(worry, Step.CLOSE)).slug == "step-not-possible"

    @pytest.mark.parametrize(
        ("before", "step", "code", "words", "pointer"),
        [
            ((LOOKED,), Step.TRIAGE, None, "x", "/code"), ((LOOKED,), Step.TRIAGE, "harmless", "x", "/code"),
            ((LOOKED,), Step.TRIAGE, "no-concern", " ", "/words"), ((LOOKED, DANGER), Step.HAND_OVER, "nobody", "x", "/code"),
            ((LOOKED, DANGER), Step.HAND_OVER, "police", "", "/words"), ((LOOKED, HARMLESS), Step.CLOSE, None, "", "/words"),
            ((LOOKED, HARMLESS), Step.CLOSE, None, "x" * (MOST_WORDS + 1), "/words"),
        ],
    )  # fmt: skip
    def test_what_is_missing_is_named(
        self, before: tuple[tuple[Step, str | None], ...], step: Step, code: str | None, words: str, pointer: str
    ) -> None:
        worry = after(*before)
        error = refused(worry, asked(worry, step, code=code, words=words))
        assert (error.kind, error.errors[0].pointer) == (Kind.MALFORMED, pointer)

    @pytest.mark.parametrize("state", State)
    @pytest.mark.parametrize("step", Step)
    def test_every_step_is_legal_or_refused_with_what_to_do(self, state: State, step: Step) -> None:
        worry = Worry(state=state, finding=None if state in {State.OPEN, State.ACKNOWLEDGED} else Finding.FOLLOW_UP_TODAY)
        code = {Step.TRIAGE: "no-concern", Step.HAND_OVER: "police"}.get(step)
        if state in LEGAL[step]:
            assert take(worry, asked(worry, step, code=code), PLACES, NOW).revision == 1
        else:
            error = refused(worry, asked(worry, step, code=code))
            assert error.slug == "step-not-possible"
            assert error.detail.endswith("Nothing was changed.")


class TestTwoAtOnce:
    def test_the_second_person_is_told_and_changes_nothing(self) -> None:
        worry = after(LOOKED)
        assert refused(worry, Asked(Step.ACKNOWLEDGE, "sam", 0)).kind is Kind.STALE

    def test_a_second_click_is_known_and_a_different_choice_is_none(self) -> None:
        worry = after(LOOKED, DANGER)
        assert is_repetition(worry, Asked(Step.TRIAGE, "dee", 1, "immediate-danger", "Rang her."))
        assert not is_repetition(worry, Asked(Step.TRIAGE, "dee", 1, "no-concern", "Rang her."))
        assert not is_repetition(worry, Asked(Step.TRIAGE, "sam", 1, "immediate-danger", "Rang her."))
        assert not is_repetition(worry, Asked(Step.TRIAGE, "dee", 2, "immediate-danger", "Rang her."))


class AnyOrder(RuleBasedStateMachine):
    """People click whatever they like, in any order, on whatever they saw."""

    def __init__(self) -> None:
        super().__init__()
        self.worry, self.now, self.taken = Worry(), NOW, 0

    @rule(
        step=st.sampled_from(Step), by=st.sampled_from(["dee", "sam"]), behind=st.integers(0, 1),
        code=st.sampled_from([None, *Finding, *PLACES]), words=st.sampled_from(["", "Rang."]),
    )  # fmt: skip
    def click(self, step: Step, by: str, behind: int, code: str | None, words: str) -> None:
        self.now += timedelta(minutes=1)
        before = self.worry
        try:
            self.worry = take(before, Asked(step, by, before.revision - behind, code, words), PLACES, self.now)
        except DomainError:
            return
        self.taken += 1
        assert behind == 0
        assert step in possible(before, by)
        assert self.worry.looked_at_by == by

    @invariant()
    def nothing_is_skipped(self) -> None:
        worry = self.worry
        assert worry.revision == self.taken
        assert (worry.state is State.OPEN) == (worry.acknowledged_at is None)
        assert (worry.triaged_at is None) == (worry.finding is None)
        assert (worry.state is State.CLOSED) == (worry.closed_at is not None)
        if worry.state in {State.TRIAGED, State.HANDED_OVER, State.CLOSED}:
            assert worry.finding is not None
        if worry.state is State.HANDED_OVER:
            assert worry.handed_to in PLACES


TestAnyOrder = AnyOrder.TestCase
