"""What several tables of a report tell together: that a count which all withhold cannot be worked out from them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting_cross_tables import COUNT, cell, determined, hidden

from reporting.domain import joint_disclosure
from reporting.domain.linear_bounds import Bounds
from reporting.domain.populations import Population, ShareOf, population
from reporting.domain.sums import Row as Equation
from reporting.domain.suppression import LIMIT, suppress, suppress_all
from reporting.domain.tables import Cell, ColumnHead, Row, State, TableView
from reporting.domain.tallies import Tally

FIRST, LAST = date(2022, 4, 1), date(2023, 3, 31)
AREAS = ("a", "b", "c")
TEAMS = ("t1", "t2", "t3")
SHARE = ColumnHead("share", "Share", "%", "share")


def by(dimension: str, codes: Sequence[str], **filters: tuple[str, ...]) -> list[Population]:
    """The populations of a table's rows, and last that of its total."""
    whole = Tally("complaints_received", FIRST, LAST, tuple(sorted(filters.items())))
    tally = replace(whole, by=dimension, members=tuple(codes))
    return [*(population(tally, (code,), None) for code in codes), population(whole, (), None)]


def table(figures: Sequence[Population], numbers: Sequence[int], *, total: bool = True) -> TableView:
    """A table of one column of counts, with its total."""
    rows = [
        Row(f"r{n}", f"R{n}", (cell(number),), (figure,))
        for n, (figure, number) in enumerate(zip(figures, numbers, strict=False))
    ]
    if total:
        rows.append(Row("total", "Total", (cell(sum(numbers)),), (figures[-1],)))
    return TableView("t", "T", "Rows", (COUNT,), tuple(rows))


class TestSeveralTables:
    def test_a_table_without_a_total_does_not_tell_the_row_that_it_adds_up_to(self) -> None:
        areas = table(by("service_area", AREAS), [3, 9, 50])
        teams = table(by("team", TEAMS, service_area=("b",)), [9, 0, 0], total=False)
        assert hidden(suppress(teams)) == set()
        first, second = suppress_all([areas, teams])
        assert hidden(first) == {(0, 0), (1, 0)}
        assert hidden(second) == {(0, 0)}

    def test_two_tables_of_one_whole_that_nobody_shows_tell_of_one_another(self) -> None:
        areas = table(by("service_area", AREAS), [11, 4, 7], total=False)
        ways = table(by("channel", ("post", "web")), [12, 10], total=False)
        teams = table(by("team", TEAMS[:2], service_area=("c",)), [7, 0], total=False)
        found = suppress_all([areas, ways, teams])
        assert hidden(found[1]) | hidden(found[2]) or (0, 0) in hidden(found[0])

    def test_the_total_of_a_table_that_is_filtered_is_the_row_of_another(self) -> None:
        areas = table(by("service_area", AREAS), [3, 9, 50])
        of_b = table(by("channel", ("post", "web"), service_area=("b",)), [0, 9])
        _, second = suppress_all([areas, of_b])
        assert (2, 0) in hidden(second)

    def test_the_numbers_beside_a_percentage_tell_nothing_that_a_count_withholds(self) -> None:
        areas = by("service_area", AREAS)
        share = ShareOf(population(Tally("answered", FIRST, LAST), (), None), areas[1], "share")
        shares = TableView("s", "S", "Rows", (SHARE,), (Row("b", "B", (Cell(State.VALUE, 100, 12, 12),), (share,)),))
        _, second = suppress_all([table(areas, [3, 12, 50]), shares])
        assert hidden(second) == {(0, 0)}

    def test_those_below_the_line_of_a_withheld_share_are_not_told_by_counts_of_both(self) -> None:
        in_time = [replace(each, measure="in_time") for each in by("service_area", AREAS)]
        answered = [replace(each, measure="answered") for each in by("service_area", AREAS)]
        share = Cell(State.VALUE, 95, 38, 40)
        shares = TableView(
            "s", "S", "Rows", (SHARE,), (Row("a", "A", (share,), (ShareOf(in_time[-1], answered[-1], "share"),)),)
        )
        counts = table(in_time, [12, 12, 14], total=False), table(answered, [13, 13, 14], total=False)
        found = suppress_all([*counts, shares])
        assert hidden(found[2]) == {(0, 0)}
        # Two were late, for whoever adds up both tables.
        assert hidden(found[0]) | hidden(found[1])

    def test_a_year_and_its_quarters_are_one_sum(self) -> None:
        def of(first: date, last: date) -> list[Population]:
            return [replace(each, first=first, last=last) for each in by("service_area", AREAS)]

        year = table(of(FIRST, LAST), [16, 20, 30])
        quarters = [
            table(of(date(2022, 4, 1), date(2022, 9, 30)), [13, 10, 15]),
            table(of(date(2022, 10, 1), LAST), [3, 10, 15]),
        ]
        found = suppress_all([year, *quarters])
        assert (0, 0) in hidden(found[0]) | hidden(found[1])

    def test_what_has_several_themes_is_no_sum(self) -> None:
        themes = replace(table(by("theme", AREAS), [3, 9, 50]), rows=table(by("theme", AREAS), [3, 9, 50]).rows[:3])
        whole = table(by("service_area", AREAS), [20, 20, 15])
        assert hidden(suppress_all([themes, whole])[1]) == set()

    def test_tables_that_give_nothing_away_are_looked_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked = 0

        class Counting(Bounds):
            def __init__(self, rows: Sequence[Equation]) -> None:
                nonlocal looked
                looked += 1
                super().__init__(rows)

        monkeypatch.setattr(joint_disclosure, "Bounds", Counting)
        areas = table(by("service_area", AREAS), [30, 9, 50])
        teams = table(by("team", TEAMS, service_area=("b",)), [9, 0, 0], total=False)
        assert [hidden(each) for each in suppress_all([areas, teams])] == [set(), set()]
        assert looked == 1


