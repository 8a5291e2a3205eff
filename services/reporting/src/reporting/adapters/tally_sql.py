"""From tallies to SQL: one statement for many of them, out of constant pieces and bound parameters."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reporting.adapters import complaint_sources, product_sources
from reporting.adapters import meanings as meant
from reporting.adapters.source import Dimension, Source
from reporting.adapters.sources import SOURCES
from reporting.domain.meanings import Meanings
from reporting.domain.tallies import Tally

SHARED = complaint_sources.SHARED | product_sources.SHARED


class UnknownDimensionError(LookupError):
    """A tally names a dimension that its measure does not have: the recipe was not checked."""


class Parameters:
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


def compose(tallies: list[Tally], meanings: Meanings) -> tuple[str, dict[str, Any]]:
    """One statement for all tallies, each under its index, and its parameters. Raises UnknownDimensionError."""
    parameters = Parameters()
    parts = [_select(index, tally, parameters) for index, tally in enumerate(tallies)]
    statement = "\nunion all\n".join(parts)
    return with_shared(statement, tallies, meanings, parameters), parameters.values


def with_shared(
    statement: str, tallies: list[Tally], meanings: Meanings, parameters: Parameters, more: Iterable[str] = ()
) -> str:
    """The statement behind what its tallies are counted from that is put together once, and `more` of what codes mean."""
    shared = {}
    for name in sorted({name for tally in tallies for name in _needs(tally)}.union(more)):
        if name in SHARED:
            shared[name] = _shared(name, tallies, parameters)
        else:
            shared[name] = meant.query(name)
            parameters.values[name] = meant.parameter(name, meanings)
    queries = ", ".join(f"{name} as materialized ({query})" for name, query in shared.items())
    return f"with {queries}\n{statement}" if shared else statement


def _needs(tally: Tally) -> set[str]:
    """What a tally is counted from that is put together once a statement."""
    source = SOURCES[tally.measure]
    cut = {tally.by, tally.across, *(name for name, _ in tally.filters)}
    return set(source.shared).union(*(each.shared for name, each in source.dimensions.items() if name in cut))


def _shared(name: str, tallies: list[Tally], parameters: Parameters) -> str:
    """What several tallies are counted from, for the days that all of them ask for."""
    asking = [tally for tally in tallies if name in _needs(tally)]
    first, last = min(tally.first for tally in asking), max(tally.last for tally in asking)
    return SHARED[name].format(first=parameters.bind("date", first), last=parameters.bind("date", last))


@dataclass(frozen=True)
class Pieces:
    """What a tally's statement is put together of: `facts` is all behind `from`; member and across are expressions."""

    member: str
    across: str
    facts: str


def pieces(tally: Tally, parameters: Parameters) -> Pieces:
    """The pieces of a tally's statement. Raises UnknownDimensionError."""
    source = SOURCES[tally.measure]
    period = {"first": parameters.bind("date", tally.first), "last": parameters.bind("date", tally.last)}
    conditions = [source.where.format(**period), *narrowed(tally, parameters)]
    member, join = cut_by(tally, tally.by, tally.members, period["last"], parameters)
    across, beside = cut_by(tally, tally.across, tally.across_members, period["last"], parameters)
    if join and beside:
        raise UnknownDimensionError(f"{tally.measure} cannot be cut by two dimensions that both have several members")
    if tally.listed_only:
        conditions.append(f"{member} is not null")
    return Pieces(member, across, f"{source.tables.format(**period)} {join}{beside} where {' and '.join(conditions)}")


def narrowed(tally: Tally, parameters: Parameters) -> list[str]:
    """The conditions that the filters of a tally are. Raises UnknownDimensionError."""
    conditions = []
    for name, codes in tally.filters:
        if name == "band":
            raise UnknownDimensionError("records are put into bands by rows only")
        dimension = _dimension(SOURCES[tally.measure], tally.measure, name)
        held = parameters.bind("text[]", codes)
        conditions.append(dimension.exists.format(codes=held) if dimension.exists else f"{dimension.column} = any({held})")
    return conditions


def _select(index: int, tally: Tally, parameters: Parameters) -> str:
    source, parts = SOURCES[tally.measure], pieces(tally, parameters)
    by = [place for place, name in (("1", tally.by), ("2", tally.across)) if name is not None]
    cut = f"{parts.member} as member, {parts.across} as across"
    group = f" group by {', '.join(by)}" if by else ""
    counts = f"{source.n} as n, {source.of} as of, 0 as sources"
    return f"select {cut}, {counts}, {index} as tally from {parts.facts}{group}"  # noqa: S608 - constants


def cut_by(tally: Tally, name: str | None, members: tuple[str, ...], last: str, parameters: Parameters) -> tuple[str, str]:
    """What a fact's member of a dimension is, and what has to be joined for it."""
    source = SOURCES[tally.measure]
    if name is None:
        return "cast(null as text)", ""
    dimension = _dimension(source, tally.measure, name)
    if name == "band":
        return _band(source, tally, members, last, parameters), ""
    listed = parameters.bind("text[]", members)
    if dimension.join:
        return dimension.column, dimension.join.format(listed=listed)
    column = _became(tally, name, dimension.column, parameters)
    return f"case when {column} = any({listed}) then {column} end", ""


def _became(tally: Tally, name: str, column: str, parameters: Parameters) -> str:
    """A column's code, or of a member that is counted under another the code of that."""
    pairs = [(was, now) for dimension, was, now in tally.became if dimension == name]
    whens = " ".join(f"when {parameters.bind('text', was)} then {parameters.bind('text', now)}" for was, now in pairs)
    return f"(case {column} {whens} else {column} end)" if pairs else column


def _dimension(source: Source, measure: str, name: str) -> Dimension:
    found = source.dimensions.get(name)
    if found is None:
        raise UnknownDimensionError(f"{measure} has no dimension {name}")
    return found


def _band(source: Source, tally: Tally, members: tuple[str, ...], last: str, parameters: Parameters) -> str:
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
