"""Whether report recipes can be computed: every measure, dimension and code that they name exists. Pure."""

from collections.abc import Iterator, Mapping

from loop_cli.profile_recipes import (
    MEASURES,
    Across,
    Dimension,
    DimensionRows,
    Each,
    HeadlineRows,
    KpiRows,
    MeasureRows,
    PeriodRows,
    ReportRecipe,
    Reports,
    TableRecipe,
    Whole,
    listed,
)

Wrong = tuple[str, str]
_RAGS = ("red", "amber", "green")
_KINDS = ("looped", "single", "targeted", "multi-agency", "dip-sample", "practice-evaluation")
# Of these a record may have several: put together in a group it would be counted more than once.
_SEVERAL = ("theme", "audit_finding", "category")
_AUDIENCES = ("child", "young-person", "care-leaver", "parent-carer", "birth-parent", "foster-carer", "partner", "staff")
_INVITED_BY = ("letter", "email", "text", "poster", "handed-over")
PARTS_OF_KPIS = ("numerator", "rest", "denominator", "value", "target", "rag")
_CHANNELS = ("link", "call", "visit", "audit", "paper")


def check_reports(whole: Whole) -> Iterator[Wrong]:
    """Every recipe against the other parts of the profile."""
    members = dimension_members(whole)
    for name, items in (("reports", whole.reports.reports), ("bands", whole.reports.bands), ("periods", whole.reports.periods)):
        codes = [item.code for item in items]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                yield f"/reports/{name}/{index}/code", f"expected a code that no other entry has, found '{code}' again"
    for index, report in enumerate(whole.reports.reports):
        for position, table in enumerate(report.tables):
            pointer = f"/reports/reports/{index}/tables/{position}"
            if table.code in [each.code for each in report.tables[:position]]:
                yield f"{pointer}/code", f"expected a code that no other table has, found '{table.code}' again"
            yield from check_table(pointer, table, members, whole.reports)
            yield from check_periods(pointer, table, report)
            if isinstance(table.rows, HeadlineRows):
                yield from check_headlines(f"{pointer}/rows/headlines", table.rows, report, whole.reports)


def dimension_members(whole: Whole) -> dict[str, set[str]]:
    """The codes that exist in each dimension; bands are looked up by their set."""
    complaints, audit, disputes = whole.complaints, whole.audit, whole.audit.disputes
    questions = {question.code for each in whole.questionnaires for version in each.versions for question in version.questions}
    return {
        "procedure": {each.code for each in complaints.procedures},
        "service_area": {each.code for each in whole.organisation.service_areas},
        "team": {each.code for each in whole.organisation.teams},
        "need": {each.code for each in complaints.needs},
        "route": {each.code for each in complaints.routes},
        "raised_by": {each.code for each in complaints.raised_by},
        "category": {each.code for each in complaints.categories},
        "finding": {each.code for each in complaints.findings},
        "outcome": {each.code for each in complaints.ombudsman_outcomes},
        "source": {each.code for each in complaints.sources},
        "kind": set(_KINDS),
        "tool": {each.code for each in audit.tools},
        "programme": {each.code for each in audit.programmes},
        "dispute_category": {each.code for each in disputes.categories} if disputes else set(),
        "dispute_raised_by": {each.code for each in disputes.raised_by} if disputes else set(),
        "dispute_stage": {each.code for each in disputes.stages} if disputes else set(),
        "grade": {grade.code for scale in audit.scales for grade in scale.grades},
        "rag": set(_RAGS),
        "audit_finding": {each.code for each in audit.findings},
        "questionnaire": {each.code for each in whole.questionnaires},
        "question": questions,
        "star": {each.code for each in whole.stars.kinds},
        "star_scale": {scale.code for each in whole.stars.kinds for scale in each.scales},
        "channel": set(_CHANNELS),
        "theme": {each.code for each in (*whole.organisation.themes, *whole.complaints.learning.themes)},
        "call_programme": {each.code for each in whole.calls.programmes},
        "call_outcome": {"no-answer", "wrong-number", "call-back", "declined", "done"},
        "stage": {"1", "2", "3", "4", "5"},
        "ending": {"answered", "withdrawn", "discontinued"},
        "came_by": {"public-form", "post", "phone", "e-mail", "in-person", "councillor-or-mp", "other-system"},
        "said": {"complaint", "comment", "compliment", "not-sure"},
        "representation_outcome": {
            "complaint",
            "informal-enquiry",
            "compliment",
            "comment",
            "not-a-complaint",
            "duplicate",
        },
        "went_to": {each.code for each in complaints.not_complaints},
        "timing": {"in-time", "late-taken", "late-declined"},
        "section": {section.code for each in audit.tools for section in each.sections},
        "invited_by": set(_INVITED_BY),
        "audience": set(_AUDIENCES),
        "kpi": {each.code for each in whole.kpis.kpis},
    }


