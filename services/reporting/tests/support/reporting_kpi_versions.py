"""Made-up public versions of KPIs, and what a reader who has all of them can work out, by linear programming over the postings.

The check knows nothing of how suppression finds its sums: its unknowns are how many were in time and how many were not, of each
quarter and service area, or team, and every figure that is shown is an equation of them.
"""

import random
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from reporting_disclosure import Found
from reporting_kpis import AREA, kpi, observed, profile_with

from reporting.domain import kpi_tables
from reporting.domain.kpi_figures import Observation, Place
from reporting.domain.linear_bounds import Bounds
from reporting.domain.periods import Period
from reporting.domain.profile import Profile, Team
from reporting.domain.published_before import Before, Known
from reporting.domain.recipes import Table
from reporting.domain.suppression import LIMIT, protect
from reporting.domain.tables import FIGURES, State, TableView

TODAY = date(2027, 6, 30)
AREAS = (AREA, "safeguarding")
TEAMS = (("send", "send-north"), ("send", "send-south"), ("send", "send-post-16"), ("through-care", "moving-on"))
MONTHS = ("2026-06", "2026-09", "2026-12", "2027-03")  # posted at the end of each quarter
KPI = kpi(service_areas=list(AREAS), every="quarter")
BY_TEAM = kpi(service_areas=["send", "through-care"], teams=True, every="quarter")
SPANS = ((0, 0), (-1, -1), (-1, 0), (-2, 0), (-3, 0))
MOST = 3
SHOWS = ("numerator", "rest", "denominator", "value", "rag")

Posted = dict[tuple[int, Place], tuple[int, int]]
Filter = dict[str, list[str]]


@dataclass(frozen=True)
class Council:
    """Its profile, where its KPI is posted from, and what its tables are of (nothing: all)."""

    profile: Profile
    places: tuple[Place, ...]
    filters: tuple[Filter, ...]


def by_area() -> Council:
    """Two service areas without teams."""
    return Council(profile_with(KPI), tuple(map(Place, AREAS)), ({}, *({"service_area": [each]} for each in AREAS)))


def by_team() -> Council:
    """Three teams in one service area and one in another."""
    profile = profile_with(BY_TEAM)
    teams = tuple(Team.model_validate({"code": team, "name": team, "service_area": area}) for area, team in TEAMS)
    own = profile.model_copy(update={"organisation": profile.organisation.model_copy(update={"teams": teams})})
    of_area: list[Filter] = [{"service_area": ["send"]}, {"service_area": ["through-care"]}]
    some: Filter = {"team": ["send-north", "send-south"]}
    return Council(own, tuple(Place(*each) for each in TEAMS), ({}, *of_area, some, *({"team": [team]} for _, team in TEAMS)))


def posted(dice: random.Random, council: Council) -> Posted:
    """In time and not, by quarter and place."""
    choice = (0, 1, 2, 3, 6, 9, 14, 25, 40)
    return {each: (dice.choice(choice), dice.choice(choice)) for each in product(range(4), council.places)}


def observations(found: Posted) -> tuple[Observation, ...]:
    """As they stand."""
    return tuple(
        observed(MONTHS[quarter], n, n + rest, area=place.service_area, team=place.team)
        for (quarter, place), (n, rest) in found.items()
    )


def table(code: str, filter_: Filter, spans: list[tuple[int, int]], shows: list[str]) -> Table:
    """A table of the KPI, of some areas or teams (none: all), with a column of each kind for each time."""
    columns = [
        {
            "code": f"{show}{number}", "label": f"{show} {first} to {last}", "show": show,
            "unit": "percent" if show == "value" else "number", "period": {"from": first, "to": last},
        }
        for (number, (first, last)), show in product(enumerate(spans), shows)
    ]  # fmt: skip
    rows = {"by": "kpi", "label": "Indicator", "kpis": [KPI.code]}
    own: dict[str, Any] = {"code": code, "title": code, "filter": filter_, "total": False, "chart": None, "notes": []}
    return Table.model_validate({**own, "rows": rows, "columns": columns})


