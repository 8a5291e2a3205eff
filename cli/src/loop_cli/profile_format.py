"""The format of profiles (docs/guides/profiles.md) as models, so that files can be checked without an installation.

The services check their own parts again when a profile is applied, and theirs is the last word.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from loop_cli.profile_intake import Intake
from loop_cli.profile_letters import Letters
from loop_cli.profile_programmes import Programme

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80, strict=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strict=True)]
Prompt = Annotated[str, StringConstraints(min_length=1, max_length=500, strict=True)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", strict=True)]
Texts = dict[Language, Text]
Positive = Annotated[StrictInt, Field(ge=1)]
Comparable = Literal["outstanding", "good", "requires-improvement", "inadequate"]
Subject = Literal["audits", "feedback", "complaints", "compliments"]
Audience = Literal["child", "young-person", "care-leaver", "parent-carer", "foster-carer", "birth-parent", "partner", "staff"]
AuditKind = Literal["looped", "single", "targeted", "multi-agency", "dip-sample", "practice-evaluation"]
FINDINGS = ("upheld", "partially-upheld", "not-upheld", "no-finding", "discontinued", "withdrawn")


class Part(BaseModel):
    """A part of a profile; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Part):
    """Something with a code and a label."""

    code: Code
    name: Text


class Validity(Part):
    """Days, both included; None is open."""

    from_: date | None = Field(alias="from")
    until: date | None


class FormerName(Part):
    """A label up to and including a day."""

    name: Text
    until: date


class Grade(Part):
    """A grade of a scale."""

    code: Code
    label: Text
    short: Text
    definition: Text
    comparable: Comparable


class GradeScale(Named):
    """Grades, best first."""

    grades: Annotated[list[Grade], Field(min_length=2)]


class Activity(Part):
    """Pieces of audit activity."""

    lead: Annotated[StrictInt, Field(ge=0)]
    peer: Annotated[StrictInt, Field(ge=0)]
    moderation: Annotated[StrictInt, Field(ge=0)]
    single: Annotated[StrictInt, Field(ge=0)]


class Section(Named):
    """A section of a tool."""

    guidance: Text
    look_for: Annotated[list[Prompt], Field(max_length=20)] = []
    grade_guidance: dict[Code, Text] = {}
    themes: list[Code]


class ToolOption(Part):
    """An answer to a question of a tool."""

    code: Code
    label: Label


class ToolQuestion(Part):
    """A question of a tool without grades."""

    code: Code
    text: Prompt
    hint: Text | Literal[""] = ""
    options: list[ToolOption] = []
    required: StrictBool


class Views(Part):
    """Whose views an audit asks for, and by which questionnaire."""

    who: Literal["child", "parent", "carer", "worker"]
    questionnaire: Code | None = None


class Tool(Named):
    """An audit tool."""

    version: Positive
    purpose: Text | Literal[""] = ""
    before_you_begin: Text | Literal[""] = ""
    kind: AuditKind
    visit: StrictBool = False
    acknowledge: StrictBool = False
    rag: StrictBool = False
    discussion: StrictBool = False
    scale: Code | None
    suggest_overall: Literal["worst-section", "none"]
    activity: Activity
    findings: list[Code]
    sections: list[Section]
    questions: list[ToolQuestion] = []
    agencies: list[Named] = []
    feedback_from: list[Views] = []


Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$", strict=True)]
WorkingDays = Annotated[StrictInt, Field(ge=1, le=250)]
Names = Annotated[list[Named], Field(min_length=1, max_length=100)]


class DisputeStage(Named):
    """A stage of the dispute resolution process."""

    answered_by: Code
    limit: WorkingDays


class Disputes(Part):
    """The dispute resolution process."""

    prefix: Prefix = "DRP"
    limit_in_all: WorkingDays | None = None
    stages: Annotated[list[DisputeStage], Field(min_length=1, max_length=9)]
    categories: Names
    outcomes: Names
    raised_by: Names
    answered_by: Names


class Acknowledgements(Part):
    """Good practice that is recorded formally."""

    prefix: Prefix = "PA"
    raised_by: Names
    origins: Names


class Audit(Part):
    """audit.yaml."""

    scales: list[GradeScale]
    tools: list[Tool]
    findings: list[Named]
    programmes: list[Programme] = []
    disputes: Disputes | None = None
    acknowledgements: Acknowledgements | None = None


Picture = Literal[
    "talk", "listen", "plan", "people", "home", "school", "phone", "calendar", "paper", "heart", "help", "safe", "money",
    "move", "family", "question",
]  # fmt: skip
"""What can stand beside a question in easy read: the feedback service draws it."""


