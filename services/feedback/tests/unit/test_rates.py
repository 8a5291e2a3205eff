"""What of response rates may be shown."""

from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.rates import Letters, RateRow, protected, total
from feedback.domain.small_groups import PERCENT_FROM, SMALL

counts = st.integers(0, 30)
groups = st.lists(st.builds(Letters, st.uuids().map(str), counts, counts, counts, counts, counts), max_size=7)


def plain(rows: list[Letters]) -> list[tuple[int, ...]]:
    return [row.counts() for row in [*rows, total(rows)]]


class TestProtected:
    def test_large_groups_are_shown_with_their_rates(self) -> None:
        rows = [Letters("a", 20, 10, 30, 40), Letters("b", 0, 0, 50, 50)]
        assert protected(rows) == [
            RateRow("a", (100, 20, 10, 30, 40, 0), 30),
            RateRow("b", (100, 0, 0, 50, 50, 0), 50),
            RateRow("total", (200, 20, 10, 80, 90, 0), 40),
        ]

    def test_a_small_group_is_withheld_together_with_what_would_give_it_away(self) -> None:
        first, second, _ = protected([Letters("a", 40, 0, 3, 0), Letters("b", 40, 0, 60, 0)])
        assert first.counts[3] is None
        assert first.rate is None
        assert None in second.counts

    def test_a_rate_of_fewer_than_ten_is_withheld(self) -> None:
        [row, _] = protected([Letters("a", 0, 0, 9, 0)])
        assert row.rate is None

    def test_none_at_all_is_a_line_of_zeros(self) -> None:
        assert protected([]) == [RateRow("total", (0, 0, 0, 0, 0, 0), None)]

    @given(groups)
    def test_no_small_count_is_shown(self, rows: list[Letters]) -> None:
        for row in protected(rows):
            assert not any(value is not None and 0 < value <= SMALL for value in row.counts)

    @given(groups)
    def test_no_line_gives_a_withheld_count_away(self, rows: list[Letters]) -> None:
        shown, known = protected(rows), plain(rows)
        lines = [[(r, c) for c in range(5)] for r in range(len(shown))]
        lines += [[(r, c) for r in range(len(rows))] for c in range(6)]
        for line in lines:
            gone = [known[r][c] for r, c in line if shown[r].counts[c] is None]
            assert not gone or len(gone) == len(line) or (len(gone) > 1 and sum(gone) > SMALL)

    @given(groups)
    def test_what_is_shown_is_true(self, rows: list[Letters]) -> None:
        for row, known in zip(protected(rows), plain(rows), strict=True):
            assert all(value in {None, true} for value, true in zip(row.counts, known, strict=True))
            if row.rate is not None:
                assert known[0] >= PERCENT_FROM
                assert abs(row.rate - 100 * known[3] / known[0]) <= 0.5
