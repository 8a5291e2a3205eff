"""What the models of a profile cannot see alone: that recipes name measures, dimensions, members and bands that exist."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from chassis.errors import FieldError, unknown_code
from reporting.domain import dimensions, headline_rows, kpi_recipes, merges, periods
from reporting.domain.expansion import dimension_of
from reporting.domain.kpi_check import check_kpis
from reporting.domain.measures import MEASURES, Measure
from reporting.domain.profile import Profile
from reporting.domain.recipes import (
    ALL,
    Across,
    Column,
    DimensionRows,
    Each,
    HeadlineRows,
    KpiRows,
    MeasureRows,
    PeriodRows,
    Report,
    Reports,
    Span,
    Table,
)
from reporting.domain.trend import trend_of

BAND = "band"
# Dimensions of which a record may have several members: put together in one row it would be counted more than once.
_SEVERAL = frozenset({"theme", "audit_finding", "ombudsman_remedy", "category"})


def check(profile: Profile) -> list[FieldError]:
    """Every wrong place in reports.yaml and kpis.yaml, and mergers that cannot be, as a JSON pointer and what was expected."""
    return [*merges.check(profile.organisation), *_reports(profile), *check_kpis(profile)]


def _reports(profile: Profile) -> Iterator[FieldError]:
    reports = profile.reports
    yield from _twice("/reports/reports", (each.code for each in reports.reports))
    yield from _twice("/reports/bands", (each.code for each in reports.bands))
    yield from _periods(reports)
    for i, report in enumerate(reports.reports):
        yield from _twice(f"/reports/reports/{i}/tables", (each.code for each in report.tables))
        for j, table in enumerate(report.tables):
            yield from _table(profile, report, table, f"/reports/reports/{i}/tables/{j}")
        yield from _merged(report, f"/reports/reports/{i}/tables")


def _periods(reports: Reports) -> Iterator[FieldError]:
    yield from _twice("/reports/periods", (each.code for each in reports.periods))
    for i, period in enumerate(reports.periods):
        if period.to < period.from_:
            yield FieldError(f"/reports/periods/{i}/to", "expected a day that is not before `from`")
        try:
            periods.parse(period.code)
        except periods.UnknownPeriodError:
            continue
        yield FieldError(f"/reports/periods/{i}/code", "this code already means a quarter, a year or months")


def _table(profile: Profile, report: Report, table: Table, at: str) -> Iterator[FieldError]:
    yield from _twice(f"{at}/columns", (each.code for each in table.columns))
    yield from kpi_recipes.check(profile, table, at)
    measures = _measures(table)
    for place, code, measure in measures:
        if measure is None:
            yield unknown_code(f"{at}{place}", code, sorted(MEASURES))
    known = [measure for _, _, measure in measures if measure is not None]
    yield from _filter(profile, table.filter, known, f"{at}/filter")
    yield from _rows(profile, table, known, at)
    if table.across is not None:
        yield from _across(profile, table, table.across, f"{at}/across")
    yield from _repeated(profile, report, table, known, at)
    for i, column in enumerate(table.columns):
        yield from _column(profile, table, column, f"{at}/columns/{i}")
    yield from _chart(table, f"{at}/chart")
    if report.period == "any":
        for place, span in _spans(table):
            if (span.from_, span.to) != (0, 0):
                yield FieldError(f"{at}{place}", "a report made for any period cannot look at another period")
    for place, span in _spans(table):
        if span.from_ > span.to:
            yield FieldError(f"{at}{place}", "expected `from` not to be after `to`")


def _merged(report: Report, at: str) -> Iterator[FieldError]:
    """A table rolls up what merges, and those of a public report all alike."""
    ways = [each.merged for each in report.tables]
    for number, table in enumerate(report.tables):
        if table.merged == merges.ROLLED_UP and not merges.concerned(table):
            yield FieldError(f"{at}/{number}/merged", "expected rows, columns or a filter by service_area or team to roll up")
        elif report.audience == "public" and table.merged != ways[0]:
            detail = f"expected {ways[0]}, as the first table has it: the difference of both would give small counts away"
            yield FieldError(f"{at}/{number}/merged", detail)


def _chart(table: Table, at: str) -> Iterator[FieldError]:
    if table.chart == "line" and not table.compare and trend_of(table) is None:
        yield FieldError(at, "a line needs rows by period, `compare`, or columns of one measure and filter in several periods")


def _rows(profile: Profile, table: Table, measures: Iterable[Measure], at: str) -> Iterator[FieldError]:
    match table.rows:
        case DimensionRows():
            for measure in measures:
                if dimension_of(table.rows.dimension) not in measure.dimensions:
                    yield unknown_code(f"{at}/rows/dimension", table.rows.dimension, measure.dimensions)
            yield from _members(profile, table.rows, f"{at}/rows")
        case MeasureRows():
            yield from _twice(f"{at}/rows/measures", (each.code for each in table.rows.measures))
            for i, row in enumerate(table.rows.measures):
                if (named := MEASURES.get(row.measure)) is not None:
                    yield from _filter(profile, row.filter, [named], f"{at}/rows/measures/{i}/filter")
        case PeriodRows():
            yield from _twice(f"{at}/rows/periods", (each.code for each in table.rows.periods))
    if table.total and not isinstance(table.rows, DimensionRows):
        yield FieldError(f"{at}/total", "a total needs rows by dimension")


def _across(profile: Profile, table: Table, across: Across, at: str) -> Iterator[FieldError]:
    """A cross table has another dimension on either side, and a measure that has both."""
    if not isinstance(table.rows, DimensionRows):
        yield FieldError(at, "a cross table needs rows by dimension")
        return
    if across.dimension == table.rows.dimension:
        yield FieldError(f"{at}/dimension", "expected another dimension than that of the rows")
    members = dimensions.codes(profile, across.dimension) if across.members == ALL else across.listed
    for code in sorted({each.code for each in table.columns} & set(members)):
        yield FieldError(f"{at}/members", f"'{code}' is the code of another column")
    yield from _members(profile, across, at)
    if (measure := MEASURES.get(across.measure)) is not None:
        if across.dimension not in measure.dimensions:
            yield unknown_code(f"{at}/dimension", across.dimension, measure.dimensions)
        yield from _filter(profile, across.filter, [measure], f"{at}/filter")


def _repeated(profile: Profile, report: Report, table: Table, measures: Iterable[Measure], at: str) -> Iterator[FieldError]:
    """What makes several tables or columns of one, and rows of other reports."""
    if table.each is not None:
        yield from _each(profile, table.each, measures, f"{at}/each")
    if table.compare and (report.period == "any" or isinstance(table.rows, PeriodRows)):
        yield FieldError(f"{at}/compare", "expected 0: a report for any period, or rows that are periods, have no earlier ones")
    if isinstance(table.rows, HeadlineRows):
        yield from _headlines(profile, report, table, table.rows, at)


def _headlines(profile: Profile, report: Report, table: Table, rows: HeadlineRows, at: str) -> Iterator[FieldError]:
    """Headlines that are cells of other reports, shown as those show them."""
    if table.filter or table.across or table.each or any(each.measure or each.filter for each in table.columns):
        yield FieldError(at, "headlines are counted as their reports do: expected no filter and no measure here")
    shown = {"count" if each.show == "count" else "share" for each in table.columns}
    for i, each in enumerate(rows.headlines):
        place = f"{at}/rows/headlines/{i}"
        if each.report == report.code:
            yield FieldError(f"{place}/report", "expected another report than its own")
            continue
        try:
            found = headline_rows.row(each, profile)
        except headline_rows.UnknownCellError as error:
            yield FieldError(place, str(error))
            continue
        is_share = found.of is not None or MEASURES[found.measure].is_ratio
        if shown != {"share" if is_share else "count"}:
            yield FieldError(place, f"expected columns that show a {'share' if is_share else 'count'}, as the report does")


def _each(profile: Profile, each: Each, measures: Iterable[Measure], at: str) -> Iterator[FieldError]:
    for measure in measures:
        if each.dimension == BAND or dimension_of(each.dimension) not in measure.dimensions:
            yield unknown_code(f"{at}/dimension", each.dimension, [name for name in measure.dimensions if name != BAND])
    known = dimensions.codes(profile, each.dimension)
    for i, member in enumerate(each.listed):
        if member not in known:
            yield unknown_code(f"{at}/members/{i}", member, sorted(known))


def _members(profile: Profile, rows: DimensionRows | Across, at: str) -> Iterator[FieldError]:
    yield from _twice(f"{at}/members", rows.listed)
    if isinstance(rows, DimensionRows) and rows.groups:
        yield from _twice(f"{at}/groups", (each.code for each in rows.groups))
        if rows.dimension in _SEVERAL:
            yield FieldError(
                f"{at}/groups", "a record may have several of these, and would be counted more than once in a group"
            )
    if rows.members == ALL and rows.dimension == BAND:
        yield FieldError(f"{at}/members", "bands are written out")
    if (rows.dimension == BAND) != (rows.bands is not None):
        yield FieldError(f"{at}/bands", "`bands` goes with the dimension `band`, and only with it")
        return
    if rows.bands is not None:
        bands = profile.reports.band_set(rows.bands)
        if bands is None:
            yield unknown_code(f"{at}/bands", rows.bands, [each.code for each in profile.reports.bands])
            return
        known = frozenset(each.code for each in bands.members)
    else:
        known = dimensions.codes(profile, rows.dimension)
    for i, member in enumerate(rows.listed):
        if member not in known:
            yield unknown_code(f"{at}/members/{i}", member, sorted(known))


def _column(profile: Profile, table: Table, column: Column, at: str) -> Iterator[FieldError]:
    if isinstance(table.rows, KpiRows):
        return
    by_measure = isinstance(table.rows, MeasureRows | HeadlineRows)
    if by_measure == (column.measure is not None):
        expected = "none: the rows name the measures" if by_measure else "the code of a measure"
        yield FieldError(f"{at}/measure", f"expected {expected}")
        return
    if isinstance(table.rows, PeriodRows) and (column.period.from_, column.period.to) != (0, 0):
        yield FieldError(f"{at}/period", "the rows name the periods")
    if isinstance(table.rows, MeasureRows):
        measures = [MEASURES[row.measure] for row in table.rows.measures if row.measure in MEASURES]
    else:
        measures = [MEASURES[column.measure]] if column.measure in MEASURES else []
    yield from _filter(profile, column.filter, measures, f"{at}/filter")


def _filter(
    profile: Profile, filter_: Mapping[str, tuple[str, ...]], measures: Iterable[Measure], at: str
) -> Iterator[FieldError]:
    for dimension, codes in filter_.items():
        for measure in measures:
            if dimension == BAND or dimension_of(dimension) not in measure.dimensions:
                usable = [name for name in measure.dimensions if name != BAND]
                yield unknown_code(f"{at}/{dimension}", dimension, usable)
        known = dimensions.codes(profile, dimension)
        for i, code in enumerate(codes):
            if known and code not in known:
                yield unknown_code(f"{at}/{dimension}/{i}", code, sorted(known))


def _measures(table: Table) -> list[tuple[str, str, Measure | None]]:
    """Where a table names measures, and which."""
    found = [(f"/columns/{i}/measure", each.measure) for i, each in enumerate(table.columns) if each.measure is not None]
    if table.across is not None:
        found.append(("/across/measure", table.across.measure))
    if isinstance(table.rows, MeasureRows):
        found += [(f"/rows/measures/{i}/measure", each.measure) for i, each in enumerate(table.rows.measures)]
    return [(place, code, MEASURES.get(code)) for place, code in found]


def _spans(table: Table) -> Iterator[tuple[str, Span]]:
    for i, column in enumerate(table.columns):
        yield f"/columns/{i}/period", column.period
    if table.across is not None:
        yield "/across/period", table.across.period
    if isinstance(table.rows, PeriodRows):
        for i, row in enumerate(table.rows.periods):
            yield f"/rows/periods/{i}", Span.model_validate({"from": row.from_, "to": row.to})


def _twice(at: str, codes: Iterable[str]) -> Iterator[FieldError]:
    for code, times in Counter(codes).items():
        if times > 1:
            yield FieldError(at, f"'{code}' stands {times} times; a code stands once")
