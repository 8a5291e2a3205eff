"""The measures of outcome stars: what became of people from their start to their last star.

A period looks at each course as it stood on its last day, and a person counts in it whose last star until then was taken in it.
So a quarter that is over stays as it was when they give another star later.
"""

from reporting.domain.measure import Collection, Measure
from reporting.domain.measure import measure as _measure

_PLACE = ("star", "service_area", "team")
_BOTH = "Only people with a start and a later star of the scale are counted: nobody with only a start is in a figure of change."
_AS_OF = "As things stood at the end of the period; a person whose work takes a year can stand in several quarters."
_EACH_SCALE = "Ask for one scale, or by scale: over all scales a person counts once for each."
_TEAM = "The team is whose the last star was."
_MEAN = "The mean change is gained less lost, over `star_changes`; the feed Stars has each person's change."


def _stars(code: str, name: str, definition: str, **changes: object) -> Measure:
    fields = {"caveats": (_BOTH, _AS_OF, _EACH_SCALE, _TEAM), "dimensions": (*_PLACE, "star_scale"), **changes}
    return _measure(
        code,
        name,
        definition,
        unit=fields.pop("unit", "people"),
        grain=fields.pop("grain", "person and scale"),
        day=fields.pop("day", "last star"),
        source="feedback",
        collection=Collection.STARS,
        changes=fields,
    )


STARS = (
    _stars(
        "stars_started",
        "Stars begun",
        "People whose first star of a course, its start, was taken in the period.",
        unit="people",
        grain="person",
        day="start",
        dimensions=_PLACE,
        caveats=("A start that was recorded by mistake and withdrawn counts nowhere.",),
    ),
    _stars(
        "star_people_with_both",
        "People with a start and a later star",
        "People whose last star was taken in the period and who have a start, with at least one scale in both.",
        grain="person",
        caveats=(_BOTH, _AS_OF, _TEAM),
    ),
    _stars("star_changes", "Changes", "Scales of people on which both the start and a later star have a score."),
    _stars(
        "star_improved",
        "Improved",
        "The share of people whose last score is higher than at the start.",
        numerator="People whose last score of the scale is higher than that of the start.",
        denominator="People with a start and a later star of the scale.",
        caveats=(_BOTH, _AS_OF, _EACH_SCALE, _TEAM, "Whoever began at the top cannot improve: see `star_began_at_top`."),
    ),
    _stars(
        "star_worse",
        "Worse",
        "The share of people whose last score is lower than at the start.",
        numerator="People whose last score of the scale is lower than that of the start.",
        denominator="People with a start and a later star of the scale.",
    ),
    _stars(
        "star_began_at_top",
        "Began at the top",
        "The share of people who had the highest score at the start.",
        numerator="People whose score at the start was the highest of the scale.",
        denominator="People with a start and a later star of the scale.",
    ),
    _stars(
        "star_points_gained",
        "Stars gained",
        "By how much the last scores of people are higher than those of the start, added up over those who improved.",
        unit="stars",
        caveats=(_BOTH, _AS_OF, _EACH_SCALE, _TEAM, _MEAN),
    ),
    _stars(
        "star_points_lost",
        "Stars lost",
        "By how much the last scores of people are lower than those of the start, added up over those who got worse.",
        unit="stars",
        caveats=(_BOTH, _AS_OF, _EACH_SCALE, _TEAM, _MEAN),
    ),
)
