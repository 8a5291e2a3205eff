"""Which events may leave the installation as webhooks, what a machine must hold to ask for them, and who asked for which.

An event goes out only where it stands in `SENT`: one that is added to the contracts goes to nobody until somebody has looked
at it (docs/decisions/0024). Names are the subjects without `loop.`, as in the AsyncAPI: `complaints.v1.complaint_received`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts import audit, complaints, feedback, feedback_stars
from contracts.base import Event

TEST = "webhook.test"
"""The type of the message by which a receiver shows that it is there; nobody asks for it."""

EVERYTHING_OF = ("audit.*", "complaints.*", "feedback.*")
"""Ways to ask for all that a service sends, also what it sends later."""

_AUDITS = "audit:audits:read"
_DISPUTES = "audit:disputes:read"
_LINKS = "feedback:invitations:read"
_STARS = "feedback:stars:read"
_QUOTES = "feedback:quotes:read"
_CALLS = "feedback:calls:read"
_COMPLAINTS = "complaints:read"

_SENT: tuple[tuple[type[Event], str, str], ...] = (
    (audit.OutcomeRecorded, _AUDITS, "The outcome of an audit was recorded or corrected"),
    (audit.AuditAllocated, _AUDITS, "A case was picked for an audit"),
    (audit.AuditSubmitted, _AUDITS, "An auditor submitted their part"),
    (audit.AuditModerated, _AUDITS, "An audit was moderated"),
    (audit.AuditReviewed, _AUDITS, "The actions of an audit were reviewed"),
    (audit.AuditWithdrawn, _AUDITS, "An audit was withdrawn"),
    (audit.ActionChanged, _AUDITS, "An action of an audit was set, moved, done or dropped"),
    (audit.DisputeRaised, _DISPUTES, "A concern about practice was raised"),
    (audit.DisputeStageReached, _DISPUTES, "A dispute came to a stage, or was answered at it"),
    (audit.DisputeResolved, _DISPUTES, "A dispute ended"),
    (audit.DisputeReopened, _DISPUTES, "A dispute was opened again"),
    (audit.PracticeAcknowledged, _DISPUTES, "Good practice was acknowledged"),
    (complaints.ComplaintReceived, _COMPLAINTS, "A complaint or enquiry was received"),
    (complaints.ComplaintVoided, _COMPLAINTS, "A complaint was made in error and counts nowhere"),
    (complaints.PointsChanged, _COMPLAINTS, "The points of a complaint changed"),
    (complaints.StageRequested, _COMPLAINTS, "The next stage was asked for"),
    (complaints.StageDecided, _COMPLAINTS, "The next stage was accepted or declined"),
    (complaints.StageStarted, _COMPLAINTS, "A stage began, and its clock runs"),
    (complaints.StageExtended, _COMPLAINTS, "The limit of a stage was extended"),
    (complaints.StageResponded, _COMPLAINTS, "The response of a stage was sent"),
    (complaints.StageRecounted, _COMPLAINTS, "A stage was acknowledged, suspended, heard by a panel, corrected or withdrawn"),
    (complaints.OmbudsmanCaseAccepted, _COMPLAINTS, "The Ombudsman accepted a case"),
    (complaints.OmbudsmanOutcomeReceived, _COMPLAINTS, "The Ombudsman’s outcome arrived"),
    (complaints.OmbudsmanCaseRecounted, _COMPLAINTS, "An Ombudsman case changed"),
    (complaints.ComplimentReceived, _COMPLAINTS, "A compliment arrived"),
    (complaints.LearningActionRecorded, _COMPLAINTS, "An action from a complaint was recorded"),
    (complaints.LearningActionChanged, _COMPLAINTS, "An action from a complaint was changed"),
    (complaints.LearningActionCompleted, _COMPLAINTS, "An action from a complaint was done"),
    (complaints.LearningActionReviewed, _COMPLAINTS, "An action from a complaint was reviewed"),
    (complaints.LearningDeclined, _COMPLAINTS, "A point was decided to need no action"),
    (feedback.QuestionnairePublished, "", "A questionnaire was published"),
    (feedback.InvitationIssued, _LINKS, "A survey link was issued"),
    (feedback.InvitationSent, _LINKS, "A survey link was sent"),
    (feedback.InvitationReminded, _LINKS, "Somebody was reminded of their link"),
    (feedback.InvitationUndelivered, _LINKS, "A message with a link could not be delivered"),
    (feedback.RemindersDeclined, _LINKS, "Somebody wants no more reminders of a link"),
    (feedback.InvitationWithdrawn, _LINKS, "A survey link was withdrawn"),
    (feedback_stars.StarRecorded, _STARS, "A reading of an outcome star was taken"),
    (feedback_stars.StarCorrected, _STARS, "A reading of an outcome star was corrected"),
    (feedback_stars.StarWithdrawn, _STARS, "A reading of an outcome star was withdrawn"),
    (feedback_stars.StarClosed, _STARS, "A course of outcome stars ended"),
    (feedback_stars.StarReopened, _STARS, "A course of outcome stars goes on"),
    (feedback_stars.StarErased, _STARS, "A course of outcome stars was erased: keep nothing of it"),
    (feedback.QuoteReleased, _QUOTES, "A redacted quotation was approved"),
    (feedback.QuoteWithdrawn, _QUOTES, "A quotation may not be used any more"),
    (feedback.ChangePublished, "", "A change because of feedback was published"),
    (feedback.ChangeWithdrawn, "", "A published change was taken back"),
    (feedback.CallChanged, _CALLS, "A call was added, or stands otherwise"),
)

_REDUCED = "That something was here of which nothing is left, worries and what came in among it: it would outlive its erasure."
_WITHHELD: tuple[tuple[type[Event], str], ...] = (
    (
        audit.AuditEscalated,
        "Safeguarding. What may come three days late is no alarm, and it would mark a child’s case outside.",
    ),
    (complaints.RepresentationReceived, "Nobody has read it yet, and it may be a disclosure. What it becomes is sent."),
    (complaints.RepresentationDecided, "It says where a concern went instead, safeguarding too. What it becomes is sent."),
    (feedback.ResponseSubmitted, "A family’s answers, under the link that the receiver may have issued: it would know whose."),
    (feedback.ResponseCountingChanged, "About one family’s answers."),
    (feedback.CommentThemed, "What one family’s words are about."),
    (feedback.CallAttempted, "The work of one member of staff, call by call."),
    (feedback.CallerAssigned, "The work of one member of staff."),
    (audit.AuditRecordReduced, _REDUCED),
    (complaints.ComplaintRecordReduced, _REDUCED),
    (feedback.FeedbackRecordReduced, _REDUCED),
)


def name_of(event: type[Event]) -> str:
    """What a webhook calls an event."""
    return event.subject.removeprefix("loop.")


SENT: Mapping[str, str] = {name_of(event): words for event, _, words in _SENT}
"""Events that may go out, with what each says."""

NEEDS: Mapping[str, str] = {name_of(event): scope for event, scope, _ in _SENT}
"""The scope that a machine must hold to be sent it; empty: none, since it stands on a public page."""

WITHHELD: Mapping[str, str] = {name_of(event): why for event, why in _WITHHELD}
"""Events that go to nobody, with the reason."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscription asks for. No areas: of the whole organisation. `scopes`: of the machine that made it, if one did."""

    types: frozenset[str]
    areas: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    within: frozenset[str] = frozenset()
    """The service areas to which that machine is limited; empty: none."""

    def wants(self, name: str, data: Mapping[str, Any]) -> bool:
        """Whether an event is for it. Where it is limited to service areas, only what names one of them in `service_area`."""
        if name not in SENT or not (name in self.types or f"{name.partition('.')[0]}.*" in self.types):
            return False
        if self.scopes is not None and NEEDS[name] and NEEDS[name] not in self.scopes:
            return False
        area = data.get("service_area")
        return all(not limit or area in limit for limit in (self.areas, self.within))


def out_of_reach(types: Iterable[str], scopes: frozenset[str] | None) -> list[str]:
    """What of `types` cannot be asked for: names that are none or are withheld, and what a machine's scopes do not reach."""

    def may(name: str) -> bool:
        return scopes is None or not NEEDS[name] or NEEDS[name] in scopes

    def reached(wanted: str) -> bool:
        if wanted in EVERYTHING_OF:
            return any(may(name) for name in SENT if name.startswith(wanted[:-1]))
        return wanted in SENT and may(wanted)

    return sorted(each for each in set(types) if not reached(each))
