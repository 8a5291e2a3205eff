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

    `sources` identifies what the things come several from, where they do. `shared` names what is put together once a statement:
    of the facts (`complaint_sources.SHARED`), or of what the profile says that codes mean (`meanings.MEANINGS`).
    """

    tables: str
    where: str
    dimensions: Mapping[str, Dimension]
    n: str = "count(*)"
    of: str = "0"
    answered: str = ""  # for bands: the day of the answer
    days: str = ""  # for bands: working days to it
    sources: str = ""
    shared: tuple[str, ...] = ()


def columns(*names: str) -> dict[str, Dimension]:
    """Dimensions that are called there what they are called here."""
    return {name: Dimension(f"f.{name}") for name in names}


COMPLAINT = columns("procedure", "service_area", "team", "need", "route", "raised_by")


def themes(column: str) -> Dimension:
    """Themes of a fact that may have several, in a column of its own."""
    listed = "(select distinct case when x.theme = any({listed}) then x.theme end as member"
    return Dimension(
        "m.member",
        join=f"left join lateral {listed} from unnest({column}) as x (theme)) m on true",
        exists=f"{column} && {{codes}}",
    )


def meant_themes(table: str, keys: Mapping[str, str]) -> Dimension:
    """Themes that a table of meanings gives a fact: `keys` are its columns and those of the fact that they are joined to."""
    told = ", ".join(f"t.{key}" for key in keys)
    flat = (
        f"(select distinct {told}, case when x.theme = any({{listed}}) then x.theme end as member "  # noqa: S608 - constants
        f"from {table} t cross join lateral unnest(t.themes) as x (theme)) m"
    )
    joined = " and ".join(f"m.{key} = {column}" for key, column in keys.items())
    held = " and ".join(f"t.{key} = {column}" for key, column in keys.items())
    return Dimension(
        "m.member",
        join=f"left join {flat} on {joined}",
        exists=f"exists (select from {table} t where {held} and t.themes && {{codes}})",
        shared=(table,),
    )


THEME_OF_NATURE = meant_themes("natures", {"category": "f.category"})
THEME_OF_SECTION = meant_themes("sections", {"tool": "f.tool", "section": "f.section"})
THEME_OF_QUESTION = meant_themes(
    "favourable", {"questionnaire": "f.questionnaire", "version": "f.questionnaire_version", "question": "f.question"}
)
