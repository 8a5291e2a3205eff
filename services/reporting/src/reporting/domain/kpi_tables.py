"""KPIs as a table of a report: a row each, its parts as columns (in time, out of time, per cent, target, judgement)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from reporting.domain.kpi_figures import Figure, Judgement, Observation, Within, figure, judge, teams_of, value
from reporting.domain.kpi_words import APART, JUDGEMENTS, level_words, missing_words, near_words
from reporting.domain.kpis import Kpi
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.recipes import Column, KpiRows, Table
from reporting.domain.statistics import percent_half_up
from reporting.domain.tables import NOT_COLLECTED, NOT_IN_USE, Cell, ColumnHead, Row, State, TableView

SHOWN = {"numerator": "count", "rest": "count", "denominator": "count", "value": "share", "target": "words", "rag": "words"}
"""What the parts of a KPI are to those who show a column."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of which KPI's figure a cell shows, and what that figure is made of; `areas` are all that the KPI has.

    `adds` says whether it is the sum of its months. `teams` are those that it is of, of any time, where it is posted by team.
    """

    kpi: str
    within: Within
    first: date
    last: date
    part: str
    n: int | None
    of: int | None
    areas: frozenset[str] = frozenset()
    adds: bool = True
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """For whom a table is filled, of which observations, on which day."""

    profile: Profile
    period: Period
    today: date
    areas: frozenset[str]
    observations: tuple[Observation, ...]
    teams: frozenset[str] = frozenset()


def is_of_kpis(table: Table) -> bool:
    """Whether a table's rows are KPIs."""
    return isinstance(table.rows, KpiRows)


def kpis_of(table: Table) -> tuple[str, ...]:
    """The KPIs that a table names."""
    return table.rows.kpis if isinstance(table.rows, KpiRows) else ()


def fill(table: Table, given: Given, notes: tuple[str, ...]) -> TableView:
    """The table with its figures. A KPI that was in use in none of its periods is left out; what is missing is said below."""
    periods = {column.code: given.period.span(column.period.from_, column.period.to) for column in table.columns}
    within = _within(table.filter).limited(given.areas, given.teams)
    rows, said = [], list(notes)
    for code in kpis_of(table):
        kpi = given.profile.kpis.kpi(code)
        if kpi is None:  # pragma: no cover - the recipe was checked
            continue
        own = [each for each in given.observations if each.kpi == code]
        teams = teams_of(kpi, given.profile, within)
        figures = {
            name: figure(kpi, given.profile, own, period.first, period.last, given.today, within)
            for name, period in periods.items()
        }
        if not any(each.in_use for each in figures.values()):
            if given.teams and not kpi.teams:
                said.append(f"{kpi.name}: not posted by team, so not shown for one.")
            continue
        cells = tuple(_cell(kpi, column, figures[column.code], periods[column.code]) for column in table.columns)
        parts = tuple(_part(kpi, column, figures[column.code], periods[column.code], within, teams) for column in table.columns)
        rows.append(Row(code, kpi.name, cells, parts))
        said += _notes(kpi, table.columns, figures, periods)
    heads = tuple(_head(column, periods[column.code]) for column in table.columns)
    return TableView(table.code, table.title, table.rows.label, heads, tuple(rows), tuple(dict.fromkeys(said)))


def _within(filter_: Mapping[str, tuple[str, ...]]) -> Within:
    areas, teams = filter_.get("service_area"), filter_.get("team")
    return Within(None if areas is None else frozenset(areas), None if teams is None else frozenset(teams))


def _head(column: Column, period: Period) -> ColumnHead:
    label = column.label.replace("{period}", period.short)
    return ColumnHead(column.code, label, column.unit, SHOWN[column.show])


def _part(kpi: Kpi, column: Column, found: Figure, period: Period, within: Within, teams: frozenset[str]) -> Part:
    of = found.of if kpi.is_share else None
    areas, adds = frozenset(kpi.service_areas), kpi.together == "sum"
    return Part(kpi.code, within, period.first, period.last, column.show, found.n, of, areas, adds, teams)


def _cell(kpi: Kpi, column: Column, found: Figure, period: Period) -> Cell:
    if not found.in_use:
        return NOT_IN_USE
    match column.show:
        case "target":
            target = kpi.target(period.last)
            return NOT_IN_USE if target is None else Cell(State.VALUE, text=level_words(kpi, target.value))
        case "rag":
            return _judged(kpi, found, period)
        case "value":
            return _value(kpi, found)
        case part:
            return _counted(kpi, found, part)


def _value(kpi: Kpi, found: Figure) -> Cell:
    if found.n is None or (kpi.is_share and not found.of):
        return NOT_COLLECTED
    if found.of is None:
        return replace(_count(found.n), text=f"{found.n:,}")
    return Cell(State.VALUE if found.n else State.ZERO, percent_half_up(found.n, found.of), found.n, found.of)


def _counted(kpi: Kpi, found: Figure, part: str) -> Cell:
    """Numerator, rest or denominator; a number has none of these."""
    if not kpi.is_share:
        return NOT_IN_USE
    if found.n is None:
        return NOT_COLLECTED
    of = found.of or 0
    return _count({"numerator": found.n, "rest": of - found.n, "denominator": of}[part])


def _count(n: int) -> Cell:
    return Cell(State.VALUE if n else State.ZERO, n)


def _judged(kpi: Kpi, found: Figure, period: Period) -> Cell:
    match judged := judge(kpi, found, period.last):
        case Judgement.NOTHING:
            return NOT_COLLECTED
        case Judgement.NONE:
            return NOT_IN_USE
        case _:
            return Cell(State.VALUE, text=JUDGEMENTS[judged])


def _notes(kpi: Kpi, columns: Iterable[Column], figures: Mapping[str, Figure], periods: Mapping[str, Period]) -> Iterator[str]:
    """What is missing, what cannot be added up, and where rounding would hide on which side of its target a figure is."""
    for column in columns:
        found, period = figures[column.code], periods[column.code]
        if missing := missing_words(found):
            counted = "; the figures are of what is there, and not judged" if found.n is not None else ""
            yield f"{kpi.name}: {missing.rstrip('.')}{counted}."
        if found.apart:
            yield f"{kpi.name}: {APART}"
        rag, target = kpi.thresholds(period.last), kpi.target(period.last)
        exact = value(kpi, found)
        levels = [target.value if target else None, *((rag.green, rag.amber) if rag else ())]
        for level in dict.fromkeys(levels):
            if near := near_words(kpi, exact, level):
                yield f"{kpi.name}, {period.short}: {near}"
