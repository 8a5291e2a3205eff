"""From a recipe to a table: which tallies it needs, and how their answers become cells. Pure; tallies are made elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from reporting.domain import dimensions, headline_rows, kpi_tables, merges
from reporting.domain.measures import MEASURES, Collection, Measure
from reporting.domain.periods import Period
from reporting.domain.populations import Population, ShareOf, population
from reporting.domain.published_before import NOTHING_BEFORE, Known
from reporting.domain.recipes import (
    Across,
    Column,
    DimensionRows,
    HeadlineRows,
    KpiRows,
    MeasureRow,
    MeasureRows,
    PeriodRows,
    Report,
    Table,
)
from reporting.domain.scope import Scope
from reporting.domain.statistics import percent_half_up
from reporting.domain.suppression import protect
from reporting.domain.tables import (
    NOT_COLLECTED,
    NOT_IN_USE,
    Cell,
    ColumnHead,
    ReportView,
    Row,
    State,
    TableView,
)
from reporting.domain.tallies import NOTHING, Answers, Count, Key, Tally, both
from reporting.domain.trend import trend_of

OTHER, OTHER_LABEL = "other", "Not listed above"
TOTAL, TOTAL_LABEL = "total", "Total"

__all__ = ["OTHER", "TOTAL", "Scope", "collections", "fill", "needed", "tallies", "view"]

_T = TypeVar("_T")
_OF_A_COLUMN = {"measure", "filter", "unit", "period"}


@dataclass(frozen=True)
class _Head:
    """A column as it is filled: its recipe and, in a cross table, the member of the second dimension that it is for."""

    code: str
    label: str
    column: Column
    cut: Across | None = None
    member: str | None = None

    @property
    def across(self) -> bool:
        """Whether it is for a member of the second dimension, or for what is in none."""
        return self.cut is not None


@dataclass(frozen=True)
class _Line:
    """What fills a row: its place in each column's tally."""

    code: str
    label: str
    members: tuple[str, ...]
    cells: tuple["_Cell", ...]


@dataclass(frozen=True)
class _Cell:
    measure: Measure
    column: Column
    period: Period
    tally: Tally
    whole: Tally | None  # what a share of a count is a share of
    members: tuple[str, ...]  # of the rows' dimension; none for what belongs to none of them
    across: str | None = None

    @property
    def keys(self) -> tuple[Key, ...]:
        """Where the answer to its tally has what it counts."""
        return tuple(self.tally.key(member, self.across) for member in self.members or (None,))

    @property
    def figure(self) -> Population | ShareOf:
        """What is shown, wherever else it is shown too."""
        n = population(self.tally, self.members, self.across)
        if self.column.show == "count":
            return n
        if self.whole is None:
            return ShareOf(n, replace(n, part="of"), self.column.show)
        by_row = self.column.show == "share-of-row"
        return ShareOf(n, population(self.whole, self.members if by_row else (), self.across), self.column.show)


def tallies(table: Table, scope: Scope) -> set[Tally]:
    """Every tally that the table needs; one of KPIs needs none."""
    needed: set[Tally] = set()
    for line in _lines(table, scope):
        for cell in line.cells:
            if not scope.can_show(cell.measure) or scope.is_outside(table.filter):
                continue
            needed.add(cell.tally)
            if cell.whole is not None:
                needed.add(cell.whole)
    return needed


