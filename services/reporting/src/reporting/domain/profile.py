"""The organisation's profile as reporting reads it: labels, order and validity of everything that reports show.

organisation.yaml, audit.yaml, questionnaires, calls.yaml and complaints.yaml belong to others and are read leniently;
reports.yaml (`reporting.domain.recipes`) and kpis.yaml (`reporting.domain.kpis`) are ours.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.retention.periods import Retention
from reporting.domain.kpis import Kpis
from reporting.domain.recipes import Reports

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Validity(_Part):
    """From and until, both included; None is open."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    def overlaps(self, first: date, last: date) -> bool:
        """Whether any day of the span is within."""
        return (self.from_ is None or self.from_ <= last) and (self.until is None or self.until >= first)


class FormerName(_Part):
    """A label that was used up to and including a day."""

    name: Label
    until: date


class Named(_Part):
    """A code and what people call it."""

    code: Code
    name: Label


class MergedInto(_Part):
    """What a service area or team became part of, and the first day of that."""

    code: Code
    from_: date = Field(alias="from")


class ServiceArea(Named):
    """A service area, what is counted under it, and since when."""

    short_name: Label
    former_names: tuple[FormerName, ...] = ()
    used_for: dict[str, Validity] = Field(default_factory=dict)
    merged_into: MergedInto | None = None


class Team(Named, Validity):
    """A team of one service area."""

    service_area: Code
    former_names: tuple[FormerName, ...] = ()
    merged_into: MergedInto | None = None


class Theme(Named):
    """What evidence of several kinds is laid side by side by; a share of `standard` per cent counts as good enough."""

    standard: int = 50


class Organisation(Named):
    """organisation.yaml."""

    themes: tuple[Theme, ...] = ()
    service_areas: tuple[ServiceArea, ...]
    teams: tuple[Team, ...] = ()


class Grade(_Part):
    """A grade of a scale, best first; `comparable` is what it is compared as elsewhere."""

    code: Code
    label: Label
    comparable: str | None = None


class Scale(Named):
    """An ordered scale."""

    grades: tuple[Grade, ...]


class Section(Named):
    """A section of an audit tool, with the themes that it tells of."""

    themes: tuple[Code, ...] = ()


class Tool(Named):
    """An audit tool."""

    version: int
    kind: Code | None = None
    scale: Code | None = None
    sections: tuple[Section, ...] = ()


class Disputes(_Part):
    """The dispute resolution process."""

    categories: tuple[Named, ...] = ()
    raised_by: tuple[Named, ...] = ()
    stages: tuple[Named, ...] = ()
    outcomes: tuple[Named, ...] = ()
    answered_by: tuple[Named, ...] = ()


class Acknowledgements(_Part):
    """Good practice that is recorded formally."""

    raised_by: tuple[Named, ...] = ()
    origins: tuple[Named, ...] = ()


class Audit(_Part):
    """audit.yaml."""

    scales: tuple[Scale, ...] = ()
    tools: tuple[Tool, ...] = ()
    findings: tuple[Named, ...] = ()
    programmes: tuple[Named, ...] = ()
    disputes: Disputes | None = None
    acknowledgements: Acknowledgements | None = None


class ScoreLabel(_Part):
    """What a score of a scale is called."""

    score: int
    label: dict[str, Label]


class ScoreScale(_Part):
    """The scale of a question; `positive_from` is the lowest favourable score."""

    min: int | None = None
    max: int | None = None
    positive_from: int | None = None
    labels: tuple[ScoreLabel, ...] = ()


class Option(_Part):
    """An answer that can be chosen."""

    code: Code
    label: dict[str, Label]


class Question(_Part):
    """A question of one version of a questionnaire."""

    code: Code
    kind: Code | None = None
    text: dict[str, Label]
    themes: tuple[Code, ...] = ()
    options: tuple[Option, ...] = ()
    positive: tuple[Code, ...] = ()
    scale: ScoreScale | None = None

    @property
    def positive_from(self) -> int | None:
        """The lowest favourable score of a question that is answered with one."""
        return self.scale.positive_from if self.scale else None


class QuestionnaireVersion(_Part):
    """The questions that are asked from a day on."""

    version: int
    from_: date = Field(alias="from")
    questions: tuple[Question, ...]


class Questionnaire(Named):
    """A questionnaire with all its versions, oldest first. `edition` counts how often it was published from the pages."""

    audience: Code | None = None
    about: Label | None = None
    edition: int = 0
    versions: tuple[QuestionnaireVersion, ...]

    @property
    def stands(self) -> tuple[int, int]:
        """Newest version and edition: of a file and what was published from the pages, the higher one counts."""
        return (self.versions[-1].version if self.versions else 0), self.edition


class StarKind(Named):
    """A kind of outcome star."""

    scales: tuple[Named, ...] = ()


class Stars(_Part):
    """stars.yaml."""

    kinds: tuple[StarKind, ...] = ()
    closed_without: tuple[Named, ...] = ()


class Procedure(Named):
    """A complaint procedure."""

    formality: str


class Category(Named, Validity):
    """The nature of a complaint point."""

    former_names: tuple[FormerName, ...] = ()
    themes: tuple[Code, ...] = ()


class Learning(_Part):
    """What reports need of `learning:` of complaints.yaml: the themes that organisation.yaml does not have."""

    themes: tuple[Named, ...] = ()


class Complaints(_Part):
    """complaints.yaml."""

    procedures: tuple[Procedure, ...] = ()
    categories: tuple[Category, ...] = ()
    findings: tuple[Named, ...] = ()
    needs: tuple[Named, ...] = ()
    routes: tuple[Named, ...] = ()
    raised_by: tuple[Named, ...] = ()
    sources: tuple[Named, ...] = ()
    ombudsman_outcomes: tuple[Named, ...] = ()
    ombudsman_remedies: tuple[Named, ...] = ()
    not_complaints: tuple[Named, ...] = ()
    desired_outcomes: tuple[Named, ...] = ()
    learning: Learning = Learning()


class Calls(_Part):
    """Programmes of calls."""

    programmes: tuple[Named, ...] = ()


class Profile(BaseModel):
    """Everything that reporting is sent of a profile."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisation: Organisation
    audit: Audit = Audit()
    questionnaires: tuple[Questionnaire, ...] = ()
    stars: Stars = Stars()
    calls: Calls = Calls()
    complaints: Complaints = Complaints()
    kpis: Kpis = Kpis()
    reports: Reports
    retention: Retention = Field(default_factory=dict)
