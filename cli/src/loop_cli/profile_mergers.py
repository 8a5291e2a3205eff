"""Whether service areas and teams that became part of others fit together, and their former names follow each other. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from loop_cli.profile_organisation import Organisation, ServiceArea, Team

Wrong = tuple[str, str]


def check_mergers(organisation: Organisation) -> Iterator[Wrong]:
    """Mergers into what is not there on the day, of what is in use after it; and names with the same last day."""
    places: tuple[tuple[str, Sequence[ServiceArea | Team]], ...] = (
        ("service_areas", organisation.service_areas),
        ("teams", organisation.teams),
    )
    for place, members in places:
        for index, each in enumerate(members):
            pointer = f"/organisation/{place}/{index}"
            yield from _names(pointer, each)
            if each.merged_into is None:
                continue
            others: dict[str, ServiceArea | Team] = {other.code: other for other in members if other.code != each.code}
            into = others.get(each.merged_into.code)
            if into is None:
                wanted = f"expected another of {place} ({', '.join(others)}), found '{each.merged_into.code}'"
                yield f"{pointer}/merged_into/code", wanted
            else:
                yield from _days(pointer, each, into, each.merged_into.from_)


def _days(pointer: str, each: ServiceArea | Team, into: ServiceArea | Team, first: date) -> Iterator[Wrong]:
    last = first - timedelta(days=1)
    if isinstance(each, Team):
        if each.until != last:
            yield f"{pointer}/until", f"expected {last}: the day before it became part of '{into.code}', found {each.until}"
    else:
        for subject, validity in each.used_for.items():
            if validity.until is None or validity.until > last:
                wanted = f"expected {last} or earlier: it became part of '{into.code}' the day after, found {validity.until}"
                yield f"{pointer}/used_for/{subject}/until", wanted
    if into.merged_into is not None and into.merged_into.from_ <= first:
        gone = into.merged_into.from_
        yield f"{pointer}/merged_into/from", f"expected a day before {gone}: then '{into.code}' became part of another"


def _names(pointer: str, each: ServiceArea | Team) -> Iterator[Wrong]:
    ends: Sequence[date] = [name.until for name in each.former_names]
    for index, end in enumerate(ends):
        if end in ends[:index]:
            yield f"{pointer}/former_names/{index}/until", f"expected another day than {end}, until which another name was used"
