"""The form in which staff take down answers: all questions at once, each with states of its own, read and shown again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.pages import Form
from feedback.domain.answers import Answer, is_shown
from feedback.domain.questionnaire import DOES_NOT_APPLY, SKIPPED, Question, Version
from feedback.domain.words import ENGLISH, Said, say
from feedback.pages.answer_form import Typed, read_answer
from feedback.pages.view import values_of
from feedback.use_cases.take_down import Given

MOST_REVISION = 2**31 - 1
_REVISION_DIGITS = 9
_PARTS = ("day", "month", "year")
NOT_ASKED = ""
"""What a form sends for a question that was not put: nothing, so that no code of an option can be it."""

RETURN = re.compile(r"/audit/audits/[0-9a-f-]{36}/parts/[a-z0-9-]{1,80}(/entries/[a-z0-9-]{1,90})?", re.ASCII)
"""Pages that may have led here, and to which a page leads back."""


@dataclass(frozen=True)
class EntryForm:
    """A form as it was sent: what is kept of it, what was typed for each question, and what is wrong, by question."""

    given: Given
    typed: Mapping[str, Typed]
    wrong: Mapping[str, str]


def read_entry(version: Version, form: Form) -> EntryForm:
    """Read a form. `wrong` has the slug of a message for each question whose answer cannot be kept."""
    answers: dict[str, Answer] = {}
    typed: dict[str, Typed] = {}
    wrong: dict[str, str] = {}
    for number, question in enumerate(version.questions, 1):
        found = _question(question, form, f"q{number}")
        if found is None:
            continue
        typed[question.code] = found
        if found.wrong is not None:
            wrong[question.code] = found.wrong
        else:
            answers[question.code] = found.answer
    seen = form.text("revision")
    revision = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) <= _REVISION_DIGITS else MOST_REVISION
    reference = form.text("reference")[:100] or None
    return EntryForm(Given(answers, form.text("consent") == "yes", revision, reference), typed, wrong)


def _question(question: Question, form: Form, name: str) -> Typed | None:
    """What was entered for a question, None where it was not put."""
    none = form.text(f"{name}-none")
    values = [("answer", value) for value in form.all(name) if value != SKIPPED]
    parts = [(f"answer-{part}", form.get(f"{name}-{part}", "")) for part in _PARTS if f"{name}-{part}" in form]
    given = [*values, *parts]
    if SKIPPED in {none, form.text(name)}:
        read = read_answer(question, Form([("skip", "yes")]))
        blank = not values and not any(value.strip() for _, value in parts)
        return Typed((SKIPPED, *(value for _, value in given)), read.answer, read.wrong if blank else "both")
    if none == DOES_NOT_APPLY:
        given.append(("does_not_apply", "yes"))
    read = read_answer(question, Form(given))
    if read.answer.state == "skipped" and read.wrong in {None, "required", "required-words"}:
        return None
    return Typed((DOES_NOT_APPLY,) if read.answer.state == DOES_NOT_APPLY else read.values, read.answer, read.wrong)


@dataclass(frozen=True)
class Choice:
    """Something to tick, in the language of the talk, and in English where that is another."""

    value: str
    label: Said
    english: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A question as the page shows it."""

    name: str
    number: int
    kind: str
    text: Said
    english: str
    hint: Said | None
    only_if: str
    choices: Sequence[Choice]
    applies: Choice | None
    skipped: bool
    untouched: bool
    values: Sequence[str]
    error: str
    worry: bool


def lines(
    version: Version,
    language: str,
    kept: Mapping[str, Answer],
    words: Mapping[str, str],
    typed: Mapping[str, Typed] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[Line]:
    """The questions of a page: as they were typed where that is known, else as they are kept (`words`: free texts, opened)."""
    return [
        _line(version, question, language, _values(question, kept, words, typed), (errors or {}).get(question.code, ""))
        for question in version.questions
    ]


def _values(
    question: Question, kept: Mapping[str, Answer], words: Mapping[str, str], typed: Mapping[str, Typed] | None
) -> tuple[str, ...]:
    if typed is not None:
        return typed[question.code].values if question.code in typed else ()
    answer = kept.get(question.code)
    if answer is not None and answer.state == "skipped":
        return (SKIPPED,)
    return values_of(answer, words.get(question.code))


def _line(version: Version, question: Question, language: str, values: tuple[str, ...], error: str) -> Line:
    number = version.numbers[question.code]
    skipped = SKIPPED in values
    return Line(
        f"q{number}",
        number,
        "radios" if question.kind in {"one", "scale", "star"} else question.kind,
        say(question.text, language),
        _english(question.text, language),
        say(question.hint, language) if question.hint else None,
        only_if(version, question),
        _choices(question, language, values),
        _choice(DOES_NOT_APPLY, question.does_not_apply, language, values) if question.does_not_apply else None,
        skipped,
        not values,
        [value for value in values if value not in {SKIPPED, DOES_NOT_APPLY}],
        error,
        bool(question.worry),
    )


def _choices(question: Question, language: str, values: Sequence[str]) -> list[Choice]:
    if question.scale is None:
        return [_choice(option.code, option.label, language, values) for option in question.options]
    scores = range(question.scale.min, question.scale.max + 1)
    found = []
    for score in scores:
        label = question.scale.label(score)
        said = say(label, language) if label else Said("", ENGLISH)
        words = Said(f"{score} {said.text}".strip(), said.language)
        found.append(Choice(str(score), words, _english(label or {ENGLISH: ""}, language), str(score) in values))
    return found


def _choice(value: str, label: dict[str, str], language: str, values: Sequence[str]) -> Choice:
    return Choice(value, say(label, language), _english(label, language), value in values)


def _english(texts: dict[str, str], language: str) -> str:
    """The English words for whoever reads another language aloud with an interpreter; empty where those are shown anyway."""
    return "" if say(texts, language).language == ENGLISH else texts[ENGLISH]


def only_if(version: Version, question: Question) -> str:
    """When a question is put, for staff; empty for always."""
    if question.show_if is None:
        return ""
    asked = version.question(question.show_if.question)
    labels = [f"“{asked.option(code).label[ENGLISH]}”" for code in question.show_if.choices] if asked else []
    return f"Only if question {version.numbers[question.show_if.question]} was answered {' or '.join(labels)}"


def hidden(version: Version, answers: Mapping[str, Answer]) -> dict[str, str]:
    """Answers to questions that other answers hide, with what to do about each."""
    so_far: dict[str, Answer] = {}
    wrong = {}
    for question in version.questions:
        answer = answers.get(question.code)
        if is_shown(question, so_far):
            if answer is not None:
                so_far[question.code] = answer
        elif answer is not None and question.show_if is not None:
            earlier = version.numbers[question.show_if.question]
            condition = only_if(version, question).replace("Only if", "is only put where")
            wrong[question.code] = (
                f"Question {version.numbers[question.code]} {condition}. Take the answer out here, or change question {earlier}"
            )
    return wrong
