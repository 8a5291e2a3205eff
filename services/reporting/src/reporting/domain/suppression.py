"""Suppression for the public: small counts are withheld, and so are others from which they could be worked out.

Counts of 1 to 5 and percentages of fewer than 10 are withheld (Government Statistical Service, "Confidentiality of tables";
`reports.md`). Every line of counts is treated as if its total were known, since a total is often printed elsewhere: a line may
hold no withheld count, or two or more, and then those together must be more than the limit. A share goes when the count that it
is made of is withheld anywhere in its row.
"""

from dataclasses import replace

from reporting.domain.statistics import REPORT_FROM
from reporting.domain.tables import SUPPRESSED, Cell, Row, State, TableView

LIMIT = 5
TOTAL = "total"
NOTE = "[c] withheld, so that a small number cannot point to a child."

Grid = dict[tuple[int, int], Cell]


def suppress(table: TableView, limit: int = LIMIT) -> TableView:
    """The table as the public may see it."""
    counts = {position for position, column in enumerate(table.columns) if column.show == "count"}
    grid: Grid = {(r, c): cell for r, row in enumerate(table.rows) for c, cell in enumerate(row.cells)}
    hidden = {at for at, cell in grid.items() if at[1] in counts and _small(cell, limit)}
    inner = [r for r, row in enumerate(table.rows) if row.code != TOTAL]
    lines = [[(r, c) for r in inner] for c in counts] + [[(r, c) for c in counts] for r in range(len(table.rows))]
    # Hiding for one line can leave another with a single hidden count: until nothing changes. Each round hides one more cell.
    while (more := _next(grid, hidden, lines, limit)) is not None:
        hidden.add(more)
    shares = {at for at, cell in grid.items() if at[1] not in counts and _weak(cell, limit)}
    shares |= {(r, c) for r, c in grid if c not in counts and any((r, other) in hidden for other in counts)}
    hidden |= shares
    # One withheld share between shown ones of the same whole is what they leave over.
    for c in {c for _, c in shares}:
        shown = [at for at in grid if at[1] == c and at not in hidden and grid[at].n is not None]
        if len([at for at in shares if at[1] == c]) == 1 and shown:
            hidden.add(min(shown, key=lambda at: grid[at].n or 0))
    if not hidden:
        return table
    rows = tuple(
        Row(row.code, row.label, tuple(SUPPRESSED if (r, c) in hidden else cell for c, cell in enumerate(row.cells)))
        for r, row in enumerate(table.rows)
    )
    return replace(table, rows=rows, notes=(*table.notes, NOTE))


def _small(cell: Cell, limit: int) -> bool:
    return cell.state is State.VALUE and cell.value is not None and 0 < cell.value <= limit


def _weak(cell: Cell, limit: int) -> bool:
    if cell.n is None or cell.of is None:
        return False
    return cell.of < REPORT_FROM or 0 < cell.n <= limit or 0 < cell.of - cell.n <= limit


def _next(grid: Grid, hidden: set[tuple[int, int]], lines: list[list[tuple[int, int]]], limit: int) -> tuple[int, int] | None:
    """One more cell to hide: the smallest figure shown in a line that gives a hidden one away."""
    for line in lines:
        gone = [grid[at].value or 0 for at in line if at in hidden]
        if not gone or (len(gone) > 1 and sum(gone) > limit):
            continue
        # Zeros last: hiding one protects, but says less than hiding a figure.
        shown = [at for at in line if at not in hidden and grid[at].state in {State.VALUE, State.ZERO}]
        if shown:
            return min(shown, key=lambda at: (grid[at].state is State.ZERO, grid[at].value or 0, at))
    return None
