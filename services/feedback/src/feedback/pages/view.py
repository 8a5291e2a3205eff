"""What the survey's templates show, made ready: texts in a language, answers in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.calendar import WorkingDays
from chassis.days import british_day
from feedback.domain import worry_clock
from feedback.domain.answers import Answer, walk
from feedback.domain.profile import Organisation
from feedback.domain.questionnaire import (
    DOES_NOT_APPLY,
    SECONDS_A_QUESTION,
    Option,
    Question,
    Questionnaire,
    Scale,
    Version,
)
from feedback.domain.words import ENGLISH, Said, say, say_easily
from feedback.domain.worry_profile import ReadingHours
from feedback.use_cases.visit_survey import Survey

# Languages as they call themselves; one that is not here is shown by its code.
NAMES = {
    "ar": "العربية", "bn": "বাংলা", "cy": "Cymraeg", "en": "English", "fa": "فارسی", "pa": "ਪੰਜਾਬੀ", "pl": "Polski",
    "pt": "Português", "ro": "Română", "so": "Soomaali", "uk": "Українська", "ur": "اردو",
}  # fmt: skip

YOUNG = frozenset({"child"})
_SENTENCE = re.compile(r"(?<=[.?!؟۔])\s+")
_FACES = {"yes": 5, "sometimes": 3, "partly": 3, "no": 1}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tick: the value that is posted, its words, whether it is ticked, and a face from 1 to 5 beside it."""

    value: str
    label: Said
    chosen: bool
    face: int | None = None


def sentences(words: str) -> list[str]:
    """A text as one idea a line, for easy read."""
    return _SENTENCE.split(words.strip())


def heading(questionnaire: Questionnaire, language: str) -> Said:
    """What families see above a questionnaire."""
    return say(questionnaire.title or {ENGLISH: questionnaire.name}, language)


def asked(question: Question, language: str, *, easy: bool = False) -> Said:
    """The words of a question."""
    return say_easily(question.easy if easy else None, question.text, language)


def hint(question: Question, language: str, *, easy: bool = False) -> Said | None:
    """The words below a question; easy ones stand alone too."""
    ordinary = question.hint or (question.easy_hint if easy else None)
    return say_easily(question.easy_hint if easy else None, ordinary, language) if ordinary else None


def choices(
    question: Question, language: str, values: Sequence[str], *, easy: bool = False, young: bool = False
) -> list[Choice]:
    """The options of a question, in their order; `young` puts faces beside yes, sometimes and no."""
    faces = _FACES if young and _has_faces(question) else {}
    return [
        Choice(each.code, option_words(each, language, easy=easy), each.code in values, faces.get(each.code))
        for each in question.options
    ]


def option_words(option: Option, language: str, *, easy: bool = False) -> Said:
    """The words of an option."""
    return say_easily(option.easy if easy else None, option.label, language)


def _has_faces(question: Question) -> bool:
    """Whether faces fit the options: a glad one must not stand beside "yes, something makes me feel unsafe"."""
    return question.choices in ({"yes", "sometimes", "no"}, {"yes", "partly", "no"}) and question.positive == ("yes",)


def question_parts(
    question: Question, language: str, values: Sequence[str], *, easy: bool = False, young: bool = False
) -> dict[str, Any]:
    """What the template shows of a question itself, wherever it stands."""
    scale = question.scale
    labels = {each.score: say(each.label, language) for each in scale.labels} if scale else {}
    return {
        "kind": question.kind,
        "text": asked(question, language, easy=easy),
        "hint": hint(question, language, easy=easy),
        "picture": question.picture or "question",
        "required": question.required,
        "worrying": bool(question.worry),
        "values": values,
        "choices": choices(question, language, values, easy=easy, young=young),
        "other": does_not_apply(question, language, values),
        "scale": scale,
        "faces_labels": [labels[score].text for score in sorted(labels)] if scale and scale.faces else [],
        "low": labels.get(scale.min) if scale else None,
        "high": labels.get(scale.max) if scale else None,
    }