def check_table(pointer: str, table: TableRecipe, members: Mapping[str, set[str]], reports: Reports) -> Iterator[Wrong]:
    """A table's rows, columns and filters."""
    yield from check_filter(f"{pointer}/filter", table.filter, members)
    rows = table.rows
    if isinstance(rows, KpiRows):
        yield from check_kpi_table(pointer, table, rows, members["kpi"])
        return
    if isinstance(rows, DimensionRows):
        yield from check_members(f"{pointer}/rows", rows, members, reports)
    if table.each is not None:
        yield from check_each(f"{pointer}/each", table, table.each, members)
    if table.across is not None:
        yield from check_across(f"{pointer}/across", table, table.across, members, reports)
    if table.total and not isinstance(rows, DimensionRows):
        yield f"{pointer}/total", "expected false: a total needs rows by dimension"
    by_measure = isinstance(rows, MeasureRows | HeadlineRows)
    if isinstance(rows, MeasureRows):
        for index, row in enumerate(rows.measures):
            yield from check_measure(f"{pointer}/rows/measures/{index}", row.measure, {*row.filter, *table.filter})
            yield from check_filter(f"{pointer}/rows/measures/{index}/filter", row.filter, members)
    for index, column in enumerate(table.columns):
        here = f"{pointer}/columns/{index}"
        if column.show in PARTS_OF_KPIS:
            yield f"{here}/show", f"expected count or share, found '{column.show}': only rows by kpi have parts"
        yield from check_filter(f"{here}/filter", column.filter, members)
        if (column.measure is None) != by_measure:
            yield here, "expected a measure on the columns, or on each of the rows, and not on both"
        elif column.measure is not None:
            used: set[str] = {*table.filter, *column.filter, *([rows.dimension] if isinstance(rows, DimensionRows) else [])}
            yield from check_measure(f"{here}/measure", column.measure, used)


def check_kpi_table(pointer: str, table: TableRecipe, rows: KpiRows, kpis: set[str]) -> Iterator[Wrong]:
    """A table of KPIs: those that exist, parts of them as columns, and nothing that goes with measures."""
    for index, code in enumerate(rows.kpis):
        if code not in kpis:
            yield (
                f"{pointer}/rows/kpis/{index}",
                f"expected a KPI ({', '.join(sorted(kpis)) or 'there is none'}), found '{code}'",
            )
        elif code in rows.kpis[:index]:
            yield f"{pointer}/rows/kpis/{index}", f"expected a KPI that has no row yet, found '{code}' again"
    for index, column in enumerate(table.columns):
        here = f"{pointer}/columns/{index}"
        if column.show not in PARTS_OF_KPIS:
            yield f"{here}/show", f"expected {', '.join(PARTS_OF_KPIS)}, found '{column.show}': the rows are KPIs"
        if column.measure is not None or column.filter:
            yield here, "expected neither measure nor filter: the rows are KPIs, and the table is filtered as a whole"
    for dimension in table.filter:
        if dimension not in {"service_area", "team"}:
            yield f"{pointer}/filter/{dimension}", "expected service_area or team: KPIs have no other dimension"
    for name, wrong in (("across", table.across), ("chart", table.chart), ("total", table.total)):
        if wrong:
            yield f"{pointer}/{name}", f"expected no {name}: the rows are KPIs"


def check_members(
    pointer: str, named: DimensionRows | Across, members: Mapping[str, set[str]], reports: Reports
) -> Iterator[Wrong]:
    """Members of a dimension that do not exist, or bands that are not a set."""
    bands = {each.code: {member.code for member in each.members} for each in reports.bands}
    if (named.dimension == "band") != (named.bands is not None) or (named.bands is not None and named.bands not in bands):
        yield pointer, f"expected `bands` ({', '.join(bands)}) exactly where the dimension is band"
    allowed = bands.get(named.bands or "", set()) if named.dimension == "band" else members[named.dimension]
    if isinstance(named, DimensionRows):
        if (named.members is None) == (named.groups is None):
            yield pointer, "expected `members` or `groups`, one of them"
        if named.groups and named.dimension in _SEVERAL:
            yield f"{pointer}/groups", f"expected members: a record may be of several {named.dimension.replace('_', ' ')}s"
    if named.members == "all" and named.dimension == "band":
        yield f"{pointer}/members", "expected the bands one by one"
    for index, member in enumerate(named.written):
        if member not in allowed:
            yield f"{pointer}/members/{index}", f"expected a {named.dimension.replace('_', ' ')}, found '{member}'"


