"""Percentages and intervals, by worked examples and against slow references."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.statistics import Evidence, evidence, percent_half_up, wilson

proportions = st.integers(1, 100_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


class TestPercentHalfUp:
    @pytest.mark.parametrize(
        ("n", "of", "expected"),
        [(1, 8, 13), (10, 39, 26), (9, 22, 41), (12, 22, 55), (1, 22, 5), (6, 7, 86), (0, 6, 0), (1, 200, 1)],
    )
    def test_worked_examples(self, n: int, of: int, expected: int) -> None:
        assert percent_half_up(n, of) == expected

    @given(proportions)
    def test_agrees_with_decimal_arithmetic(self, proportion: tuple[int, int]) -> None:
        n, of = proportion
        exact = Decimal(n) * 100 / Decimal(of)
        assert percent_half_up(n, of) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))

    def test_a_percentage_of_nothing_is_none(self) -> None:
        with pytest.raises(ValueError, match="nothing"):
            percent_half_up(0, 0)


class TestWilson:
    @pytest.mark.parametrize(("n", "of", "expected"), [(3, 6, (19, 81)), (9, 22, (23, 61)), (39, 43, (78, 96))])
    def test_vectors_of_the_field(self, n: int, of: int, expected: tuple[int, int]) -> None:
        assert wilson(n, of).percent == expected

    @given(proportions)
    def test_holds_the_share_and_stays_within_0_and_1(self, proportion: tuple[int, int]) -> None:
        n, of = proportion
        found = wilson(n, of)
        assert 0 <= found.low <= n / of <= found.high <= 1

    @given(proportions)
    def test_its_ends_solve_the_score_equation(self, proportion: tuple[int, int]) -> None:
        n, of = proportion
        for end in (wilson(n, of).low, wilson(n, of).high):
            if 0 < end < 1:
                assert abs((n / of - end) / (end * (1 - end) / of) ** 0.5) == pytest.approx(1.959963985, rel=1e-4)

    @pytest.mark.parametrize(("n", "of"), [(1, 0), (-1, 3), (4, 3)])
    def test_what_is_no_proportion_is_refused(self, n: int, of: int) -> None:
        with pytest.raises(ValueError, match="proportion"):
            wilson(n, of)


class TestEvidence:
    def test_bands_begin_at_10_and_30(self) -> None:
        found = {of: evidence(of) for of in (0, 1, 9, 10, 29, 30)}
        assert list(found.values()) == [
            Evidence.NONE,
            Evidence.TOO_FEW_TO_REPORT,
            Evidence.TOO_FEW_TO_REPORT,
            Evidence.TOO_FEW_TO_COMPARE,
            Evidence.TOO_FEW_TO_COMPARE,
            Evidence.COMPARABLE,
        ]
