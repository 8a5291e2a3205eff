"""What happened in the feedback service, as events: codes, dates and pseudonyms, never a word that somebody wrote."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from chassis.days import british_day
from contracts.feedback import Answer as AnswerPart
from contracts.feedback import (
    AnsweredQuestion,
    CallAttempted,
    CallChanged,
    CallerAssigned,
    ChangePublished,
    ChangeWithdrawn,
    CommentThemed,
    InvitationIssued,
    InvitationWithdrawn,
    PublishedQuestion,
    PublishedVersion,
    QuestionnairePublished,
    QuoteReleased,
    QuoteWithdrawn,
    ResponseCountingChanged,
    ResponseSubmitted,
)
from contracts.feedback_stars import (
    StarClosed,
    StarCorrected,
    StarErased,
    StarRecorded,
    StarReopened,
    StarScore,
    StarWithdrawn,
)
from feedback.adapters.calls import (
    Record,
)
from feedback.adapters.changes import (
    StoredChange,
)
from feedback.adapters.comments import (
    Stored,
)
from feedback.adapters.quotes import (
    Approved,
)
from feedback.adapters.star_readings import (
    Taken,
)
from feedback.adapters.stars import (
    Star,
)
from feedback.domain.answers import Answer
from feedback.domain.call import Call
from feedback.domain.call_progress import Duty
from feedback.domain.invitation import Invitation
from feedback.domain.questionnaire import Question, Questionnaire
from feedback.domain.response import Response
from feedback.domain.stars import Closure, Range
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


def _star_reading(star: Star, taken: Taken, scales: Mapping[str, Range]) -> dict[str, Any]:
    return {
        "star_id": star.id,
        "reading_id": taken.id,
        "person": star.person,
        "star": star.kind,
        "questionnaire": taken.questionnaire,
        "questionnaire_version": taken.version,
        "point": taken.point.value,
        "taken_on": taken.taken_on,
        "channel": taken.channel,
        "answered_by": taken.answered_by,
        "service_area": taken.service_area,
        "team": taken.team,
        "scores": tuple(
            StarScore(scale=scale, score=taken.scores[scale], lowest=width.lowest, highest=width.highest)
            for scale, width in scales.items()
            if scale in taken.scores
        ),
    }


def star_recorded(star: Star, taken: Taken, scales: Mapping[str, Range]) -> StarRecorded:
    """A reading counts from now on. The person is told of by a keyed pseudonym."""
    return StarRecorded(**_star_reading(star, taken, scales))


def star_corrected(star: Star, taken: Taken, scales: Mapping[str, Range], today: date) -> StarCorrected:
    """A reading stands otherwise than it was told."""
    return StarCorrected(**_star_reading(star, taken, scales), corrected_on=today)


def star_withdrawn(star: Star, reading: UUID, today: date) -> StarWithdrawn:
    """A reading counts nowhere any more."""
    return StarWithdrawn(star_id=star.id, reading_id=reading, withdrawn_on=today)


def star_closed(star: Star, closed: Closure) -> StarClosed:
    """A course is over."""
    return StarClosed(
        star_id=star.id,
        person=star.person,
        star=star.kind,
        service_area=star.service_area,
        team=star.team,
        closed_on=closed.on,
        ground=closed.reason,
    )


def star_reopened(star: Star, today: date) -> StarReopened:
    """A course goes on."""
    return StarReopened(star_id=star.id, reopened_on=today)


def star_erased(star_id: UUID, ground: Literal["asked", "time-over"], today: date) -> StarErased:
    """A course is gone."""
    return StarErased(star_id=star_id, erased_on=today, ground=ground)


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
