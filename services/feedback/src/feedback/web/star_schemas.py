"""Bodies of the JSON API of outcome stars."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.base import Code
from contracts.feedback_stars import StarAnsweredBy, StarPoint
from feedback.domain.invitation import Reference

Score = Annotated[int, Field(ge=0, le=10, strict=True)]
Worker = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ReadingBody(BaseModel):
    """One reading of a star."""

    model_config = ConfigDict(extra="forbid")

    point: StarPoint = Field(description="`start` once, `mid` any number of times, `end` once: it closes the star.")
    taken_on: date = Field(description="Day on which it was taken.")
    scores: dict[Code, Score] = Field(
        min_length=1, max_length=12, description="By scale, of those that were answered; leave out what was not."
    )
    answered_by: StarAnsweredBy = Field(
        default="self",
        description="Who gave the stars: `self`, `with-help` (of a worker), `for-them` (a parent for a child), or `worker`.",
    )


class StarBody(ReadingBody):
    """A reading with the person whose it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "person": "EH-2026-0417",
                    "star": "webstar-children",
                    "point": "start",
                    "taken_on": "2026-05-12",
                    "scores": {"happy": 2, "healthy": 3},
                    "answered_by": "with-help",
                    "service_area": "targeted-family-support",
                    "team": None,
                    "worker": "W-311",
                }
            ]
        },
    )

    person: Reference = Field(description="Your case system's reference of the person. Kept encrypted. Use no names of people.")
    star: Code = Field(description="Code of a star of the profile.")
    service_area: Code = Field(description="Service area that works with the person now.")
    team: Code | None = Field(default=None, description="Team of that service area.")
    worker: Worker | None = Field(
        default=None,
        description="Who works with the person now, as your staff know them. Kept encrypted; null leaves it as it is.",
    )


class ReadingResult(BaseModel):
    """The reading as it stands."""

    star_id: UUID = Field(description="The person's course, from its start to its end.")
    reading_id: UUID
    status: Literal["recorded", "unchanged", "corrected", "withdrawn"]


class ClosureBody(BaseModel):
    """Why a star is closed without an end star."""

    model_config = ConfigDict(extra="forbid")

    reason: Code = Field(description="One of `closed_without` of the profile.")


class ErasureBody(BaseModel):
    """Whose stars are erased."""

    model_config = ConfigDict(extra="forbid")

    person: Reference = Field(description="The reference of the person, as the stars were recorded under.")


class Erased(BaseModel):
    """What was erased."""

    erased: int = Field(description="How many stars; 0 where there is none, or where they were erased before.")


class StarState(BaseModel):
    """Whether a course goes on."""

    star_id: UUID
    closed_on: date | None
    reason: str | None


class ReadingState(BaseModel):
    """A reading of a course."""

    reading_id: UUID
    point: StarPoint
    taken_on: date
    scores: dict[str, int]
    answered_by: StarAnsweredBy
    channel: Literal["link", "staff", "system"]
    state: Literal["counted", "aside", "withdrawn"] = Field(
        description="`aside`: a family sent it and it does not fit the course as it came; a person decides. It does not count."
    )


class StarItem(StarState):
    """A person's course."""

    person: str
    star: str
    service_area: str
    team: str | None
    worker: str | None
    due_point: StarPoint | None = Field(description="What is due next; null where the course is over.")
    due_on: date | None
    readings: list[ReadingState]


class StarPage(BaseModel):
    """A page of courses, the last begun first."""

    items: list[StarItem]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")
