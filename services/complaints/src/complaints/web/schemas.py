"""What the JSON interface takes and gives."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from complaints.domain.case import Decision, Finding, Formality
from complaints.domain.clock import Ending, LegName, State
from complaints.domain.corrections import DateOf
from complaints.web.fields import Code, Day, FreeText, Payload, Reference
from complaints.web.point_schemas import PointChangeOut, PointIn, PointOut, PointRef

Phase = Literal["running", "answered", "requested", "declined", "ended", "referred"]


class ComplaintIn(Payload):
    """A complaint, or an informal complaint or enquiry: codes and dates. No names, no narrative."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "SEND-22-001",
                    "procedure": "send",
                    "received_on": "2022-04-28",
                    "service_area": "send",
                    "team": "send-north",
                    "need": "autism",
                    "route": "direct",
                    "raised_by": "parent",
                    "points": [
                        {"reference": "1", "category": "send-communication"},
                        {"reference": "2", "category": "send-ehcp-not-implemented"},
                    ],
                }
            ]
        }
    )

    reference: Reference
    procedure: Code
    received_on: Day
    service_area: Code
    team: Code | None = None
    need: Code | None = None
    route: Code | None = None
    raised_by: Code | None = None
    points: list[PointIn] = Field(min_length=1, max_length=100)


class AcknowledgementIn(Payload):
    """A stage was acknowledged to the complainant."""

    acknowledged_on: Day


class ExtensionIn(Payload):
    """A stage was extended, and the complainant told of it on that day."""

    extended_on: Day
    reason: FreeText
    code: Code | None = Field(default=None, description="One of the profile's `extension_reasons`.")
    to: Annotated[int, Field(ge=1, le=250)] | None = Field(
        default=None, description="The limit in all, in working days; left out: all that the procedure allows."
    )


class SuspensionIn(Payload):
    """A stage stands still after the day `suspended_on`."""

    suspended_on: Day
    code: Code = Field(description="One of the profile's `suspension_reasons`.", examples=["court"])
    reason: FreeText | None = None


class ResumptionIn(Payload):
    """The last day on which the stage stood still."""

    resumed_on: Day


class AgreementIn(Payload):
    """The day on which the statement of complaint was agreed."""

    agreed_on: Day


class PanelIn(Payload):
    """The day on which the panel met."""

    panel_on: Day


class ReportIn(Payload):
    """The day on which the panel's report was sent."""

    reported_on: Day


class EndingIn(Payload):
    """The complaint was withdrawn or is discontinued. Sent again with `confirmed_on`, it adds the confirmation."""

    ended_on: Day
    ending: Literal["withdrawn", "discontinued"]
    reason: FreeText
    confirmed_on: Day | None = Field(default=None, description="When a withdrawal was confirmed in writing.")
    internal_review: bool = Field(default=False, description="Whether the authority looks into it all the same.")


class PassingOverIn(Payload):
    """Complainant and authority agreed on that day that stage 1 is of no use."""

    passed_over_on: Day
    agreed: bool = Field(description="That both agreed; without it, stage 1 is answered.")
    reason: FreeText


class EarlyReferralIn(Payload):
    """Complainant and authority agreed that the Ombudsman looks at it without a panel, and the Ombudsman took the case."""

    referred_on: Day
    agreed: bool = Field(description="That both agreed; without it, a panel is offered.")
    reason: FreeText
    reference: Reference = Field(description="The Ombudsman's own reference.")
    accepted_on: Day = Field(description="The day on which the Ombudsman accepted the case.")


class CorrectionIn(Payload):
    """A date of the stage is another day; null: it was recorded in error and did not happen."""

    date_of: DateOf
    day: Day | None
    reason: FreeText


class FindingIn(Payload):
    """The finding on one point."""

    point: Reference = Field(description="The reference of the point.", examples=["1"])
    finding: Finding
    reason: FreeText | None = None
    remedies: list[Code] = Field(default_factory=list, max_length=20, description="Codes of the profile's `remedies`.")


class ResponseIn(Payload):
    """The response of a stage was sent. One finding on each point; an informal complaint may be answered without."""

    responded_on: Day
    findings: list[FindingIn] = Field(default_factory=list, max_length=100)


class RequestIn(Payload):
    """The complainant asked for the stage."""

    requested_on: Day
    discretion_reason: FreeText | None = Field(default=None, description="Why a request after the limit is taken.")


class DecisionIn(Payload):
    """The request was accepted, or declined with a reason where the procedure allows that."""

    decided_on: Day
    decision: Decision
    reason: FreeText | None = None


class OmbudsmanCaseIn(Payload):
    """The Ombudsman accepted a case."""

    reference: Reference
    complaint_reference: Reference | None = None
    service_area: Code
    accepted_on: Day


class OmbudsmanOutcomeIn(Payload):
    """The Ombudsman's outcome, with the number of actions it asks for."""

    outcome_on: Day
    outcome: Code
    actions: Annotated[int, Field(ge=0, le=1000)]
    remedies: tuple[Code, ...] = Field(default=(), max_length=50)


