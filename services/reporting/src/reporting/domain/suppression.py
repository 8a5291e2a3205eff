"""Suppression for the public: small counts are withheld, and so are others from which they could be worked out.

Counts of 1 to 5 and percentages of fewer than 10 are withheld (Government Statistical Service, "Confidentiality of tables";
`reports.md`). Every line of counts is treated as if its total were known, since a total is often printed elsewhere: a line
may hold no withheld count, or two or more, and then those together must be more than the limit. Where a table shows the total
of a line, the two may not be made out of one another. A share goes when the count that it is made of is withheld anywhere in
its row.

In a cross table rows and columns are lines of the same counts, and two withheld in each line are not enough: all totals
together can leave one value for a count, or two or three, which tells as much. So from all that is shown a count that is
withheld must be able to be anything over a range as wide as the limit, and more than the limit (`disclosure_bounds`; interval
protection as the handbook on statistical disclosure control of Eurostat describes it, chapter 4).

The tables of a report are withheld together: a figure that one of them hides, no other shows. What earlier versions published
is known to everybody: it hides nothing, and what they withheld stays withheld (`published_before`).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from reporting.domain import kpi_suppression
from reporting.domain.disclosure_bounds import Network, bounds, to_widen
from reporting.domain.joint_disclosure import Joint
from reporting.domain.populations import Population
from reporting.domain.protection import Given, Protection, Why
from reporting.domain.published_before import NOTHING_BEFORE, Known
from reporting.domain.statistics import REPORT_FROM
from reporting.domain.tables import FIGURES, SUPPRESSED, Cell, Place, Row, State, TableView

LIMIT = 5
TOTAL = "total"
NOTE = "[c] withheld, so that a small number cannot point to a child."

Grid = dict[Place, Cell]
Line = Sequence[Place]
Told = Mapping[Population, tuple[Population, ...]]
"""Small counts that are told all the same, and the figures that tell each."""


def suppress(table: TableView, limit: int = LIMIT) -> TableView:
    """The table as the public may see it, where it stands alone."""
    return suppress_all([table], limit)[0]


def suppress_all(tables: Sequence[TableView], limit: int = LIMIT, before: Known = NOTHING_BEFORE) -> list[TableView]:
    """The tables of a report as the public may see them, when it has what was published before."""
    return list(protect(tables, before, limit).tables)


def protect(tables: Sequence[TableView], before: Known = NOTHING_BEFORE, limit: int = LIMIT) -> Protection:
    """The tables as the public may see them, why each cell is withheld, and what no withholding protects."""
    known = [{at for at, figure in _places(table) if before.has(figure)} for table in tables]
    stay = [{at for at, figure in _places(table) if figure in before.withheld} for table in tables]
    hidden = [_hidden(*each, limit) for each in zip(tables, stay, known, strict=True)]
    joint = Joint(tables, before)
    together: list[set[Place]] = [set() for _ in tables]
    left: Told = {}
    while True:
        gone = {figure for table, places in zip(tables, hidden, strict=True) for figure in _figures(table, places)}
        gone |= before.withheld
        told = [
            {at for at, figure in _places(table) if _is_told(figure, gone, before, limit)} - fixed
            for table, fixed in zip(tables, known, strict=True)
        ]
        if all(more <= places for more, places in zip(told, hidden, strict=True)):
            look = joint.look(hidden, limit)
            told, left = look.more, look.left
        if all(more <= places for more, places in zip(told, hidden, strict=True)):
            break
        together = [was | (more - places) for was, more, places in zip(together, told, hidden, strict=True)]
        hidden = [_hidden(*each, limit) for each in zip(tables, _joined(told, hidden), known, strict=True)]
    shown = tuple(_withheld(table, places) for table, places in zip(tables, hidden, strict=True))
    few = [kpi_suppression.hidden(each, limit, set()) if kpi_suppression.is_of_kpis(each) else set() for each in tables]
    reasons = [
        {at: _why(table, at, kpis, limit, stays=at in was, together=at in more) for at in places}
        for table, places, was, more, kpis in zip(tables, hidden, stay, together, few, strict=True)
    ]
    return Protection.of(tables, shown, reasons, _given_away(tables, left, hidden, before, limit), before)


def _joined(these: Sequence[set[Place]], those: Sequence[set[Place]]) -> list[set[Place]]:
    return [one | other for one, other in zip(these, those, strict=True)]


def _is_told(figure: Hashable, gone: set[Hashable], before: Known, limit: int) -> bool:
    """Whether a figure that is withheld elsewhere is this one, or could be read off it."""
    return (
        figure in gone
        or kpi_suppression.contains_one_of(figure, gone, limit)
        or kpi_suppression.is_within_what_is_known(figure, gone, before.figures, limit)
    )


def _given_away(
    tables: Sequence[TableView], left: Told, hidden: Sequence[set[Place]], before: Known, limit: int
) -> list[Given]:
    """What is told all the same: by published figures, or because nothing more could be withheld."""
    alone = Joint(tables).left(hidden, limit) if left and before.tables else {}
    found = []
    for each, near in left.items():
        sources = tuple(before.sources[one].words for one in near if one in before.sources)
        found.append(Given(each, sources if each not in alone else ()))
    return found


def _why(table: TableView, at: Place, few: set[Place], limit: int, *, stays: bool, together: bool) -> Why:
    cell, show = table.rows[at[0]].cells[at[1]], table.columns[at[1]].show
    if show == "count" and _small(cell, limit):
        return Why.SMALL
    if show != "count" and _weak(cell, limit):
        return Why.FEW
    if at in few:
        return Why.FEW
    return Why.BEFORE if stays else Why.TOGETHER if together else Why.LINE


def _places(table: TableView) -> Iterable[tuple[Place, Hashable]]:
    """Every figure that another table may show too."""
    return (
        ((r, c), figure)
        for r, row in enumerate(table.rows)
        for c, (cell, figure) in enumerate(zip(row.cells, row.figures, strict=False))
        if cell.state in FIGURES
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


def _hidden(table: TableView, given: set[Place], published: set[Place], limit: int) -> set[Place]:
    """What has to be withheld, when this is withheld already and `published` is in the public's hands, and hides nothing."""
    if kpi_suppression.is_of_kpis(table):
        return kpi_suppression.hidden(table, limit, given)
    counts = {position for position, column in enumerate(table.columns) if column.show == "count"}
    grid: Grid = {(r, c): cell for r, row in enumerate(table.rows) for c, cell in enumerate(row.cells)}
    hidden = set(given)
    hidden |= {at for at, cell in grid.items() if at[1] in counts and _small(cell, limit)}
    lines, sums = _lines(table, counts)
    # A line that adds up to nothing holds nothing: its zeros are known, and can hide no other count.
    known = {at for line in lines if not any(grid[at].value for at in line) for at in line}
    known |= published
    lines, sums = (_without(each, known) for each in (lines, sums))
    networks = _networks(table, grid, known)
    # Hiding for one line can leave another with a single hidden count: until nothing changes. Each round hides more.
    while more := _too_narrow(networks, hidden, limit) or _next(grid, hidden, lines, sums, limit):
        hidden |= more
    shares = {at for at, cell in grid.items() if at[1] not in counts and _weak(cell, limit)}
    shares |= {(r, c) for r, c in grid if c not in counts and any((r, other) in hidden for other in counts)}
    hidden |= shares
    for c in {c for _, c in shares}:
        while more := _share_told(grid, hidden, c, limit):
            hidden |= more
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


