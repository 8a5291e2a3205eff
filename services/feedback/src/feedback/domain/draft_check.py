"""What is wrong with a working copy: errors, which stop publishing, and warnings, which a person weighs.

The errors are those of a profile (`profile_check`), said in words that lead to a page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chassis.errors import FieldError
from feedback.domain import reading_age
from feedback.domain.draft import Draft
from feedback.domain.draft_changes import changes, needs_version
from feedback.domain.profile_check import check_questionnaire
from feedback.domain.publishing import contents, removed
from feedback.domain.questionnaire import SECONDS_A_QUESTION, Audience, Questionnaire
from feedback.domain.rewording import asks_something_else
from feedback.domain.translations import Standing, standing
from feedback.domain.wordings import wordings
from feedback.domain.words import ENGLISH

Area = Literal["settings", "question", "meaning", "translation", "questions"]

LIMITS: Mapping[Audience, int] = {
    "child": 7, "young-person": 9, "care-leaver": 9, "parent-carer": 9, "foster-carer": 9, "birth-parent": 9, "partner": 12,
    "staff": 12,
}  # fmt: skip
"""Reading age that a questionnaire should have: 9, and lower for children. 12 for professionals is ours."""

LONGEST = 500
"""Letters of a question or an answer: reports take no more."""

EASY_LIMIT = 7
ROOM = 2
"""Years by which one wording may be above the limit: of a dozen words the formula says that much more or less."""

TWO_MINUTES = 120
CHILDREN = frozenset({"child", "young-person"})
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to put right or to weigh, where it is, and which question or language it concerns."""

    stops: bool
    area: Area
    words: str
    question: str | None = None
    language: str | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was found, with the reading age of the whole."""

    findings: tuple[Finding, ...]
    reading: reading_age.Reading
    limit: int
    translations: Mapping[str, Standing]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops publishing."""
        return tuple(each for each in self.findings if each.stops)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What a person weighs."""
        return tuple(each for each in self.findings if not each.stops)


def check_draft(draft: Draft, code: str, now: Questionnaire | None, themes: set[str]) -> Checked:
    """Everything that is to be said of a working copy; `now` is the questionnaire as it stands."""
    texts = [
        each.english
        for each in wordings(contents(draft))
        if each.part not in {"easy", "easy_hint", "easy_intro", "easy_option"}
    ]
    reading = reading_age.read_all(texts)
    found = {language: standing(draft, language) for language in draft.languages if language != ENGLISH}
    findings = (
        *_errors(draft, code, now, themes),
        *_meaning(draft, now),
        *_length(draft),
        *_worry(draft),
        *_reading(draft, reading),
        *_translated(draft, found),
        *_counting(draft, now),
    )
    return Checked(findings, reading, LIMITS[draft.audience], found)


def undecided(draft: Draft, now: Questionnaire | None) -> list[str]:
    """Codes of questions reworded so much that a person has to say whether they still ask the same."""
    if now is None:
        return []
    found = []
    for each in draft.questions:
        before = now.versions[-1].question(each.code)
        text = each.text[ENGLISH]
        if before and draft.same.get(each.code) != text and asks_something_else(before.text[ENGLISH], text):
            found.append(each.code)
    return found


def _errors(draft: Draft, code: str, now: Questionnaire | None, themes: set[str]) -> Iterator[Finding]:
    if not draft.questions:
        yield Finding(True, "questions", "There is no question yet.")
        return
    versions = [each.model_dump(mode="json", by_alias=True) for each in now.versions] if now else []
    number = versions[-1]["version"] + 1 if versions else 1
    content = contents(draft)
    questions = content.pop("questions")
    # Days and numbers are fixed when it is published: here they only have to rise.
    versions.append({"version": number, "from": date.max.isoformat(), "questions": questions})
    candidate = Questionnaire.model_validate({"code": code, **content, "versions": versions})
    for each in wordings(contents(draft)):
        if each.part in {"text", "option"} and max(map(len, each.texts.values())) > LONGEST:
            yield Finding(True, "question", f"{each.where}: longer than {LONGEST} letters", each.question, where="text")
    for error in check_questionnaire("", candidate, themes):
        yield _in_words(draft, error, len(versions) - 1)


def _in_words(draft: Draft, error: FieldError, version: int) -> Finding:
    parts = error.pointer.strip("/").split("/")
    if parts[:2] == ["versions", str(version)] and len(parts) > 3:  # noqa: PLR2004 - versions/n/questions/m
        question = draft.questions[int(parts[3])]
        words = _PARTS.get("/".join(part for part in parts[4:] if not part.isdigit()), error.detail)
        where = f"Question {int(parts[3]) + 1}"
        return Finding(True, "question", f"{where}: {words}", question.code, where=_FIELDS.get(parts[4], parts[4]))
    words = _WHOLE.get(parts[0], error.detail)
    return Finding(True, "settings", words, where=parts[0])


_PARTS = {
    "code": "Two questions have the same code. Remove one of them",
    "kind": "It was asked in another way before, so that its answers could not be counted together. Ask it as a new question",
    "options": "Write the answers that can be chosen",
    "options/code": "Two answers have the same code. Remove one and write it again",
    "scale": "Say from where to where the scale goes",
    "scale/max": "The scale has to end above where it begins",
    "scale/positive_from": "Favourable has to begin with a score of the scale",
    "scale/labels/score": "Words stand at a score that the scale does not have",
    "scale/faces": "Faces need a scale from 1 to 5 with words at every score",
    "show_if/question": "It is asked only after a question that is not before it any more. Choose another, or ask it always",
    "show_if/choices": "It is asked only after an answer that is not there any more. Choose again",
    "easy": "Other questions have easy wording: write it here too, or somebody who needs it is stopped in the middle",
    "themes": "A theme is not one of the organisation’s any more. Choose again",
    "positive": "A favourable answer is not there any more",
    "worry": "An answer that is a worry is not there any more",
}
_WHOLE = {
    "easy_intro": "Questions are worded in easy read too: write the introduction in easy read, or take their easy wording away",
    "needs_review": "A translation that is still to be read is not one of the languages",
}
_FIELDS = {"options": "option-1", "scale": "min", "show_if": "show-if", "themes": "themes", "text": "text", "easy": "easy"}


def _meaning(draft: Draft, now: Questionnaire | None) -> Iterator[Finding]:
    for code in undecided(draft, now):
        number = draft.place(code) + 1
        words = f"Question {number} has quite other words now. Say whether it still asks the same, or is another question"
        yield Finding(True, "meaning", words, code)
    if now is None:
        return
    yield from _easy(draft, now)
    for question in draft.questions:
        before = now.versions[-1].question(question.code)
        old = {each.code: each.label[ENGLISH] for each in before.options} if before else {}
        for option in question.options:
            label = option.label[ENGLISH]
            if option.code in old and asks_something_else(old[option.code], label):
                words = (
                    f"Question {draft.place(question.code) + 1}: the answer “{old[option.code]}” now reads “{label}”, and is "
                    "counted with the earlier ones. Where it means something else, remove it and write a new answer"
                )
                yield Finding(False, "question", words, question.code, where="option-1")


def _easy(draft: Draft, now: Questionnaire) -> Iterator[Finding]:
    """Questions of which the words changed and the easy words did not: they may not say the same any more."""
    for number, each in enumerate(draft.questions, 1):
        before = now.versions[-1].question(each.code)
        if before is None or each.easy is None or before.easy is None:
            continue
        if before.text[ENGLISH] != each.text[ENGLISH] and before.easy[ENGLISH] == each.easy[ENGLISH]:
            words = f"Question {number} has other words, and its easy words are the old ones. See that they say the same"
            yield Finding(False, "question", words, each.code, where="easy")


def _length(draft: Draft) -> Iterator[Finding]:
    asked = sum(each.show_if is None for each in draft.questions)
    seconds = len(draft.questions) * SECONDS_A_QUESTION
    if asked * SECONDS_A_QUESTION > TWO_MINUTES:
        words = (
            f"{asked} questions are asked of everybody: about {round(asked * SECONDS_A_QUESTION / 60)} minutes. More than "
            f"{TWO_MINUTES // SECONDS_A_QUESTION} take longer than the two minutes that people give"
        )
        yield Finding(False, "questions", words)
    elif seconds > TWO_MINUTES:
        words = f"Somebody who is asked all {len(draft.questions)} questions needs more than two minutes"
        yield Finding(False, "questions", words)


def _worry(draft: Draft) -> Iterator[Finding]:
    if draft.audience in CHILDREN and not any(each.worry for each in draft.questions):
        words = (
            "No question asks a child whether they are safe, so that only words in a free text could open a worry. Add one "
            "such as “Is there anything that makes you feel unsafe?” and mark its answer as a worry"
        )
        yield Finding(False, "questions", words)


def _reading(draft: Draft, whole: reading_age.Reading) -> Iterator[Finding]:
    limit = LIMITS[draft.audience]
    if whole.age is not None and whole.age > limit:
        words = f"Read as a whole it has a reading age of {whole.age:g}; for this audience it should be {limit} or lower"
        yield Finding(False, "questions", words)
    for each in wordings(contents(draft)):
        most = EASY_LIMIT if each.part.startswith("easy") else limit
        found = reading_age.read(each.english)
        if found.age is not None and found.age > most + ROOM:
            why = [f"{found.longest} words in a sentence"] if found.longest > reading_age.LONG_SENTENCE else []
            if found.hard:
                named = ", ".join(f"“{word}”" for word in found.hard[:_MOST_NAMED])
                why.append(f"long words ({named}{' …' if len(found.hard) > _MOST_NAMED else ''})")
            words = f"{each.where}: reading age {found.age:g}, {most} wanted{': ' if why else ''}{' and '.join(why)}"
            yield Finding(False, "question" if each.question else "settings", words, each.question, where=each.part)


def _translated(draft: Draft, found: Mapping[str, Standing]) -> Iterator[Finding]:
    for language, each in found.items():
        for count, words in (
            (len(each.missing), "without a translation: families read English there"),
            (len(each.older), "translated from an English text that has changed since"),
            (len(each.numbers), "with other numbers than the English text"),
            (len(each.untranslated), "the same as in English"),
        ):
            if count:
                texts = "1 text" if count == 1 else f"{count} texts"
                yield Finding(False, "translation", f"{texts} {words}", language=language)
        if language in draft.needs_review:
            words = "Nobody who speaks it fluently has read the translation yet"
            yield Finding(False, "translation", words, language=language)


def _counting(draft: Draft, now: Questionnaire | None) -> Iterator[Finding]:
    for number, each in enumerate(draft.questions, 1):
        counted = each.kind in {"one", "several", "scale", "star"}
        if counted and not each.positive and (each.scale is None or each.scale.positive_from is None):
            words = f"Question {number}: no answer counts as favourable, so that reports show no share for it"
            yield Finding(False, "question", words, each.code)
    for code in removed(now, draft):
        before = now.versions[-1].question(code) if now else None
        if before is not None:
            yield Finding(False, "questions", f"The trend of “{before.text[ENGLISH]}” ({code}) ends with this version")
    if now is not None and needs_version(now.versions[-1].questions, draft.questions):
        for question in draft.questions:
            old = now.versions[-1].question(question.code)
            if old and set(old.positive) != set(question.positive):
                words = f"Question {draft.place(question.code) + 1}: other answers count as favourable from this version on"
                yield Finding(False, "question", words, question.code)


__all__ = ["LIMITS", "Checked", "Finding", "changes", "check_draft", "undecided"]
