"""The organisation's profile as reporting reads it: labels, order and validity of everything that reports show.

organisation.yaml, audit.yaml, questionnaires, calls.yaml and complaints.yaml belong to others and are read leniently;
reports.yaml (`reporting.domain.recipes`) and kpis.yaml (`reporting.domain.kpis`) are ours.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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


class ServiceArea(Named):
    """A service area, what is counted under it, and since when."""

    short_name: Label
    former_names: tuple[FormerName, ...] = ()
    used_for: dict[str, Validity] = Field(default_factory=dict)


class Team(Named, Validity):
    """A team of one service area."""

    service_area: Code


class Organisation(Named):
    """organisation.yaml."""

    themes: tuple[Named, ...] = ()
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


class Tool(Named):
    """An audit tool."""

    version: int
    scale: Code | None = None
    sections: tuple[Named, ...] = ()


class Disputes(_Part):
    """The dispute resolution process."""

    categories: tuple[Named, ...] = ()
    raised_by: tuple[Named, ...] = ()
    stages: tuple[Named, ...] = ()


class Audit(_Part):
    """audit.yaml."""

    scales: tuple[Scale, ...] = ()
    tools: tuple[Tool, ...] = ()
    findings: tuple[Named, ...] = ()
    programmes: tuple[Named, ...] = ()
    disputes: Disputes | None = None


class ScoreScale(_Part):
    """The scale of a question; `positive_from` is the lowest favourable score."""

    positive_from: int | None = None


class Option(_Part):
    """An answer that can be chosen."""

    code: Code
    label: dict[str, Label]


class Question(_Part):
    """A question of one version of a questionnaire."""

    code: Code
    text: dict[str, Label]
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

    edition: int = 0
    audience: str | None = None
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


class Procedure(Named):
    """A complaint procedure."""

    formality: str


class Category(Named, Validity):
    """The nature of a complaint point."""

    former_names: tuple[FormerName, ...] = ()


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
