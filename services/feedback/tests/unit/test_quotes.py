"""Quotes: nobody puts words into a family's mouth, and two people always look."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from feedback.adapters.known_names import known_of
from feedback.domain.likely_names import find, replaced
from feedback.domain.quotes import Decision, Quote, State, Step, decide, is_repetition, possible, redacted, strange_words

TEXT = "My son Jayden waited nine months. Mrs Patel at Oakfield Primary was great, she rang us."


def look(text: str) -> Any:
    return find(text, known_of())


def quote(state: State = State.WAITING, **more: Any) -> Quote:
    return Quote(**{"state": state, "revision": 1, "version": 1, "words": "It was great", "redacted_by": "alex", **more})


class TestWords:
    @pytest.mark.parametrize(
        "edited",
        [
            TEXT, "My son [name] waited nine months.", "[…] was great, she rang us.", "my SON waited nine months!",
            "[A parent said:] Mrs [name] was great", replaced(TEXT, look(TEXT)),
        ],
    )  # fmt: skip
    def test_leaving_out_and_brackets_change_nothing_that_was_said(self, edited: str) -> None:
        assert strange_words(TEXT, edited) == []

    @pytest.mark.parametrize(
        ("edited", "strange"),
        [
            ("My son was really great", ["really"]), ("great months", ["months"]), ("He waited nine months.", ["He"]),
            ("[a very long text in brackets that would say whatever somebody wants it to say] was great", ["a", "very"]),
        ],
    )  # fmt: skip
    def test_words_that_were_not_written_or_not_in_this_order_are_found(self, edited: str, strange: list[str]) -> None:
        assert strange_words(TEXT, edited)[: len(strange)] == strange

    @given(st.text(alphabet="ab cdé.'’\n[]", max_size=60))
    def test_a_text_is_always_made_of_itself(self, text: str) -> None:
        assert strange_words(text, text) == []

    @given(st.text(max_size=200))
    def test_what_the_machine_proposes_is_always_allowed(self, text: str) -> None:
        assert strange_words(text, replaced(text, look(text))) == []


class TestRedacting:
    def redact(self, edited: str, before: Quote | None = None, *, looked: bool = False, seen: int = 0) -> Quote:
        return redacted(before, TEXT, edited, "alex", look, looked=looked, seen=seen)

    def test_what_is_left_waits_for_somebody_else(self) -> None:
        after = self.redact(" My son [name] waited nine months. ")
        assert (after.state, after.revision, after.version) == (State.WAITING, 1, 1)
        assert after.words == "My son [name] waited nine months."

    @pytest.mark.parametrize("edited", ["", "[name]", "…", "Jayden was told"])
    def test_nothing_or_something_else_is_refused(self, edited: str) -> None:
        with pytest.raises(DomainError) as refused:
            self.redact(edited, looked=True)
        assert refused.value.errors[0].pointer == "/words"

    def test_a_name_that_is_left_needs_somebody_who_looked(self) -> None:
        with pytest.raises(DomainError) as refused:
            self.redact("My son Jayden waited")
        assert "“Jayden”" in refused.value.errors[0].detail
        assert self.redact("My son Jayden waited", looked=True).state is State.WAITING

    def test_an_approved_one_gets_the_next_version_and_a_waiting_one_keeps_its(self) -> None:
        for state, version in ((State.APPROVED, 2), (State.WITHDRAWN, 2), (State.WAITING, 1), (State.SENT_BACK, 1)):
            assert self.redact("My son [name] waited", quote(state), seen=1).version == version

    def test_what_somebody_else_did_meanwhile_is_not_overwritten(self) -> None:
        for before, seen in ((None, 1), (quote(), 0)):
            with pytest.raises(DomainError, match="changed-meanwhile"):
                self.redact("My son", before, seen=seen)


class TestDeciding:
    def test_who_redacted_it_never_approves_it(self) -> None:
        assert Step.APPROVE not in possible(quote(), "alex")
        with pytest.raises(DomainError, match="second-person"):
            decide(quote(), Decision(Step.APPROVE, "alex", 1))
        assert decide(quote(), Decision(Step.APPROVE, "ruth", 1)).state is State.APPROVED

    @pytest.mark.parametrize("state", [State.SENT_BACK, State.APPROVED, State.WITHDRAWN])
    def test_only_what_waits_is_approved(self, state: State) -> None:
        with pytest.raises(DomainError, match="step-not-possible"):
            decide(quote(state, decided_by="ruth"), Decision(Step.APPROVE, "ruth", 1))

    @pytest.mark.parametrize("step", [Step.SEND_BACK, Step.WITHDRAW])
    def test_a_reason_is_needed(self, step: Step) -> None:
        with pytest.raises(DomainError, match="incomplete"):
            decide(quote(), Decision(step, "ruth", 1, "  "))
        assert decide(quote(), Decision(step, "ruth", 1, "A name.")).state in {State.SENT_BACK, State.WITHDRAWN}

    def test_a_second_click_is_known(self) -> None:
        asked = Decision(Step.APPROVE, "ruth", 1)
        after = decide(quote(), asked)
        assert is_repetition(after, asked)
        assert not is_repetition(after, Decision(Step.APPROVE, "sam", 1))
        with pytest.raises(DomainError, match="changed-meanwhile"):
            decide(after, Decision(Step.APPROVE, "sam", 1))
