"""What happened in the feedback service, as events: codes, dates and pseudonyms, never a word that somebody wrote."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from contracts.feedback import Answer as AnswerPart
from contracts.feedback import (
    InvitationIssued,
    InvitationWithdrawn,
    PublishedQuestion,
    PublishedVersion,
    QuestionnairePublished,
    ResponseCountingChanged,
    ResponseSubmitted,
)
from feedback.domain.answers import Answer
from feedback.domain.invitation import Invitation
from feedback.domain.questionnaire import Question, Questionnaire
from feedback.domain.response import Response
from feedback.domain.words import ENGLISH


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


def response_counting_changed(response_id: UUID, *, counted: bool, revision: int, on: date) -> ResponseCountingChanged:
    """A person said whether the answers of an open link count that came in a rush."""
    return ResponseCountingChanged(response_id=response_id, counted=counted, revision=revision, changed_on=on)


def questionnaire_published(questionnaire: Questionnaire) -> QuestionnairePublished:
    """A questionnaire was published from the pages, with all of its versions."""
    return QuestionnairePublished(
        questionnaire=questionnaire.code,
        edition=questionnaire.edition,
        label=questionnaire.name,
        versions=tuple(
            PublishedVersion(version=each.version, begins_on=each.from_, questions=tuple(map(_published, each.questions)))
            for each in questionnaire.versions
        ),
    )


def _published(question: Question) -> PublishedQuestion:
    return PublishedQuestion(
        question=question.code,
        kind=question.kind,
        options=tuple(option.code for option in question.options),
        positive=question.positive,
        score_from=question.scale.positive_from if question.scale else None,
        label=question.text[ENGLISH],
    )
