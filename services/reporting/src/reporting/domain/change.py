"""Whether a share changed between two periods, in no stronger words than the numbers carry.

The interval of the difference is the hybrid score interval of Newcombe (1998, "Interval estimation for the difference between
independent proportions: comparison of eleven methods", Statistics in Medicine 17, method 10): it is made of the two Wilson
intervals that stand beside the shares, so that what a reader sees of each agrees with what is said of both.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from reporting.domain.statistics import Evidence, Interval, evidence, wilson


@dataclass(frozen=True, slots=True)
class Share:
    """`n` of `of`: two whole numbers, `n` at most `of`; where they come several from one source, from so many `sources`."""

    n: int
    of: int
    sources: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share; raises ValueError."""
        if not 0 <= self.n <= self.of or not 0 <= self.size <= self.of:
            raise ValueError("a share has 0 <= n <= of, and no more sources than things")

    @property
    def size(self) -> int:
        """Of how many independent things it is a share, at the least."""
        return self.of if self.sources is None else self.sources

    @property
    def interval(self) -> Interval:
        """Its 95% interval; raises ValueError for a share of nothing."""
        return wilson(self.n, self.of, self.sources)


class Verdict(StrEnum):
    """What may be said of two shares."""

    NOTHING = "nothing"  # one of them is a share of nothing
    TOO_FEW = "too-few"  # one of them is of fewer than 30
    NO_EVIDENCE = "no-evidence"  # the difference could be nought
    ROSE = "rose"
    FELL = "fell"


@dataclass(frozen=True, slots=True)
class Difference:
    """A later share less an earlier one, as fractions between -1 and 1, with its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def points(self) -> tuple[int, int, int]:
        """Value, low and high in whole percentage points, a half away from nought."""
        value, low, high = (int(abs(each) * 100 + 0.5) * (1 if each >= 0 else -1) for each in (self.value, self.low, self.high))
        return value, low, high


def difference(before: Share, after: Share) -> Difference:
    """The later share less the earlier one with Newcombe's interval. Both must be of something; raises ValueError."""
    first, second = before.interval, after.interval
    was, is_ = before.n / before.of, after.n / after.of
    value = is_ - was
    low = value - sqrt((is_ - second.low) ** 2 + (first.high - was) ** 2)
    high = value + sqrt((second.high - is_) ** 2 + (was - first.low) ** 2)
    return Difference(value, max(-1.0, low), min(1.0, high))


def verdict(before: Share, after: Share) -> Verdict:
    """What may be said of a later share beside an earlier one of other things (reports.md: compare from 30 on).

    Both are taken to be of independent things, or of independent sources where these are given: not of the same children twice.
    """
    bands = {evidence(before.size), evidence(after.size)}
    if Evidence.NONE in bands:
        return Verdict.NOTHING
    if bands != {Evidence.COMPARABLE}:
        return Verdict.TOO_FEW
    found = difference(before, after)
    if found.low > 0:
        return Verdict.ROSE
    return Verdict.FELL if found.high < 0 else Verdict.NO_EVIDENCE


def in_words(before: Share, after: Share) -> str:
    """The verdict as a sentence for a councillor. It says that a share changed, never why."""
    match verdict(before, after):
        case Verdict.NOTHING:
            return "There is nothing to compare with."
        case Verdict.TOO_FEW:
            return "There are too few to say whether this changed."
        case Verdict.NO_EVIDENCE:
            return "These figures do not show that this changed: a difference like this one can be chance."
        case Verdict.ROSE | Verdict.FELL as found:
            ends = difference(before, after).points
            size, one, other = (abs(each) for each in ends)  # neither end is beyond nought
            went = "up" if found is Verdict.ROSE else "down"
            return f"This went {went} by {_points(size)}; likely by between {min(one, other)} and {max(one, other)}."


def _points(number: int) -> str:
    return f"{number} percentage point" if number == 1 else f"{number} percentage points"
