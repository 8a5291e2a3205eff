"""What the JSON routes of audits at work give: work, lists, one audit.

What is about people or in words is null for a system; it reads codes, states, days and grades.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.adapters.audit_list import AuditFilters, ListedAudit
from audit.adapters.work_reader import Kind, Work
from audit.domain.actions import Standing
from audit.domain.audit import PartState, State
from audit.domain.judgement import Entry
from contracts.audit import AuditKind
from contracts.base import Code

Cursor = Annotated[str, StringConstraints(max_length=200)]
_OTHERS = {"dispute", "circulate"}
"""Kinds of work that are of no audit."""

NEXT = "Cursor of the next page (`after`); null when there is none."


class WorkItem(BaseModel):
    """One thing to do."""

    kind: Kind
    audit_id: UUID | None = Field(description="Null for a dispute, and for a round that is to be circulated.")
    reference: str = Field(description="Of the audit, the dispute or the round.")
    tool: str | None
    service_area: str
    team: str | None
    about: str = Field(
        description="The part, number of review or stage, id of action or concern; as what the result went to you."
    )
    href: str = Field(description="Where it is read and done, an address of this API.")
    person: str | None = Field(description="Whose it is, a code of the staff directory; null: nobody's yet.")
    name: str | None
    due_on: date | None
    days_late: int = Field(description="Calendar days after `due_on`; 0 where it is not late, or has no day.")

    @classmethod
    def of(cls, work: Work, today: date, names: Mapping[str, str]) -> Self:
        """From what was read."""
        plain = {name: getattr(work, name) for name in cls.model_fields if hasattr(work, name)}
        late = max((today - work.due_on).days, 0) if work.due_on else 0
        own = {"name": names.get(work.person or ""), "href": _href(work), "days_late": late}
        return cls(**plain | own | {"audit_id": None if work.kind in _OTHERS else work.audit_id})


class WorkOut(BaseModel):
    """What waits for the caller, and what is late anywhere."""

    person: str | None = Field(description="Who the caller is in the staff directory; null: it does not list them.")
    today: date
    own: list[WorkItem] = Field(description="The first due first; at most 200.")
    late: list[WorkItem] = Field(
        description="For QA officers and senior readers: what is late in their areas, and concerns that nobody has taken over."
    )


class AuditItem(BaseModel):
    """A line of the list; `submitted` of `parts` auditors have handed in."""

    audit_id: UUID
    reference: str
    kind: AuditKind
    tool: str
    scale: str | None
    service_area: str
    team: str | None
    state: State
    allocated_on: date
    submit_by: date
    moderate_by: date | None
    moderated_on: date | None
    review_due_on: date | None
    withdrawn_on: date | None
    late_since: date | None = Field(description="Day on which what is next was due, where it has passed.")
    submitted: int
    parts: int
    overall: str | None = Field(description="Final overall grade, once it is fixed.")
    rag: str | None

    @classmethod
    def of(cls, row: ListedAudit, today: date) -> Self:
        """From a line of the list."""
        finished = row.state in {State.MODERATED, State.CLOSED}
        plain = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        result = {"overall": row.overall, "rag": row.rag} if finished else {"overall": None, "rag": None}
        return cls(**plain | result | {"audit_id": row.id, "late_since": row.late_since(today)})


class AuditListOut(BaseModel):
    """A page of audits, the last allocated first."""

    items: list[AuditItem]
    next: str | None = Field(description=NEXT)


class AuditListQuery(BaseModel):
    """What a list of audits is narrowed to, and which page of it."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = None
    tool: Code | None = None
    service_area: Code | None = None
    team: Code | None = None
    programme: Code | None = None
    round_id: UUID | None = None
    reference: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    after: Cursor | None = None

    def filters(self) -> AuditFilters:
        """As the list takes them."""
        given = self.model_dump(exclude={"limit", "after"}, exclude_none=True)
        return AuditFilters(**given)


