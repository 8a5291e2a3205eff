"""`letters:` of complaints.yaml: the organisation's own letters, in a small markup with fields (`chassis.pdf.markup`)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from chassis.errors import FieldError
from chassis.pdf.markup import Block, MarkupError, Paragraph, parse
from complaints.domain.intake_profile import ENGLISH

Kind = Literal["acknowledgement", "extension", "holding", "response", "closing", "other"]

MOST_SUBJECT = 150
MOST_BODY = 20_000
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Short = dict[_Language, Annotated[str, StringConstraints(min_length=1, max_length=600)]]
_Subjects = dict[_Language, Annotated[str, StringConstraints(min_length=1, max_length=MOST_SUBJECT)]]
_Bodies = dict[_Language, Annotated[str, StringConstraints(min_length=1, max_length=MOST_BODY)]]

FIELDS: Mapping[str, str] = {
    "recipient": "Name of the person whom the letter is for",
    "complainant": "Name of whoever complains",
    "reference": "Reference of the complaint",
    "received_on": "Day of receipt",
    "today": "Day of the letter",
    "procedure": "Name of the procedure",
    "stage": "The stage, with its name",
    "asked_on": "Day on which this stage was asked for",
    "limit": "The limit of the stage, extended or not",
    "due_on": "Day to answer by, as it will be once the letter is sent",
    "old_due_on": "Day to answer by before the extension",
    "extension_reason": "What the complainant is told of the extension",
    "points": "What is complained of, a point each",
    "points_and_findings": "Each point with its finding, the reason, and what puts it right",
    "next_stage": "The next stage, with its name",
    "ask_by": "Day by which the next stage can be asked for",
    "ended_on": "Day on which the complaint was withdrawn or discontinued",
    "advocacy": "Who the advocates are",
    "advocacy_phone": "Their telephone",
    "unit": "Who the complaints unit is",
    "unit_phone": "Its telephone",
    "unit_email": "Its e-mail address",
    "unit_address": "Its postal address",
    "council": "Name of the organisation",
    "emergency": "Whom to call in danger",
    "ombudsman": "How to reach the Ombudsman",
    "officer": "Your name, as you signed in",
    "own_words": "What only you can say: it is always asked for",
}
"""The fields of letters, with what each holds."""

ALONE = frozenset({"points", "points_and_findings"})
"""Fields that hold several paragraphs, and so stand on a line of their own."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _with_english(value: dict[str, str]) -> dict[str, str]:
    if ENGLISH not in value:
        msg = "expected a text in English (en), which other languages fall back to"
        raise ValueError(msg)
    return value


class LetterTemplate(_Part):
    """A letter; without procedures or stages it is for all of them."""

    code: _Code
    name: _Label
    kind: Kind
    procedures: list[_Code] = Field(default_factory=list)
    stages: list[Annotated[int, Field(ge=1, le=9)]] = Field(default_factory=list)
    subject: _Subjects
    body: _Bodies

    _english = field_validator("subject", "body")(_with_english)

    def fits(self, procedure: str, stage: int) -> bool:
        """Whether it is for a stage of a procedure."""
        return (not self.procedures or procedure in self.procedures) and (not self.stages or stage in self.stages)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it is there, English first."""
        return (ENGLISH, *sorted(set(self.subject) & set(self.body) - {ENGLISH}))

    def texts(self, language: str) -> tuple[str, str, str]:
        """Subject and body in a language, or in English, and which of the two."""
        found = language if language in self.languages else ENGLISH
        return self.subject[found], self.body[found], found


class LetterWords(_Part):
    """What is said in a letter beside its text."""

    date: _Short = Field(default_factory=lambda: {ENGLISH: "Date"})
    reference: _Short = Field(default_factory=lambda: {ENGLISH: "Our reference"})
    point: _Short = Field(default_factory=lambda: {ENGLISH: "Point"})
    finding: _Short = Field(default_factory=lambda: {ENGLISH: "What we found"})
    put_right: _Short = Field(default_factory=lambda: {ENGLISH: "To put this right"})

    _english = field_validator("date", "reference", "point", "finding", "put_right")(_with_english)


class Letters(_Part):
    """The letters of an organisation, and how to reach the Ombudsman."""

    ombudsman: _Short = Field(default_factory=dict)
    words: LetterWords = Field(default_factory=LetterWords)
    templates: list[LetterTemplate] = Field(default_factory=list, max_length=200)

    def template(self, code: str | None) -> LetterTemplate | None:
        """A letter by its code."""
        return next((each for each in self.templates if each.code == code), None)


def read_body(text: str) -> tuple[Block, ...]:
    """The blocks of a letter's text. Raises `MarkupError`."""
    return parse(text, FIELDS, ALONE)


def read_subject(text: str) -> tuple[Block, ...]:
    """What a letter is about: one line of text and fields. Raises `MarkupError`."""
    blocks = parse(text, set(FIELDS) - ALONE)
    if len(blocks) != 1 or not isinstance(blocks[0], Paragraph) or len(blocks[0].lines) != 1:
        raise MarkupError(1, "expected one line of text, without heading or list")
    return blocks


def check_letters(letters: Letters, stages: Mapping[str, Collection[int]]) -> Iterator[FieldError]:
    """Codes that stand twice, procedures and stages that are not there, fields that do not exist. `stages` by procedure."""
    if letters.ombudsman and ENGLISH not in letters.ombudsman:
        yield FieldError("/complaints/letters/ombudsman", "expected a text in English (en), which other languages fall back to")
    seen: set[str] = set()
    for index, each in enumerate(letters.templates):
        at = f"/complaints/letters/templates/{index}"
        if each.code in seen:
            yield FieldError(f"{at}/code", f"'{each.code}' stands twice")
        seen.add(each.code)
        for place, code in enumerate(each.procedures):
            if code not in stages:
                yield FieldError(f"{at}/procedures/{place}", f"there is no procedure '{code}'")
        known = [stages[code] for code in each.procedures or stages if code in stages]
        for place, number in enumerate(each.stages):
            if not any(number in numbers for numbers in known):
                yield FieldError(f"{at}/stages/{place}", f"none of its procedures has a stage {number}")
        for part, read in (("subject", read_subject), ("body", read_body)):
            for language, text in getattr(each, part).items():
                try:
                    read(text)
                except MarkupError as error:
                    yield FieldError(f"{at}/{part}/{language}", str(error))
