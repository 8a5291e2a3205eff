"""The statistics that reports use; pure, on whole numbers in and exact or clearly rounded numbers out."""

from dataclasses import dataclass
from enum import StrEnum
from math import comb, sqrt

Z95 = 1.959963984540054  # 97.5th percentile of the standard normal distribution
REPORT_FROM = 10  # fewer answers than this: counts only
EXACT_UP_TO = 1_000  # both counts together; beyond that exact sums take long
COMPARE_FROM = 30  # fewer than this: percentage with its interval, and no comparison


def percent_half_up(n: int, of: int) -> int:
    """`n` of `of` in whole per cent, a half rounded up (1 of 8 is 13). Exact: no floating point. `of` must be positive."""
    if of <= 0:
        raise ValueError("a percentage of nothing is none")
    return (200 * n + of) // (2 * of)


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% interval of a proportion, as fractions between 0 and 1."""

    low: float
    high: float

    @property
    def percent(self) -> tuple[int, int]:
        """Both ends in whole per cent, half up."""
        return int(self.low * 100 + 0.5), int(self.high * 100 + 0.5)


def wilson(n: int, of: int, sources: int | None = None) -> Interval:
    """The Wilson score interval at 95% (Wilson 1927, without continuity correction). `of` must be positive.

    Where things come several from one source (answers of a survey, sections of an audit), `sources` says from how many: the
    interval is then that of so many things, as if each source had said one thing. It is never too narrow for that (Kish 1965:
    the effective size of a clustered sample lies between the number of clusters and the number of things).
    """
    size = of if sources is None else sources
    if not 0 <= n <= of or not 0 < size <= of:
        raise ValueError("a proportion has 0 <= n <= of, and of positive; of things at least as many as sources")
    share = n / of
    centre = share + Z95**2 / (2 * size)
    half = Z95 * sqrt(share * (1 - share) / size + Z95**2 / (4 * size**2))
    whole = 1 + Z95**2 / size
    low = 0.0 if n == 0 else max(0.0, (centre - half) / whole)
    high = 1.0 if n == of else min(1.0, (centre + half) / whole)
    return Interval(low, high)


def counts_differ(before: int, after: int) -> bool:
    """Whether two counts of rare things in two spans of one length differ by more than chance makes, at 5%.

    The exact conditional test of two Poisson rates (Przyborowski and Wilenski 1940): given both together, the later one is
    binomial with a half. Twice the smaller tail, in whole numbers.
    """
    if min(before, after) < 0:
        raise ValueError("a count is not negative")
    both, fewer = before + after, min(before, after)
    if (
        both > EXACT_UP_TO
    ):  # the normal distribution with a correction for continuity, which there is the same to the third place
        return (abs(after - before) - 1) ** 2 >= Z95**2 * both
    tail: int = sum(comb(both, k) for k in range(fewer + 1))
    return 2 * 20 * tail <= 1 << both  # 2 * tail / 2**both <= 1/20


class Evidence(StrEnum):
    """How much a percentage can carry, by the number it is a share of."""

    NONE = "none"
    TOO_FEW_TO_REPORT = "too-few-to-report"
    TOO_FEW_TO_COMPARE = "too-few-to-compare"
    COMPARABLE = "comparable"


def evidence(of: int) -> Evidence:
    """The band of a denominator: under 10 too few to report, 10 to 29 too few to compare, from 30 comparable."""
    if of <= 0:
        return Evidence.NONE
    if of < REPORT_FROM:
        return Evidence.TOO_FEW_TO_REPORT
    return Evidence.TOO_FEW_TO_COMPARE if of < COMPARE_FROM else Evidence.COMPARABLE
