"""Suppression for the public: what is withheld, and that nothing withheld can be worked out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.domain.statistics import percent_half_up
from reporting.domain.suppression import LIMIT, suppress
from reporting.domain.tables import NOT_IN_USE, Cell, ColumnHead, Row, State, TableView

COUNT = ColumnHead("count", "Count", "complaints", "count")
SHARE = ColumnHead("share", "Share", "%", "share")


def cell(number: int) -> Cell:
    return Cell(State.VALUE if number else State.ZERO, number)


def share(n: int, of: int) -> Cell:
    return Cell(State.VALUE if n else State.ZERO, percent_half_up(n, of), n, of)


def grid(*rows: list[int], total: bool = False) -> TableView:
    columns = tuple(ColumnHead(f"c{i}", f"C{i}", "complaints", "count") for i in range(len(rows[0])))
    lines = [Row(f"r{i}", f"R{i}", tuple(cell(number) for number in row)) for i, row in enumerate(rows)]
    if total:
        lines.append(Row("total", "Total", tuple(cell(sum(column)) for column in zip(*rows, strict=True))))
    return TableView("t", "T", "Rows", columns, tuple(lines))


def hidden(table: TableView) -> set[tuple[int, int]]:
    cells = ((r, c, each) for r, row in enumerate(table.rows) for c, each in enumerate(row.cells))
    return {(r, c) for r, c, each in cells if each.state is State.SUPPRESSED}


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
