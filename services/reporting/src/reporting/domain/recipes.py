"""Report recipes (reports.yaml): which tables a report has. The language is described in docs/guides/profiles.md.

A cell is a measure, counted under the table's filter, the column's filter, the row's filter (or the row's member), in the
cell's period.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from reporting.domain.tracker import MAY_MISS_DAYS

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Filter = dict[Name, tuple[Code, ...]]
"""From a dimension to the codes let through; all must hold."""

Offset = Annotated[int, Field(ge=-60, le=0)]


def _listed(members: tuple[str, ...] | Literal["all"]) -> tuple[str, ...]:
    """Members that are written out; `all` has been expanded where they are asked for."""
    return () if isinstance(members, str) else members


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Band(_Strict):
    """A band of days, both ends included; `to` None is open-ended, `open` holds what was not answered."""

    code: Code
    label: Label
    from_: Annotated[int, Field(ge=0, le=10_000)] | None = Field(alias="from")
    to: Annotated[int, Field(ge=0, le=10_000)] | None
    open: bool


class BandSet(_Strict):
    """Bands that exclude each other."""

    code: Code
    members: Annotated[tuple[Band, ...], Field(min_length=1, max_length=40)]


class NamedPeriod(_Strict):
    """A period beside quarters and financial years."""

    code: Code
    label: Label
    from_: date = Field(alias="from")
    to: date


class Span(_Strict):
    """Periods of the report's kind: 0 this one, -1 the one before; from -2 to 0 is three together."""

    from_: Offset = Field(alias="from")
    to: Offset


THIS = Span.model_validate({"from": 0, "to": 0})


ALL = "all"
"""In place of members: every one that the profile has, see `reporting.domain.expansion`."""


class Group(_Strict):
    """Several members of a dimension in one row."""

    code: Code
    label: Label
    members: Annotated[tuple[Code, ...], Field(min_length=1, max_length=500)]


class DimensionRows(_Strict):
    """A row for each member of a dimension, or for each group of members."""

    by: Literal["dimension"]
    label: Label
    dimension: Name
    members: Annotated[tuple[Code, ...], Field(max_length=500)] | Literal["all"] = ()
    groups: Annotated[tuple[Group, ...], Field(max_length=100)] = ()
    bands: Code | None = None

    @model_validator(mode="after")
    def _has_rows(self) -> Self:
        if bool(self.members) == bool(self.groups):
            raise ValueError("expected `members` or `groups`, one of them")
        return self

    @property
    def listed(self) -> tuple[str, ...]:
        """Every member that has a row, in order."""
        return tuple(member for group in self.groups for member in group.members) or _listed(self.members)


class MeasureRow(_Strict):
    """A row that counts a measure."""

    code: Code
    label: Label
    measure: Name
    filter: Filter = Field(default_factory=dict)
    # Of a headline, once it is found in the report that it names (reporting.domain.headline_rows); recipes write none of it.
    of: Filter | None = None  # what its share is a share of
    told: str | None = None  # where it comes from
    several: bool = False


class MeasureRows(_Strict):
    """A row for each measure."""

    by: Literal["measure"]
    label: Label
    measures: Annotated[tuple[MeasureRow, ...], Field(min_length=1, max_length=100)]


class Headline(_Strict):
    """A row that is a cell of another report; `several` where things come several from one source, as a family's answers do."""

    code: Code
    label: Label
    report: Code
    table: Code
    row: Code
    column: Code
    several: bool = False


class HeadlineRows(_Strict):
    """A row for each headline."""

    by: Literal["headline"]
    label: Label
    headlines: Annotated[tuple[Headline, ...], Field(min_length=1, max_length=40)]


class PeriodRow(_Strict):
    """A row for a period."""

    code: Code
    label: Label
    from_: Offset = Field(alias="from")
    to: Offset


class PeriodRows(_Strict):
    """A row for each period."""

    by: Literal["period"]
    label: Label
    periods: Annotated[tuple[PeriodRow, ...], Field(min_length=1, max_length=60)]


class KpiRows(_Strict):
    """A row for each KPI (kpis.yaml)."""

    by: Literal["kpi"]
    label: Label
    kpis: Annotated[tuple[Code, ...], Field(min_length=1, max_length=200)]


Rows = Annotated[DimensionRows | MeasureRows | HeadlineRows | PeriodRows | KpiRows, Field(discriminator="by")]
Show = Literal["count", "share", "share-of-row", "numerator", "rest", "denominator", "value", "target", "rag"]


class Column(_Strict):
    """A column: what is counted, under what filter, in which period, as count or share; of KPIs, which part of them."""

    code: Code
    label: Label
    measure: Name | None = None
    filter: Filter = Field(default_factory=dict)
    show: Show
    unit: Unit
    period: Span = THIS
    compare: bool = True  # whether it is repeated where the table is compared with earlier periods


class Across(_Strict):
    """A column for each member of a second dimension, before the others: a cross table."""

    dimension: Name
    members: Annotated[tuple[Code, ...], Field(min_length=1, max_length=60)] | Literal["all"]
    bands: Code | None = None
    measure: Name
    filter: Filter = Field(default_factory=dict)
    unit: Unit
    period: Span = THIS

    @property
    def listed(self) -> tuple[str, ...]:
        """Every member that has a column, in order."""
        return _listed(self.members)


class Each(_Strict):
    """A table for each member of a dimension of which anything was counted; `{member}` in its title names it."""

    dimension: Name
    members: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)] | Literal["all"]

    @property
    def listed(self) -> tuple[str, ...]:
        """Every member that may have a table, in order."""
        return _listed(self.members)


class Table(_Strict):
    """A table of a report."""

    code: Code
    title: Label
    filter: Filter
    each: Each | None = None
    rows: Rows
    across: Across | None = None
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=60)]
    total: bool
    merged: Literal["as-it-was", "rolled-up"] = "as-it-was"
    chart: Literal["bar", "line"] | None
    compare: Annotated[int, Field(ge=0, le=11)] = 0
    notes: Annotated[tuple[Label, ...], Field(max_length=20)]

    def measures(self) -> Iterator[str]:
        """The codes of the measures that it counts, as often as it names them."""
        yield from (column.measure for column in self.columns if column.measure is not None)
        if self.across is not None:
            yield self.across.measure
        if isinstance(self.rows, MeasureRows):
            yield from (row.measure for row in self.rows.measures)


class Report(_Strict):
    """A report: its tables, for whom it is and what period it is made for."""

    code: Code
    title: Label
    audience: Literal["internal", "public"]
    period: Literal["quarter", "half-year", "year", "any"]
    tables: Annotated[tuple[Table, ...], Field(min_length=1, max_length=100)]


class Tracker(_Strict):
    """How the learning tracker reads: from how many days before its day an open action may miss it."""

    may_miss_days: Annotated[int, Field(ge=0, le=60)] = MAY_MISS_DAYS


class Reports(_Strict):
    """reports.yaml."""

    tracker: Tracker = Tracker()
    bands: tuple[BandSet, ...] = ()
    periods: tuple[NamedPeriod, ...] = ()
    reports: Annotated[tuple[Report, ...], Field(max_length=100)] = ()

    def band_set(self, code: str | None) -> BandSet | None:
        """The set of that code."""
        return next((each for each in self.bands if each.code == code), None)

    def report(self, code: str) -> Report | None:
        """The report of that code."""
        return next((each for each in self.reports if each.code == code), None)
