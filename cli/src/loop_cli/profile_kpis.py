"""kpis.yaml as models, and whether it fits together. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from loop_cli.profile_format import Code, Label, Named, Organisation, Part, Text, Validity

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

Level = Annotated[StrictInt | StrictFloat, Field(ge=0, le=1_000_000_000)]


class Target(Validity):
    """What was aimed for."""

    value: Level
    restated: Text | None = None


class Rag(Validity):
    """From where on a figure is green, and amber."""

    green: Level
    amber: Level
    restated: Text | None = None


class Anew(Part):
    """A month from which the limits of the chart begin anew."""

    from_: date = Field(alias="from")
    why: Text


class Kpi(Named):
    """A key performance indicator."""

    definition: Text
    kind: Literal["share", "number"]
    numerator: Label
    denominator: Label | None = None
    rest: Label | None = None
    unit: Annotated[str, Field(min_length=1, max_length=40)]
    better: Literal["higher", "lower", "neither"]
    every: Literal["month", "quarter"]
    together: Literal["sum", "last", "none"] = "sum"
    service_areas: Annotated[list[Code], Field(min_length=1)]
    teams: StrictBool = False
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    source: Text
    owner: Label
    caveats: list[Text] = Field(default=[])
    themes: list[Code] = Field(default=[])
    targets: list[Target] = Field(default=[])
    rag: list[Rag] = Field(default=[])
    anew: list[Anew] = Field(default=[])


class Kpis(Part):
    """kpis.yaml."""

    kpis: list[Kpi]


def check_kpis(kpis: Kpis, organisation: Organisation) -> Iterator[Wrong]:
    """Codes that stand twice or do not exist, words that do not go with the kind, validity that overlaps."""
    areas = [each.code for each in organisation.service_areas]
    themes = [each.code for each in organisation.themes]
    with_teams = {each.service_area for each in organisation.teams}
    codes = [each.code for each in kpis.kpis]
    for index, kpi in enumerate(kpis.kpis):
        at = f"/kpis/kpis/{index}"
        if kpi.code in codes[:index]:
            yield f"{at}/code", f"expected a code that no other entry has, found '{kpi.code}' again"
        if kpi.code == "upload":
            yield f"{at}/code", "expected another code: 'upload' is the address of a page"
        for place, area in enumerate(kpi.service_areas):
            if area not in areas:
                yield f"{at}/service_areas/{place}", f"expected a service area ({', '.join(areas)}), found '{area}'"
            elif kpi.teams and area not in with_teams:
                yield f"{at}/service_areas/{place}", f"expected a service area with teams, as `teams` is true, found '{area}'"
        for place, theme in enumerate(kpi.themes):
            if theme not in themes:
                yield f"{at}/themes/{place}", f"expected a theme ({', '.join(themes)}), found '{theme}'"
        yield from _kind(at, kpi)
        yield from _levels(at, kpi)
        yield from _apart(f"{at}/targets", kpi.targets)
        yield from _apart(f"{at}/rag", kpi.rag)


def _kind(at: str, kpi: Kpi) -> Iterator[Wrong]:
    is_share = kpi.kind == "share"
    if is_share and kpi.denominator is None:
        yield at, "expected the field 'denominator': a share is a share of something"
    if not is_share and kpi.denominator is not None:
        yield f"{at}/denominator", "expected no denominator: a number is no share of anything"
    if not is_share and kpi.rest is not None:
        yield f"{at}/rest", "expected no rest: only a share leaves one"
    if is_share and kpi.together == "none":
        yield f"{at}/together", "expected sum or last: numerators and denominators can be added up"
    if kpi.from_ and kpi.until and kpi.until < kpi.from_:
        yield f"{at}/until", "expected `until` on or after `from`"


def _levels(at: str, kpi: Kpi) -> Iterator[Wrong]:
    if kpi.better == "neither" and kpi.rag:
        yield f"{at}/rag", "expected no thresholds: where neither higher nor lower is better, nothing is green or red"
    for place, rag in enumerate(kpi.rag):
        if kpi.better == "higher" and rag.amber > rag.green:
            yield f"{at}/rag/{place}/amber", f"expected {rag.green} or less, where green begins, found {rag.amber}"
        if kpi.better == "lower" and rag.amber < rag.green:
            yield f"{at}/rag/{place}/amber", f"expected {rag.green} or more, where green ends, found {rag.amber}"
    levels = [(f"{at}/targets/{place}/value", each.value) for place, each in enumerate(kpi.targets)]
    for place, each in enumerate(kpi.rag):
        levels += [(f"{at}/rag/{place}/green", each.green), (f"{at}/rag/{place}/amber", each.amber)]
    for pointer, level in levels:
        if kpi.kind == "share" and level > 100:  # noqa: PLR2004 - per cent
            yield pointer, f"expected per cent, 100 at most, found {level}"
        if round(level, 1) != level:
            yield pointer, f"expected a whole number, or one decimal, found {level}"


def _apart(at: str, held: Sequence[Target | Rag]) -> Iterator[Wrong]:
    """Validity that ends before it begins, or that two entries have."""
    for place, each in enumerate(held):
        first, last = each.from_ or date.min, each.until or date.max
        if last < first:
            yield f"{at}/{place}/until", "expected `until` on or after `from`"
        elif any(first <= (other.until or date.max) and (other.from_ or date.min) <= last for other in held[:place]):
            yield f"{at}/{place}/from", "expected days that no earlier entry holds for: end that one with `until`"
