"""Counts by theme: what there is of each, and from how many surveys, audits or complaints it came.

A fact may tell of several themes, and a survey of the same theme by several answers, so neither count is the sum of others. The
themes of a fact are bits of one number: facts are grouped by them, and each source by what its facts have together, in one
pass over all spans of days. Joined to its themes as text, a million answers took five times as long.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from reporting.adapters import meanings as meant
from reporting.adapters.sources import SOURCES
from reporting.adapters.tally_sql import Parameters, UnknownDimensionError, cut_by, narrowed, with_shared
from reporting.domain.meanings import Meanings
from reporting.domain.tallies import Count, Key, Tally

Days = tuple[date, date]
MOST = 62  # themes at once: bits of a bigint


@dataclass(frozen=True)
class Themed:
    """How the facts of a measure are counted by theme: by which day, and where the bits of its themes stand."""

    day: str
    table: str
    bits: str = "m.bits"
    join: str = ""


_NATURE = Themed("f.received_on", "natures", join="join natures m on m.category = f.category")
THEMED = {
    "answers_favourable": Themed("f.about_on", "favourable", "v.bits"),  # what is favourable is of the same table
    "sections_good_or_better": Themed(
        "f.completed_on", "sections", join="join sections m on m.tool = f.tool and m.section = f.section"
    ),
    "complaint_points": _NATURE,
    "points_upheld": _NATURE,
}


@dataclass(frozen=True)
class Question:
    """Tallies that one statement answers: they differ in their days, of which no two have any in common, and in being cut."""

    days: tuple[Days, ...]
    tallies: Mapping[tuple[Days, bool], Tally]  # by whether it is cut by a second dimension
    themes: tuple[str, ...]

    @property
    def one(self) -> Tally:
        """A tally that has what all have: the most cut of them."""
        return max(self.tallies.values(), key=lambda tally: tally.across is not None)

    @property
    def both(self) -> bool:
        """Whether some are cut by a second dimension and others are not."""
        return len({cut for _, cut in self.tallies}) > 1


def questions(tallies: list[Tally]) -> Iterator[Question]:
    """The statements that answer tallies by theme. Raises UnknownDimensionError for what cannot be counted so."""
    alike: dict[Any, dict[tuple[Days, bool], Tally]] = defaultdict(dict)
    for tally in tallies:
        if tally.measure not in THEMED or tally.by != "theme" or not tally.listed_only or tally.became:
            raise UnknownDimensionError(f"{tally.measure} is not counted with its sources by {tally.by}")
        key = (tally.measure, tally.filters, tally.members)
        alike[key][(tally.first, tally.last), tally.across is not None] = tally
    for (_, _, members), asked in alike.items():
        for days in _apart(sorted({days for days, _ in asked})):
            held = {key: tally for key, tally in asked.items() if key[0] in days}
            rest = iter(members)
            while themes := tuple(islice(rest, MOST)):
                yield Question(tuple(days), held, themes)


def _apart(days: list[Days]) -> Iterator[list[Days]]:
    """Spans in groups of which no two have a day in common."""
    groups: list[list[Days]] = []
    for span in days:
        free = next((group for group in groups if group[-1][1] < span[0]), None)
        if free is None:
            groups.append([span])
        else:
            free.append(span)
    yield from groups


def compose(question: Question, meanings: Meanings) -> tuple[str, dict[str, Any]]:
    """The statement of a question and its parameters."""
    parameters = Parameters()
    tally, themed = question.one, THEMED[question.one.measure]
    source = SOURCES[tally.measure]
    first, last = question.days[0][0], max(until for _, until in question.days)
    days = {"first": parameters.bind("date", first), "last": parameters.bind("date", last)}
    across, beside = cut_by(tally, tally.across, tally.across_members, days["last"], parameters)
    if beside:
        raise UnknownDimensionError(f"{tally.measure} cannot be cut by {tally.across} and by theme")
    span = _span(question, themed.day, parameters)
    where = " and ".join([source.where.format(**days), f"{span} is not null", *narrowed(tally, parameters)])
    # What is counted of each set of themes; each source with all that it tells of; and that without the second cut, since a
    # complaint may have points in several areas.
    sets = "(1, 2, 3), (1, 2, 4), (1, 4)" if question.both else "(1, 2, 3), (1, 2, 4)"
    facts = (
        f"select {span} as span, {across} as across, {themed.bits} as bits, {source.sources} as source, "  # noqa: S608 - constants
        f"grouping({across}) as whole, bit_or({themed.bits}) as told, {source.n} as n, {source.of} as of "
        f"from {source.tables.format(**days)} {themed.join} where {where} group by grouping sets ({sets})"
    )
    statement = (
        "select span, across, whole, case when source is null then bits else told end as bits, "  # noqa: S608 - constants
        "coalesce(sum(n) filter (where source is null), 0) as n, coalesce(sum(of) filter (where source is null), 0) as of, "
        f"count(source) as sources from ({facts}) as one group by 1, 2, 3, 4"
    )
    statement = with_shared(statement, list(question.tallies.values()), meanings, parameters, {themed.table})
    parameters.values[themed.table] = meant.of_themes(themed.table, meanings, question.themes)
    return statement, parameters.values


def _span(question: Question, day: str, parameters: Parameters) -> str:
    """Which of the spans a day lies in."""
    whens = (
        f"when {day} between {parameters.bind('date', first)} and {parameters.bind('date', last)} then {index}"
        for index, (first, last) in enumerate(question.days)
    )
    return f"case {' '.join(whens)} end"


def answers(question: Question, rows: Iterable[Any]) -> Iterator[tuple[Tally, Key, Count]]:
    """The counts of each tally by theme, out of the rows of its statement."""
    found: dict[tuple[Tally, Key], Count] = defaultdict(Count)
    for row in rows:
        days = question.days[row.span]
        crossed, plain = question.tallies.get((days, True)), question.tallies.get((days, False))
        counted = Count(int(row.n), int(row.of), int(row.sources))
        # Things have one area each and add up; sources may have several.
        of_all = replace(counted, sources=0) if question.both and not row.whole else counted
        for place, theme in enumerate(question.themes):
            if not row.bits >> place & 1:
                continue
            if crossed is not None and not row.whole:
                _add(found, (crossed, crossed.key(theme, row.across)), counted)
            if plain is not None:
                _add(found, (plain, theme), of_all)
    for (tally, key), count in found.items():
        yield tally, key, count


def _add(found: dict[tuple[Tally, Key], Count], key: tuple[Tally, Key], more: Count) -> None:
    held = found[key]
    found[key] = Count(held.n + more.n, held.of + more.of, held.sources + more.sources)
