"""What a point says, from how it is posted to what is stored: codes checked, words sealed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chassis.errors import FieldError
from complaints.domain.codes import CodeCheck
from complaints.domain.points import PointFacts
from complaints.domain.profile import Procedure
from complaints.use_cases.setup import Setup

WORDS = "complaints/point"
"""Purpose of the key that seals what a point is and what is wanted, in words."""


@dataclass(frozen=True)
class NewPoint:
    """A point as it came in, or as it should be; without a service area, team or need it is of the complaint's own.

    `desired` is the code of what is wanted; `words` say what the point is, `wanted` what the complainant wants.
    """

    reference: str
    category: str
    service_area: str | None = None
    team: str | None = None
    need: str | None = None
    desired: str | None = None
    words: str | None = field(default=None, repr=False)
    wanted: str | None = field(default=None, repr=False)


def check_point(check: CodeCheck, at: str, point: NewPoint, procedure: Procedure | None, area: str) -> None:
    """Add to a check what of a point does not fit; `area` is the service area that it is of."""
    own = check.profile.complaints
    check.area(f"{at}/service_area", point.service_area, "complaints")
    check.team(f"{at}/team", point.team, area)
    check.one_of(f"{at}/desired", point.desired, own.desired_outcomes)
    if procedure is None:
        return
    check.category(f"{at}/category", point.category, procedure.code)
    if point.need is not None and not procedure.needs:
        detail = f"points of the procedure '{procedure.code}' have no area of need: leave it out"
        check.errors.append(FieldError(f"{at}/need", detail))
    else:
        check.one_of(f"{at}/need", point.need, own.needs)


def facts_of(setup: Setup, org: str, point: NewPoint, area: str) -> PointFacts:
    """What is known of a point; words are known by a keyed hash."""
    said = [_key(setup, org, each) for each in (point.words, point.wanted)]
    return PointFacts(point.category, point.service_area or area, point.team, point.need, point.desired, *said)


def sealed_of(setup: Setup, org: str, points: Iterable[NewPoint]) -> dict[str, bytes]:
    """The words of points, sealed, by what stands for them."""
    words = (each for point in points for each in (point.words, point.wanted) if each)
    return {setup.secrets.pseudonym(org, WORDS, each): setup.secrets.seal(org, WORDS, each) for each in words}


def _key(setup: Setup, org: str, words: str | None) -> str | None:
    return setup.secrets.pseudonym(org, WORDS, words) if words else None
