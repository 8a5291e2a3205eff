"""The part `letters` of complaints.yaml as models, and whether its letters can be read: codes, stages, markup, fields. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, field_validator

from chassis.pdf.markup import MarkupError, Paragraph, parse

Wrong = tuple[str, str]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80, strict=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", strict=True)]
Texts = dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=600, strict=True)]]
Subjects = dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=150, strict=True)]]
Bodies = dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=20_000, strict=True)]]

FIELDS = (
    *("recipient", "complainant", "reference", "received_on", "today", "procedure", "stage", "asked_on", "limit", "due_on"),
    *("old_due_on", "extension_reason", "points", "points_and_findings", "next_stage", "ask_by", "ended_on", "advocacy"),
    *("advocacy_phone", "unit", "unit_phone", "unit_email", "unit_address", "council", "emergency", "ombudsman", "officer"),
    "own_words",
)
"""The fields that the complaints service fills in."""

ALONE = ("points", "points_and_findings")
"""Those that hold several paragraphs."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _with_english(value: dict[str, str]) -> dict[str, str]:
    if "en" not in value:
        msg = "expected a text in English (en), which other languages fall back to"
        raise ValueError(msg)
    return value


class LetterTemplate(_Part):
    """A letter."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
    kind: Literal["acknowledgement", "extension", "holding", "response", "closing", "other"]
    procedures: list[Code] = []
    stages: list[Annotated[StrictInt, Field(ge=1, le=9)]] = []
    subject: Subjects
    body: Bodies

    _english = field_validator("subject", "body")(_with_english)


class LetterWords(_Part):
    """What is said in a letter beside its text."""

    date: Texts = {"en": "Date"}
    reference: Texts = {"en": "Our reference"}
    point: Texts = {"en": "Point"}
    finding: Texts = {"en": "What we found"}
    put_right: Texts = {"en": "To put this right"}

    _english = field_validator("date", "reference", "point", "finding", "put_right")(_with_english)


class Letters(_Part):
    """The letters of an organisation."""

    ombudsman: Texts = {}
    words: LetterWords = LetterWords()
    templates: Annotated[list[LetterTemplate], Field(max_length=200)] = []


def check_letters(letters: Letters, stages: Mapping[str, Collection[int]]) -> Iterator[Wrong]:
    """Codes that stand twice, procedures and stages that are not there, texts that cannot be read. `stages` by procedure."""
    if letters.ombudsman and "en" not in letters.ombudsman:
        yield "/complaints/letters/ombudsman", "expected a text in English (en), which other languages fall back to"
    seen: set[str] = set()
    for index, each in enumerate(letters.templates):
        at = f"/complaints/letters/templates/{index}"
        if each.code in seen:
            yield f"{at}/code", f"expected a code that no other letter has, found '{each.code}' again"
        seen.add(each.code)
        for place, code in enumerate(each.procedures):
            if code not in stages:
                yield f"{at}/procedures/{place}", f"expected a procedure ({', '.join(stages)}), found '{code}'"
        known = [stages[code] for code in each.procedures or stages if code in stages]
        for place, number in enumerate(each.stages):
            if not any(number in numbers for numbers in known):
                yield f"{at}/stages/{place}", f"expected a stage of its procedures, found {number}"
        yield from _texts(each, at)


def _texts(template: LetterTemplate, at: str) -> Iterator[Wrong]:
    for language, text in template.body.items():
        try:
            parse(text, FIELDS, ALONE)
        except MarkupError as error:
            yield f"{at}/body/{language}", f"in its {error}"
    for language, text in template.subject.items():
        try:
            blocks = parse(text, set(FIELDS) - set(ALONE))
        except MarkupError as error:
            yield f"{at}/subject/{language}", error.detail
        else:
            if len(blocks) != 1 or not isinstance(blocks[0], Paragraph) or len(blocks[0].lines) != 1:
                yield f"{at}/subject/{language}", "expected one line of text, without heading or list"
