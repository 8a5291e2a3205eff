"""What the JSON routes of disputes give, and what their list is narrowed to."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from audit.domain.dispute import BegunBy, Phase, Result
from audit.domain.dispute_clock import State
from contracts.base import Code


class ClockOut(BaseModel):
    """What a clock says today, in working days; day 0 is the day on which the stage was reached."""

    state: State
    words: str = Field(examples=["Today is day 3 of 5"])
    day: int
    limit: int
    due_on: date
    over: int


class StageOut(BaseModel):
    """A stage that was reached. Words are null for who may not read them."""

    number: int
    stage: str
    begun_by: BegunBy
    reached_on: date
    person: str | None
    role: str | None
    to_team: bool = Field(description="Any manager of the child's team may answer.")
    reason: str | None
    answered_on: date | None
    answered_by: str | None
    answer: str | None
    left_on: date | None = Field(description="When it went on or ended without an answer.")
    result: Result | None
    ended_on: date | None
    outcome: str | None
    informal: bool | None
    changed: str | None = Field(description="What changed for the child, or why it was withdrawn.")
    clock: ClockOut
    calendar: str = Field(description="Version of the bank holidays by which it was counted.")


class DisputeStep(BaseModel):
    """A dispute after a step, with the stage that it is in. `revision` is that of its ETag."""

    dispute_id: UUID
    reference: str
    revision: int
    phase: Phase
    number: int
    stage: str
    clock: ClockOut


class ChangeOut(BaseModel):
    """A fact that changed; of words only that they did. `stage` is 0 for the dispute as a whole."""

    revision: int
    step: str
    stage: int
    fact: str
    was: str | None
    became: str | None
    changed_at: datetime
    changed_by: str


class DisputeOut(BaseModel):
    """A dispute as it stands. Words and the case's number are null for who may not read them."""

    dispute_id: UUID
    reference: str
    revision: int
    phase: Phase
    open: bool
    source: str
    source_reference: str | None
    raised_on: date
    raised_by: str
    raised_person: str | None
    category: str
    service_area: str
    team: str | None
    case_number: str | None
    concern: str | None
    informal_on: date | None
    informal: str | None
    stages: list[StageOut]
    whole: ClockOut | None = Field(description="Clock of the process as a whole, where the organisation sets a limit.")
    changes: list[ChangeOut]


class DisputeItem(BaseModel):
    """A line of the list. The clock is that of a stage that waits for its answer."""

    dispute_id: UUID
    reference: str
    revision: int
    phase: Phase
    raised_on: date
    raised_by: str
    category: str
    service_area: str
    team: str | None
    number: int
    stage: str
    person: str | None
    due_on: date | None
    ended_on: date | None
    outcome: str | None
    clock: ClockOut | None


class DisputeListQuery(BaseModel):
    """What a list of disputes is narrowed to, and which page of it."""

    model_config = ConfigDict(extra="forbid")

    service_area: Code | None = None
    category: Code | None = None
    stage: Code | None = None
    phase: Phase | None = None
    state: Literal["open", "closed"] | None = None
    overdue: bool = False
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Annotated[str | None, Field(max_length=200, description="`next` of the page before.")] = None


class DisputeListOut(BaseModel):
    """A page of disputes: open ones by the day they are due, then those to be decided, then the last ended first."""

    items: list[DisputeItem]
    next: str | None = Field(description="Cursor of the next page (`after`); null when there is none.")


class TallyOut(BaseModel):
    """Disputes of one code that were raised in the quarter, and how they stand now."""

    code: str
    raised: int
    open: int
    resolved: int
    withdrawn: int


class AnswerTallyOut(BaseModel):
    """Stages of one code that were answered, or left without an answer, in the quarter; days are working days."""

    code: str
    answered: int
    in_time: int
    late: int
    left: int
    median_days: float | None
    longest_days: int | None
    limits: list[int]


class DisputeCountsOut(BaseModel):
    """What is reported of a quarter."""

    quarter: str
    first: date
    last: date
    total: TallyOut
    by_service_area: list[TallyOut]
    by_category: list[TallyOut]
    by_raised_by: list[TallyOut]
    all_stages: AnswerTallyOut
    by_stage: list[AnswerTallyOut]
    by_answered_by: list[AnswerTallyOut]
