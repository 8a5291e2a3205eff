"""Suppression for the public: small counts are withheld, and so are others from which they could be worked out.

Counts of 1 to 5 and percentages of fewer than 10 are withheld (Government Statistical Service, "Confidentiality of tables";
`reports.md`). Every line of counts is treated as if its total were known, since a total is often printed elsewhere: a line may
hold no withheld count, or two or more, and then those together must be more than the limit. Where a table shows the total of a
line, the two may not be made out of one another. A share goes when the count that it is made of is withheld anywhere in its
row.

In a cross table rows and columns are lines of the same counts, and two withheld in each line are not enough: a count is safe
when it is one of a ring of withheld counts, row to column to row, round which anything could be added and taken away without a
total changing (Bishop, Fienberg and Holland, "Discrete Multivariate Analysis", on moves that keep the margins).

The tables of a report are withheld together: a figure that one of them hides, no other shows.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from reporting.domain import kpi_suppression
from reporting.domain.statistics import REPORT_FROM
from reporting.domain.tables import SUPPRESSED, Cell, Row, State, TableView

LIMIT = 5
TOTAL = "total"
NOTE = "[c] withheld, so that a small number cannot point to a child."

Place = tuple[int, int]
Grid = dict[Place, Cell]
Line = Sequence[Place]


def suppress(table: TableView, limit: int = LIMIT) -> TableView:
    """The table as the public may see it, where it stands alone."""
    return suppress_all([table], limit)[0]


def suppress_all(tables: Sequence[TableView], limit: int = LIMIT) -> list[TableView]:
    """The tables of a report as the public may see them."""
    hidden = [_hidden(table, limit, set()) for table in tables]
    while True:
        gone = {figure for table, places in zip(tables, hidden, strict=True) for figure in _figures(table, places)}
        told = [
            {at for at, figure in _places(table) if figure in gone or kpi_suppression.contains_one_of(figure, gone, limit)}
            for table in tables
        ]
        if all(more <= places for more, places in zip(told, hidden, strict=True)):
            return [_withheld(table, places) for table, places in zip(tables, hidden, strict=True)]
        hidden = [_hidden(table, limit, more | places) for table, more, places in zip(tables, told, hidden, strict=True)]


def _places(table: TableView) -> Iterable[tuple[Place, Hashable]]:
    """Every figure that another table may show too."""
    return (
        ((r, c), figure)
        for r, row in enumerate(table.rows)
        for c, (cell, figure) in enumerate(zip(row.cells, row.figures, strict=False))
        if _is_figure(cell)
    )


def _figures(table: TableView, places: set[Place]) -> set[Hashable]:
    return {figure for at, figure in _places(table) if at in places}


def _withheld(table: TableView, hidden: set[Place]) -> TableView:
    if not hidden:
        return table
    rows = tuple(
        Row(row.code, row.label, tuple(SUPPRESSED if (r, c) in hidden else cell for c, cell in enumerate(row.cells)))
        for r, row in enumerate(table.rows)
    )
    return replace(table, rows=rows, notes=(*table.notes, NOTE))


def _hidden(table: TableView, limit: int, given: set[Place]) -> set[Place]:
    """What has to be withheld, when this is withheld already."""
    if kpi_suppression.is_of_kpis(table):
        return kpi_suppression.hidden(table, limit, given)
    counts = {position for position, column in enumerate(table.columns) if column.show == "count"}
    grid: Grid = {(r, c): cell for r, row in enumerate(table.rows) for c, cell in enumerate(row.cells)}
    hidden = set(given)
    hidden |= {at for at, cell in grid.items() if at[1] in counts and _small(cell, limit)}
    lines, sums = _lines(table, counts)
    crossed = lines if any(column.across for column in table.columns) else []
    # A line that adds up to nothing holds nothing: its zeros are known, and can hide no other count.
    known = {at for line in lines if not any(grid[at].value for at in line) for at in line}
    lines, sums, crossed = (_without(each, known) for each in (lines, sums, crossed))
    # Hiding for one line can leave another with a single hidden count: until nothing changes. Each round hides one more cell.
    while (more := _next(grid, hidden, lines, sums, crossed, limit)) is not None:
        hidden.add(more)
    shares = {at for at, cell in grid.items() if at[1] not in counts and _weak(cell, limit)}
    shares |= {(r, c) for r, c in grid if c not in counts and any((r, other) in hidden for other in counts)}
    hidden |= shares
    # One withheld share between shown ones of the same whole is what they leave over.
    for c in {c for _, c in shares}:
        shown = [at for at in grid if at[1] == c and at not in hidden and grid[at].n is not None]
        if len([at for at in shares if at[1] == c]) == 1 and shown:
            hidden.add(min(shown, key=lambda at: grid[at].n or 0))
    return hidden


def _lines(table: TableView, counts: set[int]) -> tuple[list[Line], list[Line]]:
    """The lines whose totals are taken to be known, and those that hold their own total."""
    inner = [r for r, row in enumerate(table.rows) if row.code != TOTAL]
    total = [r for r, row in enumerate(table.rows) if row.code == TOTAL]
    crossed = [c for c in sorted(counts) if table.columns[c].across]
    margin = [c for c in sorted(counts) if table.columns[c].margin]
    columns: list[Line] = [[(r, c) for r in inner] for c in sorted(counts)]
    rows: list[Line] = [[(r, c) for c in crossed or sorted(counts)] for r in range(len(table.rows))]
    sums: list[Line] = [[*column, (total[0], column[0][1])] for column in columns if total and column]
    sums += [[*row, (row[0][0], margin[0])] for row in rows if crossed and margin]
    return columns + rows, sums


def _without(lines: Sequence[Line], known: set[Place]) -> list[Line]:
    return [[at for at in line if at not in known] for line in lines]


def _is_figure(cell: Cell) -> bool:
    return cell.state in {State.VALUE, State.ZERO}


def _small(cell: Cell, limit: int) -> bool:
    return cell.state is State.VALUE and cell.value is not None and 0 < cell.value <= limit


def _weak(cell: Cell, limit: int) -> bool:
    if cell.n is None or cell.of is None:
        return False
    return cell.of < REPORT_FROM or 0 < cell.n <= limit or 0 < cell.of - cell.n <= limit


def _next(
    grid: Grid, hidden: set[Place], lines: Sequence[Line], sums: Sequence[Line], crossed: Sequence[Line], limit: int
) -> Place | None:
    """One more cell to hide: the smallest figure shown in a line that gives a hidden one away."""
    for line in lines:
        gone = [grid[at].value or 0 for at in line if at in hidden]
        if gone and (len(gone) == 1 or sum(gone) <= limit) and (more := _smallest(grid, hidden, line)):
            return more
    for line in sums:
        if len([at for at in line if at in hidden]) == 1 and (more := _smallest(grid, hidden, line)):
            return more
    for at in _outside_a_ring(hidden, crossed):
        for line in crossed:
            if at in line and (more := _smallest(grid, hidden, line)):
                return more
    return None


def _smallest(grid: Grid, hidden: set[Place], line: Line) -> Place | None:
    # Zeros last: hiding one protects, but says less than hiding a figure.
    shown = [at for at in line if at not in hidden and _is_figure(grid[at])]
    return min(shown, key=lambda at: (grid[at].state is State.ZERO, grid[at].value or 0, at), default=None)


def _outside_a_ring(hidden: set[Place], lines: Sequence[Line]) -> list[Place]:
    """Hidden counts that stand in two lines and can be worked out from all of them together, though from neither alone.

    A hidden count joins its row to its column. Where no other way leads from the one to the other, over any hidden counts, it
    is what all lines on one side of it leave over.
    """
    of: dict[Place, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for at in line:
            if at in hidden:
                of[at].append(number)
    ties = {at: tuple(numbers) for at, numbers in of.items() if len(numbers) > 1}
    return sorted(at for at, (row, column) in ties.items() if not _joined(row, column, [v for k, v in ties.items() if k != at]))


def _joined(first: int, second: int, ties: Iterable[tuple[int, ...]]) -> bool:
    beside: dict[int, set[int]] = defaultdict(set)
    for one, other in ties:
        beside[one].add(other)
        beside[other].add(one)
    seen, waiting = {first}, [first]
    while waiting:
        for near in beside[waiting.pop()] - seen:
            seen.add(near)
            waiting.append(near)
    return second in seen
