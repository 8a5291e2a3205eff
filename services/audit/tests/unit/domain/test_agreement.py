"""Agreement against published worked examples, other people's programs, and what must hold for every matrix."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.agreement import Coefficient, Matrix, Reason, Weights, ac2, kappa, student95, whole_weights, wilson

REFERENCE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "reference" / "agreement.json").read_text())

# Agresti, Categorical Data Analysis, 2nd edition (2002), section 10.5: two pathologists, 118 slides.
CARCINOMA = Matrix(((22, 2, 2, 0), (5, 7, 14, 0), (0, 2, 36, 0), (0, 1, 17, 10)))
# SAS/STAT User's Guide, PROC FREQ, "Agreement Study": two dermatologists; terrible, poor, marginal, clear.
SKIN = Matrix(((10, 4, 1, 0), (5, 10, 12, 2), (2, 4, 12, 5), (0, 2, 6, 13)))
# Gwet, vignette "weighting" of the R package irrCAC (2019): cont3x3abstractors.
ABSTRACTORS = Matrix(((13, 0, 0), (0, 20, 7), (0, 4, 56)))


def said(coefficient: Coefficient) -> list[float]:
    """Value, error and interval, as a printout has them."""
    assert coefficient.value is not None
    assert coefficient.error is not None
    assert coefficient.interval is not None
    return [coefficient.value, coefficient.error, coefficient.interval.low, coefficient.interval.high]


@st.composite
def matrices(draw: st.DrawFn, most: int = 60) -> Matrix:
    grades = draw(st.integers(2, 6))
    row = st.lists(st.one_of(st.just(0), st.integers(0, most)), min_size=grades, max_size=grades).map(tuple)
    return Matrix(tuple(draw(st.lists(row, min_size=grades, max_size=grades))))


weights = st.sampled_from(Weights)


class TestPublishedExamples:
    def test_agresti_finds_this_kappa_between_pathologists(self) -> None:
        found = kappa(CARCINOMA, Weights.IDENTITY)
        assert found.value == pytest.approx(0.493, abs=0.0005)
        assert found.error == pytest.approx(0.057, abs=0.0005)
        assert kappa(CARCINOMA, Weights.QUADRATIC).value == pytest.approx(0.78, abs=0.005)

    def test_sas_prints_these_kappas_for_dermatologists(self) -> None:
        assert said(kappa(SKIN, Weights.IDENTITY)) == pytest.approx([0.3449, 0.0724, 0.2030, 0.4868], abs=0.00005)
        assert said(kappa(SKIN, Weights.LINEAR)) == pytest.approx([0.5082, 0.0655, 0.3798, 0.6366], abs=0.00005)

    def test_sas_prints_these_for_a_row_that_nobody_agreed_on(self) -> None:
        # Printout that the tests of statsmodels hold themselves against.
        matrix = Matrix(((0, 4, 1), (0, 8, 0), (0, 1, 5)))
        assert said(kappa(matrix, Weights.IDENTITY)) == pytest.approx([0.4842, 0.1380, 0.2137, 0.7547], abs=0.00005)
        assert said(kappa(matrix, Weights.LINEAR)) == pytest.approx([0.4701, 0.1457, 0.1845, 0.7558], abs=0.00005)

    def test_ac2_can_be_below_minus_one(self) -> None:
        # By hand: agreement 1/4; chance (104/9) / 12 * (2 * 3/8 * 5/8 + 1/4 * 3/4) = 0.63194.
        assert ac2(Matrix.of({(0, 3): 3, (2, 2): 1}, 4), Weights.QUADRATIC).value == pytest.approx(-1.03774, abs=1e-5)

    def test_gwet_prints_these_for_abstractors(self) -> None:
        assert said(kappa(ABSTRACTORS, Weights.IDENTITY))[:2] == pytest.approx([0.7964094, 0.05891072], abs=1e-7)
        assert said(kappa(ABSTRACTORS, Weights.QUADRATIC))[:2] == pytest.approx([0.8921569, 0.03535151], abs=1e-7)
        found = said(ac2(ABSTRACTORS, Weights.QUADRATIC))
        assert found[:2] == pytest.approx([0.9402369, 0.01792019], abs=1e-7)
        assert found[2:] == pytest.approx([0.905, 0.976], abs=0.0005)

    @pytest.mark.parametrize(
        ("scheme", "expected"),
        [
            (Weights.LINEAR, (1, 1 / 2, 0)),
            (Weights.ORDINAL, (1, 2 / 3, 0)),
            (Weights.QUADRATIC, (1, 3 / 4, 0)),
            (Weights.IDENTITY, (1, 0, 0)),
        ],
    )
    def test_the_weights_are_those_of_the_same_vignette(self, scheme: Weights, expected: tuple[float, ...]) -> None:
        unit, table = whole_weights(scheme, 3)
        assert [weight / unit for weight in table[0]] == pytest.approx(expected)
        assert [list(column) for column in zip(*table, strict=True)] == [list(row) for row in table]

    @pytest.mark.parametrize(
        ("n", "of", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)]
    )
    def test_newcombe_finds_these_intervals_of_a_share(self, n: int, of: int, low: float, high: float) -> None:
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        found = wilson(n, of)
        assert (found.low, found.high) == pytest.approx((low, high), abs=0.00005)

    @pytest.mark.parametrize(
        ("freedom", "expected"), [(10, 2.2281), (29, 2.0452), (60, 2.0003), (120, 1.9799), (100_000, 1.9600)]
    )
    def test_students_t_is_that_of_the_tables(self, freedom: int, expected: float) -> None:
        assert student95(freedom) == pytest.approx(expected, abs=0.00005)


class TestOtherPrograms:
    """Figures of statsmodels and irrCAC; reference/make_agreement.py made them."""

    def test_there_are_enough_of_them(self) -> None:
        assert len(REFERENCE) > 40

    @pytest.mark.parametrize("entry", REFERENCE, ids=range(len(REFERENCE)))
    def test_kappa_is_that_of_statsmodels(self, entry: dict[str, Any]) -> None:
        matrix = Matrix(tuple(map(tuple, entry["cells"])))
        for scheme, (value, error, low, high) in entry["kappa"].items():
            expected = [value, error, max(-1, low), min(1, high)]
            assert said(kappa(matrix, Weights(scheme))) == pytest.approx(expected, abs=1e-9), scheme

    @pytest.mark.parametrize("entry", REFERENCE, ids=range(len(REFERENCE)))
    def test_ac2_is_that_of_irrcac(self, entry: dict[str, Any]) -> None:
        matrix = Matrix(tuple(map(tuple, entry["cells"])))
        for scheme, (value, error, low, high) in entry["ac2"].items():
            found = said(ac2(matrix, Weights(scheme)))
            assert found[:2] == pytest.approx([value, error], abs=1e-9), scheme
            # Student's t is good to four decimals from 10 degrees of freedom on.
            assert found[2:] == pytest.approx([low, high], abs=2e-4), scheme


class TestWhereThereIsNoFigure:
    @pytest.mark.parametrize("coefficient", [kappa, ac2])
    @pytest.mark.parametrize("scheme", Weights)
    def test_no_pairs_no_coefficient(self, coefficient: Any, scheme: Weights) -> None:
        assert coefficient(Matrix.of({}, 4), scheme) == Coefficient(None, reason=Reason.NO_PAIRS)

    @pytest.mark.parametrize("scheme", Weights)
    def test_one_grade_only_leaves_kappa_undefined_and_ac2_perfect(self, scheme: Weights) -> None:
        matrix = Matrix.of({(1, 1): 40}, 4)
        assert kappa(matrix, scheme) == Coefficient(None, reason=Reason.ONE_GRADE)
        assert ac2(matrix, scheme) == Coefficient(1.0, 0.0, reason=Reason.NO_SPREAD)

    @pytest.mark.parametrize("scheme", Weights)
    def test_perfect_agreement_has_no_interval_rather_than_one_without_width(self, scheme: Weights) -> None:
        matrix = Matrix.of({(0, 0): 10, (1, 1): 20, (3, 3): 5}, 4)
        assert kappa(matrix, scheme) == Coefficient(1.0, 0.0, reason=Reason.NO_SPREAD)
        assert ac2(matrix, scheme) == Coefficient(1.0, 0.0, reason=Reason.NO_SPREAD)

    def test_each_always_another_grade_is_no_better_than_chance(self) -> None:
        assert kappa(Matrix.of({(0, 1): 40}, 4), Weights.LINEAR) == Coefficient(0.0, 0.0, reason=Reason.NO_SPREAD)

    def test_where_nearly_all_is_one_grade_kappa_falls_apart_and_ac2_does_not(self) -> None:
        matrix = Matrix.of({(1, 1): 95, (1, 2): 3, (2, 1): 2}, 4)
        assert matrix.within(0) / matrix.pairs == 0.95
        assert (kappa(matrix, Weights.LINEAR).value or 0) < 0
        assert (ac2(matrix, Weights.LINEAR).value or 0) > 0.95

    @pytest.mark.parametrize("cells", [((1,),), ((1, 2),), ((1, 2), (3,)), ((1, -1), (0, 0)), ()])
    def test_what_is_no_matrix_is_refused(self, cells: tuple[tuple[int, ...], ...]) -> None:
        with pytest.raises(ValueError, match="square"):
            Matrix(cells)

    @pytest.mark.parametrize("pair", [(4, 0), (0, -1)])
    def test_a_rank_that_is_no_place_on_the_scale_is_refused(self, pair: tuple[int, int]) -> None:
        with pytest.raises(ValueError, match="place on the scale"):
            Matrix.of({pair: 1}, 4)


class TestEveryMatrix:
    @given(matrices(), weights)
    def test_it_does_not_matter_who_is_first(self, matrix: Matrix, scheme: Weights) -> None:
        assert kappa(matrix, scheme) == kappa(matrix.transposed, scheme)
        assert ac2(matrix, scheme) == ac2(matrix.transposed, scheme)

    @given(matrices(), weights)
    def test_it_does_not_matter_at_which_end_the_scale_begins(self, matrix: Matrix, scheme: Weights) -> None:
        assert kappa(matrix, scheme) == kappa(matrix.upside_down, scheme)
        assert ac2(matrix, scheme) == ac2(matrix.upside_down, scheme)

    @given(matrices(), weights)
    def test_coefficients_lie_within_their_intervals_and_kappa_between_minus_one_and_one(
        self, matrix: Matrix, scheme: Weights
    ) -> None:
        for coefficient, lowest in ((kappa, -1.0), (ac2, -math.inf)):
            found = coefficient(matrix, scheme)
            if found.value is None:
                assert found.reason is not None
                continue
            assert lowest - 1e-12 <= found.value <= 1
            assert (found.interval is None) == (found.reason is Reason.NO_SPREAD) == (found.error == 0)
            if found.interval is not None:
                assert found.error is not None
                assert math.isfinite(found.error)
                assert lowest <= found.interval.low <= found.value <= found.interval.high <= 1

    @given(matrices(), weights)
    def test_only_perfect_agreement_is_one(self, matrix: Matrix, scheme: Weights) -> None:
        perfect = matrix.within(0) == matrix.pairs
        for found in (kappa(matrix, scheme), ac2(matrix, scheme)):
            if found.value is not None:
                assert (found.value == 1) is perfect

    @given(matrices(most=20), weights, st.integers(2, 5))
    def test_the_same_many_times_over_is_the_same_with_less_doubt(self, matrix: Matrix, scheme: Weights, times: int) -> None:
        more = Matrix(tuple(tuple(count * times for count in row) for row in matrix.cells))
        for coefficient in (kappa, ac2):
            once, often = coefficient(matrix, scheme), coefficient(more, scheme)
            assert often.value == once.value
            if once.error and often.error:
                assert often.error == pytest.approx(once.error / math.sqrt(times))

    @given(matrices())
    def test_quadratic_kappa_is_what_covariance_makes_it(self, matrix: Matrix) -> None:
        # 2 cov / (var + var + (difference of means) squared): Fleiss & Cohen (1973), found here by another way.
        pairs = [(row, column) for row, column, count in matrix.given() for _ in range(count)]
        if not pairs:
            return
        number = len(pairs)
        first, second = sum(row for row, _ in pairs) / number, sum(column for _, column in pairs) / number
        both = sum((row - first) * (column - second) for row, column in pairs)
        below = sum((row - first) ** 2 + (column - second) ** 2 for row, column in pairs) + number * (first - second) ** 2
        found = kappa(matrix, Weights.QUADRATIC)
        assert found.value == (pytest.approx(2 * both / below, abs=1e-9) if below else None)

    @given(matrices())
    def test_shares_grow_with_the_distance_and_the_mean_turns_with_the_sides(self, matrix: Matrix) -> None:
        assert 0 <= matrix.within(0) <= matrix.within(1) <= matrix.within(matrix.grades - 1) == matrix.pairs
        mean = matrix.mean_difference
        assert matrix.transposed.mean_difference == (-mean if mean is not None else None)
        assert (matrix + matrix.transposed).mean_difference == (0 if matrix.pairs else None)

    @given(st.integers(0, 400), st.integers(1, 400))
    def test_a_share_lies_within_its_interval(self, n: int, of: int) -> None:
        share = min(n, of)
        found = wilson(share, of)
        assert 0 <= found.low <= share / of <= found.high <= 1
        assert found.low < found.high

    @pytest.mark.parametrize(("n", "of"), [(1, 0), (2, 1), (-1, 1)])
    def test_a_share_of_nothing_is_refused(self, n: int, of: int) -> None:
        with pytest.raises(ValueError, match="proportion"):
            wilson(n, of)
