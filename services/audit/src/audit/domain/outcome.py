"""The outcome of a finished audit, as another system posts it.

A value: two outcomes that say the same are the same, in whatever order their sections stand. Nothing here knows the profile;
`audit.domain.rules` holds an outcome against it.
"""

import hashlib
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError, to_json

from contracts.audit import AuditKind
from contracts.base import Code, Rag

_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MAX_CASES = 100_000
MAX_SECTIONS = 100

# Named here, since a mistaken order of the fields is the commonest slip of a posting system.
DATES = ("allocated_on", "submitted_on", "moderated_on", "completed_on")
"""The days of an audit in the order in which they come."""


def _iso_date(value: Any) -> Any:
    """Only YYYY-MM-DD: Pydantic would also take seconds since 1970 and times of day."""
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("no_such_day", "There is no such day in the calendar.") from None
    if type(value) is date:
        return value
    raise PydanticCustomError("iso_date", "Expected a day as text in the form YYYY-MM-DD.")


Day = Annotated[date, BeforeValidator(_iso_date, json_schema_input_type=date)]
Count = Annotated[int, Field(ge=0, le=100)]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$", max_length=100)]
"""A system's own number for a record. No spaces, so that nobody puts a name into it."""


class Value(BaseModel):
    """A part of an outcome: strict, frozen, and without anything that is not documented."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SectionOutcome(Value):
    """What was judged of one section. `grade` is the one that counts; `lead` and `peer` are what those auditors gave."""

    section: Code
    grade: Code | None = None
    lead: Code | None = None
    peer: Code | None = None
    not_applicable: bool = False


class Activity(Value):
    """Pieces of audit activity: one looped audit is a lead, a peer and a moderation."""

    lead: Count = 0
    peer: Count = 0
    moderation: Count = 0
    single: Count = 0


class Action(Value):
    """An action that the audit led to, without its words. One that nobody has to do by any day would never be late."""

    reference: Code
    due_on: Day
    done_on: Day | None = None


class Outcome(Value):
    """One version of an outcome."""

    reference: Reference = Field(description="Your own number for the audit, without names. With your client it is its key.")
    version: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="1 at first; a correction posts a higher one.")
    kind: AuditKind = Field(description="The kind of the tool, as the profile has it.")
    tool: Code
    service_area: Code
    team: Code | None = None
    case_reference: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")] | None = Field(
        default=None,
        description="Your number for the child's case. Only a keyed pseudonym of it is kept; it is never given out again.",
        repr=False,
    )
    completed_on: Day = Field(description="The day that decides in which period the audit is counted.")
    allocated_on: Day | None = None
    submitted_on: Day | None = None
    moderated_on: Day | None = None
    overall: Code | None = Field(default=None, description="Overall grade; required where the tool has grades.")
    rag: Rag | None = Field(default=None, description="Rating, for tools without grades.")
    findings: Annotated[list[Code], Field(max_length=50)] = []
    sections: Annotated[list[SectionOutcome], Field(max_length=MAX_SECTIONS)] = []
    activity: Activity
    cases: Annotated[int, Field(ge=1, le=MAX_CASES)] = Field(default=1, description="Children whose cases were looked at.")
    themes: Annotated[list[Code], Field(max_length=50)] = Field(default=[], description="Themes of the learning.")
    actions: Annotated[list[Action], Field(max_length=100)] = []


Status = Literal["recorded", "corrected", "unchanged"]


def content_of(outcome: Outcome, case_key: str | None) -> dict[str, Any]:
    """What is kept of a version: everything, in a fixed order, with the case as a pseudonym only."""
    content = outcome.model_dump(mode="json", exclude={"reference", "version", "case_reference"})
    content["findings"].sort()
    content["themes"].sort()
    content["sections"].sort(key=_section)
    content["actions"].sort(key=_reference)
    content["case_key"] = case_key
    return content


def digest_of(content: dict[str, Any]) -> bytes:
    """SHA-256 by which two posts of the same version are told apart; of what `content_of` made."""
    return hashlib.sha256(to_json(content)).digest()


def _section(part: dict[str, Any]) -> str:
    return str(part["section"])


def _reference(part: dict[str, Any]) -> str:
    return str(part["reference"])
