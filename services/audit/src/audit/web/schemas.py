"""What the JSON routes take and give, beyond the outcome itself (`audit.domain.outcome`)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from audit.adapters.outcome_reader import VersionRow
from audit.domain.outcome import Action, Activity, Day, Outcome, SectionOutcome, Status
from audit.use_cases.record_outcomes import Recorded
from chassis.problems import Problem
from contracts.audit import AuditKind
from contracts.base import Code, Rag

MAX_BATCH = 1000

EXAMPLE: dict[str, Any] = {
    "reference": "AUD-22-001",
    "version": 1,
    "kind": "looped",
    "tool": "social-care-case-file",
    "service_area": "safeguarding",
    "team": None,
    "case_reference": "LCS-204418",
    "completed_on": "2022-07-06",
    "allocated_on": "2022-06-01",
    "submitted_on": "2022-06-30",
    "moderated_on": "2022-07-06",
    "overall": "requires-improvement",
    "rag": None,
    "findings": [],
    "sections": [
        {"section": "voice-of-the-child", "grade": "good", "lead": "good", "peer": "requires-improvement"},
        {"section": "plans", "grade": "requires-improvement", "lead": "requires-improvement", "peer": "good"},
        {"section": "embracing-diversity", "not_applicable": True},
    ],
    "activity": {"lead": 1, "peer": 1, "moderation": 1, "single": 0},
    "cases": 1,
    "themes": ["plans-and-outcomes"],
    "actions": [{"reference": "aud-22-001-a1", "due_on": "2022-08-31", "done_on": None}],
}


class Batch(BaseModel):
    """Up to 1,000 outcomes. Each is read, checked and answered by itself; only this envelope can fail as a whole."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"outcomes": [EXAMPLE]}})

    # Read one by one later, so that a malformed outcome is refused alone; and a million are refused unread.
    outcomes: Annotated[list[SkipValidation[Outcome]], Field(min_length=1, max_length=MAX_BATCH)]


class OutcomeResult(BaseModel):
    """What became of a posted outcome."""

    outcome_id: UUID
    reference: str
    version: int
    status: Status = Field(description="`unchanged`: this version is recorded already, with the same content.")
    suggested: str | None = Field(description="Overall grade that the sections suggest; yours counts, also where it differs.")

    @classmethod
    def of(cls, recorded: Recorded) -> dict[str, Any]:
        """As JSON values; built without validation, since a batch has a thousand."""
        return {
            "outcome_id": str(recorded.outcome_id),
            "reference": recorded.reference,
            "version": recorded.version,
            "status": recorded.status,
            "suggested": recorded.suggested,
        }


class BatchItem(BaseModel):
    """What became of one outcome of a batch."""

    index: int = Field(description="Place in the batch, from 0.")
    status: Literal["recorded", "corrected", "unchanged", "refused"]
    outcome_id: UUID | None
    reference: str | None
    version: int | None
    suggested: str | None
    problem: Problem | None = Field(description="Why it was refused; pointers begin at the outcome, not at the batch.")


class BatchResult(BaseModel):
    """A result for each outcome, in the order of the batch."""

    results: list[BatchItem]
    counts: dict[Literal["recorded", "corrected", "unchanged", "refused"], int]


class OutcomeVersion(BaseModel):
    """One version of an outcome. The case's number is not among it: it was never kept."""

    version: int
    recorded_at: datetime
    posted_by: str
    kind: AuditKind
    tool: str
    tool_version: int
    scale: str | None
    service_area: str
    team: str | None
    completed_on: date
    allocated_on: date | None
    submitted_on: date | None
    moderated_on: date | None
    overall: str | None
    suggested: str | None
    rag: Rag | None
    findings: list[str]
    sections: list[SectionOutcome]
    activity: Activity
    cases: int
    themes: list[str]
    actions: list[Action]

    @classmethod
    def members(cls, row: VersionRow) -> dict[str, Any]:
        """The members of a recorded version; the case's pseudonym stays behind."""
        content = {name: value for name, value in row.content.items() if name != "case_key"}
        return {
            **content,
            "version": row.version,
            "recorded_at": row.recorded_at,
            "posted_by": row.posted_by,
            "tool_version": row.tool_version,
            "scale": row.scale,
            "suggested": row.suggested,
        }


class OutcomeView(OutcomeVersion):
    """An outcome in its current version."""

    outcome_id: UUID
    reference: str
    source: str = Field(description="The client that posted it.")

    @classmethod
    def of(cls, row: VersionRow) -> Self:
        """From a recorded version."""
        return cls(outcome_id=row.outcome_id, reference=row.reference, source=row.source, **cls.members(row))


class OutcomeDetail(OutcomeView):
    """An outcome with every version of it."""

    history: list[OutcomeVersion] = Field(description="Every version, the newest first.")

    @classmethod
    def with_history(cls, rows: list[VersionRow]) -> Self:
        """From all its versions, the current one first."""
        current = rows[0]
        return cls(
            outcome_id=current.outcome_id,
            reference=current.reference,
            source=current.source,
            history=[OutcomeVersion(**OutcomeVersion.members(row)) for row in rows],
            **cls.members(current),
        )


class ListQuery(BaseModel):
    """What a list of outcomes is narrowed to, and which page of it."""

    model_config = ConfigDict(extra="forbid")

    tool: Code | None = None
    service_area: Code | None = None
    team: Code | None = None
    completed_from: Day | None = Field(default=None, description="Completed on this day or later.")
    completed_to: Day | None = Field(default=None, description="Completed on this day or before.")
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[str | None, Field(max_length=200, description="`next` of the page before.")] = None

    def filters(self) -> dict[str, Any]:
        """The filters by name."""
        return self.model_dump(exclude={"limit", "after"})


class OutcomeList(BaseModel):
    """A page of outcomes."""

    items: list[OutcomeView]
    next: str | None = Field(description="Cursor of the next page (`after`); null when there is none.")
