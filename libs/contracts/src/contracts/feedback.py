"""Events of the feedback service."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import StringConstraints

from contracts.base import Code, Event, Part, RecordReduced
from contracts.feedback_stars import (
    StarClosed,
    StarCorrected,
    StarErased,
    StarRecorded,
    StarReopened,
    StarWithdrawn,
)

ResponseChannel = Literal["link", "call", "visit", "audit", "paper"]
InvitationChannel = Literal["letter", "email", "text", "poster", "handed-over"]
QuestionKind = Literal["one", "several", "scale", "star", "text", "date"]
MessageChannel = Literal["email", "text"]
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
    personal: ClassVar[Mapping[str, str | None]] = {"submitted_at": "{answered_on}T00:00:00Z"}

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


class ResponseCountingChanged(Event):
    """A person decided whether a response by an open link counts that came in a rush; the highest revision holds.

    A response that was held from the start is told of (`ResponseSubmitted`) only when it counts for the first time.
    """

    subject: ClassVar[str] = "loop.feedback.v1.response_counting_changed"

    response_id: UUID
    counted: bool
    revision: int
    changed_on: date


class PublishedQuestion(Part):
    """A question as it is asked; `label` is its English wording.

    `positive` are the option codes that count as favourable, `score_from` is the lowest favourable score.
    """

    question: Code
    kind: QuestionKind
    options: tuple[Code, ...] = ()
    positive: tuple[Code, ...] = ()
    score_from: int | None = None
    label: str


class PublishedVersion(Part):
    """A version of a questionnaire, asked from `begins_on` on."""

    version: int
    begins_on: date
    questions: tuple[PublishedQuestion, ...]


class QuestionnairePublished(Event):
    """Staff published a questionnaire on the pages: all of its versions as they are now, newest last.

    Each `edition` tells everything, so that the highest one is enough, in whatever order they come. The labels are the wording
    that is printed in letters and shown to whoever is asked: public, and no personal data. They are the only words in an event.
    """

    subject: ClassVar[str] = "loop.feedback.v1.questionnaire_published"

    questionnaire: Code
    edition: int
    label: str
    versions: tuple[PublishedVersion, ...]


class InvitationSent(Event):
    """A link was handed to the carrier of text messages or e-mails, for the first time."""

    subject: ClassVar[str] = "loop.feedback.v1.invitation_sent"

    invitation_id: UUID
    channel: MessageChannel
    sent_on: date


class InvitationReminded(Event):
    """Somebody who had not answered was reminded of their link, for the first or the second time."""

    subject: ClassVar[str] = "loop.feedback.v1.invitation_reminded"

    invitation_id: UUID
    channel: MessageChannel
    reminder: Literal[1, 2]
    reminded_on: date


class InvitationUndelivered(Event):
    """A message with a link could not be delivered; `message` is 0 for the first one, else the reminder's number."""

    subject: ClassVar[str] = "loop.feedback.v1.invitation_undelivered"

    invitation_id: UUID
    channel: MessageChannel
    message: Literal[0, 1, 2]
    found_on: date


class RemindersDeclined(Event):
    """Somebody said that they want no more reminders of a link. It can still be answered."""

    subject: ClassVar[str] = "loop.feedback.v1.reminders_declined"

    invitation_id: UUID
    declined_on: date


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


CallOutcome = Literal["no-answer", "wrong-number", "call-back", "declined", "done"]
CallStatus = Literal["due", "call-back", "done", "declined", "closed"]
CallGround = Literal["not-reached", "no-number", "not-to-be-called", "entered-by-mistake"]
CallerKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""A keyed pseudonym of a caller: the same for the same person, and nobody outside the feedback service can tell whose."""


class CallChanged(Event):
    """A call was added, or stands otherwise than before: how it stands now. Who is called is told by nothing in it."""

    subject: ClassVar[str] = "loop.feedback.v1.call_changed"

    call_id: UUID
    programme: Code
    questionnaire: Code
    service_area: Code
    team: Code | None = None
    due_on: date
    status: CallStatus
    ended_on: date | None = None
    ground: CallGround | None = None


class CallAttempted(Event):
    """Somebody tried to make a call; `number` counts the attempts of the call."""

    subject: ClassVar[str] = "loop.feedback.v1.call_attempted"

    call_id: UUID
    number: int
    programme: Code
    questionnaire: Code
    service_area: Code
    team: Code | None = None
    caller_key: CallerKey
    attempted_on: date
    outcome: CallOutcome


class CallerAssigned(Event):
    """Somebody makes calls in a programme, from a day to a day (None: still), so many a month at least (None: no number).

    Told again with its last day when it ends. One whose last day is before its first held on no day.
    """

    subject: ClassVar[str] = "loop.feedback.v1.caller_assigned"

    caller_key: CallerKey
    programme: Code
    service_area: Code | None = None
    from_on: date
    until_on: date | None = None
    minimum: int | None = None


class FeedbackRecordReduced(RecordReduced):
    """Words and references of an answer, a letter, a worry or a call have gone."""

    subject: ClassVar[str] = "loop.feedback.v1.record_reduced"


EVENTS: tuple[type[Event], ...] = (
    InvitationIssued,
    InvitationWithdrawn,
    ResponseSubmitted,
    ResponseCountingChanged,
    QuestionnairePublished,
    InvitationSent,
    InvitationReminded,
    InvitationUndelivered,
    RemindersDeclined,
    StarRecorded,
    StarCorrected,
    StarWithdrawn,
    StarClosed,
    StarReopened,
    StarErased,
    CommentThemed,
    QuoteReleased,
    QuoteWithdrawn,
    ChangePublished,
    ChangeWithdrawn,
    CallChanged,
    CallAttempted,
    CallerAssigned,
    FeedbackRecordReduced,
)