@st.composite
def reports(draw: st.DrawFn) -> list[TableView]:
    """Complaints by area, by team within each area, by channel, and by channel within one area; totals shown or not."""
    number = st.integers(0, 14)
    counts = {(area, team, way): draw(number) for area in AREAS for team in TEAMS[:2] for way in ("post", "web")}

    def of(**fixed: str) -> int:
        return sum(
            n
            for key, n in counts.items()
            if all(fixed.get(d, v) == v for d, v in zip(("area", "team", "way"), key, strict=True))
        )

    with_total = draw(st.lists(st.booleans(), min_size=6, max_size=6))
    tables = [table(by("service_area", AREAS), [of(area=each) for each in AREAS], total=with_total[0])]
    for number_, area in enumerate(AREAS):
        figures = by("team", TEAMS[:2], service_area=(area,))
        tables.append(table(figures, [of(area=area, team=each) for each in TEAMS[:2]], total=with_total[number_ + 1]))
    tables.append(table(by("channel", ("post", "web")), [of(way=each) for each in ("post", "web")], total=with_total[4]))
    figures = by("channel", ("post", "web"), service_area=("a",))
    tables.append(table(figures, [of(area="a", way=each) for each in ("post", "web")], total=with_total[5]))
    return tables


def sums(tables: Sequence[TableView]) -> Iterator[tuple[Population, list[Population]]]:
    """Every sum among the figures, as they were made: the rows of a table and what they are all of."""
    all_ = by("service_area", AREAS)
    yield all_[-1], all_[:-1]
    for area in AREAS:
        *teams, whole = by("team", TEAMS[:2], service_area=(area,))
        yield whole, teams
    *ways, whole = by("channel", ("post", "web"))
    yield whole, ways
    *ways, whole = by("channel", ("post", "web"), service_area=("a",))
    yield whole, ways
    assert tables


def worked_out(tables: Sequence[TableView], shown: Sequence[TableView]) -> set[Population]:
    """Withheld counts that the sums leave one value for, by elimination over fractions."""
    cells = [
        (each, figure)
        for table_, found in zip(tables, shown, strict=True)
        for row, left in zip(table_.rows, found.rows, strict=True)
        for each, figure in zip(left.cells, row.figures, strict=True)
        if isinstance(figure, Population)
    ]
    known = {figure for each, figure in cells if each.state is not State.SUPPRESSED}
    places = [each for each in dict.fromkeys(figure for _, figure in cells) if each not in known]
    equations = [(whole, parts) for whole, parts in sums(tables) if {whole, *parts} <= known | set(places)]
    matrix = [[Fraction((each in parts) - (each == whole)) for each in places] for whole, parts in equations]
    return {places[n] for n in determined(matrix, len(places))}


@given(reports())
@settings(max_examples=40, deadline=None)
def test_no_small_count_of_nested_tables_can_be_worked_out_from_all_of_them(tables: list[TableView]) -> None:
    shown = suppress_all(tables)
    told = worked_out(tables, shown)
    for table_, found in zip(tables, shown, strict=True):
        for r, row in enumerate(table_.rows):
            value = row.cells[0].value or 0
            assert not 0 < value <= LIMIT or (r, 0) in hidden(found)
            assert not 0 < value <= LIMIT or row.figures[0] not in told
