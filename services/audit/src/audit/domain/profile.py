"""The audit service's view of a profile: organisation.yaml as far as audits need it, and all of audit.yaml.

docs/guides/profiles.md documents the files. Audits own audit.yaml, so there an unknown key is an error; organisation.yaml is
everybody's, so there what audits do not need is passed over.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.domain.dispute_profile import Acknowledgements, Disputes
from audit.domain.programme import Programme
from chassis.retention.periods import Retention
from contracts.audit import AuditKind
from contracts.base import Code

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(max_length=2000)]
Prompt = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Pieces = Annotated[int, Field(ge=0, le=100)]


class Owned(BaseModel):
    """A part of audit.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shared(BaseModel):
    """A part of organisation.yaml."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Validity(Shared):
    """From and until, both included; None is open."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the day is within."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)

    def __str__(self) -> str:
        """For a refusal: what a person needs to find the mistake."""
        return f"from {self.from_ or 'the beginning'} until {self.until or 'further notice'}"


class Uses(Shared):
    """What is counted under a service area; audits look at their own only."""

    audits: Validity | None = None


class ServiceArea(Shared):
    """A service area. A rename changes its label, never its code."""

    code: Code
    name: Label
    used_for: Uses = Uses()


class Team(Validity):
    """A team of one service area."""

    code: Code
    name: Label
    service_area: Code


class Named(Shared):
    """A code with a label."""

    code: Code
    name: Label


class Organisation(Shared):
    """organisation.yaml."""

    code: str
    name: Label
    themes: tuple[Named, ...] = ()
    service_areas: tuple[ServiceArea, ...]
    teams: tuple[Team, ...] = ()


class Grade(Owned):
    """One grade of a scale."""

    code: Code
    label: Label
    short: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    definition: Words
    comparable: Literal["outstanding", "good", "requires-improvement", "inadequate"]


class Scale(Owned):
    """Grades, best first."""

    code: Code
    name: Label
    grades: Annotated[tuple[Grade, ...], Field(min_length=2, max_length=20)]

    @cached_property
    def rank(self) -> dict[str, int]:
        """Position of each grade's code, 0 the best."""
        return {grade.code: position for position, grade in enumerate(self.grades)}


class Section(Owned):
    """One section of a tool: what it asks, what to look for, and what a grade means here beyond the scale's definition."""

    code: Code
    name: Label
    guidance: Words
    look_for: Annotated[tuple[Prompt, ...], Field(max_length=20)] = ()
    grade_guidance: dict[Code, Words] = {}
    themes: tuple[Code, ...] = ()

    def meaning(self, grade: Grade) -> str:
        """What a grade means in this section: its own words, or else those of the scale."""
        return self.grade_guidance.get(grade.code) or grade.definition


class Option(Owned):
    """An answer that can be chosen."""

    code: Code
    label: Label


class Question(Owned):
    """A question of a tool without grades; without options it is answered in words."""

    code: Code
    text: Prompt
    hint: Words = ""
    options: Annotated[tuple[Option, ...], Field(max_length=50)] = ()
    required: bool


class Agency(Owned):
    """An agency that makes a return of its own to a multi-agency audit."""

    code: Code
    name: Label


class Views(Owned):
    """Whose views an audit asks for; `questionnaire` is the code of the one in the feedback service that asks them."""

    who: Literal["child", "parent", "carer", "worker"]
    questionnaire: Code | None = None


class UsualActivity(Owned):
    """The pieces of audit activity that one audit of a tool usually is, and so which accounts of a section it has."""

    lead: Pieces
    peer: Pieces
    moderation: Pieces
    single: Pieces


class Tool(Owned):
    """An audit tool.

    `visit`: a visit and what was seen there belong to it; `acknowledge`: the team manager must say that they have seen the
    result; `rag`: it ends in red, amber or green; `discussion`: prompts and notes of a talk at the desk, no judgement. A
    deskside discussion is of kind `single`: a kind of its own would break those who read the released events.
    """

    code: Code
    version: Annotated[int, Field(ge=1, le=10_000)]
    name: Label
    purpose: Words = ""
    before_you_begin: Words = ""
    kind: AuditKind
    visit: bool = False
    acknowledge: bool = False
    rag: bool = False
    discussion: bool = False
    scale: Code | None
    suggest_overall: Literal["worst-section", "none"]
    activity: UsualActivity
    findings: tuple[Code, ...]
    sections: Annotated[tuple[Section, ...], Field(max_length=100)]
    questions: Annotated[tuple[Question, ...], Field(max_length=100)] = ()
    agencies: Annotated[tuple[Agency, ...], Field(max_length=20)] = ()
    feedback_from: tuple[Views, ...] = ()

    @cached_property
    def section_codes(self) -> tuple[str, ...]:
        """Codes of its sections, in their order."""
        return tuple(section.code for section in self.sections)


class Finding(Owned):
    """A fact that stands beside grades."""

    code: Code
    name: Label


class Audits(Owned):
    """audit.yaml."""

    scales: tuple[Scale, ...]
    tools: Annotated[tuple[Tool, ...], Field(min_length=1, max_length=200)]
    findings: tuple[Finding, ...]
    programmes: Annotated[tuple[Programme, ...], Field(max_length=200)] = ()
    disputes: Disputes | None = None
    acknowledgements: Acknowledgements | None = None


class AuditProfile(BaseModel):
    """What the operator's command sends to this service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Organisation
    audit: Audits
    retention: Retention = Field(default_factory=dict)

    @cached_property
    def tools(self) -> dict[str, Tool]:
        """Tools by code."""
        return {tool.code: tool for tool in self.audit.tools}

    @cached_property
    def programmes(self) -> dict[str, Programme]:
        """Programmes by code."""
        return {programme.code: programme for programme in self.audit.programmes}

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """Scales by code."""
        return {scale.code: scale for scale in self.audit.scales}

    @cached_property
    def areas(self) -> dict[str, ServiceArea]:
        """Service areas by code."""
        return {area.code: area for area in self.organisation.service_areas}

    @cached_property
    def teams(self) -> dict[str, Team]:
        """Teams by code."""
        return {team.code: team for team in self.organisation.teams}

    @cached_property
    def themes(self) -> frozenset[str]:
        """Codes of the themes."""
        return frozenset(theme.code for theme in self.organisation.themes)

    @cached_property
    def audit_areas(self) -> list[str]:
        """Codes of the service areas that audits can be counted under."""
        return [area.code for area in self.organisation.service_areas if area.used_for.audits is not None]

    def scale_of(self, tool: Tool) -> Scale | None:
        """The scale of a tool, None for a tool without grades."""
        return self.scales[tool.scale] if tool.scale is not None else None
