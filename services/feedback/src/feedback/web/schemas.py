"""Bodies of the JSON API; what an integrator reads stands in the descriptions."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.problems import Problem
from contracts.base import Code
from contracts.feedback import InvitationChannel
from feedback.domain.answers import TEXT_LIMIT, Answer
from feedback.domain.invitation import InvitationRequest, Reference, State
from feedback.domain.sending import MessageStands
from feedback.domain.words import Language

BATCH = 1000
Day = Annotated[date, Field(strict=False)]


class InvitationBatch(BaseModel):
    """Up to 1,000 links to issue in one transaction."""

    model_config = ConfigDict(extra="forbid")

    invitations: list[InvitationRequest] = Field(min_length=1, max_length=BATCH)


class Issued(BaseModel):
    """A link. The token in `url` is stored nowhere in the clear and told here only."""

    status: Literal["issued", "unchanged"] = Field(
        description="`unchanged`: the same reference with the same content was issued before; its link cannot be shown again."
    )
    invitation_id: UUID
    url: str | None = Field(examples=["http://127.0.0.1:8400/s/gezdgnbvgy3tqojqgezdgnbvgy3tqojq"])
    short_code: str | None = Field(
        description="To type at /s/code; dashes and capitals do not matter.", examples=["C4K7M-2PQ9X"]
    )
    expires_on: date = Field(description="Last day on which the link works.")
    qr_svg: str | None = Field(description="QR code of `url` as SVG: error correction M, quiet zone of 4 modules.")
    sending: bool = Field(description="We send it to the address in `send_to`; how that goes stands in the list of links.")


class BatchItem(BaseModel):
    """What became of one request of a batch."""

    index: int
    status: Literal["issued", "unchanged", "refused"]
    invitation_id: UUID | None
    url: str | None
    short_code: str | None
    expires_on: date | None
    sending: bool = Field(description="We send it to the address in `send_to`.")
    problem: Problem | None = Field(description="Why it was refused; pointers are relative to the item.")


class BatchResult(BaseModel):
    """What became of each request, in their order."""

    results: list[BatchItem]
    counts: dict[Literal["issued", "unchanged", "refused"], int]


class Withdrawn(BaseModel):
    """The state after withdrawing."""

    invitation_id: UUID
    state: State


class InvitationState(BaseModel):
    """An invitation; never what was answered."""

    invitation_id: UUID
    reference: str | None
    questionnaire: Code
    version: int
    channel: InvitationChannel
    reusable: bool
    service_area: Code
    team: Code | None
    about_on: date | None
    issued_on: date
    expires_on: date
    language: str | None = Field(description="In which the survey begins; null: the questionnaire's first.")
    state: State = Field(description="`answered` is for single links only; a poster stays `open`.")
    message: MessageStands | None = Field(
        description="How the last message stands, where we send it (else null). `undelivered`: it did not arrive, and its "
        "address is deleted; withdraw the link and issue one for a letter. `stopped`: not needed any more."
    )
    reminders: int = Field(description="Reminders that went out: two at most.")
    reminders_declined: bool = Field(description="Whoever got it wants no reminders; the link goes on working.")


class InvitationPage(BaseModel):
    """A page of invitations, newest first."""

    items: list[InvitationState]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")


class AnswerBody(BaseModel):
    """An answer: exactly one of its members."""

    model_config = ConfigDict(extra="forbid", strict=True)

    choice: Code | None = None
    choices: list[Code] | None = Field(default=None, min_length=1, max_length=50)
    score: int | None = Field(default=None, ge=0, le=10)
    text: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT, pattern=r"^[^\x00]*$")] | None = None
    date: Day | None = None
    skipped: Literal[True] | None = None
    does_not_apply: Literal[True] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or None in (getattr(self, name) for name in self.model_fields_set):
            raise ValueError("expected exactly one of: choice, choices, score, text, date, skipped, does_not_apply")
        return self

    def answer(self) -> Answer:
        """As the domain has it."""
        if self.skipped:
            return Answer("skipped")
        if self.does_not_apply:
            return Answer("does-not-apply")
        choices = (self.choice,) if self.choice is not None else tuple(self.choices or ())
        return Answer("answered", choices=choices, score=self.score, text=self.text, day=self.date)


class ResponseRequest(BaseModel):
    """Answers that staff took down for somebody."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reference": "CALL-2022-118",
                    "questionnaire": "new-ehcp",
                    "channel": "call",
                    "language": "en",
                    "service_area": "send",
                    "team": None,
                    "about_on": "2022-05-12",
                    "answered_on": "2022-05-30",
                    "answers": {"involved-in-assessment": {"choice": "yes"}, "needs-met": {"skipped": True}},
                }
            ]
        },
    )

    reference: Reference = Field(description="Your own name for it, once for each response. Use no names of people.")
    questionnaire: Code
    channel: Literal["call", "visit", "audit", "paper"] = Field(description="How the answers were taken.")
    language: Language = Field(description="Language in which the questions were put; one of the questionnaire's.")
    service_area: Code
    team: Code | None = None
    about_on: date | None = Field(default=None, description="Day of what the survey is about; answers count in its quarter.")
    answered_on: date = Field(
        description="Day of the answers: it decides which version of the questions they are checked against."
    )
    answers: dict[Code, AnswerBody] = Field(
        max_length=200,
        description="By code of the question. One that was put and not answered is `skipped`; one left out was not asked.",
    )
    may_quote: bool | None = Field(
        default=None,
        strict=True,
        description="What the person answered to 'May we use your words without your name?'. Null or left out: they were not "
        "asked, and their words are never quoted.",
    )


