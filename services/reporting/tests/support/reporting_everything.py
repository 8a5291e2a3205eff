"""At least one row of every fact table, and of every view of them."""

from datetime import date

from reporting_ombudsman import wanted
from reporting_records import (
    complaint,
    counting,
    ident,
    outcome,
    point_now,
    points_changed,
    recounted,
    responded,
    response,
    started,
)
from reporting_said import all_that_was_said
from reporting_stars import erased
from reporting_work import one_of_each

from contracts import audit, complaints, feedback
from contracts.base import Event

DAY = date(2022, 4, 4)


def everything(reference: str) -> list[Event]:
    """Events of one organisation."""
    return [*_audits(reference), *_surveys(reference), *_complaints(reference), *one_of_each(reference, DAY)]


def _audits(reference: str) -> list[Event]:
    section = audit.SectionGrade(section="plans", state="graded", grade="good", lead="good", peer="requires-improvement")
    action = audit.ActionState(action="one", due_on=DAY)
    return [outcome(reference, DAY, sections=(section,), actions=(action,), findings=("in-draft",), themes=("timeliness",))]


def _surveys(reference: str) -> list[Event]:
    link = ident(reference, "invitation")
    return [
        feedback.InvitationIssued(
            invitation_id=link, questionnaire="new-ehcp", questionnaire_version=1, channel="text", reusable=False,
            service_area="send", about_on=DAY, issued_on=DAY, expires_on=DAY,
        ),
        feedback.InvitationSent(invitation_id=link, channel="text", sent_on=DAY),
        feedback.RemindersDeclined(invitation_id=link, declined_on=DAY),
        feedback.InvitationWithdrawn(invitation_id=link, withdrawn_on=DAY),
        response(reference, DAY, {"q": "yes"}),
        counting(reference, 1, DAY, counted=True),
        feedback.QuestionnairePublished(questionnaire="new-ehcp", edition=1, label="Edition 1", versions=()),
        *all_that_was_said(),
        erased(f"{reference}-gone", DAY),
    ]  # fmt: skip


def _complaints(reference: str) -> list[Event]:
    came = ident(reference, "came")
    return [
        complaint(reference, DAY, categories=["send-other"]),
        started(reference, DAY, acknowledge_by=DAY),
        responded(reference, DAY, 3, ["upheld"]),
        recounted(reference, "respond", DAY, responded_on=DAY, ending="answered", findings=["upheld"]),
        points_changed(reference, 2, "point-add", point_now(reference, 1), point_now(reference, 2, became="taken-back")),
        complaints.ComplaintVoided(complaint_id=ident("complaint", f"{reference}-void"), decided_on=DAY),
        complaints.OmbudsmanCaseAccepted(case_id=ident(reference, "case"), service_area="send", accepted_on=DAY),
        wanted(reference, 2, DAY, deadlines=[("enquiry", DAY, None, None)]),
        complaints.ComplimentReceived(
            compliment_id=ident(reference, "compliment"), received_on=DAY, service_area="send", source="x", external=True
        ),
        complaints.RepresentationReceived(
            representation_id=came, received_on=DAY, recorded_on=DAY, came_by="phone", said="comment", from_child=False,
            language="en", service_area="send",
        ),
        complaints.RepresentationDecided(representation_id=came, revision=1, decided_on=DAY, outcome="comment"),
        complaints.ComplaintRecordReduced(
            kind="complaint", record_id=ident(reference, "reduced"), reduced_on=DAY, ground="time-over"
        ),
    ]  # fmt: skip
