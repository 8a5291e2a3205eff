"""The programmes of audits in a profile: their form, and whether what they name is there. Pure.

The audit service checks them again, and knows more: what a looped tool needs, and which rules exclude one another.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80, strict=True)]
_Months = Annotated[StrictInt, Field(ge=1, le=60)]


class _Part(BaseModel):
    """A part of a programme; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Part):
    """How many cases a round takes, and which may be taken."""

    size: Annotated[StrictInt, Field(ge=1, le=1000)]
    stratify_by: Literal["team", "service-area", "none"] = "team"
    practice_months: _Months | None = 6
    not_audited_within_months: _Months | None = 12


class Allocation(_Part):
    """Who may be given a case."""

    peer_same_service_area: StrictBool = True
    auditors_from: list[_Code] = []
    moderator_same_service_area: StrictBool = False
    most_audits_a_month: Annotated[StrictInt, Field(ge=1, le=100)] | None = 2


class Timetable(_Part):
    """By when."""

    circulate_on_day: Annotated[StrictInt, Field(ge=1, le=20)] = 1
    submit_by: Literal["last-working-day", "last-working-day-of-period"] = "last-working-day"
    grace_hours: Annotated[StrictInt, Field(ge=0, le=336)] = 24
    circulates_itself: StrictBool = True
    moderate_within: Annotated[StrictInt, Field(ge=1, le=60)] = 5
    acknowledge_within: Annotated[StrictInt, Field(ge=1, le=60)] = 5
    discuss_within: Annotated[StrictInt, Field(ge=1, le=60)] = 20
    review_after_weeks: Annotated[StrictInt, Field(ge=1, le=52)] | None = 8
    review_counts_from: Literal["moderation", "completion"] = "moderation"
    reviewed_by: Literal["reviewer", "peer"] = "reviewer"
    remind_before: Annotated[StrictInt, Field(ge=1, le=20)] = 3


class Programme(_Part):
    """One programme."""

    code: _Code
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$", strict=True)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
    tool: _Code
    service_areas: Annotated[list[_Code], Field(min_length=1, max_length=100)]
    rhythm: Literal["monthly", "quarterly"]
    sample: Sample
    allocation: Allocation = Allocation()
    timetable: Timetable = Timetable()


def check_programmes(programmes: Sequence[Programme], tools: Sequence[str], areas: Sequence[str]) -> Iterator[Wrong]:
    """Codes and prefixes that stand twice, and tools and service areas that are not there."""
    for index, programme in enumerate(programmes):
        pointer = f"/audit/programmes/{index}"
        for name in ("code", "prefix"):
            value = getattr(programme, name)
            if value in [getattr(each, name) for each in programmes[:index]]:
                yield f"{pointer}/{name}", f"expected one that no other programme has, found '{value}' again"
        if programme.tool not in tools:
            yield f"{pointer}/tool", f"expected a tool ({', '.join(tools)}), found '{programme.tool}'"
        for name, codes in (
            ("service_areas", programme.service_areas),
            ("allocation/auditors_from", programme.allocation.auditors_from),
        ):
            for position, code in enumerate(codes):
                if code not in areas:
                    yield f"{pointer}/{name}/{position}", f"expected a service area ({', '.join(areas)}), found '{code}'"
