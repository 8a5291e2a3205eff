"""The shapes of answers, for OpenAPI and for those who read it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from reporting.domain.measures import Measure
from reporting.domain.periods import Period
from reporting.domain.tables import ReportView, TableView


class _Answer(BaseModel):
    model_config = ConfigDict(populate_by_name=True, from_attributes=True)


class CellAnswer(_Answer):
    """A cell: a figure, or which of three reasons there is for none. `n` of `of` stand beside every share."""

    state: Literal["value", "zero", "not-in-use", "not-collected", "suppressed"] = Field(
        description="`zero` is a counted nothing; `not-in-use`: the member did not exist in the period; `not-collected`: there "
        "is nothing to make the figure of; `suppressed`: withheld, so that it points to nobody."
    )
    value: int | None = Field(description="The count, or the share in whole per cent (half up).")
    n: int | None = Field(description="Numerator of a share.")
    of: int | None = Field(description="Denominator of a share.")
    text: str | None = Field(default=None, description="Words in place of a figure: the target of a KPI, its judgement.")


class ColumnAnswer(_Answer):
    """A column of a table."""

    code: str
    label: str
    unit: str
    show: Literal["count", "share", "words"]


class RowAnswer(_Answer):
    """A row, with a cell for each column."""

    code: str
    label: str
    cells: list[CellAnswer]


class PeriodAnswer(_Answer):
    """A period; both days are included."""

    code: str = Field(examples=["2022-23-q1"])
    label: str
    short: str
    from_: date = Field(alias="from")
    to: date

    @classmethod
    def of(cls, period: Period) -> "PeriodAnswer":
        """From the domain's."""
        return cls(code=period.code, label=period.label, short=period.short, from_=period.first, to=period.last)


class TableAnswer(_Answer):
    """A table of a report for a period."""

    code: str
    title: str
    rows_label: str
    columns: list[ColumnAnswer]
    rows: list[RowAnswer]
    notes: list[str]

    @classmethod
    def of(cls, table: TableView) -> "TableAnswer":
        """From the domain's."""
        return cls.model_validate(table)


class ReportAnswer(_Answer):
    """A report for a period, with all of its tables."""

    report: str
    title: str
    audience: Literal["internal", "public"]
    period: PeriodAnswer
    only: str | None = Field(default=None, description="The part of the organisation that it is for; none is the whole.")
    notes: list[str] = Field(default=[], description="What is to be known of the report as a whole.")
    tables: list[TableAnswer]

    @classmethod
    def of(cls, view: ReportView) -> "ReportAnswer":
        """From the domain's."""
        return cls.model_validate(
            {
                "report": view.code,
                "title": view.title,
                "audience": view.audience,
                "period": PeriodAnswer.of(view.period),
                "only": view.only,
                "notes": view.notes,
                "tables": [TableAnswer.of(table) for table in view.tables],
            }
        )


class TableHead(_Answer):
    """A table that a report has."""

    code: str
    title: str


class ReportHead(_Answer):
    """A report that the organisation has."""

    report: str
    title: str
    audience: Literal["internal", "public"]
    made_for: Literal["quarter", "half-year", "year", "any"]
    tables: list[TableHead]


class ReportList(_Answer):
    """Every report of the organisation."""

    reports: list[ReportHead]


class MeasureAnswer(_Answer):
    """A measure of the catalogue."""

    code: str
    name: str
    definition: str
    numerator: str
    denominator: str | None
    unit: str
    grain: str
    day: str = Field(description="Which day decides in which period something is counted.")
    source: str = Field(description="The service whose events it is counted from.")
    caveats: list[str]
    dimensions: list[str]

    @classmethod
    def of(cls, measure: Measure) -> "MeasureAnswer":
        """From the domain's."""
        return cls.model_validate(measure)


class MeasureList(_Answer):
    """The catalogue."""

    measures: list[MeasureAnswer]


class SourceAnswer(_Answer):
    """How far the events of a source are in the reports."""

    source: str
    applied: int = Field(description="Number up to which nothing is missing.")
    dead_letters: int = Field(description="Events put aside: of the caller's organisation, and those that belong to none.")


class ProgressAnswer(_Answer):
    """How far the reports are."""

    sources: list[SourceAnswer]
    complete: bool = Field(description="False while a rebuild has not read as far as the reports had been.")


class CommandAnswer(_Answer):
    """A command that was accepted; the consumers carry it out within a second or so."""

    command_id: UUID
    command: Literal["rebuild", "redrive"]


class CommandState(_Answer):
    """A command and what became of it."""

    id: UUID
    command: Literal["rebuild", "redrive"]
    requested_by: str
    requested_at: datetime
    done_at: datetime | None
    result: str | None


class CommandList(_Answer):
    """The last 20 commands, newest first."""

    commands: list[CommandState]


class DeadLetter(_Answer):
    """An event that could not be applied, with the reason; its data stay inside."""

    id: UUID
    source: str
    sequence: int
    event_id: UUID
    type: str | None
    reason: str
    failed_at: datetime
    redriven_at: datetime | None


class DeadLetterList(_Answer):
    """A page of dead letters, newest first."""

    items: list[DeadLetter]
    next: str | None
