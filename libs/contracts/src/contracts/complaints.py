"""Events of the complaints service."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.base import Code, Event, Part, RecordReduced, Reference

Finding = Literal["upheld", "partially-upheld", "not-upheld", "no-finding", "discontinued", "withdrawn"]


class Point(Part):
    """One point of a complaint. Points outnumber complaints and are never added to them."""

    point_id: UUID
    category: Code
    service_area: Code


class PointFinding(Part):
    """The finding on one point at one stage, with the codes of what was done to put things right."""

    point_id: UUID
    finding: Finding
    remedies: tuple[Code, ...] = ()


class ComplaintReceived(Event):
    """A complaint, or an informal complaint or enquiry, was received; `came_by` brought-in: from a list of past years."""

    subject: ClassVar[str] = "loop.complaints.v1.complaint_received"

    complaint_id: UUID
    procedure: Code
    formality: Literal["formal", "informal"]
    received_on: date
    service_area: Code
    team: Code | None = None
    need: Code | None = None
    route: Code | None = None
    raised_by: Code | None = None
    points: tuple[Point, ...] = ()
    came_by: Code | None = None


class StageStarted(Event):
    """A stage of a complaint began and its clock runs; `due_on` is the legal date.

    Where a panel hears it, `panel_due_on` is the day by which the panel meets; told since November 2026. Where the procedure
    has an acknowledgement, `acknowledge_by` is the last day for it; told since December 2026.
    """

    subject: ClassVar[str] = "loop.complaints.v1.stage_started"

    complaint_id: UUID
    stage: int
    started_on: date
    due_on: date
    limit: int
    calendar: str
    panel_due_on: date | None = None
    acknowledge_by: date | None = None


class StageExtended(Event):
    """The limit of a stage was extended; `limit` is the new one in working days in all."""

    subject: ClassVar[str] = "loop.complaints.v1.stage_extended"

    complaint_id: UUID
    stage: int
    extended_on: date
    due_on: date
    limit: int


class StageResponded(Event):
    """The response of a stage was sent, with the finding on each point.

    `working_days` counts from day 0 (`started_on`) to the day the response was sent, by the named calendar version.
    """

    subject: ClassVar[str] = "loop.complaints.v1.stage_responded"

    complaint_id: UUID
    stage: int
    started_on: date
    due_on: date
    responded_on: date
    working_days: int
    calendar: str
    findings: tuple[PointFinding, ...] = ()


class StageRequested(Event):
    """The complainant asked for the next stage."""

    subject: ClassVar[str] = "loop.complaints.v1.stage_requested"

    complaint_id: UUID
    stage: int
    requested_on: date


class StageDecided(Event):
    """A request for the next stage was accepted or declined."""

    subject: ClassVar[str] = "loop.complaints.v1.stage_decided"

    complaint_id: UUID
    stage: int
    decided_on: date
    decision: Literal["accepted", "declined"]


class StageRecounted(Event):
    """A stage as it stands as a whole, after a step that its other events do not tell of; the newest says how it stands.

    An acknowledgement, a suspension and its end, an agreed statement, a panel and its report, a withdrawal, a corrected date:
    `step` says which.
    Once a stage was recounted, every later step of it recounts it again, so whoever reads this event needs no other of the
    stage; without `started_on` it was asked for and has not begun. Where a panel hears it, `due_on` is that of the leg that
    runs: `panel_due_on` and, once the panel met, `report_due_on` stay. `answer_by` is `due_on` moved by suspensions, and
    missing while one holds. `working_days` are all that passed, `suspended_days` those among them on which it was suspended.
    Acknowledgements, with `acknowledge_by`, the last day for one, and `acknowledged_on`, are told since December 2026.
    """

    subject: ClassVar[str] = "loop.complaints.v1.stage_recounted"

    complaint_id: UUID
    stage: int
    version: int
    step: Code
    requested_on: date | None = None
    decided_on: date | None = None
    decision: Literal["accepted", "declined"] | None = None
    started_on: date | None = None
    due_on: date | None = None
    answer_by: date | None = None
    limit: int | None = None
    agreed_on: date | None = None
    extended_on: date | None = None
    suspended_on: date | None = None
    suspended_days: int = 0
    panel_due_on: date | None = None
    panel_on: date | None = None
    report_due_on: date | None = None
    reported_on: date | None = None
    responded_on: date | None = None
    ending: Literal["answered", "withdrawn", "discontinued", "passed-over", "made-in-error"] | None = None
    working_days: int | None = None
    calendar: str | None = None
    findings: tuple[PointFinding, ...] = ()
    acknowledge_by: date | None = None
    acknowledged_on: date | None = None


class ComplaintVoided(Event):
    """A complaint or enquiry was made in error of what came in, and nothing had happened to it: it counts nowhere."""

    subject: ClassVar[str] = "loop.complaints.v1.complaint_voided"

    complaint_id: UUID
    decided_on: date


class PointNow(Part):
    """A point as it stands; without a team or need of its own it is of the complaint's.

    `became` says that it is answered and counted no more; of a duplicate, `same_as` is the other point, perhaps of another
    complaint. `ancestors` are the points that it was split from or merged of, the nearest first: at a stage at which it has no
    finding of its own, theirs stands for it.
    """

    point_id: UUID
    category: Code
    service_area: Code
    team: Code | None = None
    need: Code | None = None
    desired: Code | None = None
    became: Literal["split", "merged", "duplicate", "taken-back"] | None = None
    same_as: UUID | None = None
    ancestors: tuple[UUID, ...] = ()


class PointsChanged(Event):
    """All points of a complaint as they stand, after one was added, corrected, split, merged, a duplicate, or that taken back.

    Points never vanish from it. The newest says how they stand, whatever `complaint_received` told.
    """

    subject: ClassVar[str] = "loop.complaints.v1.points_changed"

    complaint_id: UUID
    version: int
    step: Code
    points: tuple[PointNow, ...]


class OmbudsmanCaseAccepted(Event):
    """The Ombudsman accepted a case for investigation."""

    subject: ClassVar[str] = "loop.complaints.v1.ombudsman_case_accepted"

    case_id: UUID
    complaint_id: UUID | None = None
    service_area: Code
    accepted_on: date


class OmbudsmanOutcomeReceived(Event):
    """The Ombudsman's outcome arrived, with the number of actions it asks for."""

    subject: ClassVar[str] = "loop.complaints.v1.ombudsman_outcome_received"

    case_id: UUID
    outcome_on: date
    outcome: Code
    actions: int


