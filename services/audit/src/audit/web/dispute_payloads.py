"""What the JSON routes of disputes take."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from audit.domain.outcome import Day, Reference
from contracts.base import Code


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds a NUL character, which cannot be stored")
    return value


Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(_no_nul),
    Field(description="Free text. Stored encrypted, and in no event."),
]
Role = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_no_nul),
    Field(description="Who must answer, in words. Stored encrypted."),
]
CaseNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_no_nul),
    Field(description="Your number for the child's case. Stored encrypted, with a keyed pseudonym beside it."),
]
StageNumber = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?$")]
PersonCode = Annotated[Code, Field(description="Code of the staff directory.")]


class Payload(BaseModel):
    """Base of what is posted: unknown fields and wrong types are refused. Words stay out of what is printed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def __repr_args__(self) -> Any:
        """Nothing: what is posted may be about a child."""
        return ()


class DisputeIn(Payload):
    """A concern about practice in a child's case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "ESC-4711",
                    "raised_on": "2026-11-16",
                    "raised_by": "iro",
                    "raised_person": "lee-walsh",
                    "category": "drift-and-delay",
                    "service_area": "through-care",
                    "case_number": "LCS-204418",
                    "concern": "No placement order application after two reviews.",
                    "informal_on": "2026-11-09",
                    "informal": "Spoke with the social worker; no date was given.",
                    "role": "Team manager, Through Care",
                }
            ]
        }
    )

    reference: Reference | None = Field(default=None, description="Your own number for it. With your client it is its key.")
    raised_on: Day
    raised_by: Code
    raised_person: PersonCode | None = None
    category: Code
    service_area: Code
    team: Code | None = None
    case_number: CaseNumber
    concern: Words
    informal_on: Day | None = Field(default=None, description="When it was tried to settle it in talks; with `informal`.")
    informal: Words | None = None
    person: PersonCode | None = Field(default=None, description="Who must answer; else `role`, else the managers of the team.")
    role: Role | None = None


class AnswerIn(Payload):
    """A manager's answer at the current stage."""

    answered_on: Day
    answer: Words
    answered_by: Code | None = Field(default=None, description="The level that answered; else the one that the stage is for.")


class EscalationIn(Payload):
    """On to the next stage, or to a named later one."""

    escalated_on: Day
    reason: Words
    stage: Code | None = None
    person: PersonCode | None = None
    role: Role | None = None


class ResolutionIn(Payload):
    """What came of it, and what changed for the child."""

    resolved_on: Day
    outcome: Code
    changed: Words
    informal: bool = Field(default=False, description="Settled in talks, without a formal answer at the current stage.")


class WithdrawalIn(Payload):
    """It was taken back."""

    withdrawn_on: Day
    reason: Words


class ReopeningIn(Payload):
    """It goes on, at the stage where it ended or at a named one."""

    reopened_on: Day
    reason: Words
    stage: Code | None = None
    person: PersonCode | None = None
    role: Role | None = None


class StageCorrectionIn(Payload):
    """What is to stand of a stage instead. A field that is left out stays; `person` and `role` can be emptied by null."""

    reached_on: Day | None = Field(default=None, description="Of a later stage; the first begins on the day of the raising.")
    person: PersonCode | None = None
    role: Role | None = None
    reason: Words | None = None
    answered_on: Day | None = None
    answered_by: Code | None = None
    answer: Words | None = None


class EndingCorrectionIn(Payload):
    """What is to stand of the ending instead. A field that is left out stays as it is."""

    ended_on: Day | None = None
    outcome: Code | None = None
    words: Words | None = Field(default=None, description="What changed for the child, or why it was withdrawn.")


class CorrectionIn(Payload):
    """What is to stand instead; what stood there before is kept in the history.

    A field that is left out stays as it is. `team`, `informal_on` and `informal` can be emptied by null.
    """

    raised_on: Day | None = None
    raised_by: Code | None = None
    category: Code | None = None
    service_area: Code | None = None
    team: Code | None = None
    case_number: CaseNumber | None = None
    concern: Words | None = None
    informal_on: Day | None = None
    informal: Words | None = None
    stages: Annotated[dict[StageNumber, StageCorrectionIn], Field(max_length=20)] = Field(
        default={}, description="By the number of the stage.", examples=[{"2": {"answered_on": "2026-11-19"}}]
    )
    ending: EndingCorrectionIn | None = None