def fill(table: Table, scope: Scope, answers: Answers) -> TableView:
    """The table with its figures."""
    if isinstance(table.rows, KpiRows):
        given = kpi_tables.Given(scope.profile, scope.period, scope.today, scope.areas, scope.kpis, scope.teams)
        return kpi_tables.fill(table, given, _notes(table, scope))
    heads = _heads(table, scope)
    rows = []
    something = set()  # columns in which anything was counted
    lines = list(_lines(table, scope))
    for line in lines:
        counted = [(cell, _count(cell, answers)) for cell in line.cells]
        cells = tuple(_cell(cell, count, scope, table) for cell, count in counted)
        any_there = {n for n, (cell, count) in enumerate(counted) if count.n or (cell.measure.is_ratio and count.of)}
        something |= any_there
        never = line.members and all(cell.state is State.NOT_IN_USE for cell in cells)
        if never or (line.code == OTHER and not any_there):
            continue
        figures = tuple(cell.figure for cell in line.cells)
        rows.append(Row(line.code, line.label, cells, figures))
    left_out = {
        n
        for n, head in enumerate(heads)
        if head.across
        and n not in something
        and (
            head.code == OTHER or all(row.cells[n].state is State.NOT_IN_USE for row in rows if row.code not in {OTHER, TOTAL})
        )
    }
    shown = [n for n in range(len(heads)) if n not in left_out]
    return TableView(
        table.code,
        table.title,
        table.rows.label,
        tuple(_column_head(heads[n], table.across) for n in shown),
        tuple(replace(row, cells=_chosen(row.cells, shown), figures=_chosen(row.figures, shown)) for row in rows),
        _notes(table, scope, min((cell.period.first for line in lines for cell in line.cells), default=scope.period.first)),
        table.chart,
        trend_of(table),
    )


def _column_head(head: _Head, cut: Across | None) -> ColumnHead:
    column = head.column
    whole = cut is not None and not head.across and column.show == "count"
    margin = (
        whole and cut is not None and (column.measure, column.filter, column.period) == (cut.measure, cut.filter, cut.period)
    )
    show = "count" if column.show == "count" else "share"
    return ColumnHead(head.code, head.label, column.unit, show, head.across, margin)


def _chosen(items: tuple[_T, ...], places: Iterable[int]) -> tuple[_T, ...]:
    return tuple(items[n] for n in places)


def view(report: Report, scope: Scope, answers: Answers, only: str | None = None, before: Known = NOTHING_BEFORE) -> ReportView:
    """The report with all of its tables (or `only` one), suppressed where it is for the public, which has what was `before`.

    What is withheld in one table is withheld in all, so a public report is filled whole even where one table is wanted.
    """
    public = report.audience == "public"
    recipes = [table for table in report.tables if public or only in {None, table.code}]
    filled = [(recipe, fill(recipe, scope, answers)) for recipe in recipes]
    empty = [table.title for recipe, table in filled if recipe.each is not None and only is None and not table.says_something]
    tables = [table for recipe, table in filled if recipe.each is None or only is not None or table.says_something]
    protection = protect(tables, before) if public else None
    if protection is not None:
        tables = [table for table in protection.tables if only in {None, table.code}]
    by_code = {recipe.code: recipe for recipe in recipes}
    tables = [headline_rows.told(table, by_code[table.code]) for table in tables]
    notes = _left_out(empty)
    told = (report.code, report.title, report.audience, scope.period, tuple(tables), scope.words, notes)
    return ReportView(*told, protection=replace(protection, tables=()) if protection else None)


def _left_out(titles: Iterable[str]) -> tuple[str, ...]:
    """A sentence for the tables of each kind that are left out, by the members that they are for."""
    kinds: dict[str, list[str]] = {}
    for title in titles:
        kind, _, member = title.rpartition(": ")
        kinds.setdefault(kind, []).append(member)
    return tuple(
        f"{f'{kind}: n' if kind else 'N'}othing was recorded in these periods for {'; '.join(members)}."
        for kind, members in kinds.items()
    )


def needed(report: Report, scope: Scope, only: str | None = None) -> set[Tally]:
    """Every tally that the report, or one table of it, needs."""
    tables = [each for each in report.tables if report.audience == "public" or only in {None, each.code}]
    return set().union(*(tallies(each, scope) for each in tables))


def _lines(table: Table, scope: Scope) -> Iterator[_Line]:
    match table.rows:
        case DimensionRows():
            yield from _dimension_lines(table, table.rows, scope)
        case MeasureRows():
            for each in table.rows.measures:
                cells = tuple(
                    _plan(table, column, each.measure, _column_period(table, column, scope), scope, row=each)
                    for column in table.columns
                )
                yield _Line(each.code, each.label, (), cells)
        case HeadlineRows():
            raise headline_rows.UnknownCellError("headlines are counted by the reports that they come from")
        case PeriodRows():
            for span in table.rows.periods:
                period = scope.period.span(span.from_, span.to)
                cells = tuple(_plan(table, column, column.measure, period, scope) for column in table.columns)
                yield _Line(span.code, _named(span.label, period), (), cells)
        case KpiRows():
            return  # made of what was posted, not of tallies


