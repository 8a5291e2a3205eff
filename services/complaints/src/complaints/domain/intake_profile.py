"""What an organisation says about how complaints, comments and compliments come in: complaints.yaml, `intake`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Texts = dict[str, Annotated[str, StringConstraints(min_length=1, max_length=600)]]
ENGLISH = "en"


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class ReadingHours(Part):
    """When somebody reads what came in: on which days, and from when to when by British time."""

    days: Literal["working", "every"] = "working"
    from_: Hour = Field(default="09:00", alias="from")
    until: Hour = "17:00"


class Advocacy(Part):
    """Who helps a child or care leaver to complain, and how to reach them."""

    who: Texts
    phone: Short | None = None

    @field_validator("who")
    @classmethod
    def _english(cls, value: Texts) -> Texts:
        return _with_english(value)


class Intake(Part):
    """How to reach the complaints unit, when it reads, who are the advocates, and whether there is a public form."""

    form: bool = False
    unit: Texts = Field(default_factory=lambda: {ENGLISH: "the complaints team"})
    phone: Short | None = None
    email: Short | None = None
    address: Short | None = None
    read: ReadingHours = ReadingHours()
    advocacy: Advocacy | None = None
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,5}$")] = "C"
    keep_days: int = Field(default=14, ge=1, le=60)
    files: int = Field(default=3, ge=0, le=10)

    @field_validator("unit")
    @classmethod
    def _english(cls, value: Texts) -> Texts:
        return _with_english(value)


def _with_english(value: Texts) -> Texts:
    if ENGLISH not in value:
        msg = "expected a text in English (en), which other languages fall back to"
        raise ValueError(msg)
    return value


def say(texts: Texts, language: str) -> tuple[str, str]:
    """A text and the language that it is in: the one asked for, or else English."""
    for candidate in (language, language.partition("-")[0]):
        if candidate in texts:
            return texts[candidate], candidate
    return texts[ENGLISH], ENGLISH
