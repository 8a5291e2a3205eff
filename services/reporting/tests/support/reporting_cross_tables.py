"""Tables with counts on two sides, as `suppress` takes and gives them."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from reporting.domain.tables import Cell, ColumnHead, Row, State, TableView

COUNT = ColumnHead("count", "Count", "complaints", "count")


def cell(number: int) -> Cell:
    """A cell with a count."""
    return Cell(State.VALUE if number else State.ZERO, number)


def hidden(table: TableView) -> set[tuple[int, int]]:
    """Where a table says that a figure is withheld."""
    cells = ((r, c, each) for r, row in enumerate(table.rows) for c, each in enumerate(row.cells))
    return {(r, c) for r, c, each in cells if each.state is State.SUPPRESSED}


def crossed(numbers: list[list[int]]) -> TableView:
    """A cross table with its totals on both sides."""
    heads = [replace(COUNT, code=f"c{n}", across=True) for n in range(len(numbers[0]))]
    whole = [[*row, sum(row)] for row in numbers]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    codes = [*(f"r{n}" for n in range(len(numbers))), "total"]
    rows = tuple(Row(code, code, tuple(map(cell, row))) for code, row in zip(codes, whole, strict=True))
    return TableView("t", "T", "Rows", (*heads, replace(COUNT, code="all", margin=True)), rows)


def determined(matrix: list[list[Fraction]], width: int) -> Iterator[int]:
    """Unknowns that stand alone in a row of the reduced echelon form."""
    done = 0
    for column in range(width):
        pivot = next((n for n in range(done, len(matrix)) if matrix[n][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        matrix[done] = [value / matrix[done][column] for value in matrix[done]]
        for n, row in enumerate(matrix):
            if n != done and row[column]:
                matrix[n] = [value - row[column] * other for value, other in zip(row, matrix[done], strict=True)]
        done += 1
    for row in matrix:
        if len(alone := [n for n, value in enumerate(row) if value]) == 1:
            yield alone[0]
