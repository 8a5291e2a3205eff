"""Figures in words: what they are worth, and no more than that."""

import pytest

from reporting.domain import wording
from reporting.domain.change import Share
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


class TestSince:
    def test_names_the_earlier_numbers_and_says_what_they_show(self) -> None:
        words = wording.since(wording.share(56, 70), Share(48, 80), "Q4 21/22", Share(56, 70))
        assert words.figure == "80%"
        assert words.note.endswith("Q4 21/22: 48 of 80. This went up by 20 percentage points; likely by between 5 and 33.")

    def test_of_few_it_says_that_they_are_few(self) -> None:
        words = wording.since(wording.share(12, 20), Share(1, 40), "Q4 21/22", Share(12, 20))
        assert words.note.endswith("Q4 21/22: 1 of 40. There are too few to say whether this changed.")

    @pytest.mark.parametrize(("before", "after"), [(Share(0, 0), Share(12, 20)), (Share(30, 40), Share(3, 6))])
    def test_beside_nothing_or_without_a_percentage_nothing_is_added(self, before: Share, after: Share) -> None:
        words = wording.share(after.n, after.of)
        assert wording.since(words, before, "Q4 21/22", after) == words


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
