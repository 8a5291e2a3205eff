"""Figures of KPIs: two financial years around the printed reports, and eighteen months up to the demonstration's own day.

Those of the past have their month. Those up to today say how many months ago they are (`months_ago`), so that the pages have
something recent to show on any day; `every` says that one is only sent where it ends a quarter.
"""

# ruff: noqa: S311 - made-up records need a seed, not secrecy
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Record = dict[str, Any]
RECENT = 18
TEAMS = ("send-assessment", "send-north", "send-south", "send-post-16", "send-review-and-monitoring")
_MONTHS = [f"{year}-{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13)][3:27]  # April 2021 to March 2023


@dataclass(frozen=True)
class Made:
    """How the figures of a KPI are made: about so many in a month, of which so much of a hundred."""

    kpi: str
    area: str
    about: int
    share: float | None = None
    spread: float = 4.0
    every: str = "month"
    teams: tuple[str, ...] = ()
    later: float = 0.0  # by how much the last six months are better or worse
    missing: tuple[int, ...] = ()  # months ago that nobody posted


WORCESTERSHIRE = (
    Made("foster-annual-reviews", "fostering-and-kinship", 34, 92.5),
    Made("foster-supervision", "fostering-and-kinship", 120, 86, later=9),
    Made("foster-unannounced-visits", "fostering-and-kinship", 250, 94, every="quarter"),
    Made("foster-medicals", "fostering-and-kinship", 16, 84, missing=(2,)),
    Made("kinship-assessments", "fostering-and-kinship", 4, 78, spread=10),
    Made("foster-enquiries", "fostering-and-kinship", 22),
    Made("foster-households", "fostering-and-kinship", 256),
    Made("adoption-match-days", "through-care", 138, every="quarter"),
    Made("independent-visits", "through-care", 5, 92, spread=10),
    Made("missing-interviews", "through-care", 26, 81),
    Made("ehc-plans-20-weeks", "send", 48, 58, later=10),
    Made("ehc-reviews-decided", "send", 14, 71, spread=8, teams=TEAMS),
    Made("assessments-45-days", "safeguarding", 190, 87),
    Made("assessments-45-days", "children-with-disabilities", 24, 83),
    Made("conferences-15-days", "safeguarding", 28, 86),
    Made("looked-after-reviews", "qa-and-independent-review", 160, 95.5),
    Made("re-referrals", "family-front-door", 420, 21.5, later=-1),
)
TELFORD = (
    Made("fostering-reviews", "fostering", 12, 91),
    Made("fostering-supervision", "fostering", 46, 94),
    Made("placement-stability", "children-in-care", 410, 11, every="quarter", spread=1.5),
    Made("independent-visits", "children-in-care", 3, 95),
    Made("adoption-placed-days", "children-in-care", 441, every="quarter"),
    Made("assessments-45-days", "family-safeguarding", 150, 86, missing=(1,)),
)


def observations(kpis: tuple[Made, ...]) -> Iterator[Record]:
    """The figures of each KPI: those with a month, then those that are so many months ago."""
    for made in kpis:
        random = Random(f"kpi {made.kpi} {made.area}")
        for month in _MONTHS:
            if made.every == "month" or int(month[-2:]) % 3 == 0:
                yield from _of(made, random, {"month": month}, 0)
        for ago in range(RECENT, 0, -1):
            found = list(_of(made, random, {"months_ago": ago, "every": made.every}, made.later if ago <= RECENT // 3 else 0))
            if ago not in made.missing:
                yield from found


def _of(made: Made, random: Random, when: Record, better: float) -> Iterator[Record]:
    for team in made.teams or ("",):
        number = max(0, round(random.gauss(made.about, made.about * 0.06 + 0.8)))
        place = {"service_area": made.area, **({"team": team} if team else {})}
        if made.share is None:
            yield {"kpi": made.kpi, **when, **place, "numerator": number}
            continue
        percent = min(100.0, max(0.0, random.gauss(made.share + better, made.spread / 2)))
        yield {"kpi": made.kpi, **when, **place, "numerator": round(number * percent / 100), "denominator": number}
