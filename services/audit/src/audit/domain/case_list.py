"""The list of cases of a round, as a case-management system or a QA officer gives it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.domain.outcome import Day
from audit.domain.profile import AuditProfile
from audit.domain.sampling import MOST_LISTED
from chassis.errors import FieldError, unknown_code
from contracts.base import Code

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class ListedCase(BaseModel):
    """One case of the list."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    case_reference: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="Your number for the child's case. Stored encrypted, for the auditors, who need it to find the file; the "
        "case is known again by a keyed pseudonym.",
        repr=False,
    )
    service_area: Code | None = Field(default=None, description="May be left out where the round has one area only.")
    team: Code | None = None
    worker: Code | None = Field(default=None, description="Code of the allocated worker in the staff directory.")
    practice_on: Day | None = Field(
        default=None, description="Day of the practice that is looked at: of the plan, of the last review."
    )


Cases = Annotated[list[ListedCase], Field(min_length=1, max_length=MOST_LISTED)]


def violations(cases: Sequence[ListedCase], areas: Sequence[str]) -> Iterator[FieldError]:
    """What is wrong with a list for a round of these service areas, by JSON pointer (`/cases/<n>/<field>`).

    An unknown team is not: the draw leaves such a case out, and says so.
    """
    seen: set[str] = set()
    for position, case in enumerate(cases):
        pointer = f"/cases/{position}"
        if _CONTROL.search(case.case_reference):
            yield FieldError(f"{pointer}/case_reference", "A case's number is one line of text.")
        if case.case_reference in seen:
            yield FieldError(f"{pointer}/case_reference", "This case stands in the list before.")
        seen.add(case.case_reference)
        if case.service_area is None and len(areas) > 1:
            yield FieldError(f"{pointer}/service_area", f"Expected one of {', '.join(areas)}.")
        elif case.service_area is not None and case.service_area not in areas:
            yield unknown_code(f"{pointer}/service_area", case.service_area, list(areas))


def team_fits(profile: AuditProfile, service_area: str, team: str | None, day: date) -> bool:
    """Whether a case's team is one of its service area and in use on a day; without team, whether the area has none."""
    if team is None:
        return not any(each.service_area == service_area and each.covers(day) for each in profile.organisation.teams)
    known = profile.teams.get(team)
    return known is not None and known.service_area == service_area and known.covers(day)
