"""From observations to the figure of a KPI for any months, areas and teams; and what that figure is judged to be. Pure.

A share is added up: the numerators and the denominators of its months and places, never an average of their percentages. What
is not there is named, and a figure that lacks something is shown and not judged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from reporting.domain.kpis import Kpi
from reporting.domain.profile import Profile
from reporting.domain.statistics import REPORT_FROM

_MONTHS = 12
QUARTER = 3
_DECEMBER = 12


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was counted: a service area, and one of its teams where the KPI is posted by team."""

    service_area: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was posted for a month (its first day) and a place: `n`, and of a share `of`; in which version it stands."""

    kpi: str
    month: date
    place: Place
    n: int
    of: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Within:
    """What a figure is of: service areas and teams; None is all."""

    areas: frozenset[str] | None = None
    teams: frozenset[str] | None = None

    def holds(self, place: Place) -> bool:
        """Whether a place is within."""
        in_area = self.areas is None or place.service_area in self.areas
        return in_area and (self.teams is None or place.team in self.teams)

    def limited(self, areas: frozenset[str], teams: frozenset[str] = frozenset()) -> "Within":
        """The same, cut to service areas and teams (empty: to none)."""
        return Within(_both(self.areas, areas), _both(self.teams, teams))


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI for some months. `n` is None where there is nothing to make it of; `missing` is what should be there and is not.

    `in_use`: whether it was counted at all in these months. `apart`: there is something, but it cannot be added up.
    """

    n: int | None = None
    of: int | None = None
    missing: tuple[tuple[date, Place], ...] = ()
    in_use: bool = True
    apart: bool = False
    months: tuple[date, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.n is not None and not self.missing

    @property
    def missing_months(self) -> tuple[date, ...]:
        """Months of which something is missing."""
        return tuple(sorted({month for month, _ in self.missing}))


def _both(held: frozenset[str] | None, limits: frozenset[str]) -> frozenset[str] | None:
    if not limits:
        return held
    return limits if held is None else held & limits


class Judgement(StrEnum):
    """What a figure is, held against the thresholds that hold on the last day of its months."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"  # there are no thresholds
    TOO_FEW = "too-few"  # a share of fewer than 10
    INCOMPLETE = "incomplete"  # something is missing
    NOTHING = "nothing"  # there is no figure


def month_end(month: date) -> date:
    """The last day of a month."""
    following = date(month.year + 1, 1, 1) if month.month == _DECEMBER else date(month.year, month.month + 1, 1)
    return following - timedelta(days=1)


def shifted(month: date, steps: int) -> date:
    """The first day of the month that many months later (negative: earlier)."""
    index = month.year * _MONTHS + month.month - 1 + steps
    return date(index // _MONTHS, index % _MONTHS + 1, 1)


def ends_quarter(month: date) -> bool:
    """Whether it is the last month of a financial quarter: June, September, December, March."""
    return month.month % QUARTER == 0


def months_of(kpi: Kpi, first: date, last: date) -> Iterator[date]:
    """The months (first days) from `first` to `last` for which a KPI is posted; of a quarterly one the last of each quarter."""
    month = first.replace(day=1)
    while month <= last:
        if kpi.in_use(month, month_end(month)) and (kpi.every == "month" or ends_quarter(month)):
            yield month
        month = shifted(month, 1)


def places_of(kpi: Kpi, profile: Profile, month: date, within: Within) -> Iterator[Place]:
    """Every place that should post a month."""
    for area in kpi.service_areas:
        if not kpi.teams:
            if within.holds(Place(area)):
                yield Place(area)
            continue
        for team in profile.organisation.teams:
            there = team.service_area == area and team.overlaps(month, month_end(month))
            if there and within.holds(Place(area, team.code)):
                yield Place(area, team.code)


def teams_of(kpi: Kpi, profile: Profile, within: Within) -> frozenset[str]:
    """Every team, of any time, that a KPI that is posted by team may be of; of another KPI none."""
    if not kpi.teams:
        return frozenset()
    teams = [each for each in profile.organisation.teams if each.service_area in kpi.service_areas]
    return frozenset(each.code for each in teams if within.holds(Place(each.service_area, each.code)))


def figure(
    kpi: Kpi, profile: Profile, observations: Iterable[Observation], first: date, last: date, today: date, within: Within
) -> Figure:
    """A KPI from `first` to `last`. A month that is not over is expected of nobody, and counted where it is there."""
    months = tuple(months_of(kpi, first, last))
    found = {
        (each.month, each.place): each
        for each in observations
        if each.kpi == kpi.code and first.replace(day=1) <= each.month <= last and within.holds(each.place)
    }
    if not found and (not months or not any(True for month in months for _ in places_of(kpi, profile, month, within))):
        return Figure(in_use=False)
    asked = months
    if kpi.together == "last":
        # A level is that of the last month of which it can be known.
        known = [month for month in months if month_end(month) < today or any(at == month for at, _ in found)]
        asked = tuple(known[-1:])
        found = {at: each for at, each in found.items() if at[0] in asked}
    missing = tuple(
        (month, place)
        for month in asked
        if month_end(month) < today
        for place in places_of(kpi, profile, month, within)
        if (month, place) not in found
    )
    if not found:
        return Figure(missing=missing, months=months)
    if kpi.together == "none" and len(found) + len(missing) > 1:
        return Figure(missing=missing, apart=True, months=months)
    n = sum(each.n for each in found.values())
    of = sum(each.of or 0 for each in found.values()) if kpi.is_share else None
    return Figure(n, of, missing, months=months)


def value(kpi: Kpi, found: Figure) -> Fraction | None:
    """The exact figure: per cent of a share, else the number; None where there is none, or it would be a share of nothing."""
    if found.n is None:
        return None
    if not kpi.is_share:
        return Fraction(found.n)
    return Fraction(100 * found.n, found.of) if found.of else None


def judge(kpi: Kpi, found: Figure, on: date) -> Judgement:
    """Red, amber or green by the thresholds of a day, of the exact figure and not the rounded one; or why it is not judged."""
    exact = value(kpi, found)
    if exact is None:
        return Judgement.NOTHING
    rag = kpi.thresholds(on)
    if rag is None:
        return Judgement.NONE
    if found.missing:
        return Judgement.INCOMPLETE
    if kpi.is_share and (found.of or 0) < REPORT_FROM:
        return Judgement.TOO_FEW
    green, amber = Fraction(rag.green), Fraction(rag.amber)
    sign = 1 if kpi.better == "higher" else -1
    if sign * exact >= sign * green:
        return Judgement.GREEN
    return Judgement.AMBER if sign * exact >= sign * amber else Judgement.RED


def meets(kpi: Kpi, found: Figure, on: date) -> bool | None:
    """Whether the exact figure reaches the target of a day; None where one of the two is not there, or neither is better."""
    exact, target = value(kpi, found), kpi.target(on)
    if exact is None or target is None or kpi.better == "neither":
        return None
    level = Fraction(target.value)
    return exact >= level if kpi.better == "higher" else exact <= level
