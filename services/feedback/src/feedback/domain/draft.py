"""A working copy of a questionnaire: what an officer edits before it is published. It has questions, and no versions yet."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chassis.errors import DomainError, FieldError, Kind
from contracts.base import Code
from feedback.domain.questionnaire import RESERVED, Audience, Question, Questionnaire
from feedback.domain.wordings import Content, wordings
from feedback.domain.words import ENGLISH, Language, Texts, Wording

MOST_QUESTIONS = 200
OWN_PATHS = frozenset({"new"})
"""Codes that would be taken for another page's address."""

_NOT_A_CODE = re.compile(r"[^a-z0-9]+")
_LONGEST = 60  # of a code that is made, so that a number fits behind it
_WITHOUT_QUESTIONS = frozenset({"code", "versions", "edition"})


class Draft(BaseModel):
    """The content of a working copy.

    `same` holds, by question, the new English wording of which somebody said that it still asks the same. `sources` holds, by
    wording and language, the English that a translation was made from where the English has changed since.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    audience: Audience
    about: Wording
    languages: tuple[Language, ...] = Field(min_length=1, max_length=30)
    needs_review: tuple[Language, ...] = Field(max_length=30)
    title: Texts | None = None
    intro: Texts
    easy_intro: Texts | None = None
    thank_you: Texts
    questions: tuple[Question, ...] = Field(max_length=MOST_QUESTIONS)
    same: dict[Code, Wording] = Field(default_factory=dict)
    sources: dict[str, dict[Language, Wording]] = Field(default_factory=dict)

    def question(self, code: str) -> Question | None:
        """A question by its code."""
        return next((each for each in self.questions if each.code == code), None)

    def place(self, code: str) -> int:
        """The place of a question from 0. Raises `DomainError` question-gone."""
        for place, each in enumerate(self.questions):
            if each.code == code:
                return place
        raise DomainError("question-gone", "This question is not in the working copy any more.", Kind.NOT_FOUND)

    def content(self) -> Content:
        """As plain data, in the form of a file."""
        return self.model_dump(mode="json", by_alias=True)


def begin(questionnaire: Questionnaire, sources: Mapping[str, Mapping[str, str]]) -> Draft:
    """A working copy of the newest version of a questionnaire; `sources` are those that were left when it was published."""
    whole = questionnaire.model_dump(mode="json", by_alias=True)
    content = {name: value for name, value in whole.items() if name not in _WITHOUT_QUESTIONS}
    content["questions"] = whole["versions"][-1]["questions"]
    known = {each.key: each.texts for each in wordings(content)}
    kept = {
        key: {language: english for language, english in by_language.items() if known[key].get(language)}
        for key, by_language in sources.items()
        if key in known
    }
    return parse({**content, "sources": {key: each for key, each in kept.items() if each}})


def parse(content: Mapping[str, Any]) -> Draft:
    """Plain data as a working copy. Raises `DomainError` invalid-draft with the wrong places as pointers."""
    try:
        return Draft.model_validate(content)
    except ValidationError as error:
        wrong = tuple(
            FieldError("/" + "/".join(str(part) for part in each["loc"]), each["msg"].removeprefix("Value error, "))
            for each in error.errors(include_url=False, include_input=False)
        )
        detail = "This cannot be kept as it is. Nothing was changed."
        raise DomainError("invalid-draft", detail, Kind.MALFORMED, wrong) from None


def follow(before: Draft, after: Draft) -> Draft:
    """`after` with its notes brought up to date: which translations were made from another English.

    A translation that was changed is taken to be of the English that stands beside it; `made_from` says where it is not.
    """
    old = {each.key: each.texts for each in wordings(before.content())}
    sources: dict[str, dict[str, str]] = {}
    for each in wordings(after.content()):
        was, noted = old.get(each.key, {}), after.sources.get(each.key, {})
        for language, text in each.texts.items():
            if language == ENGLISH:
                continue
            source = noted.get(language, was.get(ENGLISH)) if was.get(language) == text else None
            if source is not None and source != each.english:
                sources.setdefault(each.key, {})[language] = source
    same = {code: text for code, text in after.same.items() if (found := after.question(code)) and found.text[ENGLISH] == text}
    return after.model_copy(update={"sources": sources, "same": same})


def confirm(draft: Draft, language: str, keys: Sequence[str]) -> Draft:
    """Translations of which somebody says that they fit the new English."""
    sources = {key: dict(each) for key, each in draft.sources.items()}
    for key in keys:
        sources.get(key, {}).pop(language, None)
    return draft.model_copy(update={"sources": {key: each for key, each in sources.items() if each}})


def made_from(draft: Draft, language: str, english: Mapping[str, str]) -> Draft:
    """Translations of a language with the English that each was made from, where that is another by now."""
    current = {each.key: each.english for each in wordings(draft.content())}
    sources = {key: dict(each) for key, each in draft.sources.items()}
    for key, source in english.items():
        if key not in current:
            continue
        if source == current[key]:
            sources.get(key, {}).pop(language, None)
        else:
            sources.setdefault(key, {})[language] = source
    return draft.model_copy(update={"sources": {key: each for key, each in sources.items() if each}})


def replace_question(draft: Draft, question: Question) -> Draft:
    """The draft with a question as it is now."""
    place = draft.place(question.code)
    return draft.model_copy(update={"questions": (*draft.questions[:place], question, *draft.questions[place + 1 :])})


def add_question(draft: Draft, question: Question, after: str | None) -> Draft:
    """The draft with a question more, behind another or at the end. Raises `DomainError` too-many-questions."""
    if len(draft.questions) >= MOST_QUESTIONS:
        detail = f"A questionnaire has {MOST_QUESTIONS} questions at most. Nothing was added. Remove one first."
        raise DomainError("too-many-questions", detail, Kind.CONFLICT)
    places = [place for place, each in enumerate(draft.questions) if each.code == after]
    place = places[0] + 1 if places else len(draft.questions)
    return draft.model_copy(update={"questions": (*draft.questions[:place], question, *draft.questions[place:])})


def duplicate_question(draft: Draft, code: str, taken: Sequence[str]) -> tuple[Draft, str]:
    """The draft with a question's double behind it, and the double's code."""
    found = draft.questions[draft.place(code)]
    own = free_code(code, [*taken, *(each.code for each in draft.questions)])
    return add_question(draft, found.model_copy(update={"code": own}), code), own


def move_question(draft: Draft, code: str, by: Literal[-1, 1]) -> Draft:
    """The draft with a question one place up or down; at an end it stays where it is."""
    place = draft.place(code)
    other = place + by
    if not 0 <= other < len(draft.questions):
        return draft
    moved = list(draft.questions)
    moved[place], moved[other] = moved[other], moved[place]
    return draft.model_copy(update={"questions": tuple(moved)})


def remove_question(draft: Draft, code: str) -> Draft:
    """The draft without a question. Questions that branch on it are left as they are: the check names them."""
    place = draft.place(code)
    return draft.model_copy(update={"questions": (*draft.questions[:place], *draft.questions[place + 1 :])})


def removed_from(standing: Questionnaire | None, draft: Draft) -> list[Question]:
    """The questions of a questionnaire's newest version that a draft has no more."""
    return [each for each in standing.versions[-1].questions if draft.question(each.code) is None] if standing else []


