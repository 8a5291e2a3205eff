"""A measure tied to an action of a plan: what it was, what it is, and what may be said of that. Pure.

The words are those of `reporting.domain.change`: a share is said to have changed only where the numbers show it, and nothing
says that the action was the cause. Counts are put side by side, and no more is said of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from chassis.errors import DomainError, FieldError, Kind
from reporting.domain import change, dimensions, periods
from reporting.domain.change import Share
from reporting.domain.measures import MEASURES, Measure
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.statistics import REPORT_FROM, percent_half_up

FILTERS = ("service_area", "team", "theme", "category", "question", "grade", "learning_source")
"""Dimensions by which a measure can be narrowed here, one member each; a report can do more."""

_SURVEYS = {"answers_favourable", "star_improved", "star_worse", "star_began_at_top"}
_POINTS = {"points_upheld", "points_with_learning", "findings_differ"}
NOT_INDEPENDENT = frozenset({*_SURVEYS, *_POINTS, "calls_of_minimum"})
"""Ratios of several things of one family, complaint or caller: no interval, and so no verdict, is claimed of them."""


@dataclass(frozen=True)
class Tie:
    """What is tied: a measure of the catalogue, or a KPI, by its code, from a quarter on. A target of a share is per cent."""

    kind: Literal["measure", "kpi"]
    code: str
    filters: Mapping[str, str]
    start: str
    better: Literal["higher", "lower"]
    target: int | None = None

    @property
    def measure(self) -> Measure | None:
        """The measure; None of a KPI, and of one that the catalogue has no more."""
        return MEASURES.get(self.code) if self.kind == "measure" else None


@dataclass(frozen=True)
class Figure:
    """A figure of a period: n, or n of how many for a share; None for what was not collected, or cannot be known yet."""

    period: Period
    n: int | None
    of: int | None = None

    @property
    def share(self) -> Share | None:
        """As a share, where it is one of something."""
        return Share(self.n, self.of) if self.n is not None and self.of else None

    @property
    def words(self) -> str:
        """67% (26 of 39); 4 of 6, where they are too few for a percentage; 12; or that there is none."""
        if self.n is None:
            return "Not collected"
        if self.of is None:
            return f"{self.n:,}"
        if self.of == 0:
            return "None to make a share of"
        numbers = f"{self.n:,} of {self.of:,}"
        return numbers if self.of < REPORT_FROM else f"{percent_half_up(self.n, self.of)}% ({numbers})"


@dataclass(frozen=True)
class Shown:
    """A tie with its figures and what may be said of them."""

    name: str
    narrowed: str
    before: Figure | None
    now: Figure | None
    target: str
    verdict: str


def kpis_of(profile: Profile, area: str | None) -> list[tuple[str, str]]:
    """The KPIs that may stand in a plan, code and name: of a service area's plan, those that are posted for it."""
    return sorted((each.code, each.name) for each in profile.kpis.kpis if area is None or area in each.service_areas)


def within_plan(tie: Tie, plan_area: str | None) -> Tie:
    """A KPI in a service area's plan is that area's: whoever may see the plan may see the figure."""
    if tie.kind == "measure" or plan_area is None:
        return tie
    return replace(tie, filters={"service_area": plan_area})


def check(tie: Tie, profile: Profile, plan_area: str | None) -> None:
    """Raise `invalid-measure` with every place.

    A measure that is tied within a service area's plan is narrowed to that area: whoever may see the plan may see the figure.
    """
    errors = []
    kpi = profile.kpis.kpi(tie.code) if tie.kind == "kpi" else None
    if tie.kind == "measure":
        errors += _measure_faults(tie, profile, plan_area)
    elif tie.code not in dict(kpis_of(profile, plan_area)):
        errors.append(FieldError("/kpi", "Choose a KPI of the list"))
    try:
        if periods.parse(tie.start).kind is not periods.Kind.QUARTER:
            raise periods.UnknownPeriodError
    except periods.UnknownPeriodError:
        errors.append(FieldError("/start", "Choose the quarter from which on it is looked at, such as 2022-23-q1"))
    share = (tie.measure is not None and tie.measure.is_ratio) or (kpi is not None and kpi.kind == "share")
    if tie.target is not None and not 0 <= tie.target <= (100 if share else 1_000_000):
        errors.append(
            FieldError("/target", "Give a whole number from 0 to 100" if share else "Give a whole number up to 1,000,000")
        )
    if errors:
        raise DomainError("invalid-measure", "Nothing was stored. See `errors`.", Kind.MALFORMED, tuple(errors))


def _measure_faults(tie: Tie, profile: Profile, plan_area: str | None) -> list[FieldError]:
    measure = tie.measure
    if measure is None:
        return [FieldError("/measure", "Choose a measure of the list")]
    errors = []
    for name, code in tie.filters.items():
        if name not in FILTERS or name not in measure.dimensions:
            errors.append(FieldError(f"/{name}", f"“{measure.name}” cannot be narrowed by this. Leave it empty"))
        elif code not in dimensions.codes(profile, name):
            errors.append(FieldError(f"/{name}", "Choose one of the list"))
    if plan_area is not None and "service_area" not in measure.dimensions:
        errors.append(
            FieldError("/measure", "This plan is of one service area, and this measure cannot be told by service area")
        )
    elif plan_area is not None and tie.filters.get("service_area") != plan_area:
        errors.append(FieldError("/service_area", "Choose the service area of the plan"))
    return errors


def shown(tie: Tie, name: str, narrowed: str, before: Figure | None, now: Figure | None) -> Shown:
    """The tie as it is shown. `now` None: no later quarter is over yet."""
    return Shown(name, narrowed, before, now, _target(tie, now), _verdict(tie, before, now))


def _target(tie: Tie, now: Figure | None) -> str:
    if tie.target is None:
        return "None set"
    measure = tie.measure
    share = measure.is_ratio if measure is not None else now is not None and now.of is not None
    unit = "%" if share else ""
    aim = f"{tie.target:,}{unit} or {'more' if tie.better == 'higher' else 'less'}"
    value = _value(now)
    if value is None:
        return f"{aim}; nothing to compare it with yet"
    reached = value >= tie.target if tie.better == "higher" else value <= tie.target
    return f"{aim}: {'reached' if reached else 'not reached'}"


def _value(now: Figure | None) -> float | None:
    if now is None or now.n is None:
        return None
    if now.of is None:
        return now.n
    return 100 * now.n / now.of if now.of >= REPORT_FROM else None


def _verdict(tie: Tie, before: Figure | None, now: Figure | None) -> str:
    if before is None or now is None:
        return "No later quarter is over yet."
    if tie.kind == "kpi" and before.n is not None and now.n is not None:
        return "Two figures side by side. Whether a month is more than chance makes is on the KPI's own page."
    if before.n is not None and now.n is not None and (before.of is None or now.of is None):
        return "Two figures side by side; whether they differ by more than chance is not said."
    one, other = before.share, now.share
    if one is None or other is None:
        return "There is nothing to compare with."
    if tie.code in NOT_INDEPENDENT:
        return "Several come from one family, complaint or caller, so nothing is said of the difference."
    return change.in_words(one, other)
