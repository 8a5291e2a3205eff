"""What the JSON routes of actions, concerns and everything after moderation take and give."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from audit.adapters.actions import Status
from audit.domain.actions import Asked, Standing
from audit.domain.outcome import Day
from audit.use_cases.after_moderation import Looked
from audit.use_cases.change_action import NewAction
from audit.web.audit_schemas import NEXT, Cursor
from audit.web.dispute_payloads import Payload
from audit.web.entry_schemas import StepResult, Text
from contracts.base import Code


class ActionIn(Payload):
    """What is to be done, by whom, by when."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"what": "Rewrite section F of the plan", "owner": "lee-walsh", "due_on": "2027-01-15"},
        }
    )

    what: Text
    owner: Code = Field(description="Code of the staff directory.")
    due_on: Day

    def new(self) -> NewAction:
        """As the use case takes it."""
        return NewAction(self.what, self.owner, self.due_on)


class ActionStepIn(Payload):
    """What happened with an action, in words, and the new day where it is moved or opened again."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"step": "done", "note": "Section F was sent on 3 January.", "due_on": None}}
    )

    step: Literal["note", "done", "reopen", "drop", "move"]
    note: Text = Field(description="Of `done` what shows it; of `drop`, `move` and `reopen` why.")
    due_on: Day | None = Field(default=None, description="Of `move` and `reopen`: the new day, today or later.")

    def asked(self) -> Asked:
        """As the use case takes it."""
        return Asked(self.step, self.note, self.due_on)


class DiscussionIn(Payload):
    """When the result was discussed with the worker in supervision."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-12-10", "note": "Training on section F."}})

    on: Day
    note: Text = ""


class ReviewIn(Payload):
    """Whether the actions were done, and what changed for the child. `closed` needs that no action is open."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"result": "closed", "changed": "She goes to the school that she asked for.", "notes": ""},
        }
    )

    result: Literal["closed", "reopened"]
    changed: Text
    notes: Text = ""
    next_due_on: Day | None = Field(default=None, description="Of `reopened`: the day of the next look, after today.")
    difference: Literal["yes", "partly", "no", "too-early"] | None = Field(
        default=None, description="Whether the actions made a difference for the child, where that can be said."
    )

    def looked(self) -> Looked:
        """As the use case takes it."""
        return Looked(self.result, self.changed, self.notes, self.next_due_on, self.difference)


class ConcernIn(Payload):
    """Something that cannot wait for the end of the audit."""

    model_config = ConfigDict(json_schema_extra={"example": {"words": "There is no visit on file for nine weeks."}})

    words: Text


class ConcernAnswerIn(Payload):
    """What is being done about it."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": "Visit today at 4."}})

    answer: Text


class ActionResult(BaseModel):
    """Where an action stands after a step; the ETag is what the next step names."""

    action_id: UUID
    audit_id: UUID
    code: str
    status: Status
    revision: int


class ConcernResult(BaseModel):
    """A concern, and whether somebody has taken it over."""

    escalation_id: UUID
    audit_id: UUID
    acknowledged: bool


class ReviewResult(StepResult):
    """Where an audit stands after a review, and the day of the next one."""

    next_due_on: date | None


class ActionItem(BaseModel):
    """A line of the list of actions."""

    action_id: UUID
    audit_id: UUID
    reference: str
    code: str
    what: str
    owner: str
    owner_name: str
    service_area: str
    team: str | None
    due_on: date
    done_on: date | None
    status: Status
    standing: Standing


class ActionListOut(BaseModel):
    """A page of actions, the first due first."""

    items: list[ActionItem]
    next: str | None = Field(description=NEXT)


class ActionListQuery(BaseModel):
    """What a list of actions is narrowed to, and which page of it."""

    model_config = ConfigDict(extra="forbid")

    status: Status = "open"
    service_area: Code | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    after: Cursor | None = None


class ActionStepOut(BaseModel):
    """A line of an action's history; `by` is the sign-in of whoever did it."""

    step: str
    at: datetime
    by: str
    note: str
    due_on: date | None


class ActionOut(ActionItem):
    """An action with its history."""

    revision: int
    evidence: str
    may_change: bool = Field(description="Whether the caller may take steps with it now.")
    history: list[ActionStepOut]


class ConcernOut(BaseModel):
    """A concern. Its words and the case's number are null for whoever neither raised it nor must act on it."""

    escalation_id: UUID
    audit_id: UUID
    reference: str
    raised_at: datetime
    acknowledged_at: datetime | None
    raised_by: str | None
    manager: str | None = Field(description="Who was alerted, a code of the staff directory.")
    acknowledged_by: str | None
    case_number: str | None
    words: str | None
    answer: str | None
    may_act: bool


class ConcernListOut(BaseModel):
    """The concerns raised in an audit, the oldest first."""

    items: list[ConcernOut]