def recipe(dice: random.Random, quarter: int, council: Council) -> list[Table]:
    """Of all together, of one, or of each; of no time in which nothing was posted."""
    found: list[Table] = []
    spans = [each for each in SPANS if each[0] >= -quarter]
    often = 0.5 if len(council.filters) <= MOST else 0.35
    for filter_ in council.filters:
        if dice.random() < often or (not found and filter_ == council.filters[-1]):
            shows = [each for each in SHOWS if dice.random() < 0.6] or ["numerator", "denominator"]
            code = "-".join(each for codes in filter_.values() for each in codes) or "all"
            found.append(table(code, filter_, dice.sample(spans, dice.choice((1, 1, 2, 3))), shows))
    return found


def filled(tables: list[Table], quarter: int, found: Posted, council: Council) -> list[TableView]:
    """Tables of a quarter (0: the first of 2026)."""
    given = kpi_tables.Given(council.profile, Period.quarter(2026, quarter + 1), TODAY, frozenset(), observations(found))
    return [kpi_tables.fill(each, given, ()) for each in tables]


Row = dict[tuple[int, Place, str], int]


@dataclass
class Reader:
    """What somebody knows who has every version, and what they must not find."""

    places: tuple[Place, ...]
    shown: list[tuple[Row, int]] = field(default_factory=list)
    wanted: dict[str, tuple[Row, int]] = field(default_factory=dict)

    def read(self, today: list[TableView], issued: tuple[TableView, ...]) -> None:
        """Another version; a figure that is no longer what it was tells nothing of today."""
        for now, was in zip(today, issued, strict=True):
            for row, left in zip(now.rows, was.rows, strict=True):
                for figure, cell, seen in zip(row.figures, row.cells, left.cells, strict=True):
                    assert isinstance(figure, kpi_tables.Part)
                    if cell.state in FIGURES and figure.n is not None and figure.of is not None:
                        self._take(figure, same=cell == seen, hides=seen.state is State.SUPPRESSED)

    def _take(self, part: kpi_tables.Part, *, same: bool, hides: bool) -> None:
        n, of = part.n or 0, part.of or 0
        kinds = {"numerator": ["n"], "rest": ["rest"], "denominator": ["of"], "value": ["n", "of"]}.get(part.part, [])
        for kind, value in (("n", n), ("rest", of - n), ("of", of)):
            row = _row(part, kind, self.places)
            if kind in kinds and same and not hides:
                self.shown.append((row, value))
            if hides and (kind == "of") == (part.part == "denominator"):
                self.wanted[f"{kind} of {part.part}, {part.first} to {part.last}, {part.within}"] = (row, value)


def _row(part: kpi_tables.Part, kind: str, places: tuple[Place, ...]) -> Row:
    quarters = [each for each in range(4) if part.first <= observed(MONTHS[each], 0, 0).month <= part.last]
    within = [each for each in places if part.within.holds(each)]
    return dict.fromkeys(product(quarters, within, ("n", "rest") if kind == "of" else (kind,)), 1)


def versions(dice: random.Random, found: Found, council: Council) -> None:
    """A version, and then the next quarter's or another of the same, after something was corrected perhaps."""
    there, quarter = posted(dice, council), dice.choice((1, 2))
    first = recipe(dice, quarter, council)
    issued = protect(filled(first, quarter, there, council)).tables
    late = dict(there)
    for each in dice.sample(sorted(there), dice.choice((0, 0, 1))):
        late[each] = (late[each][0] + 1, late[each][1])
    later = dice.choice((quarter, quarter + 1))
    second = recipe(dice, later, council)
    today, tables = filled(first, quarter, late, council), filled(second, later, late, council)
    protection = protect(tables, Known([Before("version 1", tuple(today), issued)]))
    reader = Reader(council.places)
    reader.read(today, issued)
    reader.read(tables, protection.tables)
    found.withheld += len(protection.withheld)
    found.cells += protection.cells
    exact = Bounds(reader.shown)
    for name, (row, value) in reader.wanted.items():
        if not 0 < value <= LIMIT:
            continue
        found.small += 1
        low, high = exact.of_all(row)
        if high is None or (high - low >= LIMIT and high > LIMIT):
            continue
        if protection.given_away:
            found.owned_up += 1
            continue
        found.exactly += low == high
        found.few += low != high
        found.examples.append(f"{value} within {low} to {high}: {name}")