class OmbudsmanDeadline(Part):
    """By when the Ombudsman wants something, and when it was done; `remedy` is the code of what a remedy is."""

    deadline_id: UUID
    kind: Literal["enquiry", "draft", "remedy"]
    due_on: date
    done_on: date | None = None
    remedy: Code | None = None


class OmbudsmanCaseRecounted(Event):
    """An Ombudsman case as it stands, after a deadline was added or met, or the outcome arrived; the highest version counts."""

    subject: ClassVar[str] = "loop.complaints.v1.ombudsman_case_recounted"

    case_id: UUID
    version: int
    complaint_id: UUID | None = None
    service_area: Code
    accepted_on: date
    outcome_on: date | None = None
    outcome: Code | None = None
    actions: int | None = None
    remedies: tuple[Code, ...] = ()
    deadlines: tuple[OmbudsmanDeadline, ...] = ()


class ComplimentReceived(Event):
    """A compliment arrived. Only external ones count in formal figures. `came_by` as of complaints."""

    subject: ClassVar[str] = "loop.complaints.v1.compliment_received"

    compliment_id: UUID
    received_on: date
    service_area: Code
    team: Code | None = None
    source: Code
    external: bool
    came_by: Code | None = None


class RepresentationReceived(Event):
    """Something came in that nobody has decided yet: a complaint, comment or compliment, as its sender says."""

    subject: ClassVar[str] = "loop.complaints.v1.representation_received"

    representation_id: UUID
    received_on: date
    recorded_on: date
    came_by: Code
    said: Literal["complaint", "comment", "compliment", "not-sure"]
    from_child: bool
    language: str
    raised_by: Code | None = None
    service_area: Code | None = None


