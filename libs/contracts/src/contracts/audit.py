"""Events of the audit service."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.base import Code, Event, Part, Rag, RecordReduced, Reference

AuditKind = Literal["looped", "single", "targeted", "multi-agency", "dip-sample", "practice-evaluation"]


class SectionGrade(Part):
    """The grades of one section; `grade` is the one that counts."""

    section: Code
    state: Literal["graded", "not-applicable", "not-graded"]
    grade: Code | None = None
    lead: Code | None = None
    peer: Code | None = None


class Activity(Part):
    """Pieces of audit activity: one looped audit is a lead, a peer and a moderation."""

    lead: int = 0
    peer: int = 0
    moderation: int = 0
    single: int = 0


class ActionState(Part):
    """An action of an audit, without its words."""

    action: Code
    due_on: date
    done_on: date | None = None


class OutcomeRecorded(Event):
    """The outcome of a finished audit was recorded, or corrected by a higher version of itself.

    `reference` is told of audits that were done here, since December 2026: what other systems call theirs stays with us.
    """

    subject: ClassVar[str] = "loop.audit.v1.outcome_recorded"
    personal: ClassVar[Mapping[str, str | None]] = {"case_key": None, "reference": None}

    outcome_id: UUID
    version: int
    kind: AuditKind
    tool: Code
    tool_version: int
    service_area: Code
    team: Code | None = None
    completed_on: date
    allocated_on: date | None = None
    submitted_on: date | None = None
    moderated_on: date | None = None
    scale: Code | None = None
    overall: Code | None = None
    rag: Rag | None = None
    findings: tuple[Code, ...] = ()
    sections: tuple[SectionGrade, ...] = ()
    activity: Activity = Activity()
    cases: int = 1
    themes: tuple[Code, ...] = ()
    actions: tuple[ActionState, ...] = ()
    case_key: str | None = None
    reference: Reference | None = None


class AllocatedPart(Part):
    """A part of an audit, as it was sent out: by when it is due. Who does it is nobody's business outside."""

    part: Code
    due_on: date


class AuditAllocated(Event):
    """A case was picked for an audit and given to its auditors.

    `parts` are those of the auditors and, where there is one, the moderation; empty in what was sent before they were told.
    """

    subject: ClassVar[str] = "loop.audit.v1.audit_allocated"
    personal: ClassVar[Mapping[str, str | None]] = {"case_key": None}

    audit_id: UUID
    kind: AuditKind
    tool: Code
    tool_version: int
    programme: Code | None = None
    round: Code | None = None
    service_area: Code
    team: Code | None = None
    allocated_on: date
    submit_by: date
    moderate_by: date | None = None
    case_key: str | None = None
    parts: tuple[AllocatedPart, ...] = ()


class AuditSubmitted(Event):
    """One auditor submitted their part of an audit; told again when it came back to them and was submitted again."""

    subject: ClassVar[str] = "loop.audit.v1.audit_submitted"

    audit_id: UUID
    part: Code
    submitted_on: date
    due_on: date


class AuditModerated(Event):
    """The moderator fixed grades, learning and actions; for an audit without moderation, its only auditor did.

    `departs` says that the overall grade is not the one that the sections suggest, `revised` that it is neither auditor's.
    """

    subject: ClassVar[str] = "loop.audit.v1.audit_moderated"

    audit_id: UUID
    outcome_id: UUID
    moderated_on: date
    due_on: date | None = None
    departs: bool = False
    revised: bool = False
    review_due_on: date | None = None


class AuditReviewed(Event):
    """Somebody looked whether the actions of an audit were done, and closed the loop or opened them again.

    `difference` says whether they made one, where the reviewer said; told since December 2026.
    """

    subject: ClassVar[str] = "loop.audit.v1.audit_reviewed"

    audit_id: UUID
    number: int
    reviewed_on: date
    due_on: date
    result: Literal["closed", "reopened"]
    next_due_on: date | None = None
    difference: Literal["yes", "partly", "no", "too-early"] | None = None


class AuditWithdrawn(Event):
    """An audit was taken out of its round; it counts nowhere."""

    subject: ClassVar[str] = "loop.audit.v1.audit_withdrawn"

    audit_id: UUID
    withdrawn_on: date
    ground: Code