def _small(cell: Cell, limit: int) -> bool:
    return cell.state is State.VALUE and cell.value is not None and 0 < cell.value <= limit


def _weak(cell: Cell, limit: int) -> bool:
    if cell.n is None or cell.of is None:
        return False
    return cell.of < REPORT_FROM or 0 < cell.n <= limit or 0 < cell.of - cell.n <= limit


def _next(grid: Grid, hidden: set[Place], lines: Sequence[Line], sums: Sequence[Line], limit: int) -> set[Place]:
    """One more cell to hide: the smallest figure shown in a line that gives a hidden one away."""
    for line in lines:
        gone = [grid[at].value or 0 for at in line if at in hidden]
        if gone and (len(gone) == 1 or sum(gone) <= limit) and (more := _smallest(grid, hidden, line)):
            return {more}
    for line in sums:
        if len([at for at in line if at in hidden]) == 1 and (more := _smallest(grid, hidden, line)):
            return {more}
    return set()


def _share_told(grid: Grid, hidden: set[Place], column: int, limit: int) -> set[Place]:
    """One more share to hide, where those of a whole leave over too little for a hidden one to be anything."""
    of = [(at, cell) for at, cell in grid.items() if at[1] == column and cell.n is not None and cell.of is not None]
    gone = [(cell.n or 0, (cell.of or 0) - (cell.n or 0)) for at, cell in of if at in hidden]
    shown = [at for at, _ in of if at not in hidden]
    told = len(gone) == 1 or any(
        0 < sum(part) <= limit and any(0 < each <= limit for each in part) for part in zip(*gone, strict=True)
    )
    return {min(shown, key=lambda at: grid[at].n or 0)} if gone and told and shown else set()