class EntryOut(BaseModel):
    """What was said in one entry: a section or question of the tool, views of a person, the visit, or `overall`."""

    entry: str
    revision: int = Field(description="0 where nothing was saved yet.")
    grade: str | None
    not_applicable: bool
    answer: str | None = Field(description="Code of the chosen answer, or `red`, `amber`, `green`.")
    ticked: list[str] = Field(description="Codes of findings.")
    words: dict[str, str] | None = Field(description="Texts by field; null for a system.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """With all that was said."""
        said = {name: words for name, words in entry.words.items() if words}
        return cls.graded(entry).model_copy(update={"answer": entry.answer, "ticked": sorted(entry.ticked), "words": said})

    @classmethod
    def graded(cls, entry: Entry) -> Self:
        """With the grade alone."""
        return cls(
            entry=entry.code,
            revision=entry.revision,
            grade=entry.grade,
            not_applicable=entry.not_applicable,
            answer=None,
            ticked=[],
            words=None,
        )


class AuditPartOut(BaseModel):
    """The share of one auditor, or the moderation."""

    part: str
    person: str
    name: str | None
    state: PartState
    due_on: date
    submitted_on: date | None
    late: bool
    entries: list[EntryOut] | None = Field(description="Null where it is not open to the caller.")


class AuditActionOut(BaseModel):
    """An action of an audit."""

    action_id: UUID
    code: str
    what: str | None
    owner: str
    owner_name: str | None
    due_on: date
    done_on: date | None
    status: Literal["open", "done", "dropped"]
    standing: Standing


class ReviewOut(BaseModel):
    """A look, some weeks later, whether the actions were done."""

    number: int
    reviewer: str
    reviewer_name: str | None
    due_on: date
    held_on: date | None
    result: Literal["closed", "reopened"] | None
    difference: Literal["yes", "partly", "no", "too-early"] | None = Field(
        description="Whether the actions made a difference, as the reviewer judged."
    )
    changed: str | None = Field(description="What changed for the child.")


class RecipientOut(BaseModel):
    """Somebody to whom the result went."""

    person: str
    name: str
    capacity: str
    circulated_at: datetime
    due_on: date = Field(description="Day by which they are to have read it.")
    acknowledged_at: datetime | None


class QuestionOut(BaseModel):
    """What a moderator asked an auditor."""

    question_id: UUID
    part: str
    asked_by: str
    asked_at: datetime
    asked: str
    answered_at: datetime | None
    answer: str


class ConcernItem(BaseModel):
    """Something that could not wait, raised in an audit."""

    escalation_id: UUID
    raised_at: datetime
    acknowledged_at: datetime | None


class HistoryOut(BaseModel):
    """A step of an audit; `by` is the sign-in of whoever took it."""

    at: datetime
    step: str
    part: str | None
    by: str


class AuditOut(BaseModel):
    """One audit, as far as it is open to the caller.

    Nobody is shown what an auditor judged before all auditors have submitted and the time to correct a slip is over; the
    moderation is the moderator's until grades are fixed.
    """

    audit_id: UUID
    reference: str
    kind: AuditKind
    state: State
    tool: str
    tool_version: int
    scale: str | None
    programme: str | None
    round_id: UUID | None
    service_area: str
    team: str | None
    worker: str | None = Field(description="Code of the staff directory; null for a system.")
    case_number: str | None = Field(description="The case's own number, for those who need it to find the file.")
    allocated_on: date
    submit_by: date
    moderate_by: date | None
    moderated_on: date | None
    withdrawn_on: date | None
    withdrawal_reason: str | None
    overall: str | None = Field(description="Final overall grade, once it is fixed.")
    rag: str | None
    themes: list[str]
    findings: list[str]
    parts: list[AuditPartOut]
    actions: list[AuditActionOut]
    reviews: list[ReviewOut]
    recipients: list[RecipientOut]
    discuss_by: date | None = Field(description="Day by which it is to be discussed in supervision.")
    discussed_on: date | None
    discussion: str | None
    questions: list[QuestionOut]
    concerns: list[ConcernItem]
    history: list[HistoryOut]


def _href(work: Work) -> str:
    audit = f"/audit/v1/audits/{work.audit_id}"
    return {
        "audit": f"{audit}/parts/{work.about}",
        "returned": f"{audit}/parts/{work.about}",
        "moderate": f"{audit}/moderation",
        "action": f"/audit/v1/actions/{work.about}",
        "concern": f"/audit/v1/concerns/{work.about}",
        "dispute": f"/audit/v1/disputes/{work.audit_id}",
        "circulate": f"/audit/v1/rounds/{work.audit_id}",
    }.get(work.kind, audit)