def _heads(table: Table, scope: Scope) -> list[_Head]:
    """The columns in order: those of a cross table first, what is in none of them, then the others."""
    heads = []
    if (cut := table.across) is not None:
        column = Column(code=OTHER, label=OTHER_LABEL, show="count", **cut.model_dump(include=_OF_A_COLUMN))
        period = _column_period(table, column, scope)
        words = _band_words(scope, cut.bands)
        for member in _members(table, cut, scope):
            called = words.get(member) or dimensions.short_label(
                scope.profile, cut.dimension, member, period.last, table.filter
            )
            heads.append(_Head(member, called, column, cut, member))
        heads.append(_Head(OTHER, OTHER_LABEL, column, cut))
    heads += [_Head(each.code, _named(each.label, _column_period(table, each, scope)), each) for each in table.columns]
    return heads


def _members(table: Table, rows: DimensionRows | Across, scope: Scope) -> tuple[str, ...]:
    """The members that a reader may see; rolled up, without those that are counted under another."""
    gone = merges.rolled_up(table, scope.profile.organisation, rows.dimension, scope.period.last)
    return tuple(code for code in rows.listed if code not in gone and scope.shows(rows.dimension, code))


def _band_words(scope: Scope, code: str | None) -> dict[str, str]:
    bands = scope.profile.reports.band_set(code)
    return {each.code: each.label for each in bands.members} if bands else {}


def _dimension_lines(table: Table, rows: DimensionRows, scope: Scope) -> Iterator[_Line]:
    members = _members(table, rows, scope)
    bands = scope.profile.reports.band_set(rows.bands)
    by = {"by": rows.dimension, "members": members, "bands": bands.members if bands else ()}
    by["became"] = merges.counted_under(table, scope.profile.organisation, scope.period.last)
    words = _band_words(scope, rows.bands)
    heads = _heads(table, scope)

    def line(code: str, label: str, chosen: tuple[str, ...], by: Mapping[str, object]) -> _Line:
        return _Line(code, label, chosen, tuple(cell(head, chosen, by) for head in heads))

    def cell(head: _Head, chosen: tuple[str, ...], by: Mapping[str, object]) -> _Cell:
        column, period, cut = head.column, _column_period(table, head.column, scope), _cut(table, head, by, scope)
        found = _plan(table, column, column.measure, period, scope, by=cut, members=chosen)
        return replace(found, across=head.member)

    for group in rows.groups:
        if chosen := tuple(member for member in group.members if member in members):
            yield line(group.code, group.label, chosen, by)
    for member in () if rows.groups else members:
        called = dimensions.label(scope.profile, rows.dimension, member, scope.period.last, table.filter)
        yield line(member, words.get(member, called), (member,), by)
    yield line(OTHER, OTHER_LABEL, (), by)
    if table.total:
        yield line(TOTAL, TOTAL_LABEL, (), {})


def _cut(table: Table, head: _Head, by: Mapping[str, object], scope: Scope) -> Mapping[str, object]:
    """By what a column's tally is counted: by the rows' dimension, and by the second one where it has one."""
    cut = head.cut
    if cut is None:
        return by
    bands = scope.profile.reports.band_set(cut.bands)
    both_ = {**by, "across": cut.dimension, "across_members": _members(table, cut, scope)}
    return {**both_, "bands": bands.members} if bands else both_


