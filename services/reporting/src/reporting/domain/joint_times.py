"""Figures that are alike but for their time: what a time tells of the shorter ones in it.

All times of such figures cut out the shortest stretches between them, and each time is the sum of its stretches, whether or not
a table has those. So a quarter in the middle of a year to date bounds what is left on both sides of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from reporting.domain.measure import Until
from reporting.domain.measures import MEASURES
from reporting.domain.populations import Population, Sum

Time = tuple[date, date]
"""The first and the last day."""
Alike = Mapping[Population, Mapping[Time, int]]
"""Figures by their times, under what they are without one."""

_DAY = timedelta(days=1)


def adds_up(figure: Population) -> bool:
    """Whether a figure of a time is the sum of those of its parts: how things stood on a day is not."""
    measure = MEASURES.get(figure.measure)
    return measure is None or measure.until is Until.PERIOD


def untimed(figure: Population) -> Population:
    """The same of no time in particular, as that of figures that are alike."""
    return replace(figure, first=date.min, last=date.min, tally=None, keys=())


def timed(figure: Population, time: Time) -> Population:
    """The same of a time."""
    return replace(figure, first=time[0], last=time[1])


def by_times(figures: Mapping[Population, int]) -> dict[Population, dict[Time, int]]:
    """Figures that add up over time, by it."""
    found: dict[Population, dict[Time, int]] = {}
    for each, value in figures.items():
        if adds_up(each):
            found.setdefault(untimed(each), {})[each.first, each.last] = value
    return found


def proves(known: Mapping[Time, int], time: Time, value: int) -> bool:
    """Whether figures of other times leave this value for one: it is paved by them, or the rest of a longer one is."""
    first, last = time
    others = {each: other for each, other in known.items() if each != time}
    if paving(others, first, last) == value:
        return True
    for (begin, end), whole in others.items():
        if begin <= first and last <= end:
            before, after = paving(others, begin, first - _DAY), paving(others, last + _DAY, end)
            if before is not None and after is not None and whole - before - after == value:
                return True
    return False


def elsewhere(sums: Iterable[Sum], known: Alike) -> Iterator[Sum]:
    """The same sums in other times, where their numbers are right too."""
    for whole, *parts in dict.fromkeys(tuple(untimed(one) for one, _ in each) for each in sums):
        for time, value in known.get(whole, {}).items():
            found = [known.get(part, {}).get(time) for part in parts]
            if None not in found and sum(each or 0 for each in found) == value:
                yield Sum(timed(whole, time), tuple(timed(part, time) for part in parts))


def paving(known: Mapping[Time, int], first: date, last: date) -> int | None:
    """What times one after the other come to, from the first day to the last; None where they leave gaps."""
    if first > last:
        return 0
    for (begin, end), value in known.items():
        if begin == first and end <= last and (rest := paving(known, end + _DAY, last)) is not None:
            return value + rest
    return None


def stretches(known: Alike, shares: Iterable[tuple[Population, Population, Population]]) -> Iterator[Sum]:
    """The sums of times over their shortest stretches; in each, what is above the line of a share, and below it.

    `shares` are what is below a line, what is above it and the others, without their times.
    """
    related = [each for each in shares if all(one in known for one in each)]
    cut: dict[Population, set[Time]] = {}
    for group in _together(known, related):
        days = sorted({day for each in group for first, last in known[each] for day in (first, last + _DAY)})
        for each in group:
            for time in known[each]:
                parts = _parts(time, days)
                cut.setdefault(each, set()).update(parts)
                if len(parts) > 1:
                    yield Sum(timed(each, time), tuple(timed(each, part) for part in parts))
    for whole, above, others in related:
        for time in sorted(cut[whole] & cut[above] & cut[others]):
            yield Sum(timed(whole, time), (timed(above, time), timed(others, time)))


def _together(known: Alike, related: Sequence[tuple[Population, ...]]) -> list[list[Population]]:
    """Figures that are cut alike, since they stand below and above one line."""
    groups: dict[Population, list[Population]] = {each: [each] for each in known}
    for one, *others in related:
        for other in others:
            if groups[one] is not groups[other]:
                groups[one] += groups[other]
                for each in groups[other]:
                    groups[each] = groups[one]
    return list({id(each): each for each in groups.values()}.values())


def _parts(time: Time, days: Sequence[date]) -> list[Time]:
    first, last = time
    starts = [day for day in days if first <= day <= last]
    return list(zip(starts, [day - _DAY for day in starts[1:]] + [last], strict=True))


def left_over(sums: Iterable[Sum], values: Mapping[Population, int]) -> dict[Population, int]:
    """The value of each stretch that is the only one of a sum without one; less than nought where numbers contradict."""
    found = dict(values)
    waiting = list(sums)
    while waiting:
        still = []
        for each in waiting:
            missing = [part for part in each.parts if part not in found]
            if len(missing) == 1 and each.whole in found:
                found[missing[0]] = found[each.whole] - sum(found[part] for part in each.parts if part in found)
            elif missing:
                still.append(each)
        if len(still) == len(waiting):
            break
        waiting = still
    return {each: value for each, value in found.items() if each not in values}


def holds(sum_: Sum, values: Mapping[Population, int]) -> bool:
    """Whether the numbers of a sum are right, as far as there are any."""
    found = [values.get(each) for each in (sum_.whole, *sum_.parts)]
    if any(each is not None and each < 0 for each in found):
        return False
    return None in found or found[0] == sum(each or 0 for each in found[1:])
