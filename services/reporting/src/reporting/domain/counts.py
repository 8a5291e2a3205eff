"""The counts that a cell shows, whatever kind of figure it is: a count, a share, or a part of a KPI.

A KPI is posted as what is above and below a line, and both are sums over months and service areas. So its parts are populations
like others, and what tables and versions tell together of them is found in the same way.
"""

from collections.abc import Hashable
from dataclasses import replace

from reporting.domain.kpi_tables import Part
from reporting.domain.populations import Population, ShareOf
from reporting.domain.tables import Cell

OTHERS, KPI = "others", "kpi:"

Counts = list[tuple[Population, int]]


def counts(figure: Hashable, cell: Cell) -> Counts:
    """Each count that a cell shows."""
    if isinstance(figure, Population):
        return [(figure, cell.value or 0)]
    if isinstance(figure, Part) and (share := share_of(figure)) is not None:
        shown = {"numerator": share.n, "rest": others_of(share), "denominator": share.of}.get(figure.part)
        if shown is not None:
            return [(shown, cell.value or 0)]
        figure = share
        if cell.n is None or cell.of is None:
            return []  # a judgement bounds a share, and says no number
    if isinstance(figure, Part):
        return [(_population(figure, "n"), cell.value or 0)] if figure.part == "value" and figure.n is not None else []
    if isinstance(figure, ShareOf) and cell.n is not None and cell.of is not None:
        return [(figure.n, cell.n), (figure.of, cell.of)]
    return []


def made_of(figure: Hashable) -> Counts:
    """What a part of a KPI is made of: what is above the line, the others, and below."""
    if not isinstance(figure, Part) or figure.n is None or (share := share_of(figure)) is None:
        return []
    return [(share.n, figure.n), (others_of(share), (figure.of or 0) - figure.n), (share.of, figure.of or 0)]


def kept_back(figure: Hashable) -> Counts:
    """What a part of a KPI that is withheld keeps back: what is below the line only where that is withheld itself."""
    found = made_of(figure)
    return found[2:] if isinstance(figure, Part) and figure.part == "denominator" else found[:2]


def share_of(figure: Hashable) -> ShareOf | None:
    """The share that a cell is one, or a part of."""
    if isinstance(figure, ShareOf):
        return figure
    if isinstance(figure, Part) and figure.n is not None and figure.of is not None:
        return ShareOf(_population(figure, "n"), _population(figure, "of"), "share")
    return None


def others_of(share: ShareOf) -> Population:
    """What is below the line of a share and not above it."""
    return replace(share.n, part=OTHERS, besides=share.of.holds, tally=None, keys=())


def _population(part: Part, which: str) -> Population:
    """What a KPI counts; one that is not added up over months is of its own time alone."""
    # Where it is posted by team, an area is all of its teams: so what is left of it without some of them is found.
    holds = ("team", part.teams) if part.teams else ("service_area", part.within.areas or part.areas)
    of_its_time = () if part.adds else (part.first, part.last)
    return Population(f"{KPI}{part.kpi}", which, part.first, part.last, frozenset({holds}), bands=of_its_time)
