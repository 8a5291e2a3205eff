"""What an answer means once branching has had its say."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.answers import NOT_APPLICABLE, NOT_ASKED, SKIP, Answer, fault, is_shown, settle, walk, worries
from feedback.domain.questionnaire import Question, Version


def question(code: str, kind: str = "one", **changes: Any) -> dict[str, Any]:
    """A question of the profile."""
    options = [{"code": each, "label": {"en": each}} for each in ("a", "b", "c")] if kind in {"one", "several"} else []
    scale = {"min": 1, "max": 5, "faces": False, "positive_from": 4, "labels": []} if kind in {"scale", "star"} else None
    return {
        "code": code, "kind": kind, "text": {"en": code}, "hint": None, "required": False, "options": options,
        "does_not_apply": None, "positive": [], "scale": scale, "worry": [], "themes": [], "show_if": None, **changes,
    }  # fmt: skip


def version(*questions: dict[str, Any]) -> Version:
    """A version of these questions."""
    return Version.model_validate({"version": 1, "from": "2022-04-01", "questions": list(questions)})


@st.composite
def surveys(draw: st.DrawFn) -> Version:
    """Any questionnaire whose questions depend on earlier ones."""
    questions: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 8))):
        kind: str = draw(st.sampled_from(["one", "several", "text", "scale"]))
        earlier = [each["code"] for each in questions if each["options"]]
        show_if = None
        depends: bool = draw(st.booleans())
        if earlier and depends:
            choices = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True))
            show_if = {"question": draw(st.sampled_from(earlier)), "choices": choices}
        questions.append(question(f"q{number}", kind, show_if=show_if))
    return version(*questions)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Version, dict[str, Answer]]:
    """A questionnaire, and anything given to any of its questions, shown or not."""
    survey = draw(surveys())
    given_: dict[str, Answer] = {}
    for each in survey.questions:
        if each.options:
            choices = tuple(draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True)))
            answer = Answer("answered", choices=choices)
        else:
            answer = Answer("answered", text="words")
        if (chosen := draw(st.sampled_from([None, SKIP, answer]))) is not None:
            given_[each.code] = chosen
    return survey, given_


class TestBranching:
    @given(answered())
    def test_a_question_is_asked_exactly_when_the_one_that_it_hangs_on_was_asked_and_answered_so(
        self, case: tuple[Version, dict[str, Answer]]
    ) -> None:
        survey, given_ = case
        settled = settle(survey, given_)
        for each in survey.questions:
            expected = each.show_if is None or bool(set(each.show_if.choices) & set(settled[each.show_if.question].choices))
            assert (settled[each.code].state != "not-asked") == expected

    @given(answered())
    def test_what_was_given_to_hidden_questions_leaves_no_trace(self, case: tuple[Version, dict[str, Answer]]) -> None:
        survey, given_ = case
        settled = settle(survey, given_)
        hidden = [code for code, answer in settled.items() if answer.state == "not-asked"]
        assert all(settled[code] == NOT_ASKED for code in hidden)
        assert settle(survey, {code: answer for code, answer in given_.items() if code not in hidden}) == settled

    @given(answered())
    def test_every_question_has_one_state_in_its_place(self, case: tuple[Version, dict[str, Answer]]) -> None:
        survey, given_ = case
        settled = settle(survey, given_)
        assert list(settled) == [each.code for each in survey.questions]
        asked = [each.code for each, _ in walk(survey, given_)]
        assert asked == [code for code, answer in settled.items() if answer.state != "not-asked"]

    @given(answered())
    def test_settling_twice_changes_nothing(self, case: tuple[Version, dict[str, Answer]]) -> None:
        survey, given_ = case
        settled = settle(survey, given_)
        again = settle(survey, {code: answer for code, answer in settled.items() if answer.state != "not-asked"})
        assert again == settled

    def test_a_question_hangs_on_the_whole_chain_before_it(self) -> None:
        survey = version(
            question("first"),
            question("second", show_if={"question": "first", "choices": ["a"]}),
            question("third", show_if={"question": "second", "choices": ["a"]}),
        )
        yes = Answer("answered", choices=("a",))
        states = settle(survey, {"first": Answer("answered", choices=("b",)), "second": yes, "third": yes})
        assert [answer.state for answer in states.values()] == ["answered", "not-asked", "not-asked"]

    def test_skipping_hides_what_hangs_on_it(self) -> None:
        dependent = version(question("q"), question("r", show_if={"question": "q", "choices": ["a"]}))
        assert not is_shown(dependent.questions[1], {"q": SKIP})
        assert not is_shown(dependent.questions[1], {})

    def test_a_worry_counts_only_where_its_question_was_asked(self) -> None:
        survey = version(question("q"), question("unsafe", worry=["a"], show_if={"question": "q", "choices": ["a"]}))
        yes = Answer("answered", choices=("a",))
        assert worries(survey, settle(survey, {"q": yes, "unsafe": yes})) == ["unsafe"]
        assert worries(survey, settle(survey, {"q": SKIP, "unsafe": yes})) == []


class TestFault:
    @pytest.mark.parametrize(
        ("asked", "answer", "slug"),
        [
            (question("q"), Answer("answered", choices=("a",)), None),
            (question("q"), Answer("answered", choices=("x",)), "choice"),
            (question("q"), Answer("answered", choices=("a", "b")), "choice"),
            (question("q"), Answer("answered"), "choice"),
            (question("q"), SKIP, None),
            (question("q", required=True), SKIP, "required"),
            (question("q"), NOT_APPLICABLE, "choice"),
            (question("q", does_not_apply={"en": "-"}), NOT_APPLICABLE, None),
            (question("q", "several"), Answer("answered", choices=("a", "b")), None),
            (question("q", "several"), Answer("answered", choices=("a", "a")), "choice"),
            (question("q", "scale"), Answer("answered", score=5), None),
            (question("q", "scale"), Answer("answered", score=6), "choice"),
            (question("q", "star"), Answer("answered", score=0), "choice"),
            (question("q", "star"), Answer("answered", choices=("a",)), "choice"),
            (question("q", "text"), Answer("answered", text="x" * 4000), None),
            (question("q", "text"), Answer("answered", text="x" * 4001), "too-long"),
            (question("q", "text"), Answer("answered", choices=("a",)), "text"),
            (question("q", "date"), Answer("answered", day=date(2022, 2, 28)), None),
            (question("q", "date"), Answer("answered", day=date(1066, 10, 14)), "date"),
        ],
    )
    def test_an_answer_fits_its_question_or_the_reason_is_told(
        self, asked: dict[str, Any], answer: Answer, slug: str | None
    ) -> None:
        found = fault(Question.model_validate(asked), answer)
        assert (found.slug if found else None) == slug
