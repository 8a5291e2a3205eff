"""What the JSON routes of acknowledged practice take and give."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from audit.domain.outcome import Day, Reference
from audit.web.dispute_payloads import Payload, PersonCode, Words
from audit.web.dispute_schemas import ChangeOut
from contracts.base import Code

Themes = Annotated[list[Code], Field(max_length=20)]


class AcknowledgementIn(Payload):
    """Good practice of a worker."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "GP-118",
                    "acknowledged_on": "2026-11-20",
                    "raised_by": "cp-chair",
                    "origin": "review",
                    "worker": "w-5120",
                    "service_area": "safeguarding",
                    "themes": ["voice-of-the-child"],
                    "good": "Read the child's own words at the beginning of the conference, with her consent.",
                }
            ]
        }
    )

    reference: Reference | None = Field(default=None, description="Your own number for it. With your client it is its key.")
    acknowledged_on: Day
    raised_by: Code
    raised_person: PersonCode | None = None
    origin: Code
    worker: Code = Field(description="Code of the worker: of the staff directory, or your own.")
    service_area: Code
    team: Code | None = None
    themes: Themes = Field(default=[])
    good: Words


class ConfirmationIn(Payload):
    """A manager of the team has seen it, and perhaps shared it with the worker."""

    seen_on: Day
    shared_on: Day | None = None
    notice: Annotated[int, Field(ge=1, le=99)] | None = Field(default=None, description="Which of the managers who were told.")


class PracticeCorrectionIn(Payload):
    """What is to stand instead. A field that is left out stays as it is."""

    acknowledged_on: Day | None = None
    raised_by: Code | None = None
    origin: Code | None = None
    worker: Code | None = None
    themes: Themes | None = None
    good: Words | None = None


class PracticeWithdrawalIn(Payload):
    """It was recorded by mistake."""

    withdrawn_on: Day
    reason: Words


class AcknowledgementStep(BaseModel):
    """An acknowledgement after a step. `revision` is that of its ETag."""

    acknowledgement_id: UUID
    reference: str
    revision: int
    seen_on: date | None
    shared_on: date | None


class NoticeOut(BaseModel):
    """A manager who was told; `person` is null where the directory knows nobody who manages the team."""

    number: int
    person: str | None
    told_on: date
    seen_on: date | None
    shared_on: date | None


class AcknowledgementItem(AcknowledgementStep):
    """A line of the list."""

    acknowledged_on: date
    raised_by: str
    raised_person: str | None
    origin: str
    worker: str
    service_area: str
    team: str | None
    themes: list[str]
    withdrawn_on: date | None


class AcknowledgementOut(AcknowledgementItem):
    """An acknowledgement. Words are null for who may not read them."""

    source: str
    source_reference: str | None
    good: str | None
    withdrawal: str | None
    notices: list[NoticeOut]
    changes: list[ChangeOut]


class PracticeListQuery(BaseModel):
    """What a list of acknowledgements is narrowed to, and which page of it."""

    model_config = ConfigDict(extra="forbid")

    service_area: Code | None = None
    team: Code | None = None
    theme: Code | None = None
    origin: Code | None = None
    to_confirm: bool = Field(default=False, description="Only those that were not yet shared with the worker.")
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[str | None, Field(max_length=200, description="`next` of the page before.")] = None


class AcknowledgementListOut(BaseModel):
    """A page of acknowledgements, the newest first."""

    items: list[AcknowledgementItem]
    next: str | None = Field(description="Cursor of the next page (`after`); null when there is none.")
