"""The form above a report: its period, what it is compared with, and the service areas and teams that it is cut to."""

from dataclasses import dataclass
from urllib.parse import urlencode

from reporting.domain.comparing import YEAR_BEFORE
from reporting.domain.cut import Cut, parts
from reporting.domain.periods import Kind, Period
from reporting.domain.profile import Profile
from reporting.domain.recipes import Report
from reporting.pages import view

Choice = tuple[str, str, bool]
_NAMES = {Kind.QUARTER: "quarter", Kind.HALF: "half-year", Kind.YEAR: "year", Kind.MONTHS: "period"}
_NUMBERS = (1, 2, 4, 8, 11)


@dataclass(frozen=True)
class Form:
    """Every choice: value, words, and whether it is chosen."""

    periods: list[Choice]
    compare: list[Choice]
    areas: list[Choice]
    teams: list[Choice]
    is_cut: bool


def form(profile: Profile, recipe: Report, period: Period, allowed: frozenset[str], cut: Cut) -> Form:
    """The form as it stands for what is shown."""
    offered = parts(profile, allowed)
    named = [(each.code, each.label, each.code == period.code) for each in profile.reports.periods]
    return Form(
        periods=_with(named, period) if recipe.period == "any" else view.choices(period),
        compare=_compared(period, cut.compare),
        areas=[(code, name, code in cut.areas) for code, name in offered.areas],
        teams=[(code, name, code in cut.teams) for code, name in offered.teams],
        is_cut=bool(cut.areas or cut.teams),
    )


def dashboard_form(profile: Profile, period: Period, allowed: frozenset[str], cut: Cut) -> Form:
    """The form above the dashboard, which compares with the quarter before and nothing else."""
    offered = parts(profile, allowed)
    areas = [(code, name, code in cut.areas) for code, name in offered.areas]
    teams = [(code, name, code in cut.teams) for code, name in offered.teams]
    return Form(view.choices(period), [], areas, teams, bool(cut.areas or cut.teams))


def kept(period: Period, cut: Cut) -> str:
    """The question of an address of the same figures."""
    return "?" + urlencode([("period", period.code), *cut.parameters])


def _with(choices: list[Choice], period: Period) -> list[Choice]:
    """The period that is shown is among those to choose from, also where it came from an address."""
    if any(chosen for _, _, chosen in choices):
        return choices
    return [(period.code, period.label, True), *choices]


def _compared(period: Period, asked: tuple[str, ...]) -> list[Choice]:
    """With how many periods; nothing to choose for a period that has no neighbours."""
    if period.kind is Kind.NAMED:
        return []
    name = _NAMES[period.kind]
    choices = [("", "As this report usually does", not asked), ("0", "No earlier period", asked == ("0",))]
    choices += [(str(n), f"The {name} before" if n == 1 else f"The {n} {name}s before", asked == (str(n),)) for n in _NUMBERS]
    if period.steps_in_a_year not in {None, 1}:
        choices.append((YEAR_BEFORE, f"The same {name} a year before", asked == (YEAR_BEFORE,)))
    if not any(chosen for _, _, chosen in choices):
        choices.append((",".join(asked), "As asked for in the address", True))
    return choices