def restore_question(draft: Draft, code: str, standing: Questionnaire | None) -> Draft:
    """The draft with a removed question back as it stands, behind the one that it stood behind; where it is back, the draft.

    Raises `DomainError` question-gone where no question of that code stands.
    """
    if draft.question(code) is not None:
        return draft
    before: list[str] = []
    for each in standing.versions[-1].questions if standing else ():
        if each.code == code:
            place = max((draft.place(other) + 1 for other in before if draft.question(other)), default=0)
            return draft.model_copy(update={"questions": (*draft.questions[:place], each, *draft.questions[place:])})
        before.append(each.code)
    raise DomainError("question-gone", "This question is not in the questionnaire any more.", Kind.NOT_FOUND)


def as_another(draft: Draft, code: str, taken: Sequence[str]) -> tuple[Draft, str]:
    """The draft with a question under a new code, because it asks something else now; branching on it follows."""
    place = draft.place(code)
    own = free_code(slug(draft.questions[place].text[ENGLISH]), [*taken, *(each.code for each in draft.questions)])
    content = deepcopy(draft.content())
    content["questions"][place]["code"] = own
    for question in content["questions"]:
        if question["show_if"] and question["show_if"]["question"] == code:
            question["show_if"]["question"] = own
    content["sources"] = {key.replace(f"q/{code}/", f"q/{own}/", 1): each for key, each in draft.sources.items()}
    content["same"].pop(code, None)
    return parse(content), own


def slug(text: str, longest: int = _LONGEST) -> str:
    """A code made of words: the first of them, in lower case, with hyphens; `answer` where none is left."""
    whole = _NOT_A_CODE.sub("-", text.casefold()).strip("-")
    short = whole[:longest]
    if len(whole) > longest and "-" in short:
        short = short.rpartition("-")[0]
    return short or "answer"


def free_code(wanted: str, taken: Sequence[str]) -> str:
    """A code that is not taken: the one wanted, or with a number behind it."""
    used = {*taken, *RESERVED, *OWN_PATHS}
    if wanted not in used:
        return wanted
    number = 2
    while f"{wanted}-{number}" in used:
        number += 1
    return f"{wanted}-{number}"
