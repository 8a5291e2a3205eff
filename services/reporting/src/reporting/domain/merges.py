"""Service areas and teams that became part of others: what each had become by a day, and what a table says of it.

A fact keeps the area and the team that it had on its day. So a table counts each as it was, unless its recipe rolls them up:
then what has become part of another by the last day of the report's period is counted under that, in all of its periods.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from chassis.errors import FieldError
from reporting.domain.profile import MergedInto, Organisation, ServiceArea, Team

MERGING = ("service_area", "team")
ROLLED_UP = "rolled-up"
_PLACES = {"service_area": "service_areas", "team": "teams"}

Merger = tuple[str, MergedInto]


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