def check_across(
    pointer: str, table: TableRecipe, across: Across, members: Mapping[str, set[str]], reports: Reports
) -> Iterator[Wrong]:
    """The second dimension of a cross table."""
    if not isinstance(table.rows, DimensionRows):
        yield pointer, "expected rows by dimension: a cross table has a dimension on either side"
        return
    if across.dimension == table.rows.dimension:
        yield f"{pointer}/dimension", "expected another dimension than that of the rows"
    codes = {column.code for column in table.columns}
    if across.members == "all" and (taken := sorted(codes & members.get(across.dimension, set()))):
        yield f"{pointer}/members", f"expected columns with codes of their own; '{taken[0]}' is the code of a member"
    for index, member in enumerate(across.written):
        if member in codes or member in across.written[:index]:
            yield f"{pointer}/members/{index}", f"expected a code that no other column has, found '{member}' again"
    yield from check_members(pointer, across, members, reports)
    yield from check_filter(f"{pointer}/filter", across.filter, members)
    used: set[str] = {*table.filter, *across.filter, across.dimension, table.rows.dimension}
    yield from check_measure(f"{pointer}/measure", across.measure, used)


def check_headlines(pointer: str, rows: HeadlineRows, own: ReportRecipe, reports: Reports) -> Iterator[Wrong]:
    """Headlines that name a report, table or column that there is not; whether the row is one is checked by reporting too."""
    for index, each in enumerate(rows.headlines):
        report = next((report for report in reports.reports if report.code == each.report and report is not own), None)
        if report is None:
            yield f"{pointer}/{index}/report", f"expected another report, found '{each.report}'"
            continue
        table = next((table for table in report.tables if _is_table(table, each.table)), None)
        if table is None:
            yield f"{pointer}/{index}/table", f"expected a table of {report.code}, found '{each.table}'"
        elif each.column not in {column.code for column in table.columns}:
            yield f"{pointer}/{index}/column", f"expected a column of {each.table}, found '{each.column}'"


def _is_table(table: TableRecipe, code: str) -> bool:
    return code.startswith(f"{table.code}-") if table.each else code == table.code


def check_each(pointer: str, table: TableRecipe, each: Each, members: Mapping[str, set[str]]) -> Iterator[Wrong]:
    """The dimension of whose members each has a table; what the table counts has to have it."""
    for index, member in enumerate(listed(each.members)):
        if member not in members.get(each.dimension, set()):
            yield f"{pointer}/members/{index}", f"expected a {each.dimension.replace('_', ' ')}, found '{member}'"
    measures = [column.measure for column in table.columns]
    if isinstance(table.rows, MeasureRows):
        measures += [row.measure for row in table.rows.measures]
    for measure in dict.fromkeys(each for each in measures if each is not None):
        yield from check_measure(f"{pointer}/dimension", measure, {each.dimension})


def check_measure(pointer: str, measure: str, dimensions: set[str]) -> Iterator[Wrong]:
    """A measure that does not exist, or does not have a dimension by which it is to be cut."""
    if measure not in MEASURES:
        yield pointer, f"expected a measure ({', '.join(MEASURES)}), found '{measure}'"
        return
    # An audience is the questionnaires that are for it.
    used = {"questionnaire" if each == "audience" else each for each in dimensions}
    for dimension in sorted(used - MEASURES[measure]):
        yield (
            pointer,
            f"expected a measure with the dimension {dimension}; {measure} has {', '.join(sorted(MEASURES[measure]))}",
        )


def check_filter(pointer: str, chosen: Mapping[Dimension, list[str]], members: Mapping[str, set[str]]) -> Iterator[Wrong]:
    """Codes of a filter that do not exist."""
    for dimension, codes in chosen.items():
        for index, code in enumerate(codes):
            if dimension == "band" or code not in members[dimension]:
                yield f"{pointer}/{dimension}/{index}", f"expected a {dimension.replace('_', ' ')}, found '{code}'"


def check_periods(pointer: str, table: TableRecipe, report: ReportRecipe) -> Iterator[Wrong]:
    """Spans that look into the future, end before they begin, or look at other periods of a report for any period."""
    spans: list[tuple[str, int, int]] = []
    if isinstance(table.rows, PeriodRows):
        spans += [(f"/rows/periods/{index}", row.from_, row.to) for index, row in enumerate(table.rows.periods)]
    spans += [
        (f"/columns/{index}/period", column.period.from_, column.period.to)
        for index, column in enumerate(table.columns)
        if column.period is not None
    ]
    if table.across is not None and table.across.period is not None:
        spans.append(("/across/period", table.across.period.from_, table.across.period.to))
    if table.compare and (report.period == "any" or isinstance(table.rows, PeriodRows)):
        yield f"{pointer}/compare", "expected 0: a report for any period, or rows that are periods, have no earlier ones"
    for where, first, last in spans:
        if first > last:
            yield pointer + where, "expected `from` before or at `to`"
        if report.period == "any" and (first, last) != (0, 0):
            yield (
                pointer + where,
                "expected no other period: a report for any period cannot look at its neighbours",
            )
    if isinstance(table.rows, PeriodRows):
        for index, column in enumerate(table.columns):
            if column.period is not None:
                yield f"{pointer}/columns/{index}/period", "expected no period on the columns, as the rows are periods"
