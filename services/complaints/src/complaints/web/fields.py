"""Kinds of field that the JSON interface knows. All are strict, bounded, and free of what PostgreSQL cannot store."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)


def _day(value: Any) -> date:
    if isinstance(value, str) and _ISO_DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("expected a date such as 2022-04-28")


def no_nul(value: str) -> str:
    """Refuse a NUL, which cannot be stored."""
    if "\0" in value:
        raise ValueError("holds a NUL character, which cannot be stored")
    return value


Day = Annotated[
    date,
    BeforeValidator(_day, json_schema_input_type=str),
    Field(json_schema_extra={"format": "date"}, examples=["2022-04-28"]),
]
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", min_length=1, max_length=80),
    Field(description="A code of the organisation's profile."),
]
# An identifier, not a place for words: a reference stands in logs and addresses.
Reference = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", min_length=1, max_length=80),
    Field(description="The organisation's own reference: letters, digits and . _ / -", examples=["SEND-22-001"]),
]
FreeText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(no_nul),
    Field(description="Free text. Stored encrypted, and in no event."),
]


class Payload(BaseModel):
    """Base of what is posted: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
