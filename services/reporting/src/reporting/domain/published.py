"""Questionnaires of the profile beside those that staff published on the pages: of each the one that is in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reporting.domain.profile import Option, Profile, Question, Questionnaire, QuestionnaireVersion, ScoreScale

MOST_LETTERS = 500  # of a question, as the profile's own may have


@dataclass(frozen=True, slots=True)
class Edition:
    """The last edition of a questionnaire that was published: `versions` as the event tells them."""

    questionnaire: str
    edition: int
    label: str
    versions: tuple[Mapping[str, Any], ...]


def with_published(profile: Profile, editions: Iterable[Edition]) -> Profile:
    """The profile with published questionnaires where they are newer than its own, and with those that it does not have.

    As the feedback service keeps them: the higher version counts, and of one version the higher edition.
    """
    published = {each.questionnaire: _questionnaire(each) for each in editions if each.versions}
    known = []
    for each in profile.questionnaires:
        own = published.pop(each.code, each)
        # The event does not tell for whom it is: of one that the profile has, that does not change.
        known.append(own.model_copy(update={"audience": each.audience}) if own.stands > each.stands else each)
    return profile.model_copy(update={"questionnaires": (*known, *published.values())})


def _questionnaire(edition: Edition) -> Questionnaire:
    versions = tuple(map(_version, edition.versions))
    return Questionnaire(code=edition.questionnaire, name=edition.label, edition=edition.edition, versions=versions)


def _version(told: Mapping[str, Any]) -> QuestionnaireVersion:
    questions = tuple(map(_question, told["questions"]))
    return QuestionnaireVersion(version=told["version"], from_=told["begins_on"], questions=questions)


def _question(told: Mapping[str, Any]) -> Question:
    return Question(
        code=told["question"],
        text={"en": told["label"][:MOST_LETTERS]},
        options=tuple(Option(code=code, label={"en": code}) for code in told["options"]),
        positive=tuple(told["positive"]),
        scale=ScoreScale(positive_from=told["score_from"]) if told["score_from"] is not None else None,
    )
