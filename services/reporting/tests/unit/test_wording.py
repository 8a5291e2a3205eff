"""Figures in words: what they are worth, and no more than that."""

import pytest

from reporting.domain import wording
from reporting.domain.tables import Cell, ColumnHead, Row, State, TableView


class TestShare:
    @pytest.mark.parametrize(
        ("n", "of", "figure", "note"),
        [
            (0, 0, "–", "Nothing recorded for this period"),
            (3, 6, "3 of 6", "Too few to give a percentage"),
            (9, 22, "41%", "9 of 22. Too few to compare: it could lie anywhere between 23% and 61%"),
            (39, 43, "91%", "39 of 43. Likely to lie between 78% and 96%"),
        ],
    )
    def test_says_what_it_is_worth(self, n: int, of: int, figure: str, note: str) -> None:
        assert wording.share(n, of) == wording.Words(figure, note)


class TestPooled:
    def test_is_worth_what_its_sources_are(self) -> None:
        assert wording.pooled(46, 56, "answers", 7, "surveys").figure == "46 of 56"
        few = wording.pooled(46, 56, "answers", 12, "surveys")
        assert few == wording.Words("82%", "46 of 56 answers, from 12 surveys. Too few to compare")
        many = wording.pooled(460, 560, "answers", 120, "surveys")
        assert many == wording.Words("82%", "460 of 560 answers, from 120 surveys")
        assert wording.pooled(0, 0, "answers", 0, "surveys") == wording.NOTHING_YET


class TestChartDescription:
    def test_names_the_longest_bars_and_the_empty_ones(self) -> None:
        head = ColumnHead("n", "Points", "points", "count")
        numbers = {"A": 3, "B": 25, "C": 0, "D": 7}
        rows = [Row(k, k, (Cell(State.VALUE if n else State.ZERO, n),)) for k, n in numbers.items()]
        table = TableView("t", "T", "Rows", (head,), tuple(rows))
        assert wording.chart_description(table) == "Of 35 points, 25 were: B. Next: D (7) and A (3). One kind had none."
        empty = TableView("t", "T", "Rows", (head,), (rows[2],))
        assert "nothing to show" in wording.chart_description(empty)
