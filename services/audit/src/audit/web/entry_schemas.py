"""What the JSON routes of parts, entries and moderations take and give."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.domain.audit import PartState, State
from audit.domain.judgement import Entry, EntryKind
from audit.web.audit_schemas import AuditActionOut, EntryOut, QuestionOut
from audit.web.dispute_payloads import Payload
from contracts.base import Code

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=10_000, pattern=r"^[^\x00]*$"),
    Field(description="Plain text without names, 10,000 letters at most. Stored encrypted, and in no event."),
]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
ENTRY_EXAMPLE: dict[str, Any] = {
    "grade": "good",
    "words": {
        "evidence": "The plan of 4 September quotes what she said to her social worker.",
        "strengths": "Her wishes led to the change of school.",
        "areas": "Her brother's view is not recorded.",
    },
}


class EntryIn(Payload):
    """One entry, whole: what it leaves out, it no longer has. It may be saved before it is complete."""

    model_config = ConfigDict(json_schema_extra={"example": ENTRY_EXAMPLE})

    grade: Code | None = Field(default=None, description="One of the `grades` of the form.")
    not_applicable: bool = Field(default=False, description="Of a section: it does not apply to the case; then without grade.")
    answer: Code | None = Field(default=None, description="One of the `options` of the form.")
    ticked: Annotated[list[Code], Field(max_length=100)] = Field(default=[], description="Any of the `ticks` of the form.")
    words: Annotated[dict[FieldName, Text], Field(max_length=20)] = Field(
        default={}, description="Texts by the names under `words` of the form."
    )

    def entry(self, code: str, revision: int) -> Entry:
        """As use cases take it, over the revision that the sender has read."""
        said = {name: words for name, words in self.words.items() if words}
        return Entry(code, self.grade, self.not_applicable, self.answer, frozenset(self.ticked), said, revision)


class QuestionAnswerIn(Payload):
    """An answer in words."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": "The final one, of 4 September."}})

    answer: Text


class LearningIn(Payload):
    """What an audit teaches: themes of the profile, and findings where the tool has them. Replaces what was chosen."""

    model_config = ConfigDict(json_schema_extra={"example": {"themes": ["plans-and-outcomes"], "findings": []}})

    themes: Annotated[list[Code], Field(max_length=100)]
    findings: Annotated[list[Code], Field(max_length=100)] = Field(default=[])


class ReturnIn(Payload):
    """The part that an auditor gets back, and what they are asked."""

    model_config = ConfigDict(json_schema_extra={"example": {"part": "lead", "question": "Which version of the plan?"}})

    part: Code
    question: Text


class StepResult(BaseModel):
    """Where an audit stands after a step."""

    audit_id: UUID
    state: State


class PartResult(StepResult):
    """Where an audit and one of its parts stand after a step."""

    part: str
    part_state: PartState


class EntryResult(BaseModel):
    """What was saved; the ETag is that of the next save."""

    audit_id: UUID
    part: str
    entry: str
    revision: int


class Labelled(BaseModel):
    """A code with its label."""

    code: str
    label: str


class GradeChoice(Labelled):
    """A grade, with what it means here."""

    meaning: str


class WordsField(BaseModel):
    """A text that is asked for."""

    name: str
    label: str
    hint: str


class Lacking(BaseModel):
    """What is still missing."""

    pointer: str = Field(description="`/<entry>/<field>`")
    detail: str


class FormOut(BaseModel):
    """One entry as it is asked for."""

    entry: str
    kind: EntryKind
    name: str
    hint: str
    required: bool
    grades: list[GradeChoice]
    may_be_not_applicable: bool
    options: list[Labelled]
    ticks: list[Labelled]
    words: list[WordsField]
    questionnaire: str | None = Field(description="Code of the feedback service's questionnaire that asks for the same views.")


class PartFormOut(FormOut):
    """One entry of a part, and what was saved in it."""

    saved: EntryOut


class OwnPartOut(BaseModel):
    """The caller's own part: what there is to judge, what is saved, and what is missing."""

    audit_id: UUID
    reference: str
    part: str
    state: PartState
    audit_state: State
    case_number: str | None
    tool: str
    tool_version: int
    due_on: date
    may_write: bool
    may_take_back: bool
    take_back_until: datetime | None = Field(description="Known once all auditors have submitted.")
    decides: bool = Field(description="Whether this part fixes the grades, because nobody moderates.")
    forms: list[PartFormOut]
    lacking: list[Lacking] = Field(description="What must be there before the part can be submitted.")
    suggestion: str | None = Field(description="Overall grade that the sections suggest, where the tool has a rule for it.")
    themes: list[str] = Field(description="Chosen themes of learning; only where this part decides.")
    known_themes: list[Labelled]
    actions: list[AuditActionOut]
    questions: list[QuestionOut]


class GivenOut(BaseModel):
    """What one auditor said of an entry; null while it is not shown, or where nothing was said."""

    part: str
    person: str
    name: str
    entry: EntryOut | None


class FinalFormOut(FormOut):
    """One entry of a moderation: what the auditors said, and what is decided."""

    given: list[GivenOut]
    differs: bool
    final: EntryOut


class ModerationOut(BaseModel):
    """A moderation, for its moderator: both auditors beside what is decided."""

    audit_id: UUID
    reference: str
    audit_state: State
    case_number: str | None
    due_on: date | None
    ready: bool = Field(description="Whether it is the moderator's turn.")
    may_return: bool = Field(description="Whether a part may be returned: also while another is with its auditor again.")
    forms: list[FinalFormOut]
    lacking: list[Lacking]
    suggestion: str | None
    themes: list[str]
    findings: list[str]
    known_themes: list[Labelled]
    known_findings: list[Labelled]
    actions: list[AuditActionOut]
