"""The part `intake` of complaints.yaml as models: how to reach the complaints unit, who the advocates are."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, field_validator

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", strict=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", strict=True)]
Texts = dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=600, strict=True)]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _with_english(value: Texts) -> Texts:
    if "en" not in value:
        msg = "expected a text in English (en), which other languages fall back to"
        raise ValueError(msg)
    return value


class Reading(_Part):
    """When the unit reads what came in."""

    days: Literal["working", "every"] = "working"
    from_: Annotated[Hour, Field(alias="from")] = "09:00"
    until: Hour = "17:00"


class Advocacy(_Part):
    """Who helps a child to complain."""

    who: Texts
    phone: Line | None = None

    _english = field_validator("who")(_with_english)


class Intake(_Part):
    """How complaints, comments and compliments come in."""

    form: StrictBool = False
    unit: Texts = Field(default_factory=lambda: {"en": "the complaints team"})
    phone: Line | None = None
    email: Line | None = None
    address: Line | None = None
    read: Reading = Reading()
    advocacy: Advocacy | None = None
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,5}$", strict=True)] = "C"
    keep_days: Annotated[StrictInt, Field(ge=1, le=60)] = 14
    files: Annotated[StrictInt, Field(ge=0, le=10)] = 3

    _english = field_validator("unit")(_with_english)
