"""A KPI at a glance: its latest figure, the last twelve months together, its target, and what chance makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reporting.domain.kpi_figures import (
    Figure,
    Judgement,
    Observation,
    Place,
    Within,
    figure,
    judge,
    month_end,
    months_of,
    places_of,
    shifted,
)
from reporting.domain.kpi_series import Series, series_of
from reporting.domain.kpis import Kpi
from reporting.domain.profile import Profile

YEAR = 12


@dataclass(frozen=True, slots=True)
class Glance:
    """A KPI as a list shows it.

    `due` is the last month that is over and for which it is posted, None where it is not counted (any more); `latest` the last
    month of which there is a figure. `year` is of the twelve months up to `latest`, `judgement` that of `latest`.
    """

    kpi: Kpi
    due: date | None
    latest: date | None
    figure: Figure
    judgement: Judgement
    year: Figure
    year_judgement: Judgement
    series: Series

    @property
    def overdue(self) -> bool:
        """Whether the last month that is over has no figure."""
        return self.due is not None and (self.latest is None or self.latest < self.due)


@dataclass(frozen=True, slots=True)
class PlaceGlance:
    """A KPI in one place."""

    place: Place
    figure: Figure
    judgement: Judgement
    year: Figure


def last_due(kpi: Kpi, today: date) -> date | None:
    """The last month that is over and for which a KPI is posted."""
    over = shifted(today.replace(day=1), -1)
    months = list(months_of(kpi, shifted(over, 1 - YEAR), month_end(over)))
    return months[-1] if months else None


def glance(kpi: Kpi, profile: Profile, observations: Sequence[Observation], today: date, within: Within) -> Glance:
    """A KPI at a glance."""
    own = [each for each in observations if each.kpi == kpi.code and within.holds(each.place)]
    due = last_due(kpi, today)
    latest = max((each.month for each in own), default=None)
    at = latest or due or today.replace(day=1)
    last = month_end(at)
    now = figure(kpi, profile, own, at, last, today, within)
    year = figure(kpi, profile, own, shifted(at, 1 - YEAR), last, today, within)
    series = series_of(kpi, profile, own, today, within)
    return Glance(kpi, due, latest, now, judge(kpi, now, last), year, judge(kpi, year, last), series)


def by_place(
    kpi: Kpi, profile: Profile, observations: Sequence[Observation], month: date, today: date, within: Within
) -> list[PlaceGlance]:
    """A KPI in each service area, and in each team where it is posted by team; as of a month and the twelve up to it."""
    found = []
    for place in _places(kpi, profile, month, within):
        own = Within(frozenset({place.service_area}), frozenset({place.team}) if place.team else None)
        now = figure(kpi, profile, observations, month, month_end(month), today, own)
        year = figure(kpi, profile, observations, shifted(month, 1 - YEAR), month_end(month), today, own)
        found.append(PlaceGlance(place, now, judge(kpi, now, month_end(month)), year))
    return found


def _places(kpi: Kpi, profile: Profile, month: date, within: Within) -> list[Place]:
    """Each area, followed by its teams."""
    leaves = list(places_of(kpi, profile, month, within))
    return [each for leaf in leaves for each in dict.fromkeys((Place(leaf.service_area), leaf)) if _first(each, leaf, leaves)]


def _first(each: Place, leaf: Place, leaves: Sequence[Place]) -> bool:
    """An area stands once, before the first of its teams."""
    if each == leaf:
        return True
    return leaf == next(other for other in leaves if other.service_area == leaf.service_area)