def _smallest(grid: Grid, hidden: set[Place], line: Line) -> Place | None:
    # Zeros last: hiding one protects, but says less than hiding a figure.
    shown = [at for at in line if at not in hidden and grid[at].state in FIGURES]
    return min(shown, key=lambda at: (grid[at].state is State.ZERO, grid[at].value or 0, at), default=None)


def _networks(table: TableView, grid: Grid, known: set[Place]) -> tuple[Network, ...]:
    """A cross table as a reader who knows every total sees it, and as one who knows those that are shown."""
    crossed = [c for c, column in enumerate(table.columns) if column.across]
    margin = [c for c, column in enumerate(table.columns) if column.margin]
    total = [r for r, row in enumerate(table.rows) if row.code == TOTAL]
    if not crossed:
        return ()
    inner: dict[Place, tuple[str, str]] = {}
    whole: dict[Place, tuple[str, str]] = {}
    for at, cell in grid.items():
        r, c = at
        is_sum = r in total, c in margin
        # What holds nothing hides nothing, and is known by the zeros that it is the sum of.
        if at in known or cell.state not in FIGURES or not (c in crossed or is_sum[1]) or (any(is_sum) and not cell.value):
            continue
        # A line says that its counts less its total are nothing, and a count leaves the one line to enter the other: so a
        # total goes the other way, and the total of totals goes as a count does.
        whole[at] = (f"row {r}", f"column {c}") if is_sum[0] == is_sum[1] else (f"column {c}", f"row {r}")
        if not any(is_sum):
            inner[at] = whole[at]
    values = {at: grid[at].value or 0 for at in whole}
    most = max(values.values(), default=0) + 2
    reluctance = {at: value + 1 if value else most for at, value in values.items()}
    return Network(inner, values, reluctance), Network(whole, values, reluctance)


def _too_narrow(networks: Sequence[Network], hidden: set[Place], limit: int) -> set[Place]:
    """More to hide, so that no hidden count is bound to too few values; none where all of them are free enough."""
    of = networks[-1].values if networks else {}
    added: set[Place] = set()
    for at in sorted(hidden & of.keys()):
        if not of[at]:
            continue  # nobody is in it
        for network in networks:
            if at not in network.edges:
                continue
            gone = (hidden | added) & network.edges.keys()
            least, greatest = bounds(network, gone, at)
            needed = max(limit - (of[at] - least), limit + 1 - of[at])
            if greatest is None or greatest - of[at] >= needed:
                break
            if more := to_widen(network, gone, at, needed):
                added |= more
                break
    return added
