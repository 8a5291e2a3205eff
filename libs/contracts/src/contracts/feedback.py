"""Events of the feedback service."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import StringConstraints

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


EVENTS: tuple[type[Event], ...] = (
    InvitationIssued,
    InvitationWithdrawn,
    ResponseSubmitted,
    CallChanged,
    CallAttempted,
    CallerAssigned,
)
