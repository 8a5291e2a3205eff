"""Suppression of KPIs for the public: what a small number could be read off is withheld, with everything that contains it.

Numerator and rest add up to the denominator, and a judgement bounds a share; so of a figure they go together. A figure of more
months, or of more places, than a withheld one goes too, since the one less what is shown of it would be the other.
"""

from collections.abc import Collection, Hashable

from reporting.domain.kpi_figures import Within
from reporting.domain.kpi_tables import Part
from reporting.domain.statistics import REPORT_FROM
from reporting.domain.tables import FIGURES, Place, TableView

_TOGETHER = frozenset({"numerator", "rest", "value", "rag"})


def is_of_kpis(table: TableView) -> bool:
    """Whether a table shows parts of KPIs."""
    return any(isinstance(each, Part) for row in table.rows for each in row.figures)


def hidden(table: TableView, limit: int, given: set[Place]) -> set[Place]:
    """What has to be withheld of a table of KPIs, when `given` is withheld already."""
    found = set(given)
    parts = {(r, c): each for r, row in enumerate(table.rows) for c, each in enumerate(row.figures) if isinstance(each, Part)}
    # Whatever took one of them away, the others would say it, and a judgement bounds it.
    gone = {_figure(parts[at]) for at in given if at in parts and parts[at].part in _TOGETHER}
    found |= {at for at, part in parts.items() if part.part in _TOGETHER and _figure(part) in gone and _shows(table, at)}
    for (r, c), part in parts.items():
        if table.rows[r].cells[c].state not in FIGURES:
            continue
        if part.part in _TOGETHER and (_small(part, limit) or _few(part)):
            found.add((r, c))
        if part.part == "denominator" and _is_small(part.of, limit):
            found.add((r, c))
    return found


def _figure(part: Part) -> Hashable:
    return part.kpi, part.within, part.first, part.last


def _shows(table: TableView, at: Place) -> bool:
    return table.rows[at[0]].cells[at[1]].state in FIGURES


def contains_one_of(figure: Hashable, gone: Collection[Hashable], limit: int) -> bool:
    """Whether a figure is of the months and places of one that is withheld because it is small, or of more."""
    if not isinstance(figure, Part):
        return False
    return any(isinstance(each, Part) and _small(each, limit) and _contains(figure, each) for each in gone)


def is_within_what_is_known(figure: Hashable, gone: Collection[Hashable], known: Collection[Hashable], limit: int) -> bool:
    """Whether a figure is a part of a published one that a withheld small one is a part of: the rest could be worked out."""
    if not isinstance(figure, Part) or figure in known:
        return False
    wholes = [each for each in known if isinstance(each, Part) and _contains(each, figure)]
    return any(contains_one_of(each, gone, limit) for each in wholes)


def _contains(more: Part, less: Part) -> bool:
    return (
        more.kpi == less.kpi
        and (more.part in _TOGETHER) == (less.part in _TOGETHER)
        and "target" not in {more.part, less.part}
        and more.first <= less.first
        and less.last <= more.last
        and _includes(more.within, less.within)
    )


def _includes(more: Within, less: Within) -> bool:
    areas = more.areas is None or (less.areas is not None and less.areas <= more.areas)
    return areas and (more.teams is None or (less.teams is not None and less.teams <= more.teams))


def _few(part: Part) -> bool:
    """A percentage of fewer than 10, and what is judged by one."""
    return part.part in {"value", "rag"} and part.of is not None and part.of < REPORT_FROM


def _small(part: Part, limit: int) -> bool:
    if part.n is None:
        return False
    rest = None if part.of is None else part.of - part.n
    return any(_is_small(each, limit) for each in (part.n, rest, part.of))


def _is_small(number: int | None, limit: int) -> bool:
    return number is not None and 0 < number <= limit