class Option(Part):
    """An answer to choose."""

    code: Code
    label: Texts
    easy: Texts | None = None


class ScoreLabel(Part):
    """Words at a score."""

    score: StrictInt
    label: Texts


class AnswerScale(Part):
    """The scores of a scale or of stars."""

    min: StrictInt
    max: StrictInt
    faces: StrictBool
    positive_from: StrictInt | None
    labels: list[ScoreLabel]


class ShowIf(Part):
    """Asked only after one of these answers to an earlier question."""

    question: Code
    choices: Annotated[list[Code], Field(min_length=1)]


class Question(Part):
    """A question of a questionnaire."""

    code: Code
    kind: Literal["one", "several", "scale", "star", "text", "date"]
    text: Texts
    hint: Texts | None
    required: StrictBool
    options: list[Option]
    does_not_apply: Texts | None
    positive: list[Code]
    scale: AnswerScale | None
    worry: list[Code]
    themes: list[Code]
    show_if: ShowIf | None
    easy: Texts | None = None
    easy_hint: Texts | None = None
    picture: Picture | None = None


class Version(Part):
    """A version of a questionnaire."""

    version: Positive
    from_: date = Field(alias="from")
    questions: Annotated[list[Question], Field(min_length=1)]


class Questionnaire(Named):
    """A file of questionnaires/."""

    audience: Audience
    about: Text
    languages: Annotated[list[Language], Field(min_length=1)]
    needs_review: list[Language]
    edition: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0
    intro: Texts
    thank_you: Texts
    easy_intro: Texts | None = None
    title: Texts | None = None
    versions: Annotated[list[Version], Field(min_length=1)]


class Panel(Part):
    """The limits after a review panel was held, in working days."""

    report_within: Positive
    answer_within: Positive


class Stage(Part):
    """A stage of a procedure; limits in working days."""

    number: Positive
    name: Text
    limit: Positive
    extension_to: Positive | None
    counts_from: Literal["received", "acknowledged", "requested", "agreed"]
    acknowledge_within: Positive | None
    request_within: Positive | None
    can_decline: StrictBool
    draft_before: Positive | None = None
    panel: Panel | None = None


class Procedure(Named):
    """A way in which complaints are dealt with."""

    formality: Literal["formal", "informal"]
    stages: Annotated[list[Stage], Field(min_length=1)]
    needs: StrictBool = True
    early_referral: list[Literal["stage-2", "ombudsman"]] = []


class Category(Named, Validity):
    """The nature of a complaint point."""

    former_names: list[FormerName]
    procedures: list[Code]
    is_complaint: StrictBool
    themes: list[Code]


class Finding(Part):
    """The label of a finding."""

    code: Literal["upheld", "partially-upheld", "not-upheld", "no-finding", "discontinued", "withdrawn"]
    name: Text


class HeadOfService(Part):
    """Whom an action of some service areas goes up to; without areas, of all."""

    service_areas: list[Code] = Field(default=[])
    email: Label


class Learning(Part):
    """`learning:` of complaints.yaml; days are working days."""

    complaints_unit_email: Label | None = None
    heads_of_service: list[HeadOfService] = Field(default=[])
    remind_before: Annotated[int, Field(ge=1, le=60)] = 3
    escalate_after: Annotated[int, Field(ge=1, le=60)] = 5
    small_numbers: Annotated[int, Field(ge=0, le=10)] = 3
    second_approver: StrictBool = False
    themes: list[Named] = Field(default=[])


class ClockReminders(Part):
    """When somebody is reminded of a limit, in working days."""

    before: Annotated[StrictInt, Field(ge=1, le=20)] = 2
    escalate_after: Annotated[StrictInt, Field(ge=1, le=60)] = 3
    morning: StrictBool = True


class OmbudsmanBody(Part):
    """Who the Ombudsman is."""

    name: Label = "Local Government and Social Care Ombudsman"
    short_name: Label = "LGSCO"


class Complaints(Part):
    """complaints.yaml."""

    procedures: list[Procedure]
    categories: list[Category]
    findings: list[Finding]
    needs: list[Named]
    routes: list[Named]
    raised_by: list[Named]
    sources: list[Named]
    ombudsman_outcomes: list[Named]
    extension_reasons: list[Named] = Field(default_factory=list)
    suspension_reasons: list[Named] = Field(default_factory=list)
    not_complaints: list[Named] = []
    remedies: list[Named] = []
    ombudsman: OmbudsmanBody = OmbudsmanBody()
    ombudsman_remedies: list[Named] = []
    desired_outcomes: list[Named] = []
    intake: Intake = Intake()
    learning: Learning = Learning()
    clock_reminders: ClockReminders = ClockReminders()
    letters: Letters = Letters()
