"""What every event of Learning Loop has in common.

An event says that something happened, in the past tense, with codes, dates and pseudonyms only: never a name, an address or
free text. Within a version events grow by optional fields; anything else is a new subject published alongside the old one.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", min_length=1, max_length=80)]
"""A code of the organisation's profile: lower case, digits and hyphens."""

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", min_length=1, max_length=80)]
"""What people call a record: letters, digits and . _ / - alone, so that it is no place for words."""

Rag = Literal["red", "amber", "green"]


class Event(BaseModel):
    """Base of all events: frozen, and blind to fields that a newer producer added."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    """NATS subject, `loop.<service>.v<version>.<event>`."""


class Part(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")
