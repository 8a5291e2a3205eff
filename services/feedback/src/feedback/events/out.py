"""What happened in the feedback service, as events: codes, dates and pseudonyms, never a word that somebody wrote."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from contracts.feedback import Answer as AnswerPart
from contracts.feedback import (
    CallAttempted,
    CallChanged,
    CallerAssigned,
    InvitationIssued,
    InvitationWithdrawn,
    ResponseSubmitted,
)
from feedback.adapters.calls import Record
from feedback.domain.answers import Answer
from feedback.domain.call import Call
from feedback.domain.call_progress import Duty
from feedback.domain.invitation import Invitation
from feedback.domain.response import Response


def invitation_issued(invitation: Invitation) -> InvitationIssued:
    """A link was issued."""
    return InvitationIssued(
        invitation_id=invitation.id,
        questionnaire=invitation.questionnaire,
        questionnaire_version=invitation.version,
        channel=invitation.channel,
        reusable=invitation.reusable,
        service_area=invitation.service_area,
        team=invitation.team,
        about_on=invitation.about_on or invitation.issued_on,
        issued_on=invitation.issued_on,
        expires_on=invitation.expires_on,
    )


def invitation_withdrawn(invitation_id: UUID, today: date) -> InvitationWithdrawn:
    """A link was withdrawn."""
    return InvitationWithdrawn(invitation_id=invitation_id, withdrawn_on=today)


def response_submitted(response: Response, answers: Mapping[str, Answer], submitted_at: datetime) -> ResponseSubmitted:
    """A survey was submitted, by a person or by staff for them. Of a free text or a day it tells that there is one."""
    return ResponseSubmitted(
        response_id=response.id,
        invitation_id=response.invitation_id,
        questionnaire=response.questionnaire,
        questionnaire_version=response.version,
        language=response.language,
        channel=response.channel,
        service_area=response.service_area,
        team=response.team,
        about_on=response.about_on,
        answered_on=response.answered_on,
        submitted_at=submitted_at,
        answers=tuple(
            AnswerPart(question=code, state=answer.state, choices=answer.choices, score=answer.score)
            for code, answer in answers.items()
        ),
    )


def call_changed(record: Record, call: Call) -> CallChanged:
    """How a call stands now. Its reference stays here."""
    wanted = record.wanted
    return CallChanged(
        call_id=record.id,
        programme=wanted.programme,
        questionnaire=wanted.questionnaire,
        service_area=wanted.service_area,
        team=wanted.team,
        due_on=wanted.due_on,
        status=call.state.value,
        ended_on=call.ended_on,
        ground=call.ground.value if call.ground else None,
    )


def call_attempted(record: Record, call: Call, caller_key: str, today: date) -> CallAttempted:
    """The attempt that a call came to by its newest step."""
    wanted = record.wanted
    return CallAttempted(
        call_id=record.id,
        number=call.attempts,
        programme=wanted.programme,
        questionnaire=wanted.questionnaire,
        service_area=wanted.service_area,
        team=wanted.team,
        caller_key=caller_key,
        attempted_on=today,
        outcome=str(call.last_step),  # type: ignore[arg-type]  # an outcome, which the model checks
    )


def caller_assigned(duty: Duty, caller_key: str, service_area: str | None) -> CallerAssigned:
    """Who makes calls in a programme, as a pseudonym."""
    return CallerAssigned(
        caller_key=caller_key,
        programme=duty.programme,
        service_area=service_area,
        from_on=duty.from_on,
        until_on=duty.until_on,
        minimum=duty.minimum,
    )
