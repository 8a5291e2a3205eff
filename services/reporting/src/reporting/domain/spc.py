"""Points in time beside what chance alone makes of them: the XmR chart of statistical process control.

The limits are the mean plus and minus 2.66 times the mean moving range (Shewhart; Wheeler, "Understanding Variation", 1993;
2.66 is 3 over 1.128, the expected range of two values of a normal distribution with a deviation of 1). They are those of the
first 12 points and stay so, however many follow: limits that moved with every month would swallow the change that they are to
show. Before there are 12 points they are provisional, and of all there are. Where people changed how the work is done they may
begin anew from a point on, which is a decision of theirs and stands in the chart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

FACTOR = Fraction(266, 100)
LOCKED_FROM = 12  # points
RUN = 7  # points on one side of the mean, or rising, or falling
NEAR = Fraction(2, 3)  # of the way from the mean to a limit


class Signal(StrEnum):
    """What chance alone makes seldom."""

    OUTSIDE = "outside"  # beyond a limit
    ONE_SIDE = "one-side"  # 7 on one side of the mean
    RISING = "rising"  # 7 points, each above the one before
    FALLING = "falling"
    NEAR_A_LIMIT = "near-a-limit"  # 2 of 3 in the outer third between the mean and the same limit


@dataclass(frozen=True, slots=True)
class Limits:
    """The mean and the limits around it; `provisional` while they are made of fewer than 12 points."""

    mean: float
    low: float
    high: float
    provisional: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A point as it was measured, None where nothing was; with the limits that hold for it and what it signals."""

    value: float | None
    limits: Limits | None
    signals: frozenset[Signal]


def chart(
    values: Sequence[float | None], *, anew: Iterable[int] = (), lowest: float | None = None, highest: float | None = None
) -> tuple[Point, ...]:
    """Points in the order of time with their limits and signals; as many as there are values.

    A value that is missing is no point: runs go on behind it, and no moving range spans it, since nobody knows what was there.
    `anew` are the places (from 0) at which limits begin anew. `lowest` and `highest` are what a value cannot pass, for instance
    0 and 100 of a percentage: limits are cut there. Raises ValueError for a place that is none.
    """
    starts = sorted({0, *anew})
    if starts[0] < 0 or (starts[-1] >= len(values) and values):
        raise ValueError("limits begin anew at one of the points")
    found: list[Point] = []
    for start, end in zip(starts, [*starts[1:], len(values)], strict=True):
        found.extend(_phase(values[start:end], lowest, highest))
    return tuple(found)


def limits(values: Sequence[float | None], *, lowest: float | None = None, highest: float | None = None) -> Limits | None:
    """The limits of points in the order of time; None where no two of them stand beside each other."""
    found = _base(values)
    if found is None:
        return None
    low, high = float(found.mean - found.reach), float(found.mean + found.reach)
    return Limits(
        float(found.mean),
        low if lowest is None else max(lowest, low),
        high if highest is None else min(highest, high),
        found.provisional,
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """Exact, so that no point is above the mean of its likes because of a rounding."""

    mean: Fraction
    reach: Fraction
    provisional: bool


def _base(values: Sequence[float | None]) -> _Base | None:
    first: list[Fraction | None] = []
    measured = 0
    for each in values:
        first.append(None if each is None else Fraction(each))
        measured += each is not None
        if measured == LOCKED_FROM:
            break
    known = [each for each in first if each is not None]
    ranges = [abs(b - a) for a, b in pairwise(first) if a is not None and b is not None]
    if not ranges:
        return None
    return _Base(sum(known) / Fraction(len(known)), FACTOR * sum(ranges) / len(ranges), measured < LOCKED_FROM)


def _phase(values: Sequence[float | None], lowest: float | None, highest: float | None) -> list[Point]:
    base = _base(values)
    places = [place for place, each in enumerate(values) if each is not None]
    signals: dict[int, set[Signal]] = {place: set() for place in places}
    if base is not None:
        for signal, members in _signals([Fraction(each) for each in values if each is not None], base):
            for member in members:
                signals[places[member]].add(signal)
    drawn = limits(values, lowest=lowest, highest=highest)
    return [Point(each, drawn, frozenset(signals.get(place, ()))) for place, each in enumerate(values)]


def _signals(known: Sequence[Fraction], base: _Base) -> Iterable[tuple[Signal, list[int]]]:
    """Each signal with all the points that make it. Where a limit is cut, the uncut one decides what is near it."""
    away = [each - base.mean for each in known]
    yield Signal.OUTSIDE, [at for at, each in enumerate(away) if abs(each) > base.reach]
    sides = [(each > 0) - (each < 0) for each in away]
    yield from ((Signal.ONE_SIDE, run) for run in _runs(sides, RUN))
    steps = [(b > a) - (b < a) for a, b in pairwise(known)]
    for run in _runs(steps, RUN - 1):
        yield (Signal.RISING if steps[run[0]] > 0 else Signal.FALLING), [*run, run[-1] + 1]
    for side in (1, -1):
        outer = [side * each > NEAR * base.reach for each in away]
        for start in range(len(known) - 2):
            near = [at for at in range(start, start + 3) if outer[at]]
            if len(near) > 1:
                yield Signal.NEAR_A_LIMIT, near


def _runs(signs: Sequence[int], least: int) -> Iterable[list[int]]:
    """Stretches of one and the same sign that are long enough; a nought belongs to none and ends one."""
    run: list[int] = []
    for at, sign in enumerate([*signs, 0]):
        if run and sign != signs[run[0]]:
            if len(run) >= least:
                yield run
            run = []
        if sign:
            run.append(at)
