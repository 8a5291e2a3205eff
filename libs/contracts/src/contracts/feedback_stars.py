"""Events of the feedback service: outcome stars. They are used as those of `contracts.feedback`, which gathers them."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import StringConstraints

from contracts.base import Code, Event, Part

StarPoint = Literal["start", "mid", "end"]
StarChannel = Literal["link", "staff", "system"]
StarAnsweredBy = Literal["self", "with-help", "for-them", "worker"]
PersonKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""A keyed pseudonym of a person with a star: the same for the same person, and nobody outside the service can tell whose."""


class StarScore(Part):
    """The score of one scale, with the lowest and the highest that it has. A scale that was not answered has none."""

    scale: Code
    score: int
    lowest: int
    highest: int


class StarReading(Event):
    """The whole account of one reading of an outcome star. `person` is a keyed pseudonym; `star_id` is the person's course."""

    star_id: UUID
    reading_id: UUID
    person: PersonKey
    star: Code
    questionnaire: Code
    questionnaire_version: int
    point: StarPoint
    taken_on: date
    channel: StarChannel
    answered_by: StarAnsweredBy
    service_area: Code
    team: Code | None = None
    scores: tuple[StarScore, ...]


class StarRecorded(StarReading):
    """A reading of an outcome star was taken, however it came: by staff, by a link, or from another system."""

    subject: ClassVar[str] = "loop.feedback.v1.star_recorded"


class StarCorrected(StarReading):
    """A reading was corrected: this account takes the place of the one before."""

    subject: ClassVar[str] = "loop.feedback.v1.star_corrected"

    corrected_on: date


class StarWithdrawn(Event):
    """A reading was recorded by mistake and counts nowhere; it never comes back."""

    subject: ClassVar[str] = "loop.feedback.v1.star_withdrawn"

    star_id: UUID
    reading_id: UUID
    withdrawn_on: date


class StarClosed(Event):
    """A person's course ended: with its end star (`ground` is `end-star`) or without one, on a ground of the profile's."""

    subject: ClassVar[str] = "loop.feedback.v1.star_closed"

    star_id: UUID
    person: PersonKey
    star: Code
    service_area: Code
    team: Code | None = None
    closed_on: date
    ground: Code


class StarReopened(Event):
    """A person's course goes on: it was closed by mistake, or its end star was withdrawn."""

    subject: ClassVar[str] = "loop.feedback.v1.star_reopened"

    star_id: UUID
    reopened_on: date


class StarErased(Event):
    """A person's course was erased: because they asked for it, or because its time was over. Nothing of it is to be kept."""

    subject: ClassVar[str] = "loop.feedback.v1.star_erased"

    star_id: UUID
    erased_on: date
    ground: Literal["asked", "time-over"]
