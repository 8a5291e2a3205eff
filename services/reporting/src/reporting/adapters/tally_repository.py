"""Answers tallies: builds one statement for many of them out of constant pieces and bound parameters."""

from collections import defaultdict
from collections.abc import Collection as Many
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from reporting.adapters import complaint_sources, product_sources
from reporting.adapters.collection_days import BEGUN, LATEST
from reporting.adapters.source import Dimension, Source
from reporting.adapters.sources import SOURCES
from reporting.domain.measures import Collection
from reporting.domain.tallies import Count, Favourable, Key, Tally

SHARED = complaint_sources.SHARED | product_sources.SHARED
AT_ONCE = 60  # tallies in a statement: planning grows with them, a round trip is saved by each

# What counts as favourable is the profile's word, so it comes as a parameter and is joined to.
_FAVOURABLE = """
    select * from jsonb_to_recordset(cast(:favourable as jsonb))
        as v (questionnaire text, version integer, question text, choices text[], score_from integer)
"""


class UnknownDimensionError(LookupError):
    """A tally names a dimension that its measure does not have: the recipe was not checked."""


class TallyRepository:
    """Counts over the facts of the organisation whose transaction it is."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    async def answer(self, tallies: Many[Tally], favourable: Many[Favourable]) -> dict[Tally, dict[Key, Count]]:
        """Every tally with its counts, by member; what is in none of the members stands under None."""
        answers: dict[Tally, dict[Key, Count]] = {tally: {} for tally in tallies}
        # Those that share something stand in one statement, as far as they fit.
        ordered = sorted(answers, key=lambda tally: (SOURCES[tally.measure].shared, repr(tally)))
        for part in _chunks(ordered):
            statement, parameters = compose(part, favourable)
            for row in await self._connection.execute(text(statement), parameters):
                tally = part[row.tally]
                answers[tally][tally.key(row.member, row.across)] = Count(int(row.n), int(row.of))
        return answers

    async def begun(self) -> dict[Collection, date]:
        """The day of the first record of each collection that has any."""
        return await self._days(BEGUN)

    async def latest(self) -> dict[Collection, date]:
        """The day of the last record of each collection that has any."""
        return await self._days(LATEST)

    async def _days(self, queries: Mapping[Collection, str]) -> dict[Collection, date]:
        columns = ", ".join(f"({query}) as {collection}" for collection, query in queries.items())
        row = (await self._connection.execute(text(f"select {columns}"))).one()
        return {Collection(name): day for name, day in row._mapping.items() if day is not None}  # noqa: SLF001 - its API


def compose(tallies: list[Tally], favourable: Many[Favourable]) -> tuple[str, dict[str, Any]]:
    """One statement for all tallies, each under its index, and its parameters. Raises UnknownDimensionError."""
    parameters = _Parameters()
    parts = [_select(index, tally, parameters) for index, tally in enumerate(tallies)]
    statement = "\nunion all\n".join(parts)
    sources = [SOURCES[tally.measure] for tally in tallies]
    shared = {name: SHARED[name] for name in sorted({name for source in sources for name in source.shared})}
    if any(source.needs_favourable for source in sources):
        shared["favourable"] = _FAVOURABLE
        parameters.values["favourable"] = orjson.dumps([_plain(each) for each in favourable]).decode()
    if shared:
        queries = ", ".join(f"{name} as materialized ({query})" for name, query in shared.items())
        statement = f"with {queries}\n{statement}"
    return statement, parameters.values


def _plain(each: Favourable) -> dict[str, Any]:
    return {
        "questionnaire": each.questionnaire,
        "version": each.version,
        "question": each.question,
        "choices": each.choices,
        "score_from": each.score_from,
    }


class _Parameters:
    """Bound parameters; equal values share a name, so that a statement over many tallies has few."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[str, dict[Any, str]] = defaultdict(dict)

    def bind(self, kind: str, value: Any) -> str:
        """The placeholder of a value, with its type."""
        names = self._names[kind]
        if value not in names:
            names[value] = f"p{len(self.values)}"
            self.values[names[value]] = list(value) if isinstance(value, tuple) else value
        return f"cast(:{names[value]} as {kind})"


def _select(index: int, tally: Tally, parameters: _Parameters) -> str:
    source = SOURCES[tally.measure]
    period = {"first": parameters.bind("date", tally.first), "last": parameters.bind("date", tally.last)}
    conditions = [source.where.format(**period)]
    for name, codes in tally.filters:
        if name == "band":
            raise UnknownDimensionError("records are put into bands by rows only")
        dimension = _dimension(source, tally.measure, name)
        held = parameters.bind("text[]", codes)
        conditions.append(dimension.exists.format(codes=held) if dimension.exists else f"{dimension.column} = any({held})")
    member, join = _by(source, tally, tally.by, tally.members, period["last"], parameters)
    across, beside = _by(source, tally, tally.across, tally.across_members, period["last"], parameters)
    if join and beside:
        raise UnknownDimensionError(f"{tally.measure} cannot be cut by two dimensions that both have several members")
    group = ", ".join(place for place, name in (("2", tally.by), ("3", tally.across)) if name is not None)
    return (
        f"select {index} as tally, {member} as member, {across} as across, {source.n} as n, {source.of} as of"  # noqa: S608 - constants
        f" from {source.tables.format(**period)} {join}{beside} where {' and '.join(conditions)}"
        f"{f' group by {group}' if group else ''}"
    )


def _by(
    source: Source, tally: Tally, name: str | None, members: tuple[str, ...], last: str, parameters: _Parameters
) -> tuple[str, str]:
    """What a fact's member of a dimension is, and what has to be joined for it."""
    if name is None:
        return "cast(null as text)", ""
    dimension = _dimension(source, tally.measure, name)
    if name == "band":
        return _band(source, tally, members, last, parameters), ""
    listed = parameters.bind("text[]", members)
    if dimension.join:
        return dimension.column, dimension.join.format(listed=listed)
    return f"case when {dimension.column} = any({listed}) then {dimension.column} end", ""


def _dimension(source: Source, measure: str, name: str) -> Dimension:
    found = source.dimensions.get(name)
    if found is None:
        raise UnknownDimensionError(f"{measure} has no dimension {name}")
    return found


def _band(source: Source, tally: Tally, members: tuple[str, ...], last: str, parameters: _Parameters) -> str:
    """The band of a record: open where it was not answered by the period's last day, else by its days."""
    cases = []
    bands = [band for band in tally.bands if band.code in members]
    unanswered = next((band for band in tally.bands if band.open), None)
    if unanswered is not None:
        code = parameters.bind("text", unanswered.code) if unanswered in bands else "cast(null as text)"
        cases.append(f"when {source.answered} is null or {source.answered} > {last} then {code}")
    for band in bands:
        if band.open:
            continue
        low = parameters.bind("integer", band.from_ or 0)
        high = f" and {source.days} <= {parameters.bind('integer', band.to)}" if band.to is not None else ""
        cases.append(f"when {source.days} >= {low}{high} then {parameters.bind('text', band.code)}")
    return f"case {' '.join(cases)} end" if cases else "cast(null as text)"


def _chunks(tallies: list[Tally]) -> Iterator[list[Tally]]:
    rest = iter(tallies)
    while part := list(islice(rest, AT_ONCE)):
        yield part
