"""Whether report recipes can be computed: every measure, dimension and code that they name exists. Pure."""

from collections.abc import Iterator, Mapping

from loop_cli.profile_recipes import (
    MEASURES,
    Across,
    Dimension,
    DimensionRows,
    MeasureRows,
    PeriodRows,
    ReportRecipe,
    Reports,
    TableRecipe,
    Whole,
)

Wrong = tuple[str, str]
_RAGS = ("red", "amber", "green")
_KINDS = ("looped", "single", "targeted", "multi-agency", "dip-sample", "practice-evaluation")
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
        "learning_source": {"audit", "complaints", "feedback"},
        "learning_standing": {"on-track", "may-miss", "missed", "completed", "dropped"},
    }


def check_table(pointer: str, table: TableRecipe, members: Mapping[str, set[str]], reports: Reports) -> Iterator[Wrong]:
    """A table's rows, columns and filters."""
    yield from check_filter(f"{pointer}/filter", table.filter, members)
    rows = table.rows
    if isinstance(rows, DimensionRows):
        yield from check_members(f"{pointer}/rows", rows, members, reports)
    if table.across is not None:
        yield from check_across(f"{pointer}/across", table, table.across, members, reports)
    if table.total and not isinstance(rows, DimensionRows):
        yield f"{pointer}/total", "expected false: a total needs rows by dimension"
    by_measure = isinstance(rows, MeasureRows)
    if isinstance(rows, MeasureRows):
        for index, row in enumerate(rows.measures):
            yield from check_measure(f"{pointer}/rows/measures/{index}", row.measure, {*row.filter, *table.filter})
            yield from check_filter(f"{pointer}/rows/measures/{index}/filter", row.filter, members)
    for index, column in enumerate(table.columns):
        here = f"{pointer}/columns/{index}"
        yield from check_filter(f"{here}/filter", column.filter, members)
        if (column.measure is None) != by_measure:
            yield here, "expected a measure on the columns, or on each of the rows, and not on both"
        elif column.measure is not None:
            used: set[str] = {*table.filter, *column.filter, *([rows.dimension] if isinstance(rows, DimensionRows) else [])}
            yield from check_measure(f"{here}/measure", column.measure, used)


def check_members(
    pointer: str, named: DimensionRows | Across, members: Mapping[str, set[str]], reports: Reports
) -> Iterator[Wrong]:
    """Members of a dimension that do not exist, or bands that are not a set."""
    bands = {each.code: {member.code for member in each.members} for each in reports.bands}
    if (named.dimension == "band") != (named.bands is not None) or (named.bands is not None and named.bands not in bands):
        yield pointer, f"expected `bands` ({', '.join(bands)}) exactly where the dimension is band"
    allowed = bands.get(named.bands or "", set()) if named.dimension == "band" else members[named.dimension]
    for index, member in enumerate(named.members):
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
    for index, member in enumerate(across.members):
        if member in codes or member in across.members[:index]:
            yield f"{pointer}/members/{index}", f"expected a code that no other column has, found '{member}' again"
    yield from check_members(pointer, across, members, reports)
    yield from check_filter(f"{pointer}/filter", across.filter, members)
    used: set[str] = {*table.filter, *across.filter, across.dimension, table.rows.dimension}
    yield from check_measure(f"{pointer}/measure", across.measure, used)


def check_measure(pointer: str, measure: str, dimensions: set[str]) -> Iterator[Wrong]:
    """A measure that does not exist, or does not have a dimension by which it is to be cut."""
    if measure not in MEASURES:
        yield pointer, f"expected a measure ({', '.join(MEASURES)}), found '{measure}'"
        return
    for dimension in sorted(dimensions - MEASURES[measure]):
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
