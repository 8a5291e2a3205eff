"""Questionnaires: versions of questions, each question with an identity that outlives its wording.

These models are the profile's files `questionnaires/*.yaml` (docs/guides/profiles.md); they are the feedback service's own, so
an unknown key is an error.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.base import Code
from feedback.domain.words import Language, Texts, Wording

Kind = Literal["one", "several", "scale", "star", "text", "date"]
Audience = Literal["child", "young-person", "care-leaver", "parent-carer", "foster-carer", "birth-parent", "partner", "staff"]

Picture = Literal[
    "talk", "listen", "plan", "people", "home", "school", "phone", "calendar", "paper", "heart", "help", "safe", "money",
    "move", "family", "question",
]  # fmt: skip
"""What stands beside a question in easy read; drawn in templates/macros/pictures.html."""

SECONDS_A_QUESTION = 15
"""How long a question takes, as the start page reckons."""

SKIPPED = "skipped"
DOES_NOT_APPLY = "does-not-apply"
RESERVED = frozenset({SKIPPED, DOES_NOT_APPLY})
"""Words that a form sends for an answer that is none; no option may have them as its code."""


class Part(BaseModel):
    """A part of a questionnaire's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(Part):
    """One answer to choose; `easy` is its easy-read wording."""

    code: Code
    label: Texts
    easy: Texts | None = None


class ScoreLabel(Part):
    """The words at one point of a scale."""

    score: int
    label: Texts


class Scale(Part):
    """A scale of whole numbers; `positive_from` is the lowest favourable score."""

    min: int = Field(ge=0, le=10)
    max: int = Field(ge=1, le=10)
    faces: bool
    positive_from: int | None
    labels: tuple[ScoreLabel, ...] = Field(max_length=11)

    def holds(self, score: int) -> bool:
        """Whether a score is on the scale."""
        return self.min <= score <= self.max

    def label(self, score: int) -> dict[str, str] | None:
        """The words at a score, None where it has none."""
        return next((each.label for each in self.labels if each.score == score), None)


class ShowIf(Part):
    """Asked only when an earlier question was answered with one of these choices."""

    question: Code
    choices: tuple[Code, ...] = Field(min_length=1, max_length=50)


class Question(Part):
    """A question. Its code is its identity: a reworded question keeps it, so that trends hold.

    `easy` and `easy_hint` are its wording in easy read, `picture` what stands beside it there.
    """

    code: Code
    kind: Kind
    text: Texts
    hint: Texts | None
    required: bool
    options: tuple[Option, ...] = Field(max_length=50)
    does_not_apply: Texts | None
    positive: tuple[Code, ...] = Field(max_length=50)
    scale: Scale | None
    worry: tuple[Code, ...] = Field(max_length=50)
    themes: tuple[Code, ...] = Field(max_length=50)
    show_if: ShowIf | None
    easy: Texts | None = None
    easy_hint: Texts | None = None
    picture: Picture | None = None

    @cached_property
    def choices(self) -> frozenset[str]:
        """The codes of the options."""
        return frozenset(option.code for option in self.options)

    def option(self, code: str) -> Option:
        """An option by its code; raises KeyError."""
        for option in self.options:
            if option.code == code:
                return option
        raise KeyError(code)


class Version(Part):
    """One version of a questionnaire; invitations of the days from `from` on use it."""

    version: int = Field(ge=1, le=10_000)
    from_: date = Field(alias="from")
    questions: tuple[Question, ...] = Field(min_length=1, max_length=200)

    @cached_property
    def easy_read(self) -> bool:
        """Whether it can be read in easy words: then every question has them (`profile_check`)."""
        return any(question.easy for question in self.questions)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Place of each question, counted from 1 over all questions, shown or not: its address never moves."""
        return {question.code: number for number, question in enumerate(self.questions, 1)}

    def at(self, number: int) -> Question | None:
        """The question at a place, None where there is none."""
        return self.questions[number - 1] if 1 <= number <= len(self.questions) else None

    def question(self, code: str) -> Question | None:
        """A question by its code."""
        number = self.numbers.get(code)
        return self.at(number) if number else None


class Questionnaire(Part):
    """A questionnaire with all its versions, newest last.

    `edition` counts how often it was published from the pages, 0 for a file that was written by hand. `name` is for staff;
    `title` is the heading that families see, by language, and without one they see the name.
    """

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    audience: Audience
    about: Wording
    languages: tuple[Language, ...] = Field(min_length=1, max_length=30)
    needs_review: tuple[Language, ...] = Field(max_length=30)
    edition: int = Field(default=0, ge=0, le=1_000_000)
    intro: Texts
    thank_you: Texts
    easy_intro: Texts | None = None
    title: Texts | None = None
    versions: tuple[Version, ...] = Field(min_length=1, max_length=200)

    def version(self, number: int) -> Version | None:
        """A version by its number."""
        return next((each for each in self.versions if each.version == number), None)

    def in_force(self, day: date) -> Version | None:
        """The version that invitations and answers of a day use; None before the first."""
        return next((each for each in reversed(self.versions) if each.from_ <= day), None)

    @property
    def stands(self) -> tuple[int, int]:
        """Newest version and edition: of a file and what was published from the pages, the higher one is in force."""
        return self.versions[-1].version, self.edition

    def language(self, wanted: str | None) -> str:
        """The language to speak: the one wanted if the questionnaire has it, else its first."""
        return wanted if wanted in self.languages else self.languages[0]
