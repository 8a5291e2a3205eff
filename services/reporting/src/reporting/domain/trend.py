"""What a line chart of a table shows: figures over periods, the oldest first, a line a series.

The periods are a table's rows, or those of its columns that show one measure in several periods. Where they are columns, a
total is the one line, or else the first few rows are: more lines than that nobody can tell apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.domain.recipes import PeriodRows, Table
from reporting.domain.tables import Cell, ColumnHead, State, TableView, Trend

MOST_LINES = 3
_FEWEST_POINTS = 2
_TOTAL = "total"
_SAID_OF_EACH = 6  # points that are said one by one


@dataclass(frozen=True, slots=True)
class Point:
    """A period and its figure; None where there is none, which is a gap in the line and no zero."""

    period: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """A line: what it is of, and its points, the oldest first."""

    label: str
    points: tuple[Point, ...]
    unit: str
    percent: bool


def trend_of(table: Table) -> Trend | None:
    """Along what a line of a table can be drawn; None where there are fewer than two periods.

    That is its rows by period, or the columns that are as its first one but for their period.
    """
    if isinstance(table.rows, PeriodRows):
        rows = [(each.from_, each.to, n) for n, each in enumerate(table.rows.periods)]
        return Trend(by_rows=True, places=tuple(n for _, _, n in sorted(rows))) if len(rows) >= _FEWEST_POINTS else None
    if table.across is not None:
        return None
    first = table.columns[0]
    columns = [
        (each.period.from_, each.period.to, n)
        for n, each in enumerate(table.columns)
        if (each.measure, each.filter, each.show) == (first.measure, first.filter, first.show)
    ]
    apart = len({(start, end) for start, end, _ in columns}) == len(columns)
    if not apart or len(columns) < _FEWEST_POINTS:
        return None
    return Trend(by_rows=False, places=tuple(n for _, _, n in sorted(columns)))


def series(table: TableView) -> tuple[Series, ...]:
    """The lines of a table; none where fewer than two periods have a figure."""
    if table.trend is None:
        return ()
    found = _along_rows(table, table.trend.places) if table.trend.by_rows else _along_columns(table, table.trend.places)
    drawn = [each for each in found if sum(point.value is not None for point in each.points) >= _FEWEST_POINTS]
    return tuple(drawn[:MOST_LINES])


def _along_rows(table: TableView, places: Sequence[int]) -> list[Series]:
    """A line for each column of the first one's unit: numbers and percentages share no scale."""
    first = table.columns[0]
    rows = [table.rows[n] for n in places]
    return [
        _series(head.label, head, [(row.label, row.cells[n]) for row in rows])
        for n, head in enumerate(table.columns)
        if (head.unit, head.show) == (first.unit, first.show)
    ]


def _along_columns(table: TableView, places: Sequence[int]) -> list[Series]:
    heads = [(n, table.columns[n]) for n in places]
    rows = [row for row in table.rows if row.code == _TOTAL] or list(table.rows)
    return [_series(row.label, heads[0][1], [(head.label, row.cells[n]) for n, head in heads]) for row in rows]


def _series(label: str, head: ColumnHead, points: Sequence[tuple[str, Cell]]) -> Series:
    shown = tuple(
        Point(period, (cell.value or 0) if cell.state in {State.VALUE, State.ZERO} else None) for period, cell in points
    )
    return Series(label, shown, head.unit, head.show == "share")


def trend_description(table: TableView) -> str:
    """The lines in words. That two figures differ is not said to be a change."""
    found = series(table)
    return " ".join(map(_said, found)) or "There is nothing to show over these periods."


def _said(line: Series) -> str:
    there = [(point.period, point.value) for point in line.points if point.value is not None]
    what = line.label if line.percent else f"{line.label} ({line.unit})"
    sign = "%" if line.percent else ""
    if len(there) <= _SAID_OF_EACH:
        words = f"{what}: {', '.join(f'{value:,}{sign} in {period}' for period, value in there)}."
    else:
        (start, began), (end, ended) = there[0], there[-1]
        (lowest, low), (highest, high) = min(there, key=lambda each: each[1]), max(there, key=lambda each: each[1])
        words = (
            f"{what}: {began:,}{sign} in {start} and {ended:,}{sign} in {end}; lowest {low:,}{sign} in {lowest}, highest "
            f"{high:,}{sign} in {highest}."
        )
    missing = len(line.points) - len(there)
    return words + (f" {missing} {'period has' if missing == 1 else 'periods have'} no figure." if missing else "")
