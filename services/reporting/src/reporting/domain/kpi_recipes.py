"""Whether a recipe's table of KPIs can be filled: KPIs that exist, parts of them as columns, nothing that is of measures."""

from collections.abc import Iterator

from chassis.errors import FieldError, unknown_code
from reporting.domain.kpi_tables import SHOWN
from reporting.domain.profile import Profile
from reporting.domain.recipes import KpiRows, Table

_FILTERS = ("service_area", "team")


def check(profile: Profile, table: Table, at: str) -> Iterator[FieldError]:
    """Every wrong place of a table of KPIs; and parts of KPIs in a table of something else."""
    if not isinstance(table.rows, KpiRows):
        for index, column in enumerate(table.columns):
            if column.show in SHOWN:
                yield FieldError(f"{at}/columns/{index}/show", "expected count or share: only rows by kpi have parts")
        return
    known = [each.code for each in profile.kpis.kpis]
    for index, code in enumerate(table.rows.kpis):
        if code not in known:
            yield unknown_code(f"{at}/rows/kpis/{index}", code, known)
        if code in table.rows.kpis[:index]:
            yield FieldError(f"{at}/rows/kpis/{index}", f"expected a KPI that has no row yet, found '{code}' again")
    yield from _columns(table, at)
    for dimension in table.filter:
        if dimension not in _FILTERS:
            yield unknown_code(f"{at}/filter/{dimension}", dimension, _FILTERS)
    for name, value in (("across", table.across), ("each", table.each)):
        if value is not None:
            yield FieldError(f"{at}/{name}", "expected none: the rows are KPIs")
    if table.chart is not None:
        yield FieldError(f"{at}/chart", "expected null: per cent, numbers and judgements make no common chart")


def _columns(table: Table, at: str) -> Iterator[FieldError]:
    for index, column in enumerate(table.columns):
        here = f"{at}/columns/{index}"
        if column.show not in SHOWN:
            yield FieldError(f"{here}/show", f"expected {', '.join(SHOWN)}: the rows are KPIs")
        if column.measure is not None:
            yield FieldError(f"{here}/measure", "expected none: the rows are KPIs")
        if column.filter:
            yield FieldError(f"{here}/filter", "expected none: a table of KPIs is filtered as a whole")