class ResponseResult(BaseModel):
    """The response as stored."""

    response_id: UUID
    status: Literal["recorded", "unchanged"]


class QuestionnaireSummary(BaseModel):
    """A questionnaire without its questions."""

    code: Code
    name: str
    audience: str
    languages: list[str]
    needs_review: list[str]
    version: int | None = Field(description="The version in force today; null before the first.")


class QuestionnaireList(BaseModel):
    """All questionnaires of the profile."""

    items: list[QuestionnaireSummary]


class QuestionBody(BaseModel):
    """A question in its wording of one version."""

    number: int = Field(description="Place in the version, counted from 1; its page is /s/question/{number}.")
    code: Code
    kind: str
    text: dict[str, str]
    hint: dict[str, str] | None
    required: bool
    options: list[dict[str, Any]]
    does_not_apply: dict[str, str] | None
    scale: dict[str, Any] | None
    themes: list[Code]
    show_if: dict[str, Any] | None
    easy: dict[str, str] | None = Field(description="Its wording in easy read; options have one each, or null.")
    easy_hint: dict[str, str] | None
    picture: str | None = Field(description="What is drawn beside it in easy read.")


class VersionBody(BaseModel):
    """A version of a questionnaire."""

    version: int
    from_: date = Field(serialization_alias="from", description="First day on which invitations use it.")
    questions: list[QuestionBody]


class QuestionnaireBody(QuestionnaireSummary):
    """A questionnaire with all its versions, oldest first."""

    about: str
    intro: dict[str, str]
    thank_you: dict[str, str]
    title: dict[str, str] | None = Field(description="The heading that families see; null where it is the name.")
    easy_intro: dict[str, str] | None = Field(description="The introduction in easy read; null where there is no easy read.")
    versions: list[VersionBody]


class QuoteBody(BaseModel):
    """A quote that was redacted by one person and approved by another."""

    quote_id: UUID
    version: int = Field(description="Of the text: a quote that was redacted anew has a higher one.")
    words: str = Field(description="What may be used, as it is: square brackets stand for what was taken out.")
    language: str
    questionnaire: Code
    question: Code
    service_area: Code
    themes: list[Code]
    released_on: date


class QuotePage(BaseModel):
    """A page of approved quotes, the last approved first."""

    items: list[QuoteBody]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")
