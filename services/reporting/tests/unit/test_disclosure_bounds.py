"""Bounds that totals leave: against every table that the same totals could belong to, one after another."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reporting_cross_tables import crossed, hidden

from reporting.domain.disclosure_bounds import Network, bounds, to_widen
from reporting.domain.suppression import LIMIT, suppress
from reporting.domain.tables import SUPPRESSED, State, TableView

Place = tuple[int, int]


def between(table: TableView) -> dict[Place, tuple[int, int]]:
    """The least and the greatest value of every hidden count, over all tables that show the same.

    Row by row: what is missing in a row is dealt out in every way, and ways that leave the same to the columns are one.
    """
    *inner, total = table.rows
    width = len(table.columns) - 1
    shown = [[each.value if each.state is not State.SUPPRESSED else None for each in row.cells] for row in table.rows]
    assert None not in shown[-1], "this counts tables whose totals are all shown"
    assert all(row[-1] is not None for row in shown)
    left: list[int] = [number - sum(row[c] or 0 for row in shown[:-1]) for c, number in enumerate(map(whole, total.cells[:-1]))]
    steps: list[list[tuple[int, ...]]] = []
    for row in shown[:-1]:
        missing = whole_of(row[-1]) - sum(each or 0 for each in row[:-1])
        steps.append(list(_dealt(missing, [left[c] if row[c] is None else 0 for c in range(width)])))
    ahead: list[set[tuple[int, ...]]] = [{tuple(left)}]
    for ways in steps:
        ahead.append({rest for state, way in product(ahead[-1], ways) if (rest := _less(state, way))})
    behind = {(0,) * width}
    found: dict[Place, tuple[int, int]] = {}
    for r in reversed(range(len(inner))):
        before = set()
        for state, way in product(ahead[r], steps[r]):
            if _less(state, way) in behind:
                before.add(state)
                for c in range(width):
                    if shown[r][c] is None:
                        least, most = found.get((r, c), (way[c], way[c]))
                        found[r, c] = min(least, way[c]), max(most, way[c])
        behind = before
    return found


def whole(cell: Any) -> int:
    return whole_of(cell.value)


def whole_of(number: int | None) -> int:
    assert number is not None
    return number


def _dealt(number: int, most: list[int]) -> Iterator[tuple[int, ...]]:
    if not most:
        if number == 0:
            yield ()
        return
    for first in range(min(number, most[0]) + 1):
        for others in _dealt(number - first, most[1:]):
            yield first, *others


def _less(state: tuple[int, ...], way: tuple[int, ...]) -> tuple[int, ...]:
    rest = tuple(a - b for a, b in zip(state, way, strict=True))
    return rest if min(rest) >= 0 else ()


def network(numbers: list[list[int]]) -> Network:
    values = {(r, c): number for r, row in enumerate(numbers) for c, number in enumerate(row)}
    return Network({(r, c): (f"row {r}", f"column {c}") for r, c in values}, values)


class TestBounds:
    def test_four_corners_move_only_together(self) -> None:
        of = network([[2, 7, 40], [9, 1, 40], [40, 40, 40]])
        ring = {(0, 0), (0, 1), (1, 0), (1, 1)}
        # 2 can fall by 1, as the other corner can, and rise by 7, as their neighbours can fall.
        assert bounds(of, ring, (0, 0)) == (1, 9)
        assert bounds(of, ring - {(1, 1)}, (0, 0)) == (2, 2)

    def test_what_no_total_holds_back_has_no_greatest_value(self) -> None:
        of = Network({(0, 0): ("row", "column"), (9, 0): ("column", "row")}, {(0, 0): 2, (9, 0): 2})
        assert bounds(of, {(0, 0), (9, 0)}, (0, 0)) == (0, None)

    def test_the_cheapest_that_moves_enough_is_withheld_besides(self) -> None:
        numbers = [[2, 3, 40, 60], [3, 1, 50, 70], [40, 50, 60, 70]]
        more = to_widen(network(numbers), {(0, 0), (0, 1), (1, 0), (1, 1)}, (0, 0), 6)
        assert more
        assert bounds(network(numbers), {(0, 0), (0, 1), (1, 0), (1, 1), *more}, (0, 0))[1] >= 8  # type: ignore[operator]

    def test_a_table_without_a_second_way_gives_nothing_to_withhold(self) -> None:
        assert to_widen(network([[3, 20]]), {(0, 0)}, (0, 0), 5) == set()

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=2, max_size=3), st.data())
    def test_are_those_of_all_tables_with_the_same_totals(self, numbers: list[list[int]], data: st.DataObject) -> None:
        places = [(r, c) for r in range(len(numbers)) for c in range(3)]
        gone = data.draw(st.sets(st.sampled_from(places), min_size=2))
        table = crossed(numbers)
        found = between(withheld(table, gone))
        assert {at: bounds(network(numbers), gone, at) for at in gone} == found


def withheld(table: TableView, gone: set[Place]) -> TableView:
    """The table without these counts."""
    rows = tuple(
        replace(row, cells=tuple(SUPPRESSED if (r, c) in gone else each for c, each in enumerate(row.cells)))
        for r, row in enumerate(table.rows)
    )
    return replace(table, rows=rows)


class TestPublicTables:
    def test_a_ring_that_can_hardly_move_is_not_enough(self) -> None:
        # Two withheld in every line, more than 5 together, and all on a ring: yet the 4 could only be 3 to 6.
        numbers = [[4, 2, 40], [40, 5, 7], [5, 40, 1]]
        ring = {(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0)}
        assert between(withheld(crossed(numbers), ring))[0, 0] == (3, 6)
        found = suppress(crossed(numbers))
        assert ring < hidden(found)
        least, most = between(found)[0, 0]
        assert most - least >= LIMIT
        assert most > LIMIT

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.lists(st.one_of(st.integers(0, 3), st.integers(6, 14)), min_size=3, max_size=3), min_size=3, max_size=3))
    def test_no_small_count_is_bound_to_few_values(self, numbers: list[list[int]]) -> None:
        whole_table = crossed(numbers)
        found = suppress(whole_table)
        assume(not any(r == len(numbers) or c == 3 for r, c in hidden(found)))
        few = {
            at: (least, most)
            for at, (least, most) in between(found).items()
            if 0 < numbers[at[0]][at[1]] <= LIMIT and (most - least < LIMIT or most <= LIMIT)
        }
        assert not few
