"""Service areas and teams that became part of others: what each had become by a day, and what a table says of it.

A fact keeps the area and the team that it had on its day. So a table counts each as it was, unless its recipe rolls them up:
then what has become part of another by the last day of the report's period is counted under that, in all of its periods.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from chassis.days import day_words
from chassis.errors import FieldError
from reporting.domain.dimensions import label
from reporting.domain.profile import MergedInto, Organisation, Profile, ServiceArea, Team
from reporting.domain.recipes import Across, DimensionRows, MeasureRows, Table

MERGING = ("service_area", "team")
ROLLED_UP = "rolled-up"
Filter = Mapping[str, tuple[str, ...]]
_PLACES = {"service_area": "service_areas", "team": "teams"}


def mergers(organisation: Organisation, dimension: str) -> Mapping[str, MergedInto]:
    """What became part of what, by code."""
    return {each.code: each.merged_into for each in _members(organisation, dimension) if each.merged_into is not None}


def becomes(organisation: Organisation, dimension: str, on: date | None = None) -> dict[str, str]:
    """Of all that became part of another by a day (or ever): what it is then, through as many mergers as there were."""
    held = mergers(organisation, dimension)
    merged = {code: each.code for code, each in held.items() if on is None or each.from_ <= on}
    return {code: _end(merged, code) for code in merged}


def predecessors(became: Mapping[str, str], codes: Iterable[str]) -> tuple[str, ...]:
    """The codes with all that is counted under them."""
    wanted = tuple(codes)
    return (*wanted, *sorted(code for code, now in became.items() if now in wanted and code not in wanted))


def check(organisation: Organisation) -> Iterator[FieldError]:
    """Mergers that cannot be: into what is not there that day, or while the members are still in use."""
    for dimension, place in _PLACES.items():
        members = {each.code: each for each in _members(organisation, dimension)}
        for number, each in enumerate(_members(organisation, dimension)):
            at = f"/organisation/{place}/{number}"
            if each.merged_into is None:
                continue
            into = members.get(each.merged_into.code)
            if into is None or into is each:
                others = ", ".join(code for code in members if code != each.code)
                detail = f"expected another of {place} ({others}), found '{each.merged_into.code}'"
                yield FieldError(f"{at}/merged_into/code", detail)
                continue
            yield from _days(each, into, each.merged_into.from_, at)


def _days(each: ServiceArea | Team, into: ServiceArea | Team, first: date, at: str) -> Iterator[FieldError]:
    last = first - timedelta(days=1)
    if isinstance(each, Team):
        if each.until != last:
            yield FieldError(f"{at}/until", f"expected {last}: the day before it became part of '{into.code}'")
    else:
        for subject, validity in each.used_for.items():
            if validity.until is None or validity.until > last:
                detail = f"expected {last} or earlier: it became part of '{into.code}' the day after"
                yield FieldError(f"{at}/used_for/{subject}/until", detail)
    if into.merged_into is not None and into.merged_into.from_ <= first:
        gone = into.merged_into.from_
        yield FieldError(f"{at}/merged_into/from", f"expected a day before {gone}: then '{into.code}' became part of another")


def _members(organisation: Organisation, dimension: str) -> tuple[ServiceArea | Team, ...]:
    return organisation.service_areas if dimension == "service_area" else organisation.teams


def _end(merged: Mapping[str, str], code: str) -> str:
    """The last of a chain; `check` leaves no circle, and what was applied before there was one ends here all the same."""
    seen = {code}
    while (following := merged.get(code)) is not None and following not in seen:
        seen.add(code := following)
    return code


def concerned(table: Table) -> set[str]:
    """The dimensions that merge by which a table has rows or columns, or which a filter of it names."""
    named = {name for filters in _filters(table) for name in filters}
    if isinstance(table.rows, DimensionRows):
        named.add(table.rows.dimension)
    if table.across is not None:
        named.add(table.across.dimension)
    return named & set(MERGING)


def rolled_up(table: Table, organisation: Organisation, dimension: str, on: date) -> dict[str, str]:
    """The members that a table counts under another, with that; none where it counts each as it was."""
    return becomes(organisation, dimension, on) if table.merged == ROLLED_UP and dimension in MERGING else {}


def counted_under(table: Table, organisation: Organisation, on: date) -> tuple[tuple[str, str, str], ...]:
    """The same for every dimension of a table: dimension, what it was, what it is."""
    return tuple(
        (dimension, was, now)
        for dimension in MERGING
        if dimension in concerned(table)
        for was, now in sorted(rolled_up(table, organisation, dimension, on).items())
    )


def widened(table: Table, filter_: Filter, organisation: Organisation, on: date) -> dict[str, tuple[str, ...]]:
    """A filter that lets through what has become part of the members that it names, where the table rolls up."""
    return {
        dimension: predecessors(rolled_up(table, organisation, dimension, on), codes) for dimension, codes in filter_.items()
    }


def notes(table: Table, profile: Profile, first: date, last: date) -> tuple[str, ...]:
    """What a table that shows the days from `first` to `last` says of members that merged or were renamed in between."""
    return (*_merged(table, profile, first, last), *_renamed(table, profile, first, last))


def _merged(table: Table, profile: Profile, first: date, last: date) -> Iterator[str]:
    for dimension in MERGING:
        shown = _shown(table, dimension)
        now = becomes(profile.organisation, dimension, last)
        for code, into in mergers(profile.organisation, dimension).items():
            if not first < into.from_ <= last or not {code, into.code, now[code]} & shown:
                continue
            # The names of the day before, so that one that was renamed with the merger is called as it was.
            was = label(profile, dimension, code, into.from_ - timedelta(days=1), {})
            became = label(profile, dimension, into.code, into.from_, {})
            if table.merged == ROLLED_UP:
                under = label(profile, dimension, now[code], last, {})
                yield f"{was} became part of {became} on {day_words(into.from_)}, and is counted under {under} throughout."
            else:
                yield f"{was} became part of {became} on {day_words(into.from_)}. Each is counted as it was on the day."


def _renamed(table: Table, profile: Profile, first: date, last: date) -> Iterator[str]:
    for dimension in MERGING:
        for each in _members(profile.organisation, dimension):
            if each.code not in _shown(table, dimension):
                continue
            for former in sorted(each.former_names, key=lambda name: name.until):
                if first <= former.until < last:
                    called = label(profile, dimension, each.code, last, {})
                    yield f"{called} was called {former.name} until {day_words(former.until)}."


def _shown(table: Table, dimension: str) -> set[str]:
    """The members of a dimension of which a table has rows or columns, or which its filters name."""
    shown = {code for filters in _filters(table) for code in filters.get(dimension, ())}
    for each in (table.rows, table.across):
        if isinstance(each, DimensionRows | Across) and each.dimension == dimension:
            shown |= set(each.listed)
    return shown


def _filters(table: Table) -> Iterator[Filter]:
    yield table.filter
    yield from (column.filter for column in table.columns)
    if table.across is not None:
        yield table.across.filter
    if isinstance(table.rows, MeasureRows):
        yield from (filter_ for each in table.rows.measures for filter_ in (each.filter, each.of or {}))