def does_not_apply(question: Question, language: str, values: Sequence[str]) -> Choice | None:
    """The extra answer that says that a question does not apply."""
    if question.does_not_apply is None:
        return None
    return Choice(DOES_NOT_APPLY, say(question.does_not_apply, language), DOES_NOT_APPLY in values)


def values_of(answer: Answer | None, words: str | None) -> tuple[str, ...]:
    """What a form shows of an answer that was given before; `words` is its free text, opened."""
    if answer is None or answer.state == "skipped":
        return ()
    if answer.state == "does-not-apply":
        return (DOES_NOT_APPLY,)
    if answer.day is not None:
        return (str(answer.day.day), str(answer.day.month), str(answer.day.year))
    if answer.score is not None:
        return (str(answer.score),)
    return (words,) if words is not None else answer.choices


def progress(version: Version, survey: Survey, question: Question) -> tuple[int, int]:
    """Which question this is, and of how many, by what was given so far."""
    asked = [each for each, _ in walk(version, survey.answers)]
    return asked.index(question) + 1, len(asked)


def minutes(questions: int) -> int:
    """How long so many questions take, in whole minutes."""
    return max(1, -(-questions * SECONDS_A_QUESTION // 60))


def languages(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    """The languages to switch to, by code and their own name; none where there is one only."""
    if len(questionnaire.languages) == 1:
        return []
    return [(code, NAMES.get(code.partition("-")[0], code)) for code in questionnaire.languages]


def read_next(hours: ReadingHours, now: datetime) -> dict[str, Any]:
    """When somebody looks at worries next, by the clock of the duty team's pages: the key of the words, and what is in them."""
    clock = worry_clock.start(now, hours, WorkingDays.load())
    if not clock.came_in_while_nobody_reads:
        return {"key": "done.read.today", "words": {"until": hours.until}}
    day = british_day(clock.read_from)
    return {"key": "done.read.next", "words": {"day": f"{day.day}/{day.month}/{day.year}", "from": hours.from_}}


def is_young(questionnaire: Questionnaire) -> bool:
    """Whether it is for younger children: shorter words around it, faces beside yes and no."""
    return questionnaire.audience in YOUNG


def chrome(organisation: Organisation, questionnaire: Questionnaire, language: str, hours: ReadingHours) -> dict[str, Any]:
    """What every page of a survey shows around its content."""
    contacts = organisation.contacts
    return {
        "organisation": organisation.name,
        "reading": {"days": hours.days, "hours": {"from": hours.from_, "until": hours.until}},
        "language": language,
        "known_languages": languages(questionnaire),
        "young": is_young(questionnaire),
        "emergency": say(contacts.emergency, language),
        "council_phone": contacts.council_phone,
        "out_of_hours_phone": contacts.out_of_hours_phone,
    }


def in_words(question: Question, answer: Answer | None, language: str, words: str | None, *, easy: bool = False) -> list[Said]:
    """An answer as it is read on 'check your answers'; empty where there is none."""
    if answer is None or answer.state == "skipped":
        return []
    if answer.state == "does-not-apply":
        return [say(question.does_not_apply or {"en": "–"}, language)]
    if answer.score is not None and question.scale is not None:
        return _score_in_words(question.scale, answer.score, language)
    if answer.day is not None:
        words = f"{answer.day.day}/{answer.day.month}/{answer.day.year}"
    if words is not None:
        return [Said(line, "") for line in words.splitlines() if line.strip()]
    chosen = (option for option in question.options if option.code in answer.choices)
    return [option_words(option, language, easy=easy) for option in chosen]


def _score_in_words(scale: Scale, score: int, language: str) -> list[Said]:
    label = scale.label(score)
    said = [say(label, language)] if label else []
    return said if scale.faces else [Said(f"{score} / {scale.max}", language), *said]
