"""What the facts of a measure are, in constant SQL; see `reporting.adapters.sources`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Dimension:
    """A column of the facts.

    Where a fact has several members, `join` adds a row for each that is {listed} and one for all others together (so that no
    fact is counted twice under a member), and `exists` filters by {codes}.
    """

    column: str
    join: str = ""
    exists: str = ""


@dataclass(frozen=True)
class Source:
    """The facts of a measure: `n` counts them, `of` counts what a ratio is of. `tables` too may name {first} and {last}."""

    tables: str
    where: str
    dimensions: Mapping[str, Dimension]
    n: str = "count(*)"
    of: str = "0"
    answered: str = ""  # for bands: the day of the answer
    days: str = ""  # for bands: working days to it
    needs_favourable: bool = False
    shared: tuple[str, ...] = ()  # of what is put together once a statement; see `complaint_sources.SHARED`


def columns(*names: str) -> dict[str, Dimension]:
    """Dimensions that are called there what they are called here."""
    return {name: Dimension(f"f.{name}") for name in names}


COMPLAINT = columns("procedure", "service_area", "team", "need", "route", "raised_by")


def themes(column: str) -> Dimension:
    """Themes of a fact that may have several."""
    listed = "(select distinct case when x.theme = any({listed}) then x.theme end as member"
    return Dimension(
        "m.member",
        join=f"left join lateral {listed} from unnest({column}) as x (theme)) m on true",
        exists=f"{column} && {{codes}}",
    )
