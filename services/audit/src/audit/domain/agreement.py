"""How far two people who graded the same agree: exact and adjacent agreement, weighted kappa, Gwet's AC2, with intervals.

Pure, and exact until the last step: counts and weights are whole numbers, and so is every sum; only the finished fraction
becomes a float. A coefficient that cannot be had is None with a reason, never a NaN. Every interval is at 95% and takes the
pairs as independent of one another. Ranks count from 0, the best grade of the scale.

Sources: Wilson (1927) for shares; Cohen (1968) for weighted kappa, its large-sample standard error after Fleiss, Cohen and
Everitt (1969); Gwet (2008; Handbook of Inter-Rater Reliability, 4th edition, 2014) for AC2 and its variance, because kappa
falls apart where nearly all grades are the same one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import comb, sqrt

MINIMUM = 30
"""Pairs below which only the matrix and the counts are shown: large-sample errors mean nothing there."""

Z95 = 1.959963984540054
"""97.5th percentile of the standard normal distribution."""

TWO = 2


class Weights(StrEnum):
    """How much of an agreement two different grades still are; each scheme is 1 on the diagonal and 0 at its far corners."""

    IDENTITY = "identity"  # none: the unweighted kappa of Cohen (1960), Gwet's AC1
    LINEAR = "linear"  # by the distance (Cicchetti & Allison 1971)
    QUADRATIC = "quadratic"  # by its square (Fleiss & Cohen 1973)
    ORDINAL = "ordinal"  # by the pairs of grades within the distance (Gwet 2014)


class Reason(StrEnum):
    """Why there is no figure, or no interval."""

    NO_PAIRS = "no-pairs"
    TOO_FEW = "too-few"
    ONE_GRADE = "one-grade"  # both used one and the same grade only: kappa is nought over nought
    NO_SPREAD = "no-spread"  # every pair says the same, so the large-sample error is 0 and no measure of doubt
    TWO_GRADES = "two-grades"  # on a scale of two every pair is adjacent


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval, both ends within the coefficient's range."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """`n` of `of` pairs; `interval` is Wilson's, None with a reason where there is none."""

    n: int
    of: int
    interval: Interval | None = None
    reason: Reason | None = None

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1; None where there are too few pairs for a share, or it would say nothing."""
        return self.n / self.of if self.reason is None else None


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A chance-corrected coefficient, at most 1; 0 is what chance alone would give. `error` is its standard error."""

    value: float | None
    error: float | None = None
    interval: Interval | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """How often each pair of ranks was given: a row for each grade of the first, a column for each grade of the second."""

    cells: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Raises ValueError for anything but a square of counts of two grades or more."""
        size = len(self.cells)
        if size < TWO or any(len(row) != size or min(row) < 0 for row in self.cells):
            raise ValueError("a matrix is square, of two grades or more, and holds counts")

    @classmethod
    def of(cls, pairs: Mapping[tuple[int, int], int], grades: int) -> "Matrix":
        """From counts by (first's rank, second's rank)."""
        if any(not 0 <= rank < grades for pair in pairs for rank in pair):
            raise ValueError("a rank is a place on the scale")
        return cls(tuple(tuple(pairs.get((row, column), 0) for column in range(grades)) for row in range(grades)))

    @property
    def grades(self) -> int:
        """Grades of the scale, whether anybody gave them or not."""
        return len(self.cells)

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return sum(map(sum, self.cells))

    def within(self, distance: int) -> int:
        """Pairs whose grades are at most so many steps apart."""
        return sum(number for row, column, number in self.given() if abs(row - column) <= distance)

    def given(self) -> Iterable[tuple[int, int, int]]:
        """First's rank, second's rank and number of every pair that occurs."""
        for row, counts in enumerate(self.cells):
            for column, number in enumerate(counts):
                if number:
                    yield row, column, number

    @property
    def margins(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """How often the first gave each grade, and the second."""
        return tuple(map(sum, self.cells)), tuple(map(sum, zip(*self.cells, strict=True)))

    @property
    def transposed(self) -> "Matrix":
        """The same with first and second changed about."""
        return Matrix(tuple(zip(*self.cells, strict=True)))

    @property
    def upside_down(self) -> "Matrix":
        """The same with the scale turned upside down."""
        return Matrix(tuple(row[::-1] for row in self.cells[::-1]))

    @property
    def mean_difference(self) -> float | None:
        """By how many grades the first graded better than the second, on average; negative where worse. None without pairs."""
        number = self.pairs
        return sum((column - row) * count for row, column, count in self.given()) / number if number else None

    def __add__(self, other: "Matrix") -> "Matrix":
        """Both together; of one scale."""
        rows = zip(self.cells, other.cells, strict=True)
        return Matrix(tuple(tuple(a + b for a, b in zip(*pair, strict=True)) for pair in rows))


def wilson(n: int, of: int) -> Interval:
    """The Wilson score interval of a proportion, without continuity correction. `of` must be positive."""
    if not 0 <= n <= of or of <= 0:
        raise ValueError("a proportion has 0 <= n <= of, and of positive")
    share = n / of
    centre = share + Z95**2 / (2 * of)
    half = Z95 * sqrt(share * (1 - share) / of + Z95**2 / (4 * of**2))
    whole = 1 + Z95**2 / of
    low = 0.0 if n == 0 else max(0.0, (centre - half) / whole)
    return Interval(low, 1.0 if n == of else min(1.0, (centre + half) / whole))


def student95(freedom: int) -> float:
    """The 97.5th percentile of Student's t, from 10 degrees of freedom on to four decimals.

    Cornish-Fisher expansion about the normal one (Abramowitz & Stegun 1964, 26.7.5).
    """
    z, v = Z95, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def kappa(matrix: Matrix, weights: Weights) -> Coefficient:
    """Cohen's weighted kappa; interval by the normal distribution. None where both used one and the same grade only.

    With whole weights w over `unit`: observed w summed over pairs is `agreed`, expected by the margins `chance`.
    """
    unit, table = whole_weights(weights, matrix.grades)
    number = matrix.pairs
    if not number:
        return Coefficient(None, reason=Reason.NO_PAIRS)
    first, second = matrix.margins
    by_row = [sum(w * count for w, count in zip(row, second, strict=True)) for row in table]
    by_column = [sum(w * count for w, count in zip(row, first, strict=True)) for row in table]
    agreed = sum(table[row][column] * count for row, column, count in matrix.given())
    chance = sum(count * mean for count, mean in zip(first, by_row, strict=True))
    left = unit * number**2 - chance  # what is left to agree on beyond chance
    if not left:
        return Coefficient(None, reason=Reason.ONE_GRADE)
    spread = _spread(
        matrix, lambda row, column: table[row][column] * left - (by_row[row] + by_column[column]) * (unit * number - agreed)
    )
    return _coefficient((agreed * number - chance, left), (number * spread, left**4), Z95)


def ac2(matrix: Matrix, weights: Weights) -> Coefficient:
    """Gwet's AC2 (AC1 with identity weights) over all grades of the scale; interval by Student's t with n - 1 degrees, as his.

    Chance agreement is taken from how evenly the grades are used, so it does not break down where nearly all are the same.
    """
    unit, table = whole_weights(weights, matrix.grades)
    number = matrix.pairs
    if not number:
        return Coefficient(None, reason=Reason.NO_PAIRS)
    used = [sum(both) for both in zip(*matrix.margins, strict=True)]  # of 2n grades
    total, choices = sum(map(sum, table)), matrix.grades * (matrix.grades - 1)
    agreed = sum(table[row][column] * count for row, column, count in matrix.given())
    chance = total * sum(count * (2 * number - count) for count in used)
    whole = 4 * unit * choices * number**2
    left = whole - chance  # positive: chance agreement is below 1 on every scale of two grades or more
    missed = 2 * total * (unit * number - agreed)
    spread = _spread(matrix, lambda row, column: table[row][column] * left - missed * (4 * number - used[row] - used[column]))
    error = (16 * choices**2 * number * spread, left**4)
    # Nought agreement leaves minus chance over what is left: on a scale of more than two grades that can be below -1.
    return _coefficient((4 * choices * number * agreed - chance, left), error, student95(max(1, number - 1)), -chance / left)


@lru_cache
def whole_weights(weights: Weights, grades: int) -> tuple[int, tuple[tuple[int, ...], ...]]:
    """A unit, and the weights of every pair of ranks in it: whole numbers from 0 to the unit."""
    lost: dict[Weights, Callable[[int], int]] = {
        Weights.IDENTITY: lambda distance: min(distance, 1),
        Weights.LINEAR: lambda distance: distance,
        Weights.QUADRATIC: lambda distance: distance**2,
        Weights.ORDINAL: lambda distance: comb(distance + 1, 2),
    }
    unit = lost[weights](grades - 1)
    ranks = range(grades)
    return unit, tuple(tuple(unit - lost[weights](abs(row - column)) for column in ranks) for row in ranks)


def _spread(matrix: Matrix, influence: Callable[[int, int], int]) -> int:
    """The square of the number of pairs, times the variance of what each pair adds. Exact, and so never below 0."""
    values = [(influence(row, column), count) for row, column, count in matrix.given()]
    return matrix.pairs * sum(count * value**2 for value, count in values) - sum(count * value for value, count in values) ** 2


def _coefficient(value: tuple[int, int], variance: tuple[int, int], quantile: float, lowest: float = -1.0) -> Coefficient:
    """From two fractions; whole numbers of any size divide correctly rounded. `lowest` is the least that it can be."""
    found = value[0] / value[1]
    if not variance[0]:
        return Coefficient(found, 0.0, reason=Reason.NO_SPREAD)
    error = sqrt(variance[0] / variance[1])
    return Coefficient(found, error, Interval(max(lowest, found - quantile * error), min(1.0, found + quantile * error)))
