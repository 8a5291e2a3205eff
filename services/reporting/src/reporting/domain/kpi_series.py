"""A KPI over time: a figure a month (or a quarter), each beside its target, and what chance makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reporting.domain.kpi_figures import (
    QUARTER,
    Figure,
    Judgement,
    Observation,
    Within,
    figure,
    judge,
    month_end,
    months_of,
    shifted,
    value,
)
from reporting.domain.kpi_words import month_words
from reporting.domain.kpis import Kpi
from reporting.domain.periods import Kind, containing
from reporting.domain.profile import Profile
from reporting.domain.spc import Limits, Point, chart
from reporting.domain.statistics import REPORT_FROM

SHOWN = 36
"""Points that a page shows; limits are made of those before, too."""


class Grain(StrEnum):
    """What a point is of."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Moment:
    """A month or a quarter: its figure, how that is judged, and the point that it is in the chart (None: none).

    `begins_anew` says why limits begin anew here.
    """

    first: date
    last: date
    label: str
    figure: Figure
    judgement: Judgement
    point: Point
    begins_anew: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A KPI over time, oldest first. `too_few` counts moments with figures of fewer than 10, which are no points."""

    grain: Grain
    moments: tuple[Moment, ...]
    too_few: int

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of the chart."""
        return tuple(each.point for each in self.moments)

    @property
    def limits(self) -> Limits | None:
        """The limits that hold now."""
        return self.points[-1].limits if self.moments else None


def series_of(kpi: Kpi, profile: Profile, observations: Sequence[Observation], today: date, within: Within) -> Series:
    """The last 36 months of a KPI, or its quarters where most months are of fewer than 10."""
    own = [each for each in observations if each.kpi == kpi.code and within.holds(each.place)]
    if not own:
        return Series(_grain_of_profile(kpi), (), 0)
    months = _months(kpi, own, today)
    found = _figures(kpi, profile, own, today, within, [(month, month_end(month)) for month in months])
    grain = _grain_of_profile(kpi)
    if kpi.every == "month" and _mostly_few(kpi, found):
        grain = Grain.QUARTER
        found = _figures(kpi, profile, own, today, within, _quarters(months))
    return _series(kpi, found, grain)


def _grain_of_profile(kpi: Kpi) -> Grain:
    return Grain.QUARTER if kpi.every == "quarter" else Grain.MONTH


def _months(kpi: Kpi, own: Sequence[Observation], today: date) -> list[date]:
    """Every month from the first that was posted to the last that should be, or is."""
    last_over = shifted(today.replace(day=1), -1)
    latest = max(last_over, *(each.month for each in own))
    return list(months_of(kpi, min(each.month for each in own), month_end(latest)))


def _quarters(months: Sequence[date]) -> list[tuple[date, date]]:
    quarters = dict.fromkeys(containing(month, Kind.QUARTER) for month in months)
    return [(each.first, each.last) for each in quarters]


def _figures(
    kpi: Kpi,
    profile: Profile,
    own: Sequence[Observation],
    today: date,
    within: Within,
    spans: Sequence[tuple[date, date]],
) -> list[tuple[date, date, Figure]]:
    by_span: dict[tuple[date, date], list[Observation]] = {span: [] for span in spans}
    starts = {first: (first, last) for first, last in spans}
    for each in own:
        first = each.month
        while first not in starts and first > shifted(each.month, -QUARTER):
            first = shifted(first, -1)
        if first in starts:
            by_span[starts[first]].append(each)
    return [(first, last, figure(kpi, profile, held, first, last, today, within)) for (first, last), held in by_span.items()]


def _mostly_few(kpi: Kpi, found: Sequence[tuple[date, date, Figure]]) -> bool:
    """Whether most figures are of fewer than 10, of which no percentage is given."""
    there = [each for _, _, each in found if each.n is not None]
    few = sum(_is_few(kpi, each) for each in there)
    return kpi.together == "sum" and 2 * few > len(there)


def _is_few(kpi: Kpi, found: Figure) -> bool:
    return kpi.is_share and found.n is not None and (found.of or 0) < REPORT_FROM


def _series(kpi: Kpi, found: Sequence[tuple[date, date, Figure]], grain: Grain) -> Series:
    values = [_point(kpi, each) for _, _, each in found]
    anew = {_place(found, each.from_): each.why for each in kpi.anew}
    begun = {place: why for place, why in anew.items() if place is not None}
    points = chart(values, anew=begun, lowest=0, highest=100 if kpi.is_share else None)
    moments = tuple(
        Moment(first, last, _label(first, last), each, judge(kpi, each, last), points[place], begun.get(place, ""))
        for place, (first, last, each) in enumerate(found)
    )
    shown = moments[-SHOWN:]
    return Series(grain, shown, sum(_is_few(kpi, each.figure) for each in shown))


def _point(kpi: Kpi, found: Figure) -> float | None:
    """A point of the chart: whole figures only, and of a share only where there are enough for a percentage."""
    exact = value(kpi, found)
    return None if exact is None or found.missing or _is_few(kpi, found) else float(exact)


def _place(found: Sequence[tuple[date, date, Figure]], begins: date) -> int | None:
    """Where limits begin anew: at the first moment that is not before that month; None where all are, or none is."""
    places = [place for place, (first, _, _) in enumerate(found) if first >= begins.replace(day=1)]
    return places[0] if places and places[0] > 0 else None


def _label(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return month_words(first)
    return containing(first, Kind.QUARTER).short
