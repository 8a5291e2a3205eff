"""A report as a document to print, and to read without eyes."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby

from chassis.pdf.document import Block, Bullets, Document, FigureRow, Figures, Heading, Landscape, Picture, Text, share_of
from reporting.domain.evaluation import TOTAL
from reporting.domain.frozen_report import Drawing
from reporting.domain.tables import Cell, ColumnHead, ReportView, TableView
from reporting.domain.wording import FEW, SHORTHAND, STATES, too_few

PLAIN = frozenset({"count", "number"})  # units that say nothing: the rows count different things
UPRIGHT = 6.5  # columns of figures that a page holds upright, where no heading needs more than its share
FEW_BARS = 6  # that a page has room for beside their table

_ABOUT = (
    "The numbers that a percentage is made of stand below it. Percentages are rounded to whole numbers, so a column may add up "
    "to 99% or 101%."
)


def document(view: ReportView, organisation: str, made_on: date, charts: Mapping[str, Drawing] | None = None) -> Document:
    """The report with all of its tables and charts."""
    blocks = (*about(view), *tables(view, charts or {}))
    marking = "Internal" if view.audience == "internal" else ""
    return Document(view.title, organisation, made_on, blocks, subtitle=view.period.label, marking=marking)


def about(view: ReportView) -> tuple[Block, ...]:
    """How the figures are to be read."""
    of = tuple(Text(words) for words in (view.only, *view.notes) if words)
    return (*of, Text(_ABOUT), Bullets(tuple(_states(view))))


def tables(
    view: ReportView, charts: Mapping[str, Drawing], beside: Mapping[str, tuple[Text | Bullets, ...]] | None = None
) -> Iterator[Block]:
    """Every table with its chart and what was written beside it.

    Those of many columns lie on pages of their own, as few as hold them.
    """
    for is_wide, some in groupby(view.tables, key=_is_wide):
        shown = tuple(
            block for table in some for block in _table(table, charts.get(table.code), (beside or {}).get(table.code, ()))
        )
        if is_wide:
            yield Landscape(shown)
        else:
            yield from shown


def _states(view: ReportView) -> Iterator[str]:
    found = {cell.state for table in view.tables for row in table.rows for cell in row.cells}
    return (f"{SHORTHAND[state]} {words}" for state, words in STATES.items() if state in found)


def _table(
    table: TableView, chart: Drawing | None, beside: tuple[Text | Bullets, ...]
) -> Iterator[Heading | Figures | Text | Bullets | Picture]:
    yield Heading(table.title)
    yield from beside
    if not table.rows:
        yield Text("There is nothing to show for this period.")
        return
    if chart is not None:
        kind = "Line chart" if table.chart == "line" else "Bar chart"
        alt = f"{kind}: {table.title}. The numbers stand in the table below it."
        many = table.chart != "line" and len(table.rows) > FEW_BARS
        yield Picture(chart.svg, alt, chart.description, **({"share": 55} if many else {}))
    columns = tuple(column.label for column in table.columns)
    rows = tuple(
        FigureRow(row.label, tuple(map(_words, row.cells, table.columns)), total=row.code == TOTAL) for row in table.rows
    )
    few = any(too_few(cell, head) for row in table.rows for cell, head in zip(row.cells, table.columns, strict=True))
    yield Figures(_caption(table), table.rows_label, columns, rows, (*table.notes, *((FEW,) if few else ())))


def _is_wide(table: TableView) -> bool:
    return sum(share_of(column.label) for column in table.columns) > UPRIGHT


def _caption(table: TableView) -> str:
    """What the figures are; what they are about stands in the heading above."""
    units = list(dict.fromkeys(each.unit for each in table.columns if each.show == "count" and each.unit not in PLAIN))
    shares = any(column.show == "share" for column in table.columns)
    counted = any(column.show == "count" for column in table.columns)
    counts = [f"Numbers of {' and '.join(units)}" if units else "Numbers"] if counted else []
    return "; ".join([*counts, *(["percentages"] if shares else [])]).capitalize()


def _words(cell: Cell, column: ColumnHead) -> str:
    if cell.state in SHORTHAND:
        return SHORTHAND[cell.state]
    if cell.text is not None:
        return cell.text
    if column.show == "count":
        return f"{cell.value or 0:,}"
    numbers = f"{cell.n or 0:,} of {cell.of or 0:,}"
    return numbers if too_few(cell, column) else f"{cell.value or 0}%\n{numbers}"
