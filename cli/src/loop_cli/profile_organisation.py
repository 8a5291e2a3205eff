"""The format of organisation.yaml: service areas and teams, with their names, validity and mergers."""

from datetime import date
from typing import Annotated

from pydantic import Field

from loop_cli.profile_format import Code, FormerName, Named, Part, Subject, Text, Texts, Validity


class MergedInto(Part):
    """What a service area or team became part of, and the first day of that."""

    code: Code
    from_: date = Field(alias="from")


class Contacts(Part):
    """Whom families can call, and who is alerted."""

    emergency: Texts
    council_phone: Text
    out_of_hours_phone: Text | None = None
    duty_email: Text


class ServiceArea(Named):
    """A service area and what is counted under it."""

    short_name: Text
    former_names: list[FormerName]
    used_for: dict[Subject, Validity]
    merged_into: MergedInto | None = None


class Team(Named, Validity):
    """A team of a service area."""

    service_area: Code
    former_names: list[FormerName] = Field(default_factory=list)
    merged_into: MergedInto | None = None


class Organisation(Named):
    """organisation.yaml."""

    contacts: Contacts
    themes: list[Named]
    service_areas: Annotated[list[ServiceArea], Field(min_length=1)]
    teams: list[Team]
