"""Which counts of a table must be withheld, so that a small group does not point to a family.

Counts of 1 to 5 and percentages of fewer than 10 are withheld, as in the published reports (Government Statistical Service,
"Confidentiality of tables"). Each line is treated as if its total were known: it holds no withheld count, or two or more that
are together more than the limit, so that none can be worked out from the others.
"""

from collections.abc import Iterator, Mapping, Sequence

SMALL = 5
PERCENT_FROM = 10

Place = tuple[int, int]


def withheld(rows: Sequence[Sequence[int]], *, total: bool, summed: int | None = None) -> set[Place]:
    """The places (row, column) to withhold. `total`: the last row is the sum of those before it.

    Of a row the first count is the sum of the others, up to column `summed` (all of them).
    """
    grid: dict[Place, int] = {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row)}
    hidden = {at for at, value in grid.items() if 0 < value <= SMALL}
    width = len(rows[0]) if rows else 0
    # Of a line of groups the total stands below it; of a line of one group its first count is the sum of the others.
    columns = [[(r, c) for r in range(len(rows) - 1)] for c in range(width)] if total else []
    lines = [[(r, c) for c in range(summed or width)] for r in range(len(rows))]
    while (more := next(_given_away(grid, hidden, [*columns, *lines]), None)) is not None:
        hidden.add(more)
    return hidden


def _given_away(grid: Mapping[Place, int], hidden: set[Place], lines: Sequence[Sequence[Place]]) -> Iterator[Place]:
    """One more count to withhold in each line that gives a withheld one away: the smallest that is shown, zeros last."""
    for line in lines:
        gone = [grid[at] for at in line if at in hidden]
        if not gone or (len(gone) > 1 and sum(gone) > SMALL):
            continue
        shown = [at for at in line if at not in hidden]
        if shown:
            yield min(shown, key=lambda at: (grid[at] == 0, grid[at], at))


def column(values: Sequence[int]) -> list[int | None]:
    """A column of counts and at last their sum, None in the place of what must be withheld."""
    counts = [[value] for value in (*values, sum(values))]
    hidden = withheld(counts, total=True)
    return [None if (row, 0) in hidden else value for row, (value,) in enumerate(counts)]
