"""Answers: what was given to a question, and what that means once branching has had its say.

Four states, never mixed up: answered, skipped, does not apply, and not asked. What was given to a question that is not shown
any more (an earlier answer was changed) counts as not asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from feedback.domain.questionnaire import Question, Version

State = Literal["answered", "skipped", "does-not-apply", "not-asked"]

TEXT_LIMIT = 4000
"""Characters of a free text: two pages, more than most write, and little enough to be read by a person the same day."""

EARLIEST = date(1900, 1, 1)
LATEST = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was given to one question. `sealed` is a text as it is kept (encrypted), `text` one that has just come in."""

    state: State
    choices: tuple[str, ...] = ()
    score: int | None = None
    text: str | None = None
    sealed: str | None = None
    day: date | None = None

    @property
    def has_text(self) -> bool:
        """Whether it is a free text."""
        return self.text is not None or self.sealed is not None


SKIP = Answer("skipped")
NOT_APPLICABLE = Answer("does-not-apply")
NOT_ASKED = Answer("not-asked")

Answers = Mapping[str, Answer]
"""Answers by question."""


def is_shown(question: Question, so_far: Answers) -> bool:
    """Whether a question is asked, by the answers to the questions before it that are themselves asked."""
    if question.show_if is None:
        return True
    earlier = so_far.get(question.show_if.question)
    return earlier is not None and not set(question.show_if.choices).isdisjoint(earlier.choices)


def walk(version: Version, given: Answers) -> Iterator[tuple[Question, Answer | None]]:
    """The questions that are asked, in order, each with what was given to it so far."""
    so_far: dict[str, Answer] = {}
    for question in version.questions:
        if is_shown(question, so_far):
            answer = given.get(question.code)
            if answer is not None:
                so_far[question.code] = answer
            yield question, answer


def settle(version: Version, given: Answers, *, absent: Answer = SKIP) -> dict[str, Answer]:
    """Every question of a version with its answer; one that is asked and was given nothing gets `absent`."""
    asked = {question.code: answer or absent for question, answer in walk(version, given)}
    return {question.code: asked.get(question.code, NOT_ASKED) for question in version.questions}


def worries(version: Version, settled: Answers) -> list[str]:
    """The questions whose answer a person must look at the same day."""
    return [
        question.code
        for question in version.questions
        if question.worry and not set(question.worry).isdisjoint(settled[question.code].choices)
    ]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an answer does not fit its question: `slug` for words to a family, `detail` for an integrator."""

    slug: str
    detail: str


def fault(question: Question, answer: Answer) -> Wrong | None:  # noqa: PLR0911 - one return a rule
    """What is wrong with an answer to a question, None when it fits."""
    if answer.state == "skipped":
        if question.required:
            return Wrong("required", "expected an answer: this question is required")
        return None
    if answer.state == "does-not-apply":
        if question.does_not_apply is None:
            return Wrong("choice", "expected an answer or `skipped`: this question has no 'does not apply'")
        return None
    match question.kind:
        case "one" | "several":
            return _choice_fault(question, answer)
        case "scale" | "star":
            if answer.score is None or question.scale is None or not question.scale.holds(answer.score):
                scale = question.scale
                return Wrong("choice", f"expected a score from {scale.min} to {scale.max}" if scale else "expected a score")
        case "text":
            return _text_fault(answer)
        case "date":
            if answer.day is None or not EARLIEST <= answer.day <= LATEST:
                return Wrong("date", f"expected a date from {EARLIEST} to {LATEST}")
    return None


def _choice_fault(question: Question, answer: Answer) -> Wrong | None:
    known = ", ".join(option.code for option in question.options)
    if not answer.choices or not set(answer.choices) <= question.choices:
        return Wrong("choice", f"expected {'one' if question.kind == 'one' else 'any'} of: {known}")
    if question.kind == "one" and len(answer.choices) != 1:
        return Wrong("choice", f"expected exactly one of: {known}")
    if len(set(answer.choices)) != len(answer.choices):
        return Wrong("choice", "expected each choice once")
    return None


def _text_fault(answer: Answer) -> Wrong | None:
    if not answer.has_text:
        return Wrong("text", "expected a text")
    if answer.text is not None and len(answer.text) > TEXT_LIMIT:
        return Wrong("too-long", f"expected at most {TEXT_LIMIT} characters, found {len(answer.text)}")
    return None
