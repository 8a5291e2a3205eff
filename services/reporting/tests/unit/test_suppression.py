"""Suppression for the public: what is withheld, and that nothing withheld can be worked out."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from reporting_cross_tables import COUNT, cell, crossed, determined, hidden

from reporting.domain.statistics import percent_half_up
from reporting.domain.suppression import LIMIT, suppress, suppress_all
from reporting.domain.tables import NOT_IN_USE, Cell, ColumnHead, Row, State, TableView

SHARE = ColumnHead("share", "Share", "%", "share")


def share(n: int, of: int) -> Cell:
    return Cell(State.VALUE if n else State.ZERO, percent_half_up(n, of), n, of)


def grid(*rows: list[int], total: bool = False) -> TableView:
    columns = tuple(ColumnHead(f"c{i}", f"C{i}", "complaints", "count") for i in range(len(rows[0])))
    lines = [Row(f"r{i}", f"R{i}", tuple(cell(number) for number in row)) for i, row in enumerate(rows)]
    if total:
        lines.append(Row("total", "Total", tuple(cell(sum(column)) for column in zip(*rows, strict=True))))
    return TableView("t", "T", "Rows", columns, tuple(lines))


class TestSuppress:
    def test_counts_of_1_to_5_go_and_zeros_and_6_stay(self) -> None:
        assert hidden(suppress(grid([0], [1], [5], [6], [40]))) == {(1, 0), (2, 0)}

    def test_a_single_small_count_takes_the_next_with_it(self) -> None:
        assert hidden(suppress(grid([3], [9], [40], total=True))) == {(0, 0), (1, 0)}

    def test_two_that_together_are_small_take_a_third(self) -> None:
        assert hidden(suppress(grid([1], [2], [9], [40]))) == {(0, 0), (1, 0), (2, 0)}

    def test_rows_are_lines_too(self) -> None:
        found = hidden(suppress(grid([3, 30, 50], [20, 30, 50], [22, 31, 51])))
        assert (0, 0) in found
        for line in ({(r, 0) for r in range(3)}, {(0, c) for c in range(3)}):
            assert len(found & line) >= 2

    def test_a_share_goes_with_its_count_and_alone_where_it_is_weak(self) -> None:
        table = TableView(
            "t",
            "T",
            "Rows",
            (COUNT, SHARE),
            (
                Row("a", "A", (cell(3), share(3, 50))),
                Row("b", "B", (cell(4), share(4, 50))),
                Row("c", "C", (cell(43), share(43, 50))),
            ),
        )
        assert hidden(suppress(table)) == {(0, 0), (0, 1), (1, 0), (1, 1)}
        weak = TableView("t", "T", "Rows", (SHARE,), (Row("a", "A", (share(4, 8),)), Row("b", "B", (share(20, 60),))))
        assert (0, 0) in hidden(suppress(weak))

    def test_what_has_no_figure_is_left_as_it_is(self) -> None:
        table = TableView("t", "T", "Rows", (COUNT,), (Row("a", "A", (NOT_IN_USE,)), Row("b", "B", (cell(20),))))
        assert suppress(table) == table

    @settings(max_examples=200)
    @given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=6))
    def test_no_line_gives_a_small_count_away(self, numbers: list[list[int]]) -> None:
        found = suppress(grid(*numbers))
        gone = hidden(found)
        for r, row in enumerate(numbers):
            for c, number in enumerate(row):
                assert (0 < number <= LIMIT) <= ((r, c) in gone)
        for c in range(3):
            column = {(r, c) for r in range(len(numbers))}
            left = gone & column
            # Alone, a hidden count is what its total leaves over: two at least, or the whole line.
            assert len(left) != 1 or len(column) == 1
            assert not left or left == column or sum(numbers[r][c] for r, _ in left) > LIMIT


def worked_out(whole: TableView, shown: TableView) -> set[tuple[int, int]]:
    """Hidden counts that the sums of the table leave one value for, by elimination over fractions.

    What is in a line that adds up to nothing is nothing. A total that is hidden is one of the unknowns; what else `suppress`
    does plays no part in it.
    """
    down, right = len(shown.rows) - 1, len(shown.columns) - 1
    columns = [([(r, c) for r in range(down)], (down, c)) for c in range(right + 1)]
    rows = [([(r, c) for c in range(right)], (r, right)) for r in range(down + 1)]
    nothing = {at for line, (r, c) in columns + rows if not whole.rows[r].cells[c].value for at in line}
    places = sorted(hidden(shown) - nothing)
    matrix = [[Fraction((at in line) - (at == total)) for at in places] for line, total in columns + rows]
    return {places[n] for n in determined(matrix, len(places))}


class TestCrossTables:
    def test_two_in_each_line_are_not_enough_where_the_lines_hang_together_by_one(self) -> None:
        # Two rings, and a small count between them that all lines together would leave over.
        numbers = [
            [7, 8, 40, 40, 40, 40],
            [9, 7, 2, 40, 40, 40],
            [40, 40, 7, 9, 40, 40],
            [40, 40, 9, 7, 40, 40],
        ]
        found = suppress(crossed(numbers))
        assert (1, 2) in hidden(found)
        assert not worked_out(crossed(numbers), found)

    def test_zeros_of_a_line_that_adds_up_to_nothing_hide_nobody(self) -> None:
        numbers = [[3, 0, 40], [50, 0, 60], [70, 0, 80]]
        found = suppress(crossed(numbers))
        assert not {(r, 1) for r in range(4)} & hidden(found)
        assert (0, 0) in hidden(found)
        assert not worked_out(crossed(numbers), found)

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.lists(st.integers(0, 15), min_size=4, max_size=4), min_size=2, max_size=5))
    def test_no_small_count_can_be_worked_out_from_all_totals_together(self, numbers: list[list[int]]) -> None:
        whole = crossed(numbers)
        found = suppress(whole)
        for r, row in enumerate(whole.rows):
            for c, each in enumerate(row.cells):
                assert (0 < (each.value or 0) <= LIMIT) <= ((r, c) in hidden(found))
        assert not {(r, c) for r, c in worked_out(whole, found) if 0 < (whole.rows[r].cells[c].value or 0) <= LIMIT}


class TestSeveralTables:
    def test_what_one_table_hides_no_other_shows(self) -> None:
        def named(table: TableView, *figures: str) -> TableView:
            rows = [replace(row, figures=(figure,)) for row, figure in zip(table.rows, figures, strict=True)]
            return replace(table, rows=tuple(rows))

        one = named(grid([3], [9], [40], [50]), "a", "b", "c", "d")
        other = named(grid([9], [60], [70]), "b", "e", "f")
        first, second = suppress_all([one, other])
        assert hidden(first) == {(0, 0), (1, 0)}
        # Shown, it would tell the other one; and hidden alone, its own total would tell it.
        assert hidden(second) == {(0, 0), (1, 0)}
        assert hidden(suppress(other)) == set()

    def test_a_cell_without_a_figure_stays_what_it_is(self) -> None:
        first = TableView("t", "T", "Rows", (COUNT,), (Row("a", "A", (cell(3),), ("x",)), Row("b", "B", (cell(30),), ("y",))))
        second = replace(first, rows=(Row("a", "A", (NOT_IN_USE,), ("x",)), Row("b", "B", (cell(30),), ("z",))))
        assert hidden(suppress_all([first, second])[1]) == set()
