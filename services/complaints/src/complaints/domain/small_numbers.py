"""Counts that would say something of a single family are not said, nor anything that they could be worked out from."""

from collections.abc import Mapping


def hidden(counts: Mapping[str, int], threshold: int) -> frozenset[str]:
    """The members of a table that are not said, where their total is.

    Those from 1 to below the threshold; and where what is hidden could be worked out from the total, because it is one member
    or because its sum is small, the next larger ones too.
    """
    chosen = {code for code, count in counts.items() if 0 < count < threshold}
    others = sorted((count, code) for code, count in counts.items() if count >= max(threshold, 1))
    while chosen and others and (len(chosen) == 1 or sum(counts[code] for code in chosen) < threshold):
        chosen.add(others.pop(0)[1])
    return frozenset(chosen)


def said(count: int, threshold: int) -> str:
    """A count by itself, in words where it is small."""
    return few(threshold) if 0 < count < threshold else f"{count:,}"


def few(threshold: int) -> str:
    """What stands for a small count."""
    return f"fewer than {threshold}"


def rows(counts: Mapping[str, int], threshold: int) -> list[tuple[str, str]]:
    """Each member with its count as it is said; what is hidden beyond the small ones is said to be left out."""
    left_out = hidden(counts, threshold)
    # Not "fewer than": of a count that is hidden with small ones that would be untrue.
    return [(code, "not shown" if code in left_out else f"{count:,}") for code, count in counts.items()]
