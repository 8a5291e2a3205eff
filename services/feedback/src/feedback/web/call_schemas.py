"""Bodies of the JSON API of calls."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.problems import Problem
from contracts.base import Code
from contracts.feedback import CallGround, CallStatus
from feedback.domain.invitation import Reference
from feedback.domain.words import Language
from feedback.use_cases.add_calls import Planned

BATCH = 1000


class CallRequest(BaseModel):
    """A call to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"programme": "carer-calls", "reference": "FC-0417", "due_on": "2026-12-31", "language": "en"}]
        },
    )

    programme: Code = Field(description="Code of a programme of calls of the profile.")
    reference: Reference = Field(
        description="Your own number for the person or case; whoever calls looks up name and number there. Once a month in "
        "each programme: the same again changes nothing. Send no names and no telephone numbers."
    )
    due_on: date = Field(description="Day by which the call is made; for a month give its last day.")
    service_area: Code | None = Field(default=None, description="Without one: the programme's.")
    team: Code | None = Field(default=None, description="Team of that service area.")
    language: Language | None = Field(default=None, description="Without one: the questionnaire's first.")
    about_on: date | None = Field(default=None, description="Day of what it is about; answers count in its quarter.")
    caller: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Sign-in of whoever makes it, who has opened their calls once; null: whoever takes it."
    )

    def planned(self) -> Planned:
        """As the use case has it."""
        return Planned(
            self.programme,
            self.reference,
            self.due_on,
            self.service_area,
            self.team,
            self.language,
            self.about_on,
            self.caller,
        )


class CallBatch(BaseModel):
    """Up to 1,000 calls to add in one transaction."""

    model_config = ConfigDict(extra="forbid")

    calls: list[CallRequest] = Field(min_length=1, max_length=BATCH)


class CallAdded(BaseModel):
    """The call that there is now."""

    status: Literal["added", "unchanged"]
    call_id: UUID


class CallItem(BaseModel):
    """What became of one call of a batch."""

    index: int
    status: Literal["added", "unchanged", "refused"]
    call_id: UUID | None
    problem: Problem | None = Field(description="Why it was refused; pointers are relative to the item.")


class CallBatchResult(BaseModel):
    """What became of each call, in their order."""

    results: list[CallItem]
    counts: dict[Literal["added", "unchanged", "refused"], int]


class CallState(BaseModel):
    """A call as it stands; never what was answered or noted."""

    call_id: UUID
    programme: Code
    reference: str
    due_on: date
    questionnaire: Code
    service_area: Code
    team: Code | None
    language: str | None
    about_on: date | None
    caller: str | None
    status: CallStatus
    attempts: int
    tried_on: date | None = Field(description="Day of the last attempt.")
    call_back_on: date | None = Field(description="Day for which a call back is promised.")
    wrong_number: bool = Field(description="The number was wrong at the last attempt: put it right in your system.")
    ended_on: date | None
    ground: CallGround | None = Field(description="Why it was closed without a call.")


class CallPage(BaseModel):
    """A page of calls, newest first."""

    items: list[CallState]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")
