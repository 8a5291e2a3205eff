"""What happened in the feedback service, as events: codes, dates and pseudonyms, never a word that somebody wrote."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from chassis.days import british_day
from contracts.feedback import Answer as AnswerPart
from contracts.feedback import (
    AnsweredQuestion,
    ChangePublished,
    ChangeWithdrawn,
    CommentThemed,
    InvitationIssued,
    InvitationWithdrawn,
    QuoteReleased,
    QuoteWithdrawn,
    ResponseSubmitted,
)
from feedback.adapters.changes import StoredChange
from feedback.adapters.comments import Stored
from feedback.adapters.quotes import Approved
from feedback.domain.answers import Answer
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


def comment_themed(comment: Stored, themes: Sequence[str], now: datetime) -> CommentThemed:
    """Somebody said what a free text is about."""
    return CommentThemed(
        response_id=comment.response_id,
        question=comment.question,
        questionnaire=comment.questionnaire,
        questionnaire_version=comment.version,
        channel=comment.channel,  # type: ignore[arg-type]  # the database holds no other
        service_area=comment.service_area,
        team=comment.team,
        about_on=comment.about_on,
        answered_on=comment.answered_on,
        themes=tuple(themes),
        themed_on=british_day(now),
    )


def quote_released(quote: Approved) -> QuoteReleased:
    """A quotation may be used; its words are not told."""
    return QuoteReleased(
        quote_id=quote.quote_id,
        version=quote.version,
        questionnaire=quote.questionnaire,
        question=quote.question,
        service_area=quote.service_area,
        themes=quote.themes,
        released_on=quote.released_on,
    )


def quote_withdrawn(quote_id: UUID, version: int, today: date) -> QuoteWithdrawn:
    """A quotation may not be used any more."""
    return QuoteWithdrawn(quote_id=quote_id, version=version, withdrawn_on=today)


def change_published(change: StoredChange) -> ChangePublished:
    """A change stands on the public page."""
    pairs = [each.partition("/") for each in change.about.questions]
    return ChangePublished(
        change_id=change.id,
        revision=change.revision,
        service_area=change.about.service_area,
        happened_on=change.about.happened_on,
        published_on=change.published_on or change.about.happened_on,
        questions=tuple(AnsweredQuestion(questionnaire=one, question=two) for one, _, two in pairs),
        themes=change.about.themes,
        quotes=len(change.about.quotes),
        has_action=change.about.action is not None,
    )


def change_withdrawn(change_id: UUID, revision: int, today: date) -> ChangeWithdrawn:
    """A change was taken off the public page."""
    return ChangeWithdrawn(change_id=change_id, revision=revision, withdrawn_on=today)