def _plan(
    table: Table,
    column: Column,
    measure_code: str | None,
    period: Period,
    scope: Scope,
    *,
    row: MeasureRow | None = None,
    by: Mapping[str, object] | None = None,
    members: tuple[str, ...] = (),
) -> _Cell:
    measure = MEASURES[measure_code or ""]
    # What a reader is limited to is never widened: a merger gives nobody the rows of another area.
    whose, at = scope.profile.organisation, scope.period.last
    each = (table.filter, column.filter, row.filter if row else {}, (row.of or {}) if row else {})
    of_table, of_column, own, of = (merges.widened(table, filter_, whose, at).items() for filter_ in each)
    filters = both(scope.limits, of_table, of_column, own)
    last = measure.last_day(period.last, scope.today)
    tally = Tally(measure.code, period.first, last, filters, **(by or {}))  # type: ignore[arg-type]  # a mapping of three types
    whole = None
    if column.show == "share" and not measure.is_ratio:
        whole = Tally(measure.code, period.first, last, both(scope.limits, of_table, of))
    elif column.show == "share-of-row" and not measure.is_ratio:
        whole = replace(tally, filters=both(scope.limits, of_table, own))
    return _Cell(measure, column, period, tally, whole, members)


def _count(cell: _Cell, answers: Answers) -> Count:
    """What the cell counts; for a share of a count, of how many."""
    found = [answers.get(cell.tally, {}).get(key, NOTHING) for key in cell.keys]
    n = sum(each.n for each in found)
    if cell.whole is None:
        return Count(n, sum(each.of for each in found))
    keys = cell.keys if cell.column.show == "share-of-row" else (None,)
    return Count(n, sum(answers.get(cell.whole, {}).get(key, NOTHING).n for key in keys))


def _cell(cell: _Cell, count: Count, scope: Scope, table: Table) -> Cell:
    if not scope.can_show(cell.measure) or scope.is_outside(table.filter):
        return NOT_IN_USE if scope.can_show(cell.measure) else NOT_COLLECTED
    ratio = cell.measure.is_ratio and cell.column.show != "count"
    # What is there is shown even where the profile says that it should not be: nothing is dropped.
    if not count.n and not (ratio and count.of):
        if not _in_use(cell, scope, table):
            return NOT_IN_USE
        begun = scope.begun.get(cell.measure.collection)
        if begun is None or begun > cell.period.last or cell.period.first > scope.today:
            return NOT_COLLECTED
    if cell.column.show == "count":
        return Cell(State.VALUE if count.n else State.ZERO, count.n)
    if count.of <= 0:
        return NOT_COLLECTED
    return Cell(State.VALUE if count.n else State.ZERO, percent_half_up(count.n, count.of), count.n, count.of)


def _in_use(cell: _Cell, scope: Scope, table: Table) -> bool:
    """Whether the members that a cell is for existed in its period; what is for no member always does."""
    collection, became = cell.measure.collection, cell.tally.became

    def existed(name: str | None, members: tuple[str, ...]) -> bool:
        """Whether any of them did, or what is counted under it."""
        counted = {*members, *(was for of, was, now in became if of == name and now in members)}
        in_use = (
            dimensions.in_use(scope.profile, collection, name, each, cell.period, table.filter) for each in counted if name
        )
        return not members or name is None or any(in_use)

    beside = () if cell.across is None else (cell.across,)
    here = existed(cell.tally.by, cell.members) and existed(cell.tally.across, beside)
    return here and scope.existed(collection, cell.period)


def _column_period(table: Table, column: Column, scope: Scope) -> Period:
    if isinstance(table.rows, PeriodRows):
        return scope.period
    return scope.period.span(column.period.from_, column.period.to)


def _named(label: str, period: Period) -> str:
    return label.replace("{period}", period.short)


def _notes(table: Table, scope: Scope, first: date | None = None) -> tuple[str, ...]:
    if scope.is_outside(table.filter):
        return (*table.notes, "[z] This table is about other service areas or teams.")
    merged = merges.notes(table, scope.profile, first or scope.period.first, scope.period.last)
    limited = (scope.words, scope.cannot_show([MEASURES[each] for each in table.measures()]))
    return (*table.notes, *merged, *(note for note in limited if note))


def collections(tables: Iterable[Table]) -> set[Collection]:
    """The collections that tables are made of."""
    return {MEASURES[each].collection for table in tables for each in table.measures()}