class ComplimentIn(Payload):
    """A compliment. Only external ones count in formal figures."""

    reference: Reference
    received_on: Day
    service_area: Code
    team: Code | None = None
    source: Code
    external: bool


class ClockOut(BaseModel):
    """What the clock of a stage says on the day `on`, in working days; day 0 is the day of the event."""

    on: date
    state: State = Field(description="`answered-…`: the clock stopped, as `ending` says.")
    ending: Ending | None
    words: str = Field(examples=["day 8 of 10"])
    leg: LegName = Field(description="`answer`, or what a stage heard by a panel waits for first: `panel`, then `report`.")
    day: int
    limit: int = Field(description="In all, with an extension if there is one.")
    day_zero: date
    due_on: date = Field(description="`limit` working days after `day_zero`, whatever was suspended.")
    answer_by: date | None = Field(description="`due_on` moved by suspensions; null while one holds.")
    kept: bool = Field(description="Whether `due_on` was kept, or is so far.")
    suspended_days: int = Field(description="Working days so far on which it was suspended; they are in `day` too.")
    suspended_since: date | None
    draft_by: date | None = Field(description="The day inside the house for the draft of the answer.")
    days_left: int
    days_over: int
    acknowledge_by: date | None = Field(description="Until when to acknowledge, while that is outstanding.")
    calendar: str = Field(description="Version of the bank holidays by which it was counted.")


class SuspensionOut(BaseModel):
    """The stage stood still after `from_on`, up to and including `until_on`."""

    from_on: date
    until_on: date | None
    reason: str


class StageOut(BaseModel):
    """A stage with its clock."""

    number: int
    name: str
    started_on: date
    acknowledged_on: date | None
    agreed_on: date | None
    extended_on: date | None
    extended_to: int | None
    suspensions: list[SuspensionOut]
    panel_on: date | None
    reported_on: date | None
    responded_on: date | None = Field(description="The day on which the stage ended, however it did.")
    ending: Ending | None
    confirmed_on: date | None
    internal_review: bool
    clock: ClockOut


class RequestOut(BaseModel):
    """A request for a stage. `late`: after its limit, taken at discretion."""

    stage: int
    requested_on: date
    late: bool
    decided_on: date | None
    decision: Decision | None


class ClockChangeOut(BaseModel):
    """What a correction made of the clock of a stage."""

    stage: int
    due_before: date
    due_after: date
    words_before: str
    words_after: str


class StepOut(BaseModel):
    """A complaint after a step. `version` is that of its ETag."""

    complaint_id: UUID
    reference: str
    version: int
    phase: Phase
    state: Literal["open", "closed"]
    stage: StageOut
    points: list[PointRef]


class CorrectionOut(StepOut):
    """A complaint after a correction, with every clock that says something else than before."""

    clocks: list[ClockChangeOut]


class ChangeOut(BaseModel):
    """What was done to a complaint. `reason` is shown to complaints officers and writing clients only."""

    version: int
    step: str
    stage: int
    dated_on: date
    recorded_at: datetime
    recorded_by: str
    code: str | None = Field(description="Of the reason of an extension or suspension; which date was corrected.")
    reason: str | None
    clocks: list[ClockChangeOut] = Field(description="The clocks that a correction moved.")


class OmbudsmanOut(BaseModel):
    """A case at the Ombudsman."""

    case_id: UUID
    reference: str
    accepted_on: date
    outcome_on: date | None
    outcome: str | None
    actions: int | None


class ComplaintOut(BaseModel):
    """A complaint as it stands, or stood, at the end of the day `on`."""

    complaint_id: UUID
    reference: str
    version: int
    on: date
    procedure: str
    formality: Formality
    received_on: date
    service_area: str
    team: str | None
    need: str | None
    route: str | None
    raised_by: str | None
    phase: Phase
    state: Literal["open", "closed"]
    points: list[PointOut] = Field(description="Those that are answered and counted.")
    superseded_points: list[PointOut] = Field(description="Those that were split, merged, found to be duplicates, or an error.")
    point_changes: list[PointChangeOut]
    stages: list[StageOut]
    requests: list[RequestOut]
    request_until: date | None = Field(description="Until when the next stage can be asked for without discretion.")
    ombudsman_cases: list[OmbudsmanOut]
    changes: list[ChangeOut]


class ItemOut(BaseModel):
    """A line of the list: the complaint with the clock of the stage it was in on the day of the list."""

    complaint_id: UUID
    reference: str
    version: int
    procedure: str
    formality: Formality
    received_on: date
    service_area: str
    team: str | None
    phase: Phase
    state: Literal["open", "closed"]
    points: int
    stage: int
    clock: ClockOut


class ListOut(BaseModel):
    """A page of the list; `next` is the cursor for `after`, null at the end."""

    on: date
    items: list[ItemOut]
    next: str | None


class OmbudsmanCaseRef(BaseModel):
    """The id of an Ombudsman case."""

    case_id: UUID
    reference: str


class OmbudsmanOutcomeOut(BaseModel):
    """The outcome as stored."""

    case_id: UUID
    outcome_on: date
    outcome: str
    actions: int
    remedies: list[str]


class ComplimentRef(BaseModel):
    """The id of a compliment."""

    compliment_id: UUID
    reference: str
