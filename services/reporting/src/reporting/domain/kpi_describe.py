"""The chart of a KPI in words, and its rows: for those who do not see it, and for those who do."""

from reporting.domain.kpi_figures import value
from reporting.domain.kpi_series import Grain, Moment, Series
from reporting.domain.kpi_words import (
    PROVISIONAL,
    SIGNALS,
    TOO_FEW_POINTS,
    limits_words,
    listed,
    near_words,
    signal_words,
)
from reporting.domain.kpis import Kpi
from reporting.domain.spc import Signal
from reporting.domain.statistics import COMPARE_FROM

HOW_TO_READ = (
    "The thick line joins the figures. The thin line is their average; between the dashed lines chance alone keeps them; the "
    "dotted line is the target. A large diamond is more than chance makes; a small circle is not."
)
LOCKED = "The limits are those of the first 12 points, and stay."


def describe(kpi: Kpi, series: Series) -> str:
    """What the chart shows, in a few sentences."""
    moments = series.moments
    if not moments:
        return "Nothing has been posted yet."
    unit = "Percentages" if kpi.is_share else kpi.unit.capitalize()
    of = "each quarter" if series.grain is Grain.QUARTER else "each month"
    span = f"{unit} {of}, {moments[0].label} to {moments[-1].label}."
    limits = series.limits
    if limits is None:
        return listed((span, TOO_FEW_POINTS))
    signals = sum(bool(each.point.signals) for each in moments)
    found = f"{signals} of the points {'is' if signals == 1 else 'are'} more than chance makes." if signals else ""
    return listed((span, limits_words(kpi, limits), PROVISIONAL if limits.provisional else LOCKED, found))


def cautions(kpi: Kpi, series: Series) -> list[str]:
    """What to beware of in the chart."""
    said = []
    moments = "quarters" if series.grain is Grain.QUARTER else "months"
    if kpi.every == "month" and series.grain is Grain.QUARTER:
        said.append("Most months are of fewer than 10, so the chart is of quarters: the sums of their months.")
    if series.too_few:
        said.append(f"{series.too_few} {moments} of fewer than 10 have no percentage, and are no points of the chart.")
    few = [
        each
        for each in series.moments
        if kpi.is_share and each.point.value is not None and (each.figure.of or 0) < COMPARE_FROM
    ]
    if few:
        said.append(
            f"Where there are fewer than 30, two {moments} cannot be compared; the chart looks at many of them together."
        )
    gaps = [each for each in series.moments if each.figure.missing]
    if gaps:
        said.append(f"What is missing: {', '.join(each.label for each in gaps)}.")
    said += [f"Limits begin anew in {each.label}: {each.begins_anew}." for each in series.moments if each.begins_anew]
    return said


def chance_words(moment: Moment) -> str:
    """What a row says beside what chance makes."""
    point = moment.point
    if point.value is None or point.limits is None:
        return "–"
    if not point.signals:
        return "Within chance"
    return "; ".join(SIGNALS[each] for each in Signal if each in point.signals).capitalize()


def latest_words(kpi: Kpi, series: Series) -> str:
    """What the last point says: within what chance makes, or more."""
    said = signal_words(series.points, better=kpi.better)
    measured = [each for each in series.moments if each.point.value is not None]
    if said == TOO_FEW_POINTS or not measured:
        return said
    provisional = series.limits is not None and series.limits.provisional
    return listed((f"{measured[-1].label}:", said[0].lower() + said[1:], "(Provisional.)" if provisional else ""))


def rounding_words(kpi: Kpi, moment: Moment) -> str:
    """Where the rounded figure of a moment would hide on which side of a level it is."""
    exact = value(kpi, moment.figure)
    rag, target = kpi.thresholds(moment.last), kpi.target(moment.last)
    levels = dict.fromkeys([target.value if target else None, *((rag.green, rag.amber) if rag else ())])
    return listed(near_words(kpi, exact, each) for each in levels)
