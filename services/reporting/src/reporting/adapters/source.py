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
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """The facts of a measure: `n` counts them, `of` counts what a ratio is of. `tables` too may name {first} and {last}.

    `sources` counts what the things come several from, where they do. `shared` names what is put together once a statement:
    of the facts (`complaint_sources.SHARED`), or of what the profile says that codes mean (`meanings.MEANINGS`).
    """

    tables: str
    where: str
    dimensions: Mapping[str, Dimension]
    n: str = "count(*)"
    of: str = "0"
    answered: str = ""  # for bands: the day of the answer
    days: str = ""  # for bands: working days to it
    sources: str = "0"
    shared: tuple[str, ...] = ()


def columns(*names: str) -> dict[str, Dimension]:
    """Dimensions that are called there what they are called here."""
    return {name: Dimension(f"f.{name}") for name in names}


COMPLAINT = columns("procedure", "service_area", "team", "need", "route", "raised_by")


def themes(column: str, *, via: str = "", shared: tuple[str, ...] = ()) -> Dimension:
    """Themes of a fact that may have several: in its own column, or in one of a table of meanings, joined `via` a condition."""
    listed = "(select distinct case when x.theme = any({listed}) then x.theme end as member"
    member = f"left join lateral {listed} from unnest({column}) as x (theme)) m on true"
    if not via:
        return Dimension("m.member", join=member, exists=f"{column} && {{codes}}", shared=shared)
    table, on = via.split(" on ")
    exists = f"exists (select from {table} where {on} and {column} && {{codes}})"
    return Dimension("m.member", join=f"left join {via} {member}", exists=exists, shared=shared)


THEME_OF_NATURE = themes("v.themes", via="natures v on v.category = f.category", shared=("natures",))
THEME_OF_SECTION = themes("v.themes", via="sections v on v.tool = f.tool and v.section = f.section", shared=("sections",))
