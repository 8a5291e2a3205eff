"""What the JSON interface takes and gives of points."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from complaints.domain.case import Finding
from complaints.domain.points import Became, Kind
from complaints.web.fields import Code, FreeText, Payload, Reference


class PointIn(Payload):
    """A point of a complaint: what it is about. Each gets a finding of its own at each stage."""

    reference: Reference = Field(examples=["1"])
    category: Code
    service_area: Code | None = Field(default=None, description="Where it differs from the complaint's.")
    team: Code | None = Field(default=None, description="Where it differs from the complaint's.")
    need: Code | None = Field(default=None, description="Where it differs from the complaint's, in procedures that have them.")
    desired: Code | None = Field(default=None, description="What is wanted: one of the profile's `desired_outcomes`.")
    words: FreeText | None = Field(default=None, description="What the point is, in words. Stored encrypted, and in no event.")
    wanted: FreeText | None = Field(default=None, description="What is wanted, in words. Stored encrypted, and in no event.")


class NewPointIn(PointIn):
    """A point that was not recorded, or came up later."""

    reason: FreeText


class PointCorrectionIn(Payload):
    """The point as it should have been recorded, all of it: what is left out, it does not have."""

    category: Code
    service_area: Code | None = None
    team: Code | None = None
    need: Code | None = None
    desired: Code | None = None
    words: FreeText | None = None
    wanted: FreeText | None = None
    reason: FreeText


class SplitIn(Payload):
    """The parts that a point is; what was found on it stands for each until a stage finds otherwise."""

    into: list[PointIn] = Field(min_length=2, max_length=20)
    reason: FreeText


class MergerIn(Payload):
    """Points, by their references, that are one."""

    points: list[Reference] = Field(min_length=2, max_length=100)
    into: PointIn
    reason: FreeText


class DuplicateIn(Payload):
    """The point that this one is the same as, of this complaint or another."""

    same_as: UUID = Field(strict=False)  # JSON has no UUIDs, so it comes as text
    reason: FreeText


class TakingBackIn(Payload):
    """Why a change of points was made in error."""

    reason: FreeText


class PointRef(BaseModel):
    """The id of a point."""

    point_id: UUID
    reference: str


class FindingOut(BaseModel):
    """The finding that stands for a point at a stage. `reason` is shown to complaints officers and writing clients only."""

    stage: int
    finding: Finding
    reason: str | None
    remedies: list[str]
    made_on: list[str] = Field(description="The points that it was made on, where this one was split from or merged of them.")


class PointLinkOut(BaseModel):
    """A point, named with its complaint."""

    complaint_id: UUID
    complaint: str
    point: str


class PointOut(PointRef):
    """A point with its findings, stage 2 beside stage 1. Words are shown to complaints officers and writing clients only."""

    category: str
    service_area: str
    team: str | None
    need: str | None
    desired: str | None
    words: str | None
    wanted: str | None
    became: Became | None = Field(description="Why it is answered and counted no more; null while it is.")
    into: list[str] = Field(description="The points of this complaint that it became, or is the same as.")
    same_as: PointLinkOut | None = Field(description="The point of another complaint that it is the same as.")
    duplicates: list[PointLinkOut] = Field(description="Points that are recorded as the same as this one.")
    findings: list[FindingOut]


class PointChangeOut(BaseModel):
    """A change of points. `change` names it where it is taken back."""

    change: Annotated[int, Field(description="The version of the complaint that it led to.")]
    kind: Kind
    on: date
    of: list[str]
    made: list[str]
    same_as: str | None
    taken_back_on: date | None


class PointsOut(BaseModel):
    """The points of a complaint after a change of them. `version` is that of its ETag."""

    complaint_id: UUID
    reference: str
    version: int
    points: list[PointRef]
    superseded: list[PointRef]
    point_changes: list[PointChangeOut]
