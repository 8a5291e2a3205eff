"""What the JSON routes of learning take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from complaints.adapters.learning import KeptAction
from complaints.domain.case import Finding
from complaints.domain.learning import Asked, Difference, Owner, Plan, Standing, Status, standing
from complaints.web.fields import Code, Day, FreeText, Payload

_PLAN: dict[str, Any] = {
    "what": "Write to each family every month.",
    "owner": {"name": "Sam Okafor", "sign_in": "staff:sam", "email": "sam@council.example"},
    "service_area": "send",
    "team": None,
    "themes": ["communication"],
}


def _plain(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return value


Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_plain)]


class OwnerIn(Payload):
    """Who sees to it. Stored encrypted, and in no event."""

    name: Short = ""
    sign_in: Short = Field(default="", description="By which the person signs in here, and finds the action among their own.")
    email: Short = Field(default="", description="Where they are reminded; without it the complaints unit is.")

    def owner(self) -> Owner:
        """As the use case takes it."""
        return Owner(self.name, self.sign_in, self.email)


class LearningChangeIn(Payload):
    """What an action is from now on. The day is moved by a step, with a reason."""

    model_config = ConfigDict(json_schema_extra={"example": _PLAN})

    what: FreeText
    owner: OwnerIn = OwnerIn()
    service_area: Code
    team: Code | None = None
    themes: Annotated[list[Code], Field(max_length=50)] = Field(default_factory=list)

    def plan(self, due_on: date) -> Plan:
        """As the use case takes it."""
        return Plan(self.what, self.owner.owner(), self.service_area, self.team, due_on, tuple(self.themes))


class LearningActionIn(LearningChangeIn):
    """What is to be done because of a point, by whom, by when: a person, or a team without anybody named."""

    model_config = ConfigDict(json_schema_extra={"example": {**_PLAN, "due_on": "2022-08-31"}})

    due_on: Day


class LearningReasonIn(Payload):
    """Why a point needs no action."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The policy had changed already."}})

    reason: FreeText


class LearningStepIn(Payload):
    """What happened with an action, in words."""

    model_config = ConfigDict(json_schema_extra={"example": {"step": "done", "note": "All letters went out."}})

    step: Literal["note", "done", "reopen", "drop", "move", "review"]
    note: FreeText = Field(description="Of `done` what shows it; of `review` what shows the difference; of others why.")
    due_on: Day | None = Field(default=None, description="Of `move` and `reopen`: the new day, today or later.")
    difference: Difference | None = Field(default=None, description="Of `review`: whether it made a difference.")

    def asked(self) -> Asked:
        """As the use case takes it."""
        return Asked(self.step, self.note, self.due_on, self.difference)


class OwnerOut(BaseModel):
    """Who sees to it. Sign-in and address are empty for those who only read."""

    name: str
    sign_in: str
    email: str


class LearningActionRef(BaseModel):
    """Where an action stands; `revision` is the ETag, which the next step names. No words: answers are kept to be repeated."""

    action_id: str
    complaint_id: str
    point_id: str
    code: str
    status: Status
    revision: int


class LearningDecisionRef(BaseModel):
    """A recorded reason for no action."""

    decision_id: str
    complaint_id: str
    point_id: str


class LearningActionOut(LearningActionRef):
    """An action with its words."""

    reference: str = Field(description="Of the complaint.")
    stage: int = Field(description="Whose finding asked for it.")
    finding: Finding
    what: str
    owner: OwnerOut
    service_area: str
    team: str | None
    themes: list[str]
    recorded_on: date
    first_due_on: date
    due_on: date
    standing: Standing
    done_on: date | None
    evidence: str
    reviewed_on: date | None
    difference: Difference | None


class LearningStepOut(BaseModel):
    """A line of an action's history."""

    step: str
    at: datetime
    by: str
    note: str
    due_on: date | None


class LearningActionFull(LearningActionOut):
    """An action with its history, the oldest first."""

    history: list[LearningStepOut]


class LearningListOut(BaseModel):
    """A page of actions, the first due first."""

    items: list[LearningActionOut]
    next: str | None = Field(description="`after` of the next page; null where this is the last.")


class AskingOut(BaseModel):
    """A point that still asks for an action, or a reason for none."""

    complaint_id: str
    reference: str
    point_id: str
    point: str
    category: str
    service_area: str
    stage: int
    finding: Finding
    responded_on: date


class AskingListOut(BaseModel):
    """A page of points that ask, the longest answered first."""

    items: list[AskingOut]
    next: str | None


def ref(kept: KeptAction) -> dict[str, object]:
    """Where an action stands."""
    return LearningActionRef(
        action_id=str(kept.id),
        complaint_id=str(kept.complaint_id),
        point_id=str(kept.point_id),
        code=kept.code,
        status=kept.action.status,
        revision=kept.revision,
    ).model_dump()


def item(kept: KeptAction, today: date, *, reach: bool) -> dict[str, object]:
    """An action with its words, as the models take it; how its owner is reached only for those who may know."""
    action, plan = kept.action, kept.action.plan
    return {
        **ref(kept),
        "reference": kept.reference,
        "stage": kept.found.stage,
        "finding": kept.found.finding,
        "what": plan.what,
        "owner": vars(plan.owner if reach else Owner(plan.owner.name)),
        "service_area": plan.service_area,
        "team": plan.team,
        "themes": list(plan.themes),
        "recorded_on": kept.recorded_on,
        "first_due_on": kept.first_due_on,
        "due_on": plan.due_on,
        "standing": standing(action.status, plan.due_on, today),
        "done_on": action.done_on,
        "evidence": action.evidence,
        "reviewed_on": action.reviewed_on,
        "difference": action.difference,
    }
