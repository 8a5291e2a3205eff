"""What somebody answered, in words: the question, the labels, and what was not answered."""

from collections.abc import Mapping
from typing import Any

import pytest

from feedback.subject.wording import answer_words, question_words

ASKED: Mapping[str, Mapping[str, Any]] = {
    "safe": {"text": {"en": "Do you feel safe?", "cy": "Ydych chi?"}, "options": [{"code": "yes", "label": {"en": "Yes"}}]},
    "home": {
        "text": "How is it?",
        "options": [],
        "scale": {"min": 1, "max": 5, "labels": [{"score": 2, "label": {"en": "A bit sad"}}]},
    },
}


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("safe", {"state": "answered", "choices": ["yes"]}, "Yes"),
        ("safe", {"state": "answered", "choices": ["yes", "gone"]}, "Yes; gone"),
        ("safe", {"state": "skipped"}, "Not answered"),
        ("safe", {"state": "does-not-apply"}, "Does not apply"),
        ("safe", {"state": "not-asked"}, "Not asked"),
        ("home", {"state": "answered", "score": 2}, "2 of 5 (A bit sad)"),
        ("home", {"state": "answered", "score": 4}, "4 of 5"),
        ("gone", {"state": "answered", "score": 4}, "4"),
        ("safe", {"state": "answered", "date": "2026-11-30"}, "30 November 2026"),
        ("safe", {"state": "answered", "sealed": "It is loud."}, "It is loud."),
        ("safe", {"state": "answered"}, "In their own words, below"),
        ("safe", "yes", "yes"),
    ],
)
def test_an_answer_is_read_by_the_version_that_was_asked(question: str, answer: object, said: str) -> None:
    assert answer_words(ASKED, question, answer) == said


def test_a_question_is_read_in_english_and_one_that_is_gone_stands_for_itself() -> None:
    assert [question_words(ASKED, code) for code in ("safe", "home", "gone")] == ["Do you feel safe?", "How is it?", "gone"]
