"""What is different between two states of a report."""

from reporting.domain.report_changes import Change, changes, figure, in_words
from reporting.domain.tables import NOT_COLLECTED, SUPPRESSED, Cell, ColumnHead, Row, State, TableView

COUNT, SHARE = ColumnHead("n", "Complaints", "complaints", "count"), ColumnHead("s", "Good or better", "%", "share")


def counted(n: int) -> Cell:
    return Cell(State.VALUE if n else State.ZERO, n)


def share(n: int, of: int) -> Cell:
    return Cell(State.VALUE, (200 * n + of) // (2 * of), n, of)


def table(*rows: Row, columns: tuple[ColumnHead, ...] = (COUNT,), code: str = "t", title: str = "Received") -> TableView:
    return TableView(code, title, "Area", columns, rows)


class TestFigure:
    def test_says_a_cell_as_pages_do(self) -> None:
        said = [figure(cell, SHARE) for cell in (share(10, 39), share(3, 6), NOT_COLLECTED, SUPPRESSED)]
        assert said == ["26% (10 of 39)", "3 of 6", "[x]", "[c]"]
        assert [figure(counted(n), COUNT) for n in (0, 1234)] == ["0", "1,234"]


class TestChanges:
    def test_a_figure_that_differs_is_listed_and_no_other(self) -> None:
        before = [table(Row("a", "North", (counted(3),)), Row("b", "South", (counted(4),)))]
        after = [table(Row("a", "North", (counted(5),)), Row("b", "South now", (counted(4),)))]
        assert changes(before, after) == (Change("t", "Received", "North", "Complaints", "3", "5"),)

    def test_a_share_of_other_numbers_is_a_change_even_at_the_same_percentage(self) -> None:
        before, after = ([table(Row("a", "All", (share(n, of),)), columns=(SHARE,))] for n, of in ((10, 40), (20, 80)))
        assert [(each.before, each.after) for each in changes(before, after)] == [("25% (10 of 40)", "25% (20 of 80)")]

    def test_rows_columns_and_tables_come_and_go(self) -> None:
        before = [table(Row("a", "North", (counted(3),))), table(Row("x", "X", (counted(1),)), code="gone", title="Gone")]
        after = [table(Row("b", "South", (counted(4),))), table(Row("y", "Y", (SUPPRESSED,)), code="new", title="New")]
        assert [(each.title, each.row, each.before, each.after) for each in changes(before, after)] == [
            ("Received", "South", "–", "4"),
            ("Received", "North", "3", "–"),
            ("New", "Y", "–", "[c]"),
            ("Gone", "X", "1", "–"),
        ]

    def test_the_same_is_no_change(self) -> None:
        same = [table(Row("a", "North", (counted(3),)))]
        assert changes(same, same) == ()


class TestInWords:
    def test_says_what_it_said_and_says(self) -> None:
        found = [Change("t", "Audits", "Good", "Share", "26% (10 of 39)", "27% (11 of 41)")]
        assert in_words(found) == "Audits, Good, Share: written when this said 26% (10 of 39), now 27% (11 of 41)."
        assert in_words(found * 4).endswith("1 more figure changed.")
        assert in_words([]) == ""
