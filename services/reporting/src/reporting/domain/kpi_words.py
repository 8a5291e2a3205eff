"""What is said of a KPI's figures, in words that a councillor understands and that claim no more than the numbers do."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reporting.domain.kpi_figures import Figure, Judgement, Place
from reporting.domain.kpis import Kpi
from reporting.domain.spc import Limits, Point, Signal
from reporting.domain.statistics import Evidence, evidence, percent_half_up, wilson

JUDGEMENTS = {
    Judgement.GREEN: "Green",
    Judgement.AMBER: "Amber",
    Judgement.RED: "Red",
    Judgement.NONE: "No thresholds",
    Judgement.TOO_FEW: "Too few to judge",
    Judgement.INCOMPLETE: "Not judged: months missing",
    Judgement.NOTHING: "No figure",
}
SHAPES = {Judgement.GREEN: "circle", Judgement.AMBER: "triangle", Judgement.RED: "square"}
COLOURED = frozenset(SHAPES)
APART = "It is posted for each place and each quarter or month by itself, and cannot be added up."
MOST_NAMED = 6


def month_words(month: date) -> str:
    """October 2026."""
    return f"{month:%B %Y}"


def level_words(kpi: Kpi, level: Decimal | Fraction) -> str:
    """A target or limit: 95%, 97.5%, 121 days."""
    exact = Decimal(level.numerator) / Decimal(level.denominator) if isinstance(level, Fraction) else level
    number = f"{exact.quantize(Decimal('0.1')):,}".removesuffix(".0")
    return f"{number}%" if kpi.is_share else f"{number} {kpi.unit}"


def target_words(kpi: Kpi, on: date) -> str:
    """The target of a day as it is said: 95% or more."""
    target = kpi.target(on)
    if target is None:
        return "No target"
    more = {"higher": " or more", "lower": " or less", "neither": ""}[kpi.better]
    return f"{level_words(kpi, target.value)}{more}"


def figure_words(kpi: Kpi, found: Figure) -> str:
    """A figure as it stands large. Of fewer than 10 the numbers are given and no percentage."""
    if found.n is None:
        return "Cannot be added up" if found.apart else ("Not collected" if found.in_use else "Not in use")
    if not kpi.is_share:
        return f"{found.n:,}"
    of = found.of or 0
    match evidence(of):
        case Evidence.NONE:
            return "Nothing was due"
        case Evidence.TOO_FEW_TO_REPORT:
            return f"{found.n:,} of {of:,}"
        case _:
            return f"{percent_half_up(found.n, of)}%"


def worth_words(kpi: Kpi, found: Figure) -> str:
    """What stands small below it: the numbers, and how much they can carry."""
    if found.n is None:
        return ""
    if not kpi.is_share:
        return kpi.unit
    of = found.of or 0
    numbers = f"{found.n:,} of {of:,} {kpi.unit}"
    match evidence(of):
        case Evidence.NONE:
            return ""
        case Evidence.TOO_FEW_TO_REPORT:
            return "Too few to give a percentage"
        case Evidence.TOO_FEW_TO_COMPARE:
            low, high = wilson(found.n, of).percent
            return f"{numbers}. Too few to compare: it could lie anywhere between {low}% and {high}%"
        case _:
            return numbers


def missing_words(found: Figure, names: dict[Place, str] | None = None) -> str:
    """What is missing: October 2026 not collected. With names, of which place where others are there."""
    months = found.missing_months
    if not months:
        return ""
    listed = ", ".join(month_words(month) for month in months[:MOST_NAMED])
    more = f" and {len(months) - MOST_NAMED} more months" if len(months) > MOST_NAMED else ""
    places = sorted({place for _, place in found.missing})
    of = ""
    if names and found.n is not None and len(places) < len(names):
        of = f" ({', '.join(names.get(place, place.team or place.service_area) for place in places)})"
    return f"{listed}{more} not collected{of}."


def near_words(kpi: Kpi, exact: Fraction | None, level: Decimal | None) -> str:
    """Where a rounded percentage looks like the level that it does not reach, or passes it unseen: what it is exactly."""
    if exact is None or level is None or not kpi.is_share:
        return ""
    rounded = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    shown, true = rounded - Fraction(level), exact - Fraction(level)
    if (shown > 0) == (true > 0) and (shown < 0) == (true < 0):
        return ""
    side = "is exactly" if true == 0 else "lies just above" if true > 0 else "lies just below"
    return f"Before rounding it {side} {level_words(kpi, level)}."


SIGNALS = {
    Signal.OUTSIDE: "it lies outside the limits",
    Signal.ONE_SIDE: "it is one of seven or more in a row on one side of the average",
    Signal.RISING: "it is one of seven or more that rise one after the other",
    Signal.FALLING: "it is one of seven or more that fall one after the other",
    Signal.NEAR_A_LIMIT: "two of three in a row lie near the same limit",
}
CHANCE = "This is within what chance makes."
TOO_FEW_POINTS = "There are too few months yet to say what chance makes."
PROVISIONAL = "The limits are provisional: they are made of fewer than 12 points, and move with each one that is added."


def signal_words(points: Sequence[Point], *, better: str = "neither") -> str:
    """What the last point that was measured says beside what chance makes; never why."""
    measured = [each for each in points if each.value is not None]
    if not measured or measured[-1].limits is None:
        return TOO_FEW_POINTS
    last = measured[-1]
    if not last.signals:
        return CHANCE
    reasons = " and ".join(SIGNALS[each] for each in Signal if each in last.signals)
    return f"This is more than chance makes: {reasons}. {_side(last, better)}".strip()


def _side(point: Point, better: str) -> str:
    if point.value is None or point.limits is None or point.value == point.limits.mean or better == "neither":
        return ""
    higher = point.value > point.limits.mean
    side = "better" if higher == (better == "higher") else "worse"
    return f"It lies on the {side} side of the average."


def limits_words(kpi: Kpi, limits: Limits) -> str:
    """The average and the limits."""
    mean, low, high = (
        level_words(kpi, Fraction(each).limit_denominator(10**6)) for each in (limits.mean, limits.low, limits.high)
    )
    return f"Average {mean}; chance alone keeps it between {low} and {high}."


def listed(words: Iterable[str]) -> str:
    """Sentences beside each other, those that say nothing left out."""
    return " ".join(each for each in words if each)
