"""A posted form becomes an answer, and what is wrong with it is said."""

from typing import Any

import pytest
from services.feedback.tests.unit.test_answers import question

from chassis.pages import Form
from feedback.domain.answers import NOT_APPLICABLE, SKIP, Answer
from feedback.domain.questionnaire import Question
from feedback.pages.answer_form import read_answer

OTHER = {"does_not_apply": {"en": "Does not apply"}}


def read(asked: dict[str, Any], *fields: tuple[str, str]) -> tuple[Answer, str | None]:
    """The answer, and what is wrong with it."""
    typed = read_answer(Question.model_validate(asked), Form(list(fields)))
    return typed.answer, typed.wrong


class TestReadAnswer:
    @pytest.mark.parametrize("kind", ["one", "several", "scale", "star", "text", "date"])
    def test_an_empty_form_skips_and_so_does_the_button(self, kind: str) -> None:
        asked = question("q", kind)
        assert read(asked) == (SKIP, None)
        assert read(asked, ("answer", "")) == (SKIP, None)
        assert read(asked, ("answer", "a"), ("skip", "yes")) == (SKIP, None)
        assert read(asked, ("answer-day", " "), ("answer-month", ""), ("answer-year", "")) == (SKIP, None)

    @pytest.mark.parametrize("kind", ["one", "several", "scale", "star", "text", "date"])
    def test_does_not_apply_is_an_answer_of_its_own(self, kind: str) -> None:
        asked = question("q", kind, **OTHER)
        assert read(asked, ("answer", "does-not-apply")) == (NOT_APPLICABLE, None)
        assert read(asked, ("does_not_apply", "yes")) == (NOT_APPLICABLE, None)

    def test_both_an_answer_and_does_not_apply_is_asked_back(self) -> None:
        assert read(question("q", "several", **OTHER), ("answer", "a"), ("answer", "does-not-apply"))[1] == "both"
        assert read(question("q", "text", **OTHER), ("answer", "words"), ("does_not_apply", "yes"))[1] == "both"

    def test_a_required_question_wants_an_answer(self) -> None:
        assert read(question("q", required=True))[1] == "required"
        assert read(question("q", "text", required=True), ("answer", "  "))[1] == "required-words"

    @pytest.mark.parametrize(
        "fields",
        [
            [("answer", "2022-03-27")],
            [("answer", "27/3/2022")],
            [("answer-day", "27"), ("answer-month", "3"), ("answer-year", "2022")],
            [("answer-day", "27"), ("answer-month", "03"), ("answer-year", " 2022 ")],
        ],
    )
    def test_a_day_is_read_however_it_comes(self, fields: list[tuple[str, str]]) -> None:
        answer, wrong = read(question("q", "date"), *fields)
        assert (str(answer.day), wrong) == ("2022-03-27", None)

    @pytest.mark.parametrize("typed", ["30/2/2022", "yesterday", "2022", "٣/٣/٢٠٢٢x", "1/1/99999", "2022-13-01"])
    def test_what_is_no_day_is_asked_again(self, typed: str) -> None:
        assert read(question("q", "date"), ("answer", typed))[1] == "date"

    def test_a_text_is_trimmed_and_keeps_its_lines(self) -> None:
        assert read(question("q", "text"), ("answer", "  one\ntwo\x07 "))[0].text == "one\ntwo"

    @pytest.mark.parametrize("typed", ["0", "6", "-1", "3.5", "three", "²", "99999"])
    def test_a_score_that_is_not_on_the_scale_is_not_taken(self, typed: str) -> None:
        assert read(question("q", "scale"), ("answer", typed))[1] == "choice"
