"""What every event of Learning Loop has in common.

An event says that something happened, in the past tense, with codes, dates and pseudonyms only: never a name, an address or
free text. Within a version events grow by optional fields; anything else is a new subject published alongside the old one.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

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

    personal: ClassVar[Mapping[str, str | None]] = {}
    """Members that go out of the event log with the record (`chassis.retention`), and what stands in their place: null, or a
    text in which `{other}` is another member. Nothing is counted by them."""


class Part(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RecordReduced(Event):
    """What was personal of a record has gone, in its service and in the event log: its time was over, or somebody asked for it.

    What is counted stays as it was told. Who keeps anything of the record beside codes, days and ids has to let it go. `kind`
    is one of the service's kinds of record (docs/guides/retention.md).
    """

    kind: Code
    record_id: UUID
    reduced_on: date
    ground: Literal["time-over", "asked"]