class AuditEscalated(Event):
    """Something in a case could not wait for the end of its audit: the team manager was alerted the same day."""

    subject: ClassVar[str] = "loop.audit.v1.audit_escalated"

    audit_id: UUID
    escalation_id: UUID
    raised_on: date
    acknowledged_on: date | None = None


class ActionChanged(Event):
    """An action of an audit was set, moved, done, opened again or dropped. The newest says how it stands.

    `evidence` says whether there is a record of what shows that it was done; told since December 2026.
    """

    subject: ClassVar[str] = "loop.audit.v1.action_changed"

    audit_id: UUID
    action: Code
    status: Literal["open", "done", "dropped"]
    service_area: Code
    team: Code | None = None
    due_on: date
    done_on: date | None = None
    evidence: bool | None = None


class DisputeRaised(Event):
    """An independent reviewing officer or a conference chair raised a concern about practice (dispute resolution process).

    Sent again when one of its facts was corrected: the newest says how it stands. `stage` and `answer_due_on` are those of the
    first stage; `limit_in_all` is the working days that the whole process should take, where the organisation sets a limit.
    """

    subject: ClassVar[str] = "loop.audit.v1.dispute_raised"
    personal: ClassVar[Mapping[str, str | None]] = {"case_key": None}

    dispute_id: UUID
    raised_on: date
    raised_by: Code
    category: Code
    service_area: Code
    team: Code | None = None
    stage: Code
    answer_due_on: date
    limit_in_all: int | None = None
    case_key: str | None = None


class DisputeStageReached(Event):
    """A dispute came to a stage, was answered at it, or left it unanswered. The newest of a `number` says how it stands.

    `number` counts the stages of the dispute in the order in which they were reached; a dispute that was opened again may come
    to the same `stage` twice. `limit` is in working days, day 0 is `reached_on`, `answered_by` is the level that answered.
    `left_on` is the day on which the dispute went on or ended without an answer at this stage; `working_days` is how long it
    took until then, or until the answer.
    """

    subject: ClassVar[str] = "loop.audit.v1.dispute_stage_reached"

    dispute_id: UUID
    number: int
    stage: Code
    reached_on: date
    limit: int
    answer_due_on: date
    answered_on: date | None = None
    answered_by: Code | None = None
    left_on: date | None = None
    working_days: int | None = None
    calendar: str


class DisputeResolved(Event):
    """A dispute ended: resolved with an outcome, or withdrawn without one. Sent again when the ending was corrected.

    `informal` says that it was settled in talks, without a formal answer at its last stage.
    """

    subject: ClassVar[str] = "loop.audit.v1.dispute_resolved"

    dispute_id: UUID
    number: int
    stage: Code
    resolved_on: date
    result: Literal["resolved", "withdrawn"]
    outcome: Code | None = None
    informal: bool = False


class DisputeReopened(Event):
    """A dispute that had ended was opened again, at a stage with a new number: what was told of its ending holds no more."""

    subject: ClassVar[str] = "loop.audit.v1.dispute_reopened"

    dispute_id: UUID
    number: int
    stage: Code
    reopened_on: date


class PracticeAcknowledged(Event):
    """Good practice was recorded formally, and the team manager told. The newest says how it stands.

    `seen_on` is when a manager of the team first confirmed that they know, `shared_on` when the worker was first told of it.
    One that was recorded by mistake has `withdrawn_on` and counts nowhere.
    """

    subject: ClassVar[str] = "loop.audit.v1.practice_acknowledged"

    acknowledgement_id: UUID
    acknowledged_on: date
    raised_by: Code
    origin: Code
    service_area: Code
    team: Code | None = None
    themes: tuple[Code, ...] = ()
    seen_on: date | None = None
    shared_on: date | None = None
    withdrawn_on: date | None = None


class AuditRecordReduced(RecordReduced):
    """Case numbers, words and references of an audit, a dispute or good practice have gone."""

    subject: ClassVar[str] = "loop.audit.v1.record_reduced"


EVENTS: tuple[type[Event], ...] = (
    OutcomeRecorded,
    AuditAllocated,
    AuditSubmitted,
    AuditModerated,
    AuditReviewed,
    AuditWithdrawn,
    AuditEscalated,
    ActionChanged,
    DisputeRaised,
    DisputeStageReached,
    DisputeResolved,
    DisputeReopened,
    PracticeAcknowledged,
    AuditRecordReduced,
)
