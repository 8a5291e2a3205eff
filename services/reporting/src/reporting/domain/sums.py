"""What sums tell of the counts in them: one sum after the other, and by elimination. Counts are at least nought."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

Row = tuple[Mapping[Any, int], int]
"""What is unknown in a sum, with its sign, and what that adds up to."""

_PRIME = (1 << 61) - 1  # elimination is done modulo a prime: fractions would grow without end
_ROUNDS = 50


def bounds_in_turn(rows: Sequence[Row]) -> Mapping[Hashable, tuple[int, int | None]]:
    """The least and the greatest that each can be, as far as one sum after the other tells."""
    low: dict[Hashable, int] = {}
    high: dict[Hashable, int] = {}
    for _ in range(_ROUNDS):
        changed = False
        for unknown, rest in rows:
            for each, sign in unknown.items():
                least, most = _left_over(unknown, rest, each, low, high)
                ends = (least, most) if sign > 0 else (None if most is None else -most, None if least is None else -least)
                if ends[0] is not None and ends[0] > low.get(each, 0):
                    low[each], changed = ends[0], True
                if ends[1] is not None and ends[1] < high.get(each, ends[1] + 1):
                    high[each], changed = ends[1], True
        if not changed:
            break
    return {each: (low.get(each, 0), high.get(each)) for unknown, _ in rows for each in unknown}


def _left_over(
    unknown: Mapping[Hashable, int], rest: int, but: Hashable, low: Mapping[Hashable, int], high: Mapping[Hashable, int]
) -> tuple[int | None, int | None]:
    """Between what `sign * but` lies, from what the others of its sum can be."""
    least: int | None = rest
    most: int | None = rest
    for each, sign in unknown.items():
        if each is but:
            continue
        down, up = (low.get(each, 0), high.get(each)) if sign > 0 else (high.get(each), low.get(each, 0))
        most = None if most is None or down is None else most - sign * down
        least = None if least is None or up is None else least - sign * up
    return least, most


def determined(rows: Sequence[Row]) -> set[Hashable]:
    """Those that the sums together leave one value for: alone in a row of the reduced echelon form."""
    reduced: dict[Hashable, dict[Hashable, int]] = {}  # by the unknown that leads it
    for unknown, _ in rows:
        row = dict(unknown)
        for lead in [each for each in row if each in reduced]:
            _less(row, reduced[lead], row.get(lead, 0))
        if not row:
            continue
        lead = next(iter(row))
        inverse = pow(row[lead], -1, _PRIME)
        row = {each: value * inverse % _PRIME for each, value in row.items()}
        for other in reduced.values():
            if factor := other.get(lead):
                _less(other, row, factor)
        reduced[lead] = row
    return {lead for lead, row in reduced.items() if len(row) == 1}


def _less(row: dict[Hashable, int], other: Mapping[Hashable, int], factor: int) -> None:
    """Take a multiple of another row away from this one."""
    for each, value in other.items():
        left = (row.get(each, 0) - factor * value) % _PRIME
        if left:
            row[each] = left
        else:
            row.pop(each, None)
