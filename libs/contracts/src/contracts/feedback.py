"""Events of the feedback service."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.base import Code, Event, Part

ResponseChannel = Literal["link", "call", "visit", "audit", "paper"]
InvitationChannel = Literal["letter", "email", "text", "poster", "handed-over"]
AnswerState = Literal["answered", "skipped", "does-not-apply", "not-asked"]


class Answer(Part):
    """What was answered to one question. Free text never leaves the feedback service: only that there was some."""

    question: Code
    state: AnswerState
    choices: tuple[Code, ...] = ()
    score: int | None = None


class InvitationIssued(Event):
    """A link was issued: once for one letter, or reusable for a poster."""

    subject: ClassVar[str] = "loop.feedback.v1.invitation_issued"

    invitation_id: UUID
    questionnaire: Code
    questionnaire_version: int
    channel: InvitationChannel
    reusable: bool
    service_area: Code
    team: Code | None = None
    about_on: date
    issued_on: date
    expires_on: date


class InvitationWithdrawn(Event):
    """A link was withdrawn and can no longer be answered."""

    subject: ClassVar[str] = "loop.feedback.v1.invitation_withdrawn"

    invitation_id: UUID
    withdrawn_on: date


class ResponseSubmitted(Event):
    """A person submitted a survey, or staff entered the answers for them.

    `about_on` is the day of what the survey is about (the final plan, the review, the closure): results are counted in that
    day's quarter, so that a late answer does not move between reports. Without such a day it is the day of answering.
    """

    subject: ClassVar[str] = "loop.feedback.v1.response_submitted"

    response_id: UUID
    invitation_id: UUID | None = None
    questionnaire: Code
    questionnaire_version: int
    language: str
    channel: ResponseChannel
    service_area: Code
    team: Code | None = None
    about_on: date
    answered_on: date
    submitted_at: datetime
    answers: tuple[Answer, ...]


class CommentThemed(Event):
    """Somebody said what a free text is about. `themes` are all that it has now; none where the last was taken away."""

    subject: ClassVar[str] = "loop.feedback.v1.comment_themed"

    response_id: UUID
    question: Code
    questionnaire: Code
    questionnaire_version: int
    channel: ResponseChannel
    service_area: Code
    team: Code | None = None
    about_on: date
    answered_on: date
    themes: tuple[Code, ...]
    themed_on: date


class QuoteReleased(Event):
    """A redacted quotation was approved by a second person. Its words are fetched from the feedback service, by its id."""

    subject: ClassVar[str] = "loop.feedback.v1.quote_released"

    quote_id: UUID
    version: int
    questionnaire: Code
    question: Code
    service_area: Code
    themes: tuple[Code, ...]
    released_on: date


class QuoteWithdrawn(Event):
    """A quotation may not be used any more, in none of its versions up to this one."""

    subject: ClassVar[str] = "loop.feedback.v1.quote_withdrawn"

    quote_id: UUID
    version: int
    withdrawn_on: date


class AnsweredQuestion(Part):
    """A question of a questionnaire."""

    questionnaire: Code
    question: Code


class ChangePublished(Event):
    """What was changed because of feedback stands on the public page; published again, it has a higher revision."""

    subject: ClassVar[str] = "loop.feedback.v1.change_published"

    change_id: UUID
    revision: int
    service_area: Code
    happened_on: date
    published_on: date
    questions: tuple[AnsweredQuestion, ...] = ()
    themes: tuple[Code, ...] = ()
    quotes: int = 0
    has_action: bool = False


class ChangeWithdrawn(Event):
    """A change was taken off the public page."""

    subject: ClassVar[str] = "loop.feedback.v1.change_withdrawn"

    change_id: UUID
    revision: int
    withdrawn_on: date


EVENTS: tuple[type[Event], ...] = (
    InvitationIssued,
    InvitationWithdrawn,
    ResponseSubmitted,
    CommentThemed,
    QuoteReleased,
    QuoteWithdrawn,
    ChangePublished,
    ChangeWithdrawn,
)
