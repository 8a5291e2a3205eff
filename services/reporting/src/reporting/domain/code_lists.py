"""Closed lists of codes with their labels, and the columns of the feeds that hold them.

What has a dimension of its own (teams, tools, questions, …) is not among them. Lists of the profile are read from it; the
others are the words of the events, which are the same everywhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from reporting.domain import dimensions, intake_measures, stage_measures, tracker
from reporting.domain.profile import Acknowledgements, Disputes, Profile

Labelled = Iterable[tuple[str, str]]


class _Named(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class CodeList:
    """A list: how it is read of a profile, and the columns (`Set.column`) that hold its codes."""

    name: str
    read: Callable[[Profile], Labelled]
    used_in: tuple[str, ...]


def _of(name: str, read: Callable[[Profile], Iterable[_Named]], *used_in: str) -> CodeList:
    return CodeList(name, lambda profile: [(each.code, each.name) for each in read(profile)], used_in)


def _fixed(name: str, words: dict[str, str], *used_in: str) -> CodeList:
    return CodeList(name, lambda _: words.items(), used_in)


def _each(column: str, *sets: str) -> tuple[str, ...]:
    return tuple(f"{each}.{column}" for each in sets)


_WORK = ("Audits", "AuditParts", "AuditReviews", "AuditSubmissions", "AuditModerations", "AuditEscalations")
_OUTCOMES = ("AuditOutcomes", "AuditGrades", "AuditActivity")
_COMPLAINTS = ("Complaints", "ComplaintPoints", "ComplaintStages", "ComplaintFindings")
_SURVEYS = ("SurveyAnswers", "SurveyResponses", "SurveyComments")

# What the complaints service has where a profile does not say.
_REMEDIES = {
    "apology": "Apology",
    "payment": "Payment",
    "service-provided": "A service provided, or provided sooner",
    "decision-reviewed": "Decision reviewed or taken again",
    "procedure-changed": "Procedure or policy changed",
    "staff-trained": "Staff trained or guided",
    "other-cases-reviewed": "Other cases looked into",
}
_DESIRED = {
    "apology": "An apology",
    "explanation": "An explanation or information",
    "service": "A service, or a service sooner",
    "decision-reviewed": "A decision reviewed or changed",
    "record-corrected": "A record corrected",
    "payment": "A payment",
    "other-worker": "Another worker",
    "procedure-changed": "That it does not happen to others",
    "other": "Something else",
}
_GROUNDS = {
    "case-closed": "The case was closed",
    "case-moved": "The child moved to another council or service",
    "not-eligible": "The case should not have been on the list",
    "no-auditor": "Nobody can audit it under the conflict rules",
    "file-not-available": "The file could not be opened",
    "under-other-review": "The case is under another review, a complaint or court proceedings",
    "family-circumstances": "An audit now would burden the family",
    "withdrawn-otherwise": "Another reason",
}


def _remedies(profile: Profile) -> Labelled:
    return [(each.code, each.name) for each in profile.complaints.ombudsman_remedies] or _REMEDIES.items()


def _desired(profile: Profile) -> Labelled:
    return [(each.code, each.name) for each in profile.complaints.desired_outcomes] or _DESIRED.items()


def _closing(profile: Profile) -> Labelled:
    return [("end-star", "An end star was taken"), *((each.code, each.name) for each in profile.stars.closed_without)]


def _disputes(profile: Profile) -> Disputes:
    return profile.audit.disputes or Disputes()


def _acknowledgements(profile: Profile) -> Acknowledgements:
    return profile.audit.acknowledgements or Acknowledgements()


LISTS = (
    _of("procedure", lambda p: p.complaints.procedures, *_each("procedure", *_COMPLAINTS, "Representations")),
    _fixed("formality", {"formal": "Formal", "informal": "Informal, or an enquiry"}, *_each("formality", *_COMPLAINTS)),
    _of("need", lambda p: p.complaints.needs, *_each("need", *_COMPLAINTS)),
    _of("route", lambda p: p.complaints.routes, *_each("route", "Complaints", "ComplaintPoints")),
    _of(
        "complaint-raised-by",
        lambda p: p.complaints.raised_by,
        *_each("raised_by", "Complaints", "ComplaintPoints", "Representations"),
    ),
    _of(
        "finding",
        lambda p: p.complaints.findings,
        *_each("finding", "ComplaintFindings", "ComplaintActions", "ReasonsForNoAction"),
        *("ComplaintPoints.stage1_finding", "ComplaintPoints.stage2_finding"),
    ),
    CodeList("desired", _desired, ("ComplaintPoints.desired",)),
    _fixed(
        "stage-decision",
        {"accepted": "Accepted", "declined": "Declined"},
        *("ComplaintStages.decision", "ComplaintPoints.stage2_decision"),
    ),
    _fixed(
        "stage-ending",
        {**stage_measures.ENDINGS, "passed-over": "Passed over", "made-in-error": "Made in error"},
        "ComplaintStages.ending",
    ),
    _fixed(
        "superseded-point",
        {"split": "Split", "merged": "Merged", "duplicate": "A duplicate", "taken-back": "Recorded in error"},
        "SupersededPoints.became",
    ),
    _of("compliment-source", lambda p: p.complaints.sources, "Compliments.source"),
    _fixed("came-by", intake_measures.CAME_BY, "Representations.came_by"),
    _fixed("said", intake_measures.SAID, "Representations.said"),
    _fixed("representation-outcome", intake_measures.OUTCOMES, "Representations.outcome"),
    _fixed("timing", stage_measures.TIMINGS, "Representations.timing"),
    _of("went-to", lambda p: p.complaints.not_complaints, "Representations.went_to"),
    _fixed(
        "complaint-action-status",
        {"open": "Open", "done": "Done", "reviewed": "Reviewed", "dropped": "Dropped"},
        *_each("status", "ComplaintActions", "LearningActions"),
    ),
    _fixed(
        "difference",
        {"yes": "Yes", "partly": "Partly", "no": "No", "too-early": "Too early to say"},
        *_each("difference", "ComplaintActions", "LearningActions", "AuditReviews"),
    ),
    _fixed("learning-source", tracker.SOURCES, "LearningActions.source"),
    _fixed("learning-standing", tracker.STANDINGS, "LearningActions.standing", "PlanActions.rag"),
    _fixed("plan-state", {"open": "Open", "closed": "Closed"}, "PlanActions.plan_state"),
    _fixed(
        "plan-action-state",
        {"open": "Open", "completed": "Completed", "dropped": "Dropped"},
        "PlanActions.state",
    ),
    _of(
        "ombudsman-outcome",
        lambda p: p.complaints.ombudsman_outcomes,
        *_each("outcome", "OmbudsmanCases", "OmbudsmanDeadlines"),
    ),
    CodeList("ombudsman-remedy", _remedies, ("OmbudsmanCases.remedies", "OmbudsmanDeadlines.remedy")),
    _fixed(
        "ombudsman-deadline",
        {"enquiry": "Answer to enquiries", "draft": "Comments on a draft decision", "remedy": "Remedy"},
        "OmbudsmanDeadlines.kind",
    ),
    _fixed("audit-kind", dimensions.KINDS, *_each("kind", *_WORK, *_OUTCOMES, "Tools")),
    _of("audit-programme", lambda p: p.audit.programmes, *_each("programme", *_WORK, "AuditActions")),
    _fixed("rag", dimensions.RAGS, "AuditOutcomes.rag"),
    _of("audit-finding", lambda p: p.audit.findings, "AuditOutcomes.findings"),
    _fixed(
        "judge",
        {"lead": "Lead auditor", "peer": "Peer auditor", "moderated": "Moderated", "single": "Only auditor"},
        "AuditGrades.judge",
    ),
    _fixed(
        "section-state",
        {"graded": "Graded", "not-applicable": "Not applicable", "not-graded": "Not graded"},
        "AuditGrades.state",
    ),
    _fixed(
        "audit-activity",
        {"lead": "Lead audit", "peer": "Peer audit", "moderation": "Moderation", "single": "Single audit"},
        "AuditActivity.activity",
    ),
    _fixed(
        "audit-action-status",
        {"open": "Open", "done": "Done", "dropped": "Dropped"},
        *_each("status", "AuditActions", "AuditActionChanges"),
    ),
    _fixed(
        "review-result",
        {"closed": "Loop closed", "reopened": "Opened again"},
        *("Audits.review_result", "AuditReviews.result", "LearningActions.review_result"),
    ),
    _fixed("audit-withdrawal", _GROUNDS, "Audits.withdrawal_ground"),
    _of("dispute-category", lambda p: _disputes(p).categories, *_each("category", "Disputes", "DisputeStages")),
    _of("dispute-raised-by", lambda p: _disputes(p).raised_by, *_each("raised_by", "Disputes", "DisputeStages")),
    _of("dispute-stage", lambda p: _disputes(p).stages, *_each("stage", "Disputes", "DisputeStages")),
    _of("dispute-answered-by", lambda p: _disputes(p).answered_by, "DisputeStages.answered_by"),
    _of("dispute-outcome", lambda p: _disputes(p).outcomes, *_each("outcome", "Disputes", "DisputeStages")),
    _fixed(
        "dispute-result",
        {"resolved": "Resolved", "withdrawn": "Withdrawn"},
        *_each("result", "Disputes", "DisputeStages"),
    ),
    _of("acknowledged-by", lambda p: _acknowledgements(p).raised_by, "PracticeAcknowledgements.raised_by"),
    _of("acknowledgement-origin", lambda p: _acknowledgements(p).origins, "PracticeAcknowledgements.origin"),
    _fixed("audience", dimensions.AUDIENCES, "Questionnaires.audience"),
    _fixed("channel", dimensions.CHANNELS, *_each("channel", *_SURVEYS)),
    _fixed(
        "invitation-channel",
        {"letter": "Letter", "email": "E-mail", "text": "Text message", "poster": "Poster", "handed-over": "Handed over"},
        *_each("channel", "SurveyInvitations", "SurveyMessages"),
    ),
    _fixed(
        "answer-state",
        {
            "answered": "Answered",
            "skipped": "Skipped",
            "does-not-apply": "Does not apply",
            "not-asked": "Not asked",
        },
        "SurveyAnswers.state",
    ),
    _of("star", lambda p: p.stars.kinds, *_each("star", "Stars", "StarScores")),
    _of(
        "star-scale",
        lambda p: [scale for kind in p.stars.kinds for scale in kind.scales],
        *_each("scale", "Stars", "StarScores"),
    ),
    _fixed(
        "star-point",
        {"start": "Start", "mid": "Midway", "end": "End"},
        *("StarScores.point", "Stars.last_point"),
    ),
    _fixed("star-channel", {"link": "Link", "staff": "Taken by staff", "system": "Another system"}, "StarScores.channel"),
    _fixed(
        "star-answered-by",
        {"self": "The person", "with-help": "The person, with help", "for-them": "Somebody for them", "worker": "Worker"},
        "StarScores.answered_by",
    ),
    CodeList("star-closing", _closing, ("Stars.closed_reason",)),
    _of("call-programme", lambda p: p.calls.programmes, *_each("programme", "Calls", "CallAttempts")),
    _fixed(
        "call-status",
        {"due": "Due", "call-back": "To be called back", "done": "Made", "declined": "Declined", "closed": "Closed"},
        "Calls.status",
    ),
    _fixed(
        "call-ground",
        {
            "not-reached": "Not reached",
            "no-number": "No number",
            "not-to-be-called": "Not to be called",
            "entered-by-mistake": "Entered by mistake",
        },
        "Calls.ground",
    ),
    _fixed("call-outcome", dimensions.OUTCOMES, "CallAttempts.outcome"),
    _fixed(
        "question-kind",
        {
            "one": "One answer",
            "several": "Several answers",
            "scale": "Scale",
            "star": "Star",
            "text": "Free text",
            "date": "Date",
        },
        "Questions.kind",
    ),
    _fixed(
        "comparable-grade",
        {
            "outstanding": "Outstanding",
            "good": "Good",
            "requires-improvement": "Requires improvement",
            "inadequate": "Inadequate",
        },
        "Grades.comparable",
    ),
)