class RepresentationDecided(Event):
    """A person decided what a representation is, or took the decision back (`outcome` None). The newest revision counts.

    `complaint_id` and `compliment_id` name what was made of it; `went_to` where it went instead.
    """

    subject: ClassVar[str] = "loop.complaints.v1.representation_decided"

    representation_id: UUID
    revision: int
    decided_on: date
    outcome: Literal["complaint", "informal-enquiry", "compliment", "comment", "not-a-complaint", "duplicate"] | None = None
    procedure: Code | None = None
    timing: Literal["in-time", "late-taken", "late-declined"] | None = None
    went_to: Code | None = None
    working_days: int | None = None
    complaint_id: UUID | None = None
    compliment_id: UUID | None = None
    service_area: Code | None = None


class LearningAction(Event):
    """An action from a point of a complaint, as it stands after what happened: each of its events tells all of it.

    `first_due_on` is the day that was set first; `due_on` moves with a reason.
    `revision` rises, also by what no event tells of. A dropped action is not needed any more. Told since December 2026:
    `reference`, the complaint's, `code`, the action within it, and `evidence`, whether what shows that it was done is recorded.
    """

    personal: ClassVar[Mapping[str, str | None]] = {"reference": None}

    action_id: UUID
    complaint_id: UUID
    point_id: UUID
    stage: int
    finding: Finding
    service_area: Code
    team: Code | None = None
    themes: tuple[Code, ...] = ()
    recorded_on: date
    first_due_on: date
    due_on: date
    status: Literal["open", "done", "reviewed", "dropped"]
    done_on: date | None = None
    reviewed_on: date | None = None
    difference: Literal["yes", "partly", "no"] | None = None
    revision: int
    changed_on: date
    reference: Reference | None = None
    code: Code | None = None
    evidence: bool | None = None


class LearningActionRecorded(LearningAction):
    """Somebody recorded what is to be done because of a point."""

    subject: ClassVar[str] = "loop.complaints.v1.learning_action_recorded"


class LearningActionChanged(LearningAction):
    """An action was changed: its day moved, its place or themes changed, dropped, or opened again."""

    subject: ClassVar[str] = "loop.complaints.v1.learning_action_changed"


class LearningActionCompleted(LearningAction):
    """An action was done, with evidence."""

    subject: ClassVar[str] = "loop.complaints.v1.learning_action_completed"


class LearningActionReviewed(LearningAction):
    """Somebody looked whether an action that was done made a difference."""

    subject: ClassVar[str] = "loop.complaints.v1.learning_action_reviewed"


class LearningDeclined(Event):
    """Somebody decided that a point needs no action, with a reason. An action may still follow; the decision stays."""

    subject: ClassVar[str] = "loop.complaints.v1.learning_declined"

    decision_id: UUID
    complaint_id: UUID
    point_id: UUID
    stage: int
    finding: Finding
    service_area: Code
    decided_on: date


class ComplaintRecordReduced(RecordReduced):
    """Names, words, letters, files and references of a complaint, a compliment or something that came in have gone."""

    subject: ClassVar[str] = "loop.complaints.v1.record_reduced"


EVENTS: tuple[type[Event], ...] = (
    ComplaintReceived,
    StageStarted,
    StageExtended,
    StageResponded,
    StageRequested,
    StageDecided,
    StageRecounted,
    PointsChanged,
    ComplaintVoided,
    OmbudsmanCaseAccepted,
    OmbudsmanOutcomeReceived,
    OmbudsmanCaseRecounted,
    ComplimentReceived,
    RepresentationReceived,
    RepresentationDecided,
    LearningActionRecorded,
    LearningActionChanged,
    LearningActionCompleted,
    LearningActionReviewed,
    LearningDeclined,
    ComplaintRecordReduced,
)
