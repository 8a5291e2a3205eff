"""What is asked of the facts: one tally is one grouped count, and many cells are read off it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from reporting.domain.recipes import Band


@dataclass(frozen=True)
class Count:
    """`n` counted; for a ratio `of` how many could have been; where asked for, from how many `sources` they came."""

    n: int = 0
    of: int = 0
    sources: int = 0


NOTHING = Count()


@dataclass(frozen=True)
class Tally:
    """A measure counted from `first` to `last` under filters; by the members of a dimension, or as one number.

    The answer maps each member to its count; what belongs to no member, or to none that is listed, stands under None. Counted
    `across` the members of a second dimension too, it maps each pair of members to its count. `became` has the members of a
    dimension that are counted under another: dimension, what it was, what it is. `with_sources` counts as well from how many
    surveys, audits or complaints they came, for what is
    listed by theme. `listed_only` leaves out what is in none of the members.
    """

    measure: str
    first: date
    last: date
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by: str | None = None
    members: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    across: str | None = None
    across_members: tuple[str, ...] = ()
    became: tuple[tuple[str, str, str], ...] = ()
    with_sources: bool = False
    listed_only: bool = False

    def key(self, member: str | None, across: str | None) -> "Key":
        """Under what the answer has the count of a member, and of a second one."""
        return member if self.across is None else (member, across)


Key = str | None | tuple[str | None, str | None]
Answers = Mapping[Tally, Mapping[Key, Count]]


def both(*filters: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Filters that must all hold, as one: where two name a dimension, the codes that both let through."""
    joint: dict[str, tuple[str, ...]] = {}
    for pairs in filters:
        for dimension, codes in pairs:
            held = joint.get(dimension)
            joint[dimension] = codes if held is None else tuple(code for code in held if code in codes)
    return tuple(sorted(joint.items()))
