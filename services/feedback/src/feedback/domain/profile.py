"""The feedback service's view of a profile: its questionnaires, and of the organisation what surveys need."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from chassis.retention.periods import Retention
from contracts.base import Code
from feedback.domain.call_profile import Calls
from feedback.domain.families import Families
from feedback.domain.questionnaire import Questionnaire
from feedback.domain.star_profile import Stars
from feedback.domain.words import Texts
from feedback.domain.worry_profile import Worries


class Shared(BaseModel):
    """A part of organisation.yaml, which all services own together: what surveys do not need is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Contacts(Shared):
    """Whom families can call, and who is told of a worry at once."""

    emergency: Texts
    council_phone: str = Field(min_length=3, max_length=40)
    out_of_hours_phone: str | None = Field(default=None, max_length=40)
    duty_email: str | None = None


class Validity(Shared):
    """Days on which something is in use, both included, None for open."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a day is within."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


class Uses(Shared):
    """What an area is used for; surveys look at their own use only."""

    feedback: Validity | None = None


class ServiceArea(Shared):
    """A service area; `used_for.feedback` says since when answers are counted there."""

    code: Code
    name: str
    used_for: Uses = Uses()


class Team(Validity):
    """A team of one service area."""

    code: Code
    name: str
    service_area: Code


class Theme(Shared):
    """What questions, comments, audits and complaints are laid side by side by."""

    code: Code
    name: str = ""


class Organisation(Shared):
    """Who the organisation is."""

    code: str
    name: str
    contacts: Contacts
    themes: tuple[Theme, ...] = ()
    service_areas: tuple[ServiceArea, ...] = ()
    teams: tuple[Team, ...] = ()

    def area(self, code: str) -> ServiceArea | None:
        """A service area by its code."""
        return next((each for each in self.service_areas if each.code == code), None)

    def team(self, code: str) -> Team | None:
        """A team by its code."""
        return next((each for each in self.teams if each.code == code), None)


class FeedbackProfile(BaseModel):
    """What `PUT /feedback/v1/profile` takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Organisation
    questionnaires: tuple[Questionnaire, ...] = Field(max_length=500)
    worries: Worries = Worries()
    families: Families = Families()
    stars: Stars = Stars()
    calls: Calls = Calls()
    retention: Retention = Field(default_factory=dict)

    def questionnaire(self, code: str) -> Questionnaire | None:
        """A questionnaire by its code."""
        return next((each for each in self.questionnaires if each.code == code), None)
